"""Reads, changes and locks the bot's SQLite file from outside."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from typing import Any

from tests.support.world import World, soon


def _open(world: World) -> sqlite3.Connection:
    return sqlite3.connect(
        world.database_file, timeout=10, isolation_level=None, check_same_thread=False
    )


def ask(world: World, statement: str, *values: object) -> list[Any]:
    """The rows of a query."""
    with closing(_open(world)) as database:
        return database.execute(statement, values).fetchall()


async def execute(world: World, statement: str, *values: object) -> None:
    """Runs a statement. The bot may have to finish something first."""

    def run() -> None:
        with closing(_open(world)) as database:
            database.execute(statement, values)

    await asyncio.to_thread(run)


@asynccontextmanager
async def locked(world: World) -> AsyncIterator[None]:
    """Nobody else can write until the block ends. The bot may have to finish something first."""
    with closing(_open(world)) as database:
        await asyncio.to_thread(database.execute, "BEGIN IMMEDIATE")
        try:
            yield
        finally:
            database.execute("ROLLBACK")


async def all_sent(world: World) -> None:
    """Waits until no message waits to be sent."""
    waiting = "SELECT count(*) FROM outbox WHERE state = 'pending'"
    await soon(lambda: ask(world, waiting) == [(0,)])
