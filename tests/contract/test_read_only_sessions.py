"""A PostgreSQL that could only be read for a while: sessions that began then are not kept."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import psycopg
import pytest
import sqlalchemy as sa

from flows.errors import StorageUnavailable, Trouble
from flows.ports import RateCost
from storage import postgres, tables
from storage.connections import Engine
from storage.engine import SharedClock, close_engine, make_engine, write_rows
from storage.rate_gates import SqlRateGates
from storage.raw import raw_read
from storage.usable import require_usable
from tests.support.postgres import switch

AT_ONCE = 4
_t = tables.rate_gates


@pytest.fixture
async def switched(
    postgres_address: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Engine, Callable[[], None]]]:
    """An engine whose sessions can only read, and what lets new ones write."""
    monkeypatch.setattr(postgres, "TRUSTED", 0.0)
    engine = make_engine(postgres_address)
    switch(postgres_address, read_only=True)
    yield engine, lambda: switch(postgres_address, read_only=False)
    await close_engine(engine)


async def by_the_pool(engine: Engine) -> None:
    await write_rows(engine, sa.delete(_t))


async def by_the_driver(engine: Engine) -> None:
    await SqlRateGates(engine, SharedClock()).take("T1", {"post": RateCost(1.0)}, 0.0)


WAYS = [by_the_pool, by_the_driver, require_usable]


async def refused(way: Callable[[Engine], Awaitable[None]], engine: Engine) -> Trouble:
    with pytest.raises(StorageUnavailable) as raised:
        await way(engine)
    return raised.value.trouble


@pytest.mark.parametrize("way", WAYS)
async def test_whoever_asks_finds_that_it_can_be_written_again(
    switched: tuple[Engine, Callable[[], None]], way: Callable[[Engine], Awaitable[None]]
) -> None:
    engine, let_write = switched
    for _ in range(2):
        found = await asyncio.gather(*(refused(way, engine) for _ in range(AT_ONCE)))
        assert found == [Trouble.READ_ONLY] * AT_ONCE
    reads = raw_read(engine, sa.select(_t.c.subject))
    await asyncio.gather(*(reads.rows({}) for _ in range(AT_ONCE)))
    let_write()
    await asyncio.gather(*(way(engine) for _ in range(AT_ONCE)))


@pytest.mark.parametrize("way", [by_the_pool, by_the_driver])
async def test_a_server_that_does_not_tell_is_known_by_its_refusal(
    switched: tuple[Engine, Callable[[], None]],
    way: Callable[[Engine], Awaitable[None]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = psycopg.ConnectionInfo.parameter_status
    monkeypatch.setattr(
        psycopg.ConnectionInfo,
        "parameter_status",
        lambda its, name: told(its, name) if name == "server_encoding" else None,
    )
    engine, let_write = switched
    assert await refused(way, engine) is Trouble.READ_ONLY
    let_write()
    await way(engine)


async def test_a_transaction_that_promised_to_read_keeps_its_session(
    postgres_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "TRUSTED", 0.0)
    opened = list[object]()
    engine = make_engine(postgres_address)
    sa.event.listen(engine.sync_engine, "connect", lambda made, _record: opened.append(made))
    for _ in range(3):
        await require_usable(engine)
        await by_the_pool(engine)
    assert len(opened) == 1
    await close_engine(engine)
