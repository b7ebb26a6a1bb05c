"""Tells a worker at once that another process has committed something that is due.

PostgreSQL sends a notification (LISTEN, on a connection of its own). SQLite has a counter that
changes with each commit and costs microseconds to read. Workers also look every few seconds, so
nothing is lost if no notification comes, for instance behind a pooler in transaction mode.
"""

import asyncio
import sqlite3
from contextlib import suppress

import structlog
from sqlalchemy.engine import URL

from storage.clauses import CHANNEL
from storage.connections import Engine

AGAIN = 5.0  # seconds before listening again after the connection was lost
COUNTED_EVERY = 0.25  # seconds

_log = structlog.get_logger(__name__)


async def listen(engine: Engine, news: asyncio.Event) -> None:
    """Sets `news` whenever something may be due. Runs until it is cancelled."""
    if engine.dialect.name == "sqlite":
        await _watch_counter(str(engine.url.database), news)
    else:
        await _keep_hearing(engine.url, news)


async def _keep_hearing(url: URL, news: asyncio.Event) -> None:
    import psycopg  # takes as long as all the rest of a worker, and SQLite needs none of it

    while True:
        try:
            await _hear(url, news)
        except (psycopg.Error, OSError, TimeoutError) as error:
            _log.info("not_listening", error=type(error).__name__)
        await asyncio.sleep(AGAIN)


async def _hear(url: URL, news: asyncio.Event) -> None:
    """Returns when the connection is gone; behind a pooler never."""
    import psycopg

    from storage.postgres_driver import connect

    connection = await connect(url, autocommit=True)
    loop, gone = asyncio.get_running_loop(), asyncio.Event()

    def read() -> None:
        try:
            connection.pgconn.consume_input()
            heard = [*iter(connection.pgconn.notifies, None)]
        except psycopg.Error:
            loop.remove_reader(descriptor)
            gone.set()
            return
        if heard:
            news.set()

    async with connection:
        if connection.is_pooled:  # it passes nothing on, and others would listen in our place
            await connection.close()
            await gone.wait()
        await connection.execute(f"LISTEN {CHANNEL}")
        descriptor = connection.fileno()
        loop.add_reader(descriptor, read)
        try:
            news.set()  # for what we missed before
            await gone.wait()
        finally:
            with suppress(ValueError):
                loop.remove_reader(descriptor)


async def _watch_counter(path: str, news: asyncio.Event) -> None:
    """Runs in the event loop's own thread, because reading the counter never waits for a lock."""
    database = sqlite3.connect(path, isolation_level=None)
    try:
        counted = None
        while True:
            with suppress(sqlite3.DatabaseError):
                (now,) = database.execute("PRAGMA data_version").fetchone()
                if now != counted:
                    counted = now
                    news.set()
            await asyncio.sleep(COUNTED_EVERY)
    finally:
        database.close()
