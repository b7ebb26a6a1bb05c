"""Reads of one statement on PostgreSQL, outside any transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
import sqlalchemy as sa

from flows.errors import StorageUnavailable

IDLE = 5  # connections that are kept

Row = tuple[Any, ...]


class PostgresReader:
    """Connections of its own, each in use by one read at a time."""

    def __init__(self, arguments: Mapping[str, Any], statement: sa.Compiled) -> None:
        self._arguments = arguments
        self._text, self._constants = str(statement), statement.params
        self._idle: list[psycopg.AsyncConnection[Row]] = []

    async def rows(self, parameters: Mapping[str, str]) -> Sequence[Row]:
        """One that was idle may have been closed by the server meanwhile: then a new one asks."""
        try:
            if self._idle:
                try:
                    return await self._ask(self._idle.pop(), parameters)
                except psycopg.OperationalError:
                    await self.close()
            connection = await psycopg.AsyncConnection.connect(**self._arguments, autocommit=True)
            return await self._ask(connection, parameters)
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise StorageUnavailable(type(error).__name__) from error

    async def _ask(
        self, connection: psycopg.AsyncConnection[Row], parameters: Mapping[str, str]
    ) -> Sequence[Row]:
        """A connection is kept only after a read that came to its end."""
        try:
            cursor = await connection.execute(self._text, {**self._constants, **parameters})
            found = await cursor.fetchall()
        except BaseException:
            await connection.close()
            raise
        if len(self._idle) < IDLE:
            self._idle.append(connection)
        else:
            await connection.close()
        return found

    async def close(self) -> None:
        while self._idle:
            await self._idle.pop().close()
