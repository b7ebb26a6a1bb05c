"""psycopg's connections, for which a server that has said nothing for long is gone.

The server ends what takes too long. If its machine, or a pooler before it, is silent, nobody does.
"""

import asyncio
import os
import re
import socket
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

import psycopg
from psycopg.abc import PQGen
from sqlalchemy.engine import URL

from flows.errors import StorageUnavailable, Trouble
from storage.connections import LOCK_TIMEOUT, Row

CONNECT_TIMEOUT = 5  # seconds
STATEMENT_TIMEOUT = 15  # seconds
# Seconds, and how often: a machine that loses power closes no connection.
KEEPALIVES = {"keepalives_idle": 8, "keepalives_interval": 4, "keepalives_count": 3}
SILENT = STATEMENT_TIMEOUT + 5.0  # seconds; the server's own limit comes before
MOST_RAW = 10  # connections: a statement is short, so to wait for one costs less than to open one


# What our statements and the driver rely on, whatever role, database or server have set. Poolers
# keep these for each of their clients; our encoding, too, goes along when a connection begins.
_MEANING = {"timezone": "UTC", "datestyle": "ISO"}
ENCODING = "UTF8"
# The settings that options of an address name: `-c name=value` or `--name=value`.
_GIVEN = re.compile(r"(?:^|\s)-(?:c\s*|-)([\w-]+)\s*=")


class PostgresConnection(psycopg.AsyncConnection[Row]):
    """`patience` is how many seconds one answer may take. One that `is_pooled` may have another
    server connection for each transaction.
    """

    is_pooled = False
    patience = SILENT

    async def wait(self, gen: PQGen[Any], *arguments: Any, **options: Any) -> Any:
        limit = asyncio.get_running_loop().call_later(self.patience, self._cut)
        try:
            return await super().wait(gen, *arguments, **options)
        finally:
            limit.cancel()

    def _cut(self) -> None:
        """Whoever waits then hears, as from any server that goes, that the connection is closed."""
        with socket.socket(fileno=os.dup(self.pgconn.socket)) as its:
            its.shutdown(socket.SHUT_RDWR)


class RawConnections:
    """Those of all raw statements on an engine, as each is a process of the server. Each is used by
    one at a time.
    """

    def __init__(self, url: URL) -> None:
        self.url = url
        self.idle: list[PostgresConnection] = []
        self.turns = asyncio.Semaphore(MOST_RAW)

    async def close(self) -> None:
        while self.idle:
            await self.idle.pop().close()


def only_reads(connection: psycopg.AsyncConnection[Any]) -> bool:
    """Whether its server has told that this session can only read. Those before PostgreSQL 14 do
    not tell it: https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-ASYNC
    """
    told = connection.info.parameter_status
    return "on" in (told("default_transaction_read_only"), told("in_hot_standby"))


async def connect(url: URL, *, autocommit: bool = False) -> PostgresConnection:
    """Raises `StorageUnavailable` for a database of another encoding, and what the driver raises.

    What must be set is set by a statement: stock PgBouncer refuses who asks for it before.
    """
    connection = await PostgresConnection.connect(_address(url), autocommit=True, **_arguments(url))
    async with AsyncExitStack() as unless_settled:
        unless_settled.push_async_callback(connection.close)
        if (encoding := connection.info.parameter_status("server_encoding")) != ENCODING:
            raise StorageUnavailable(encoding or "", Trouble.ENCODING)
        await _settle(connection, url)
        await connection.set_autocommit(autocommit)
        unless_settled.pop_all()
    return connection


def _address(url: URL) -> str:
    """The address as libpq reads it. A plus sign stands for itself, not for a blank."""
    text = url.set(drivername="postgresql").render_as_string(hide_password=False)
    place, mark, query = text.partition("?")
    return f"{place}{mark}{query.replace('+', '%20')}"


def _arguments(url: URL) -> dict[str, Any]:
    """Ours, unless the address has others."""
    arguments = {"connect_timeout": CONNECT_TIMEOUT, "client_encoding": ENCODING, **KEEPALIVES}
    return {name: value for name, value in arguments.items() if name not in url.query}


async def _settle(connection: PostgresConnection, url: URL) -> None:
    """Finds out whether the server connection is ours alone: a pooler makes up its number.

    Behind a pooler nothing is prepared, since the next transaction could not find it.
    """
    connection.patience = CONNECT_TIMEOUT
    answer = await connection.execute(_settling(url, connection.info.backend_pid))
    connection.is_pooled = not (await answer.fetchone() or (False,))[0]
    connection.patience = type(connection).patience
    if connection.is_pooled:
        connection.prepare_threshold = None
        await connection.set_isolation_level(psycopg.IsolationLevel.READ_COMMITTED)


def _settling(url: URL, number: int) -> str:
    """One statement. Limits that the address itself sets stay. Poolers keep none of them for their
    clients, and in transaction mode others would get them.
    """
    limits = {
        "default_transaction_isolation": "read committed",
        "statement_timeout": f"{STATEMENT_TIMEOUT}s",
        "lock_timeout": f"{LOCK_TIMEOUT}s",
        "idle_in_transaction_session_timeout": "60s",
    }
    theirs = [each.replace("-", "_") for each in _GIVEN.findall(str(url.query.get("options", "")))]
    limits = {name: value for name, value in limits.items() if name not in theirs}
    alone = f"pg_backend_pid() = {number}"
    ours = [f"CASE WHEN {alone} THEN {one} END" for one in _set(limits)]
    return f"SELECT {', '.join([alone, *_set(_MEANING), *ours])}"


def _set(settings: Mapping[str, str]) -> list[str]:
    return [f"set_config('{name}', '{value}', false)" for name, value in settings.items()]
