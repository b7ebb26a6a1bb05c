"""Writers that are cancelled at any moment: no connection is lost, and no lock stays."""

import asyncio
import random
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from storage import tables
from storage.engine import SharedClock, _Sqlite, _Writers
from storage.rate_gates import SqlRateGates

WRITERS = 300
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


async def test_a_close_under_way_ends_although_its_connection_is_stopped(tmp_path: Path) -> None:
    """SQLAlchemy stops a connection whose closing is cancelled, and leaves the closing alone."""
    raw = await _Sqlite(tmp_path / "bot.db", _Writers())
    closing = asyncio.create_task(raw.close())
    await asyncio.sleep(0)
    raw.stop()
    async with asyncio.timeout(60):
        await closing
