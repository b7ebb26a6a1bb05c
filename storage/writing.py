"""Short writes by the raw driver, for what people wait for and what follows each answer.

On PostgreSQL a write is one statement, so one round trip. On SQLite it runs in the event loop's own
thread if nobody else is writing, on a connection that never waits.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from flows.errors import StorageUnavailable
from storage.engine import BEGIN_WRITING, translated
from storage.reading import Reader, SqliteStatement, make_reader, open_to_write

Values = Mapping[str, Any]


class Writer(Protocol):
    """Writes by some kinds of change, each of which is one or more statements."""

    async def write(self, changes: Sequence[tuple[str, Values]]) -> None:
        """Makes these changes, each named with its values, in this order.

        Each is made as a whole. Raises `StorageUnavailable`.
        """
        ...


def make_writer(engine: AsyncEngine, kinds: Mapping[str, Sequence[Any]]) -> Writer:
    """A writer whose `kinds` have these statements. None may rely on one before it in its kind."""
    if engine.dialect.name == "sqlite":
        return _BySqlite(engine, kinds)
    return _ByPostgres(engine, kinds)


class _ByPostgres:
    def __init__(self, engine: AsyncEngine, kinds: Mapping[str, Sequence[Any]]) -> None:
        self._kinds: dict[str, Reader] = {}
        for kind, statements in kinds.items():
            together = (each.cte(f"change_{number}") for number, each in enumerate(statements))
            whole: sa.Select[Any] = sa.select(sa.literal_column("1")).add_cte(*together)
            self._kinds[kind] = make_reader(engine, whole)

    async def write(self, changes: Sequence[tuple[str, Values]]) -> None:
        for kind, values in changes:
            await self._kinds[kind].rows(values)


class _BySqlite:
    """Whoever finds another process or a unit of work writing waits for its turn as they do."""

    def __init__(self, engine: AsyncEngine, kinds: Mapping[str, Sequence[Any]]) -> None:
        self._engine = engine
        self._own = SqliteWriter(engine)
        self._kinds = kinds
        self._ready = {kind: tuple(map(SqliteStatement, each)) for kind, each in kinds.items()}

    async def write(self, changes: Sequence[tuple[str, Values]]) -> None:
        with self._own.transaction() as connection:
            if connection is not None:
                for kind, values in changes:
                    for ready in self._ready[kind]:
                        ready.run(connection, values)
                return
        with translated():
            async with self._engine.begin() as waiting:
                for kind, values in changes:
                    for statement in self._kinds[kind]:
                        await waiting.execute(statement, values)


class SqliteWriter:
    """A connection of its own, which never waits: not for a lock, and hardly ever for the disk."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._path = Path(str(engine.url.database))
        self._connection: sqlite3.Connection | None = None
        event.listen(engine.sync_engine, "engine_disposed", lambda _engine: self.close())

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection | None]:
        """Commits at the end. None: somebody else is writing. Raises `StorageUnavailable`."""
        try:
            connection = self._connection = self._connection or open_to_write(self._path)
            connection.execute(BEGIN_WRITING)
        except sqlite3.OperationalError:
            yield None
            return
        try:
            yield connection
            connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            self.close()
            raise StorageUnavailable(type(error).__name__) from error
        finally:
            if self._connection and connection.in_transaction:
                connection.rollback()

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
