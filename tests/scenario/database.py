"""The bot's SQLite file, from outside: looked at, changed, and locked as a stranger would."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from tests.support.world import World, soon


def _open(world: World) -> sqlite3.Connection:
    path = world.database_url.removeprefix("sqlite:///")
    return sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)


def ask(world: World, statement: str, *values: object) -> list[Any]:
    """The rows of a query."""
    with closing(_open(world)) as database:
        return database.execute(statement, values).fetchall()


def execute(world: World, statement: str, *values: object) -> None:
    with closing(_open(world)) as database:
        database.execute(statement, values)


@contextmanager
def locked(world: World) -> Iterator[None]:
    """Nobody else can write until the block ends."""
    with closing(_open(world)) as database:
        database.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            database.execute("ROLLBACK")


async def all_sent(world: World, seconds: float = 30.0) -> None:
    """Until no message waits to be sent any more."""
    waiting = "SELECT count(*) FROM outbox WHERE state = 'pending'"
    await soon(lambda: ask(world, waiting) == [(0,)], seconds)
