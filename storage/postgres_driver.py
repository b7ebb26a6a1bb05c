"""psycopg's connections, for which a server that has said nothing for long is gone.

The server ends what takes too long. If its machine, or a pooler before it, is silent, nobody does.
"""

import asyncio
import os
import socket
from typing import Any

import psycopg
from psycopg.abc import PQGen
from sqlalchemy.engine import URL

from storage.connections import LOCK_TIMEOUT, Row

CONNECT_TIMEOUT = 5  # seconds
STATEMENT_TIMEOUT = 15  # seconds
# Seconds, and how often: a machine that loses power closes no connection.
KEEPALIVES = {"keepalives_idle": 8, "keepalives_interval": 4, "keepalives_count": 3}
SILENT = STATEMENT_TIMEOUT + 5.0  # seconds; the server's own limit comes before


class PostgresConnection(psycopg.AsyncConnection[Row]):
    """`patience` is how many seconds one answer may take."""

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


async def connect(url: URL, *, autocommit: bool = False) -> PostgresConnection:
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    arguments = _arguments(url)
    return await PostgresConnection.connect(address, autocommit=autocommit, **arguments)


def _arguments(url: URL) -> dict[str, Any]:
    """Our timeouts, unless the address sets others."""
    settings = {
        "timezone": "UTC",
        "statement_timeout": f"{STATEMENT_TIMEOUT}s",
        "lock_timeout": f"{LOCK_TIMEOUT}s",
        "idle_in_transaction_session_timeout": "60s",
    }
    arguments = {
        "connect_timeout": CONNECT_TIMEOUT,
        **KEEPALIVES,
        "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
    }
    return {name: value for name, value in arguments.items() if name not in url.query}
