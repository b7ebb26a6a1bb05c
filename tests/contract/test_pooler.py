"""Behind a pooler in transaction mode each transaction has another server connection, and nothing
that belongs to one connection is relied upon.
"""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from flows.outbox.jobs import JobKind
from flows.ports import RateCost
from storage.connections import Engine
from storage.engine import SharedClock, close_engine, make_engine, read_rows, write_rows
from storage.leases import Leases
from storage.listening import listen
from storage.postgres_driver import connect
from storage.rate_gates import SqlRateGates
from storage.raw import raw_read

OFTEN = 12  # psycopg prepares a statement the fifth time
ONE = sa.select(sa.literal(1))
PREPARED = sa.text("SELECT count(*) FROM pg_prepared_statements")
ENCRYPTION = {80_877_103, 80_877_104}  # questions before the first message, answered with no
BEGINNING = struct.Struct("!II")
KEY, READY, VARIABLE, NOTICE = b"K", b"Z", b"S", b"N"
OWN_KEY = struct.pack("!II", 1, 1)
NO_OPTIONS = b"SFATAL\0C08P01\0Munsupported startup parameter: options\0\0"
# What PgBouncer keeps for each client: https://www.pgbouncer.org/config.html
TRACKED = (b"TimeZone", b"DateStyle", b"client_encoding")

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Message = tuple[bytes, bytes]


def packed(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!I", len(body) + 4) + body


async def received(reader: asyncio.StreamReader) -> Message:
    kind = await reader.readexactly(1)
    (size,) = struct.unpack("!I", await reader.readexactly(4))
    return kind, await reader.readexactly(size - 4)


class Pooler:
    """As stock PgBouncer does it, at its strictest: no server connection is used twice."""

    def __init__(self, server: URL) -> None:
        self._server = server
        self.transactions = 0
        self.said: list[bytes] = []  # what clients sent

    async def serve(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await self._serve(client, back)
        back.close()

    async def _serve(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        while True:
            size, code = BEGINNING.unpack(await client.readexactly(BEGINNING.size))
            start = await client.readexactly(size - BEGINNING.size)
            if code not in ENCRYPTION:
                break
            back.write(b"N")
        if b"\0options\0" in b"\0" + start:
            back.write(packed(b"E", NO_OPTIONS))
            return
        start = BEGINNING.pack(size, code) + start
        kept: dict[bytes, bytes] = {}
        there = await self._opened(start, kept, back)
        while True:
            kind, body = await received(client)
            if kind == b"X":
                break
            self.said.append(body)
            there = there or await self._opened(start, kept)
            there[1].write(packed(kind, body))
            if kind in b"QS" and await self._answered(there, kept, back):
                self.transactions += 1
                there[1].close()
                there = None
        if there:
            there[1].close()

    async def _opened(
        self, start: bytes, kept: dict[bytes, bytes], back: asyncio.StreamWriter | None = None
    ) -> Streams:
        """A new server connection, with what the client has set. Its greeting goes to `back`."""
        socket = f"{self._server.query['host']}/.s.PGSQL.{self._server.port or 5432}"
        there = await asyncio.open_unix_connection(socket)
        there[1].write(start)
        await self._answered(there, {} if kept else kept, back)
        for name, value in kept.items():
            there[1].write(packed(b"Q", b"SET " + name + b" TO '" + value + b"'\0"))
            await self._answered(there, {}, None)
        return there

    async def _answered(
        self, there: Streams, kept: dict[bytes, bytes], back: asyncio.StreamWriter | None
    ) -> bool:
        """Passes the answer on. Whether the transaction has ended with it."""
        while True:
            kind, body = await received(there[0])
            if kind == VARIABLE:
                name, value, _ = body.split(b"\0")
                kept |= {name: value} if name in TRACKED else {}
            if back and kind != NOTICE:
                back.write(packed(kind, OWN_KEY if kind == KEY else body))
            if kind == READY:
                return body == b"I"


@asynccontextmanager
async def behind(address: str) -> AsyncIterator[tuple[Pooler, URL]]:
    server = make_url(address)
    pooler = Pooler(server)
    async with await asyncio.start_server(pooler.serve, "127.0.0.1", 0) as front:
        port = front.sockets[0].getsockname()[1]
        yield pooler, server.difference_update_query(["host"]).set(host="127.0.0.1", port=port)


@asynccontextmanager
async def engine_at(url: URL) -> AsyncIterator[Engine]:
    engine = make_engine(url.render_as_string(hide_password=False))
    yield engine
    await close_engine(engine)


async def work(engine: Engine) -> None:
    """Statements of each kind: in transactions, alone, several in one transaction."""
    leases = Leases(engine, SharedClock(), [JobKind.DELIVER])
    gates, reader = SqlRateGates(engine, SharedClock()), raw_read(engine, ONE)
    for number in range(OFTEN):
        assert await reader.rows({}) == [(1,)]
        assert (await read_rows(engine, ONE))[0][0] == 1
        await write_rows(engine, sa.text("DELETE FROM outbox WHERE tenant_id = :t"), {"t": "none"})
        await leases.look()
        await gates.take(f"T{number}", {"g": RateCost(0.0)}, 1.0)
        async with engine.begin() as connection:
            for _ in range(2):
                await connection.execute(ONE)
            assert await connection.scalar(sa.text("SHOW TRANSACTION ISOLATION LEVEL")) == (
                "read committed"
            )


async def test_no_statement_waits_on_a_connection_that_has_gone(postgres_address: str) -> None:
    async with behind(postgres_address) as (pooler, url), engine_at(url) as engine:
        await work(engine)
        assert pooler.transactions > 5 * OFTEN
        settings = [sa.text(f"SHOW {name}") for name in ("timezone", "client_encoding")]
        assert [(await read_rows(engine, each))[0][0] for each in settings] == ["UTC", "UTF8"]


async def test_nobody_listens_there(postgres_address: str) -> None:
    async with behind(postgres_address) as (pooler, url), engine_at(url) as engine:
        listening = asyncio.create_task(listen(engine, asyncio.Event()))
        await asyncio.sleep(0)
        async with asyncio.timeout(60):
            while not pooler.transactions:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.01)
        await work(engine)
        assert not listening.done()
        assert not any(b"LISTEN" in each for each in pooler.said)
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


@pytest.mark.parametrize(
    "options",
    ["", "-cstatement_timeout=77s", "-c deadlock_timeout=2s --statement-timeout=77s"],
)
async def test_without_one_statements_are_prepared_and_have_our_limits(
    postgres_address: str, options: str
) -> None:
    url = make_url(postgres_address)
    url = url.update_query_dict({"options": options}) if options else url
    connection = await connect(url, autocommit=True)
    for _ in range(OFTEN):
        await connection.execute("SELECT 1")
    found = []
    for name in ("statement_timeout", "lock_timeout", "timezone"):
        cursor = await connection.execute(f"SHOW {name}")
        found += await cursor.fetchone() or ()
    cursor = await connection.execute(str(PREPARED))
    assert await cursor.fetchone() == (1,)
    await connection.close()
    assert not connection.is_pooled
    assert found == ["77s" if options else "15s", "5s", "UTC"]
