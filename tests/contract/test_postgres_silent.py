"""PostgreSQL that says nothing, and PostgreSQL that says no: told apart, and never waited for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from flows.errors import StorageUnavailable
from flows.outbox.jobs import JobKind
from flows.ports import RateCost
from storage import postgres_driver
from storage.connections import Engine
from storage.engine import SharedClock, close_engine, make_engine
from storage.leases import Leases
from storage.postgres import PostgresEngine
from storage.rate_gates import SqlRateGates
from storage.raw import raw_read

ONE = sa.select(sa.literal(1))
SOON = 0.3  # seconds


class Pooler:
    """Stands before the server. It can stop passing anything on, without closing a connection."""

    def __init__(self, server: URL) -> None:
        self._server = server
        self._open: set[asyncio.StreamWriter] = set()
        self.passes = asyncio.Event()
        self.passes.set()

    def close(self) -> None:
        for each in self._open:
            each.close()

    async def serve(self, ours: asyncio.StreamReader, ours_back: asyncio.StreamWriter) -> None:
        host, port = str(self._server.query.get("host") or self._server.host), self._server.port
        if host.startswith("/"):
            there, back = await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port or 5432}")
        else:
            there, back = await asyncio.open_connection(host, port or 5432)
        self._open |= {back, ours_back}
        ways = [asyncio.create_task(self._pipe(*way)) for way in ((ours, back), (there, ours_back))]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way, end in zip(ways, (back, ours_back), strict=True):
            way.cancel()
            end.close()

    async def _pipe(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(65_536):
            await self.passes.wait()
            target.write(data)
            await target.drain()


@asynccontextmanager
async def behind(pooler: Pooler, server: URL) -> AsyncIterator[Engine]:
    async with await asyncio.start_server(pooler.serve, "127.0.0.1", 0) as front:
        port = front.sockets[0].getsockname()[1]
        url = server.difference_update_query(["host", "port"]).set(host="127.0.0.1", port=port)
        engine = make_engine(url.render_as_string(hide_password=False))
        yield engine
        await close_engine(engine)
        pooler.close()


async def test_a_silent_server_is_away_and_used_again_once_it_speaks(
    postgres_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_driver.PostgresConnection, "patience", SOON)
    monkeypatch.setattr("storage.postgres_driver.CONNECT_TIMEOUT", 2)
    server = make_url(postgres_address)
    pooler = Pooler(server)
    async with behind(pooler, server) as engine:
        leases = Leases(engine, SharedClock(), [JobKind.DELIVER])
        reader = raw_read(engine, ONE)
        await leases.look()
        assert await reader.rows({}) == [(1,)]
        pooler.passes.clear()
        for ask in (leases.look, lambda: reader.rows({})):
            with pytest.raises(StorageUnavailable):
                await ask()
        pooler.passes.set()
        await leases.look()
        assert await reader.rows({}) == [(1,)]


async def test_a_lock_that_is_not_to_be_had_is_waited_for_once(
    postgres_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the other connections stay open."""
    monkeypatch.setattr("storage.postgres_driver.LOCK_TIMEOUT", 1)
    engine = make_engine(postgres_address)
    gates, cost, tries = SqlRateGates(engine, SharedClock()), {"g": RateCost(0.0)}, count()
    await gates.take("T", cost, 1.0)
    one = raw_read(engine, ONE)
    await asyncio.gather(*(one.rows({}) for _ in range(3)))
    assert isinstance(engine, PostgresEngine)
    idle = engine.raw.idle
    kept = len(idle)
    ask = postgres_driver.PostgresConnection.execute

    async def counted(*arguments: object, **options: object) -> object:
        next(tries)
        return await ask(*arguments, **options)  # type: ignore[arg-type]

    async with engine.connect() as other:
        await other.execute(sa.text("SELECT * FROM rate_gates FOR UPDATE"))
        monkeypatch.setattr(postgres_driver.PostgresConnection, "execute", counted)
        with pytest.raises(StorageUnavailable):
            await gates.take("T", cost, 1.0)
    assert next(tries) == 1
    assert len(idle) == kept - 1
    assert await gates.take("T", cost, 1.0) == 0.0
    await close_engine(engine)
