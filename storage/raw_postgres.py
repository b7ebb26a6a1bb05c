"""Single statements on PostgreSQL by its own driver, each a transaction of its own."""

from collections.abc import Sequence
from contextlib import AsyncExitStack

import psycopg
import sqlalchemy as sa
from psycopg.errors import ReadOnlySqlTransaction

from storage.connections import LOCK_TIMEOUT, Row, Values
from storage.engine import as_ours
from storage.postgres import CANNOT_WRITE, PostgresEngine
from storage.postgres_driver import PostgresConnection, connect

PATIENCE = LOCK_TIMEOUT + 1.0  # seconds: people and Slack wait for these answers
# The beginnings of errors of a connection: it failed, the server ends, or it can only read.
GONE = ("08", "57P", CANNOT_WRITE)


class PostgresStatement:
    """Implements `storage.raw.RawStatement`."""

    def __init__(
        self, engine: PostgresEngine, statement: sa.ClauseElement, *, writes: bool
    ) -> None:
        compiled = statement.compile(dialect=engine.dialect)
        self._engine, self._connections = engine, engine.raw
        self._text, self._constants = str(compiled), compiled.params
        self._writes = writes

    async def rows(self, parameters: Values) -> Sequence[Row]:
        async with self._connections.turns:
            try:
                found = await self._rows(parameters)
            except psycopg.Error as error:
                wrapped = sa.exc.DBAPIError.instance("", {}, error, psycopg.Error)
                raise as_ours(self._engine, wrapped) from error
        if self._writes:
            self._engine.room.written()
        return found

    async def _rows(self, parameters: Values) -> Sequence[Row]:
        """The server may have closed an idle connection, or let it only read. Then a new one asks
        again.
        """
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

    async def _ask(self, connection: PostgresConnection, parameters: Values) -> Sequence[Row]:
        """Keeps the connection only after a complete answer."""
        async with AsyncExitStack() as unless_answered:
            unless_answered.push_async_callback(connection.close)
            cursor = await connection.execute(self._text, {**self._constants, **parameters})
            found = await cursor.fetchall()
            unless_answered.pop_all()
        self._connections.idle.append(connection)
        return found
