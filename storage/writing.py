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
from storage.dialects import sqlite
from storage.engine import BEGIN_WRITING, COMMITTING, translated
from storage.reading import Reader, make_reader

# Usually whoever else commits moves the log. If nobody does, it must not grow forever.
BOUNDED = "PRAGMA wal_autocheckpoint = 4000"  # pages

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
        self._address = f"{Path(str(engine.url.database)).absolute().as_uri()}?mode=rw"
        self._connection: sqlite3.Connection | None = None
        event.listen(engine.sync_engine, "engine_disposed", lambda _engine: self.close())

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection | None]:
        """Commits at the end. None: somebody else is writing. Raises `StorageUnavailable`."""
        try:
            connection = self._connection = self._connection or self._open()
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

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._address, uri=True, timeout=0, isolation_level=None)
        for pragma in (*COMMITTING, BOUNDED):
            connection.execute(pragma)
        return connection

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


class SqliteStatement:
    """A statement's text, which SQLAlchemy made once, with the conversions for its values."""

    def __init__(self, statement: sa.ClauseElement, columns: Sequence[str] | None = None) -> None:
        dialect = sqlite.dialect(paramstyle="named")
        compiled: Any = statement.compile(dialect=dialect, column_keys=columns)
        self._text, self._constants = str(compiled), compiled.params
        made = ((name, b.type.dialect_impl(dialect)) for name, b in compiled.binds.items())
        found = ((name, type_.bind_processor(dialect)) for name, type_ in made)
        self._process = {name: process for name, process in found if process}

    def run(self, connection: sqlite3.Connection, values: Values) -> Sequence[tuple[Any, ...]]:
        given = {**self._constants, **values}
        for name, process in self._process.items():
            if name in given:
                given[name] = process(given[name])
        return connection.execute(self._text, given).fetchall()
