"""Reads of one statement on PostgreSQL, outside any transaction."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
import sqlalchemy as sa

from flows.errors import StorageUnavailable

CONNECTIONS = 5  # of one reader; a read is short, so to wait for one costs less than to open one

Row = tuple[Any, ...]


class PostgresReader:
    """Has its own connections. Each is used by one read at a time."""

    def __init__(self, arguments: Mapping[str, Any], statement: sa.Compiled) -> None:
        self._arguments = arguments
        self._text, self._constants = str(statement), statement.params
        self._idle: list[psycopg.AsyncConnection[Row]] = []
        self._turns = asyncio.Semaphore(CONNECTIONS)

    async def rows(self, parameters: Mapping[str, Any]) -> Sequence[Row]:
        async with self._turns:
            return await self._rows(parameters)

    async def _rows(self, parameters: Mapping[str, Any]) -> Sequence[Row]:
        """The server may have closed an idle connection. Then a new one asks again."""
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
        self, connection: psycopg.AsyncConnection[Row], parameters: Mapping[str, Any]
    ) -> Sequence[Row]:
        """Keeps the connection only after a complete read."""
        try:
            cursor = await connection.execute(self._text, {**self._constants, **parameters})
            found = await cursor.fetchall()
        except BaseException:
            await connection.close()
            raise
        self._idle.append(connection)
        return found

    async def close(self) -> None:
        while self._idle:
            await self._idle.pop().close()
