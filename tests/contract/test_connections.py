"""Connections to PostgreSQL stay open: each new one costs the server a process of its own."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL

from storage import raw_postgres
from storage.connections import POOL_SIZE, Engine
from storage.engine import close_engine, make_engine
from storage.postgres_driver import PostgresConnection
from storage.raw import raw_statement
from storage.raw_postgres import MOST_CONNECTIONS

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
    opened, connect = [], raw_postgres.connect

    async def counted(url: URL, *, autocommit: bool = False) -> PostgresConnection:
        opened.append(connection := await connect(url, autocommit=autocommit))
        return connection

    monkeypatch.setattr(raw_postgres, "connect", counted)
    readers = [raw_statement(postgres, ONE) for _ in range(AT_ONCE)]
    for _ in range(TIMES):
        assert await asyncio.gather(*(each.rows({}) for each in readers)) == [[(1,)]] * AT_ONCE
    assert len(opened) <= MOST_CONNECTIONS
