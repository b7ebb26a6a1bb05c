"""The database, SQLite or PostgreSQL: its engine, its failures as our errors, its time."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import cycle
from pathlib import Path
from threading import Thread
from typing import Any
from weakref import WeakSet

import aiosqlite
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import QueuePool

from flows.errors import NotFound, StorageUnavailable
from storage.postgres import LOCK_TIMEOUT, POOL_SIZE, READ_ONLY, postgres_engine

GIVEN_BACK_WITHIN = 2.0  # seconds that closing waits for connections in use
LOCK_AGAIN = 0.01  # seconds

POSTGRES_FOREIGN_KEY_VIOLATION = "23503"
# Seconds since 1970, by the clock of the database's machine. For SQLite that is our own machine.
POSTGRES_NOW = "extract(epoch FROM clock_timestamp())::float8"
SQLITE_NOW = "((julianday('now') - 2440587.5) * 86400.0)"
THIS_MACHINE = partial(datetime.now, UTC)

BEGIN_WRITING = "BEGIN IMMEDIATE"
COMMITS_IN_LOG = 50  # of SQLite, some hundred kB to a few MB

# A commit neither waits for the disk nor moves the log, which `_Sqlite` does when nobody waits.
COMMITTING = ("PRAGMA synchronous = NORMAL", "PRAGMA wal_autocheckpoint = 0")
_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA foreign_keys = ON",
    f"PRAGMA busy_timeout = {LOCK_TIMEOUT * 1000}",
    *COMMITTING,
)


def make_engine(database_url: str) -> AsyncEngine:
    """Takes `sqlite:///path` or `postgresql://…`. Creates an SQLite file that only we can read.

    Raises `ValueError` for any other address, `StorageUnavailable` if the file cannot be made.
    """
    try:
        url = make_url(database_url)
    except sa.exc.ArgumentError:
        raise ValueError("not a database address") from None
    match url.get_backend_name():
        case "sqlite":
            return _sqlite_engine(url)
        case "postgresql" | "postgres":
            return postgres_engine(url)
        case other:
            raise ValueError(f"{other} is not supported: use sqlite or postgresql")


async def close_engine(engine: AsyncEngine) -> None:
    """Waits a moment for connections that are being given back, then closes all.

    A cancelled task gives its connection back in the background. If the pool were already closed,
    that connection would never be closed.
    """
    deadline = time.monotonic() + GIVEN_BACK_WITHIN
    while _in_use(engine) and time.monotonic() < deadline:  # noqa: ASYNC110 - a pool tells nothing
        await asyncio.sleep(LOCK_AGAIN)
    await engine.dispose()


def _in_use(engine: AsyncEngine) -> int:
    """The number of connections that are checked out."""
    pool = engine.pool
    return pool.checkedout() if isinstance(pool, QueuePool) else 0


def reading(engine: AsyncEngine) -> AsyncEngine:
    """The same engine and pool, for transactions that promise to read only."""
    return engine.execution_options(**{READ_ONLY: True})


def _sqlite_engine(url: URL) -> AsyncEngine:
    if not url.database or url.database == ":memory:":
        raise ValueError("an SQLite address needs a file: sqlite:///path")
    _make_file(path := Path(url.database))
    writers = _Writers()

    async def connect() -> aiosqlite.Connection:
        return await _Sqlite(path, writers)

    engine = create_async_engine(
        url.set(drivername="sqlite+aiosqlite"),
        async_creator=connect,
        pool_timeout=LOCK_TIMEOUT,
        pool_size=POOL_SIZE,
        max_overflow=0,
        hide_parameters=True,  # what people typed stays out of errors and logs
    )
    event.listen(engine.sync_engine, "connect", _set_up_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    event.listen(engine.sync_engine, "engine_disposed", lambda _engine: writers.see_off())
    return engine


_PRAGMAS = tuple((each,) for each in _SQLITE_PRAGMAS)


class _Writers:
    """What the connections of one engine share: the turn to write, when to move the log, and the
    threads that are about to end.
    """

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self.leaving = WeakSet[Thread]()
        self.commits = cycle(reversed(range(COMMITS_IN_LOG)))  # 0: the log has become long

    def see_off(self) -> None:
        """Waits a moment for threads to end. Each still has something to tell the event loop, and
        would break on one that is closed.
        """
        deadline = time.monotonic() + GIVEN_BACK_WITHIN
        for thread in tuple(self.leaving):
            thread.join(max(0.0, deadline - time.monotonic()))


class _Sqlite(aiosqlite.Connection):
    """Runs statements in the event loop's own thread: they take microseconds, and aiosqlite would
    change threads and back four times for each.

    Only what waits keeps its thread: for another process that is writing, and for the disk, which
    happens when the log is moved into the database. So only every so many commits move it. Writers
    of this process take turns, since SQLite waits by looking again and again.
    """

    def __init__(self, path: Path, writers: _Writers) -> None:
        # One thread at a time uses it, and SQLite itself would allow several.
        connect = partial(sqlite3.connect, path, timeout=LOCK_TIMEOUT, check_same_thread=False)
        super().__init__(connect, iter_chunk_size=64)
        self._thread.daemon = True  # a process that ends does not wait for it
        self._writers = writers
        self._is_writing = False
        self._may_be_busy = False

    async def _execute(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        name, begins = fn.__name__, args[:1] == (BEGIN_WRITING,)
        if begins:
            try:
                async with asyncio.timeout(LOCK_TIMEOUT):
                    self._is_writing = await self._writers.turn.acquire()
            except TimeoutError:
                raise sqlite3.OperationalError("database is locked") from None
        tidies = name == "commit" and self._is_writing and next(self._writers.commits) == 0
        closes = name == "close" and isinstance(fn.__self__, sqlite3.Connection)  # not a cursor
        waits = self._may_be_busy or tidies or closes or args[:1] in _PRAGMAS
        try:
            if not waits and not self._connection:
                raise ValueError("Connection closed")
            if not waits and not begins:
                return fn(*args, **kwargs)
            if not waits and self._begins_at_once():
                return None
            function = self._commit_and_tidy if tidies else fn
            return await super()._execute(function, *args, **kwargs)  # type: ignore[no-untyped-call]
        except BaseException as error:
            # A cancelled call leaves its thread at work. From then on, every call goes through that
            # thread: closing the connection while it works would crash the process.
            self._may_be_busy |= isinstance(error, asyncio.CancelledError)
            if waits or begins:
                self._end_writing()
            raise
        finally:
            if name in ("commit", "rollback"):
                self._end_writing()

    def _begins_at_once(self) -> bool:
        """False while another process writes."""
        (patience,) = self._conn.execute("PRAGMA busy_timeout").fetchone()
        self._conn.execute("PRAGMA busy_timeout = 0")
        try:
            self._conn.execute(BEGIN_WRITING)
        except sqlite3.OperationalError:
            return False
        finally:
            self._conn.execute(f"PRAGMA busy_timeout = {patience}")
        return True

    def _commit_and_tidy(self) -> None:
        self._conn.commit()
        self._conn.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def _end_writing(self) -> None:
        if self._is_writing:
            self._is_writing = False
            self._writers.turn.release()

    def stop(self) -> "asyncio.Future[Any] | None":
        """Gives up the turn to write, however the connection ends.

        Only once: after the first end the thread answers nobody. A close that was under way when
        its task was cancelled again would wait for ever.
        """
        self._end_writing()
        if not self._running:
            return None
        self._writers.leaving.add(self._thread)
        return super().stop()


def _make_file(path: Path) -> None:
    """SQLite gives its -wal and -shm files the mode of the database file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError as error:
        raise StorageUnavailable(f"cannot create {path}: {error.strerror}") from error


