"""Single statements on PostgreSQL by its own driver, each a transaction of its own."""

import asyncio
from collections.abc import Sequence

import psycopg
import sqlalchemy as sa
from psycopg.errors import ReadOnlySqlTransaction
from sqlalchemy.engine import URL

from storage.connections import LOCK_TIMEOUT, Row, Values
from storage.engine import as_ours
from storage.postgres import CANNOT_WRITE
from storage.postgres_driver import PostgresConnection, connect

MOST_CONNECTIONS = 10  # a statement is short, so to wait for one costs less than to open one
PATIENCE = LOCK_TIMEOUT + 1.0  # seconds: people and Slack wait for these answers
# The beginnings of errors of a connection: it failed, the server ends, or it can only read.
GONE = ("08", "57P", CANNOT_WRITE)


class Connections:
    """Those of all raw statements on an engine. Each is used by one at a time."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self.idle: list[PostgresConnection] = []
        self.turns = asyncio.Semaphore(MOST_CONNECTIONS)

    async def close(self) -> None:
        while self.idle:
            await self.idle.pop().close()


class PostgresStatement:
    """Implements `storage.raw.RawStatement`."""

    def __init__(self, connections: Connections, statement: sa.Compiled) -> None:
        self._connections = connections
        self._text, self._constants = str(statement), statement.params

    async def rows(self, parameters: Values) -> Sequence[Row]:
        async with self._connections.turns:
            return await self._rows(parameters)

    async def _rows(self, parameters: Values) -> Sequence[Row]:
        """The server may have closed an idle connection, or let it only read. Then a new one asks
        again.
        """
        try:
            if self._connections.idle:
                try:
                    return await self._ask(self._connections.idle.pop(), parameters)
                except (psycopg.OperationalError, ReadOnlySqlTransaction) as error:
                    if error.sqlstate and not error.sqlstate.startswith(GONE):
                        raise  # such as a lock that was not to be had
                    await self._connections.close()
            connection = await connect(self._connections.url, autocommit=True)
            connection.patience = PATIENCE
            return await self._ask(connection, parameters)
        except psycopg.Error as error:
            raise as_ours(sa.exc.DBAPIError.instance("", {}, error, psycopg.Error)) from error

    async def _ask(self, connection: PostgresConnection, parameters: Values) -> Sequence[Row]:
        """Keeps the connection only after a complete answer."""
        try:
            cursor = await connection.execute(self._text, {**self._constants, **parameters})
            found = await cursor.fetchall()
        except BaseException:
            await connection.close()
            raise
        self._connections.idle.append(connection)
        return found
