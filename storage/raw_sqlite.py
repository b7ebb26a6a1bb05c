"""Single statements and short transactions on SQLite by its own driver, which nothing waits for.

They run in the event loop's own thread: one takes about ten microseconds, and switching to another
thread and back ten times as long.
"""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from flows.errors import FlowError, Trouble
from storage.connections import Engine, Row, Values
from storage.engine import as_ours
from storage.prepared import prepared
from storage.sqlite import BEGIN_WRITING, COMMITTING, LOCK_AGAIN, file_address
from storage.trouble import trouble_of

LOCKED = 0.1  # seconds that SQLite may keep the event loop waiting
MOST_KEPT = 1000  # reads of one version of the database
# Usually whoever else commits moves the log. If nobody does, it must not grow forever.
BOUNDED = "PRAGMA wal_autocheckpoint = 4000"  # pages


class _Own:
    """A connection of its own to an engine's file: opened when first needed, and never again once
    the engine's pool is closed.
    """

    def __init__(self, engine: Engine, connect: Callable[[Path], sqlite3.Connection]) -> None:
        self.connection: sqlite3.Connection | None = None
        self.engine = engine
        self._path = Path(str(engine.url.database))
        self._connect = connect
        self._is_over = False
        event.listen(engine.sync_engine, "engine_disposed", lambda _engine: self._end())

    def open(self) -> sqlite3.Connection:
        if self._is_over:  # what still runs while the process stops
            raise sqlite3.OperationalError("closed")
        self.connection = self._connect(self._path)
        return self.connection

    def close(self) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:
            connection.close()

    def failed(self, error: sqlite3.DatabaseError) -> FlowError:
        """The error as ours. What comes next opens another connection."""
        self.close()
        return as_ours(self.engine, error)

    def _end(self) -> None:
        self._is_over = True
        self.close()


class SqliteRead:
    """A statement that reads. In WAL mode it does not wait for writers.

    Its rows stay true until somebody commits, in this process or another. SQLite tells so in a
    fifth of the time of a read: https://sqlite.org/pragma.html#pragma_data_version
    """

    def __init__(self, engine: Engine, statement: sa.ClauseElement) -> None:
        self._own = _Own(engine, open_to_read)
        self._statement = statement
        self._version = 0  # of the database, for this connection
        self._kept: dict[tuple[Any, ...], Sequence[Row]] = {}  # of this version, by parameters

    async def rows(self, parameters: Values) -> Sequence[Row]:
        try:
            connection = self._own.connection or self._own.open()
            (version,) = connection.execute("PRAGMA data_version").fetchone()
            if version != self._version or len(self._kept) > MOST_KEPT:
                self._version = version
                self._kept.clear()
            name = tuple(parameters.values())
            found = self._kept.get(name)
            if found is None:
                made = prepared(self._statement)
                asked = {**made.constants, **parameters}
                found = connection.execute(made.text, asked).fetchall()
                self._kept[name] = found
            return found
        except sqlite3.DatabaseError as error:
            self.close()
            raise as_ours(self._own.engine, error) from error

    def close(self) -> None:
        self._kept.clear()  # another connection counts versions anew
        self._own.close()


class SqliteWrite:
    """A statement that writes, and is a transaction of its own. No rows if somebody else writes."""

    def __init__(self, engine: Engine, statement: sa.ClauseElement) -> None:
        self._own = _Own(engine, open_to_write)
        self._statement = statement

    async def rows(self, parameters: Values) -> Sequence[Row]:
        try:
            connection = self._own.connection or self._own.open()
            rows = prepared(self._statement).run(connection, parameters)
        except sqlite3.DatabaseError as error:
            self._own.failed(error)  # our own mistakes are raised
            return []
        self._own.engine.room.written()
        return rows


class SqliteWriter:
    """Short transactions on a connection of its own."""

    def __init__(self, engine: Engine) -> None:
        self._own = _Own(engine, open_to_write)

    @asynccontextmanager
    async def transaction(self, patience: float) -> AsyncIterator[sqlite3.Connection]:
        """Begins once nobody else is writing, commits at the end. Nothing may be awaited within.

        While somebody else is writing it looks again, as SQLite itself would, but keeps no thread.
        Raises `StorageUnavailable`, also after so many seconds.
        """
        impatient_at = time.monotonic() + patience
        while True:
            try:
                connection = self._own.connection or self._own.open()
                connection.execute(BEGIN_WRITING)
                break
            except sqlite3.DatabaseError as error:
                if trouble_of(error) is not Trouble.LOCKED:
                    raise self._own.failed(error) from error
                if time.monotonic() >= impatient_at:
                    raise as_ours(self._own.engine, error) from error
            await asyncio.sleep(LOCK_AGAIN)
        try:
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.rollback()
        except sqlite3.DatabaseError as error:
            raise self._own.failed(error) from error
        self._own.engine.room.written()


def open_to_read(path: Path) -> sqlite3.Connection:
    """A connection that keeps the event loop for a moment at most."""
    address = file_address(path, "ro")
    return sqlite3.connect(address, uri=True, timeout=LOCKED, isolation_level=None)


def open_to_write(path: Path) -> sqlite3.Connection:
    """A connection that never waits: not for a lock, and hardly ever for the disk."""
    address = file_address(path, "rw")
    connection = sqlite3.connect(address, uri=True, timeout=0, isolation_level=None)
    try:
        for pragma in (*COMMITTING, BOUNDED):
            connection.execute(pragma)
    except sqlite3.Error:
        connection.close()
        raise
    return connection
