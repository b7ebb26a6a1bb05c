"""Reads of one statement on PostgreSQL, outside any transaction."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
import sqlalchemy as sa

from flows.errors import StorageUnavailable

READERS = 10  # a read is short, so to wait for one costs less than to open one

Row = tuple[Any, ...]


class Connections:
    """Those of all readers of an engine. Each is used by one read at a time."""

    def __init__(self, arguments: Mapping[str, Any]) -> None:
        self.arguments = arguments
        self.idle: list[psycopg.AsyncConnection[Row]] = []
        self.turns = asyncio.Semaphore(READERS)

    async def close(self) -> None:
        while self.idle:
            await self.idle.pop().close()


class PostgresReader:
    """Reads by one statement."""

    def __init__(self, connections: Connections, statement: sa.Compiled) -> None:
        self._connections = connections
        self._text, self._constants = str(statement), statement.params

    async def rows(self, parameters: Mapping[str, Any]) -> Sequence[Row]:
        async with self._connections.turns:
            return await self._rows(parameters)

    async def _rows(self, parameters: Mapping[str, Any]) -> Sequence[Row]:
        """The server may have closed an idle connection. Then a new one asks again."""
        try:
            if self._connections.idle:
                try:
                    return await self._ask(self._connections.idle.pop(), parameters)
                except psycopg.OperationalError:
                    await self._connections.close()
            arguments = self._connections.arguments
            connection = await psycopg.AsyncConnection.connect(**arguments, autocommit=True)
            return await self._ask(connection, parameters)
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise StorageUnavailable(type(error).__name__) from error

    async def _ask(
        self, connection: psycopg.AsyncConnection[Row], parameters: Mapping[str, Any]
    ) -> Sequence[Row]:
        """Keeps the connection only after a complete read."""
        try:
            cursor = await connection.execute(self._text, {**self._constants, **parameters})
            found = await cursor.fetchall()
        except BaseException:
            await connection.close()
            raise
        self._connections.idle.append(connection)
        return found