def _set_up_sqlite(connection: Any, _record: object) -> None:
    # None: the driver must not open transactions by itself, because `_begin_sqlite` does.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _SQLITE_PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    """Writers take the lock at once, because a reader that turns into a writer can only fail."""
    read_only = connection.get_execution_options().get(READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if read_only else BEGIN_WRITING)


@contextmanager
def translated() -> Iterator[None]:
    """Raises `StorageUnavailable` if the database is away or stays locked.

    Raises `NotFound` for a row of an integration that this tenant does not have. Anything else that
    the database refuses is our mistake, and passes through unchanged.
    """
    try:
        yield
    except (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError) as error:
        raise StorageUnavailable(_summary(error)) from error
    except sa.exc.IntegrityError as error:
        if _is_foreign_key(error):
            raise NotFound("no such integration in this tenant") from error
        raise
    except sa.exc.DBAPIError as error:
        if error.connection_invalidated:
            raise StorageUnavailable(_summary(error)) from error
        raise


def _summary(error: sa.exc.SQLAlchemyError) -> str:
    """Only the kind of failure, because SQLAlchemy's text holds the statement and its values."""
    cause = getattr(error, "orig", None)
    return type(cause or error).__name__


def _is_foreign_key(error: sa.exc.IntegrityError) -> bool:
    state = getattr(error.orig, "sqlstate", None)
    return state == POSTGRES_FOREIGN_KEY_VIOLATION or "FOREIGN KEY" in str(error.orig)


def epoch(engine: AsyncEngine) -> str:
    """The database's time as SQL."""
    return SQLITE_NOW if engine.dialect.name == "sqlite" else POSTGRES_NOW


class SharedClock:
    """Real time by the database's clock, corrected each time the database says what time it is.

    `local` is this machine's clock.
    """

    def __init__(self, local: Callable[[], datetime] = THIS_MACHINE) -> None:
        self._local = local
        self._ahead = timedelta()

    def now(self) -> datetime:
        return self._local() + self._ahead

    def heard(self, seconds: float) -> None:
        """Takes the time that the database said a moment ago, in seconds since 1970."""
        self._ahead = datetime.fromtimestamp(seconds, UTC) - self._local()

    async def ask(self, engine: AsyncEngine) -> None:
        """Raises `StorageUnavailable`."""
        with translated():
            async with reading(engine).connect() as connection:
                said = await connection.scalar(sa.text(f"SELECT {epoch(engine)}"))
        self.heard(float(said or 0.0))
