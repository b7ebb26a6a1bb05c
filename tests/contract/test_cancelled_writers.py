"""Who is cancelled at any moment: no connection is lost, and no lock stays."""

import asyncio
import gc
import random
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiosqlite import core
from sqlalchemy.ext.asyncio import AsyncEngine

from storage import tables
from storage.engine import SharedClock, _Sqlite, _Writers, close_engine, make_engine, reading
from storage.rate_gates import SqlRateGates

WRITERS = 300
STEPS = 40  # of the event loop; a read and a write take fewer
GATES = tables.rate_gates


async def test_whoever_is_cancelled_while_writing_leaves_the_database_usable(
    engine: AsyncEngine,
) -> None:
    chance = random.Random(7)  # noqa: S311 - the moments only have to differ
    gates = SqlRateGates(engine, SharedClock())

    async def write(number: int) -> None:
        await gates.close("T1", f"gate {number % 5}", number)

    for number in range(WRITERS):
        task = asyncio.create_task(write(number))
        for _ in range(chance.randrange(12)):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await write(WRITERS)
    async with engine.connect() as connection:
        assert await connection.scalar(sa.select(sa.func.count()).select_from(GATES)) >= 1


async def _read(engine: AsyncEngine) -> None:
    async with reading(engine).connect() as connection:
        await connection.execute(sa.select(GATES))


async def _write(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(sa.delete(GATES))


@pytest.mark.parametrize("act", [_read, _write])
async def test_whoever_is_cancelled_gives_the_connection_back(
    engine: AsyncEngine,
    act: Callable[[AsyncEngine], Awaitable[None]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    await act(engine)
    for steps in range(STEPS):
        task = asyncio.ensure_future(act(engine))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        del task
        gc.collect()
    assert [line for line in caplog.messages if "non-checked-in" in line] == []
    await act(engine)


async def test_a_close_under_way_ends_although_its_connection_is_stopped(tmp_path: Path) -> None:
    """SQLAlchemy stops a connection whose closing is cancelled, and leaves the closing alone."""
    raw = await _Sqlite(tmp_path / "bot.db", _Writers())
    closing = asyncio.create_task(raw.close())
    await asyncio.sleep(0)
    raw.stop()
    async with asyncio.timeout(60):
        await closing


async def test_who_closes_the_database_waits_until_its_threads_have_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that was still ending when the event loop had closed would break on it."""
    work, ended = core._connection_worker_thread, list[object]()

    def take_time(calls: Any) -> None:
        work(calls)
        time.sleep(0.2)
        ended.append(calls)

    monkeypatch.setattr(core, "_connection_worker_thread", take_time)
    engine = make_engine(f"sqlite:///{tmp_path / 'bot.db'}")
    async with engine.connect():
        pass
    await close_engine(engine)
    assert len(ended) == 1
