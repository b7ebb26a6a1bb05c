"""Who is cancelled at any moment: no connection is lost, and no lock stays."""

import asyncio
import gc
import random
from collections.abc import Awaitable, Callable

import pytest
import sqlalchemy as sa

from storage import tables
from storage.connections import Engine
from storage.engine import SharedClock, reading
from storage.rate_gates import SqlRateGates

WRITERS = 300
STEPS = 40  # of the event loop; a read and a write take fewer
GATES = tables.rate_gates


async def test_whoever_is_cancelled_while_writing_leaves_the_database_usable(
    engine: Engine,
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


async def _read(engine: Engine) -> None:
    async with reading(engine).connect() as connection:
        await connection.execute(sa.select(GATES))


async def _write(engine: Engine) -> None:
    async with engine.begin() as connection:
        await connection.execute(sa.delete(GATES))


@pytest.mark.parametrize("act", [_read, _write])
async def test_whoever_is_cancelled_gives_the_connection_back(
    engine: Engine,
    act: Callable[[Engine], Awaitable[None]],
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
    gc.collect()  # tells of each that nobody gave back
    assert [line for line in caplog.messages if "non-checked-in" in line] == []
    await act(engine)
