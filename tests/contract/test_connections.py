"""Connections to PostgreSQL stay open: each new one costs the server a process of its own."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy import event

from storage.connections import Engine
from storage.engine import close_engine, make_engine
from storage.postgres import POOL_SIZE
from storage.reading import make_reader
from storage.reading_postgres import READERS

AT_ONCE, TIMES = 40, 3
ONE = sa.select(sa.literal(1))


@pytest.fixture
async def postgres(postgres_address: str) -> AsyncIterator[Engine]:
    made = make_engine(postgres_address)
    yield made
    await close_engine(made)


async def test_crowds_of_transactions_share_the_same_connections(postgres: Engine) -> None:
    opened = []
    event.listen(postgres.sync_engine, "connect", lambda _made, record: opened.append(record))

    async def transact() -> None:
        async with postgres.begin() as connection:
            await connection.execute(ONE)

    for _ in range(TIMES):
        await asyncio.gather(*(transact() for _ in range(AT_ONCE)))
    assert len(opened) <= POOL_SIZE


async def test_crowds_of_reads_share_the_same_connections(
    postgres: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, connect = [], psycopg.AsyncConnection.connect

    async def counted(**arguments: str) -> psycopg.AsyncConnection[tuple[object, ...]]:
        opened.append(connection := await connect(**arguments))
        return connection

    monkeypatch.setattr(psycopg.AsyncConnection, "connect", counted)
    readers = [make_reader(postgres, ONE) for _ in range(AT_ONCE)]
    for _ in range(TIMES):
        assert await asyncio.gather(*(each.rows({}) for each in readers)) == [[(1,)]] * AT_ONCE
    assert len(opened) <= READERS
