"""Connections to PostgreSQL stay open: each new one costs the server a process of its own."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from sqlalchemy import event
from sqlalchemy.engine import URL

from bot.app import running
from storage import raw_postgres
from storage.cipher import generate_key
from storage.connections import POOL_SIZE, Engine
from storage.engine import close_engine, make_engine
from storage.postgres_driver import MOST_RAW, PostgresConnection
from storage.raw import raw_read
from tests.contract.test_sealed_by_another import settings

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


async def test_that_none_is_free_is_told_from_a_server_that_is_away(
    postgres_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.app.READY_TIMEOUT", 0.2)
    made = settings(tmp_path, generate_key().get_secret_value())
    made = made.model_copy(update={"database_url": SecretStr(postgres_address)})
    async with running(made, worker=False) as bot:
        taken = [bot.engine.connect() for _ in range(POOL_SIZE)]
        for each in taken:
            await each.start()
        assert await bot.problem() == "database busy"
        for each in taken:
            await each.close()
        monkeypatch.setattr("bot.app.READY_TIMEOUT", 30.0)
        assert await bot.problem() == ""


async def test_crowds_of_reads_share_the_same_connections(
    postgres: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, connect = [], raw_postgres.connect

    async def counted(url: URL, *, autocommit: bool = False) -> PostgresConnection:
        opened.append(connection := await connect(url, autocommit=autocommit))
        return connection

    monkeypatch.setattr(raw_postgres, "connect", counted)
    readers = [raw_read(postgres, ONE) for _ in range(AT_ONCE)]
    for _ in range(TIMES):
        assert await asyncio.gather(*(each.rows({}) for each in readers)) == [[(1,)]] * AT_ONCE
    assert len(opened) <= MOST_RAW
