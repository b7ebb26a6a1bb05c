"""SQLite's connections: who waits, for what, and for how long."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from storage import sqlite, tables
from storage.connections import Engine
from storage.engine import close_engine, make_engine, reading
from storage.postgres import POOL_SIZE
from storage.sqlite import BEGIN_WRITING, COMMITS_IN_LOG
from tests.support.template import sqlite_url

GATES = tables.rate_gates
A_MOMENT = 0.05  # seconds


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    engine = make_engine(sqlite_url(tmp_path))
    yield engine
    await close_engine(engine)


async def write(engine: Engine) -> None:
    async with engine.begin() as connection:
        await connection.execute(sa.delete(GATES))


async def test_beyond_the_number_of_connections_the_next_one_waits(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(POOL_SIZE):
            await stack.enter_async_context(reading(engine).connect())
        monkeypatch.setattr(sqlite, "LOCK_TIMEOUT", A_MOMENT)
        with pytest.raises(sa.exc.TimeoutError):
            await reading(engine).connect().start()
        monkeypatch.setattr(sqlite, "LOCK_TIMEOUT", 60)
        waiting = asyncio.create_task(write(engine))
        await asyncio.sleep(A_MOMENT)
        assert not waiting.done()
    await waiting


async def test_who_writes_waits_for_another_process_and_holds_up_nobody(engine: Engine) -> None:
    with closing(sqlite3.connect(str(engine.url.database), isolation_level=None)) as another:
        another.execute(BEGIN_WRITING)
        waiting = asyncio.create_task(write(engine))
        async with reading(engine).connect() as connection:
            for _ in range(5):
                await connection.execute(sa.select(GATES))
                await asyncio.sleep(sqlite.LOCK_AGAIN)
        assert not waiting.done()
        another.execute("ROLLBACK")
    await waiting


async def test_what_is_wrong_is_told_at_once(engine: Engine) -> None:
    async with asyncio.timeout(sqlite.LOCK_TIMEOUT / 2), engine.connect() as connection:
        with pytest.raises(sa.exc.OperationalError, match="no such table"):
            await connection.execute(sa.text("SELECT * FROM nowhere"))
    await write(engine)


async def test_a_log_that_cannot_be_moved_now_keeps_nobody_from_writing(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "MOVE_LOG", "PRAGMA nonsense(")
    for _ in range(2 * COMMITS_IN_LOG + 1):
        await write(engine)


async def test_a_connection_that_is_not_open_says_so(engine: Engine) -> None:
    connection = engine.connect()
    for ask in (connection.commit, lambda: connection.execute(sa.select(GATES))):
        with pytest.raises(RuntimeError, match="not open"):
            await ask()
