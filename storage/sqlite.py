"""SQLite: its engine, whose statements run in the event loop's own thread.

A statement takes microseconds, and a change of threads or greenlets takes longer. Nothing waits
within SQLite. While another process is writing, a task looks again a moment later, as SQLite itself
would, but it keeps no thread.
"""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager, closing, suppress
from functools import partial
from pathlib import Path
from typing import Any, Literal, Self, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.pool import QueuePool

from flows.errors import StorageUnavailable, Trouble
from storage.connections import LOCK_TIMEOUT, POOL_SIZE, READ_ONLY, Room
from storage.prepared import prepared
from storage.trouble import trouble_of, trouble_of_file

T = TypeVar("T")

LOCK_AGAIN = 0.01  # seconds between two looks whether the database is free
BEGIN_WRITING = "BEGIN IMMEDIATE"
COMMITS_IN_LOG = 50  # some hundred kB to a few MB
MOVED_WITHIN = 1.0  # seconds for which those who write wait for it, far below `LOCK_TIMEOUT`
MOVE_LOG = "PRAGMA wal_checkpoint(PASSIVE)"
# A commit neither waits for the disk nor moves the log, which `_Shared` does behind it.
COMMITTING = ("PRAGMA synchronous = NORMAL", "PRAGMA wal_autocheckpoint = 0")
_PRAGMAS = ("PRAGMA journal_mode = WAL", "PRAGMA foreign_keys = ON", *COMMITTING)


def sqlite_engine(url: URL) -> "SqliteEngine":
    """Creates the file, so that only we can read it. Raises `ValueError`, `StorageUnavailable`."""
    if not url.database or url.database == ":memory:":
        raise ValueError("an SQLite address needs a file: sqlite:///path")
    _make_file(path := Path(url.database))
    engine = create_engine(
        url.set(drivername="sqlite"),
        # Nothing waits within SQLite, and nothing but a connection of ours opens a transaction.
        creator=partial(sqlite3.connect, path, timeout=0, isolation_level=None),
        poolclass=QueuePool,
        pool_size=POOL_SIZE,
        max_overflow=0,
        hide_parameters=True,  # what people typed stays out of errors and logs
    )
    event.listen(engine, "connect", _set_up)
    return SqliteEngine(engine, _Shared(path))


class _Shared:
    """What the connections of one engine share: how many there may be, the turn to write, the log
    that commits make longer, and whether there is room for it.
    """

    def __init__(self, path: Path) -> None:
        self.room = Room()
        self.free = asyncio.Semaphore(POOL_SIZE)
        self.turn = asyncio.Semaphore(1)
        self._path = path
        self._commits = 0
        self._moving: asyncio.Task[None] | None = None
        self._keeping: asyncio.TimerHandle | None = None  # the turn, for a moment

    def end_turn(self, *, committed: bool) -> None:
        """Has the log moved into the database now and then, while no unit of work makes it longer.

        If the disk takes its time, they go on meanwhile.
        """
        self._commits += committed
        if committed and self._commits % COMMITS_IN_LOG == 0 and not self._moving:
            self._moving = asyncio.create_task(self._move())
            self._moving.add_done_callback(self._has_moved)
            loop = asyncio.get_running_loop()
            self._keeping = loop.call_later(MOVED_WITHIN, self._give_turn_back)
        else:
            self.turn.release()

    def _give_turn_back(self) -> None:
        if self._keeping:
            self._keeping.cancel()
            self._keeping = None
            self.turn.release()

    async def _move(self) -> None:
        """That waits for the disk, so a thread does it, on a connection of its own."""
        with suppress(sqlite3.Error):  # the next time will do
            await asyncio.to_thread(self._move_log)

    def _has_moved(self, _task: asyncio.Task[None]) -> None:
        self._moving = None
        self._give_turn_back()

    def _move_log(self) -> None:
        address = file_address(self._path, "rw")
        with closing(sqlite3.connect(address, uri=True, timeout=0)) as connection:
            connection.execute(MOVE_LOG).fetchall()

    async def moved(self) -> None:
        if self._moving:
            await self._moving


class SqliteEngine:
    """Implements `storage.connections.Engine`."""

    def __init__(self, sync_engine: sa.Engine, shared: _Shared) -> None:
        self.sync_engine = sync_engine
        self.url, self.dialect = sync_engine.url, sync_engine.dialect
        self._shared, self.room = shared, shared.room

    @property
    def pool(self) -> sa.Pool:
        return self.sync_engine.pool

    def connect(self) -> "SqliteConnection":
        return SqliteConnection(self.sync_engine, self._shared)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator["SqliteConnection"]:
        async with self.connect() as connection:
            yield connection
            await connection.commit()

    def execution_options(self, **options: Any) -> "SqliteEngine":
        return SqliteEngine(self.sync_engine.execution_options(**options), self._shared)

    async def dispose(self) -> None:
        await self._shared.moved()
        self.sync_engine.dispose()


class SqliteConnection:
    """Implements `storage.connections.Connection`.

    Who is cancelled has nothing under way: all that is waited for is the turn, and time.
    """

    def __init__(self, engine: sa.Engine, shared: _Shared) -> None:
        self.dialect = engine.dialect
        self._engine = engine
        self._shared = shared
        # Writers take the lock at once, because a reader that turns into a writer can only fail.
        self._writes = not engine.get_execution_options().get(READ_ONLY, False)
        self._has_turn = False
        self._has_begun = False
        self._opened: sa.Connection | None = None

    async def start(self) -> Self:
        await _take(self._shared.free)
        with ExitStack() as unless_opened:
            unless_opened.callback(self._shared.free.release)
            self._opened = await _patiently(self._engine.connect)
            unless_opened.pop_all()
        return self

    __aenter__ = start

    async def execute(
        self, statement: sa.Executable, parameters: Any = None, *, execution_options: Any = None
    ) -> Any:
        await self._begin()
        options = {"execution_options": execution_options} if execution_options else {}
        execute = partial(self._connection.execute, statement, parameters, **options)
        return await _patiently(execute)

    async def run(self, statement: sa.Executable, values: Any = None) -> Any:
        """Runs a statement that is a constant, without SQLAlchemy's way through it."""
        first = values[0] if isinstance(values, Sequence) else values or ()
        made = prepared(statement, tuple(first))
        if not made.is_whole:
            return await self.execute(statement, values)
        return await _patiently(partial(made.execute, await self._begin(), values))

    async def scalar(self, statement: sa.Executable, parameters: Any = None) -> Any:
        return (await self.execute(statement, parameters)).scalar()

    async def run_sync(self, fn: Callable[..., T], *arguments: Any) -> T:
        await self._begin()
        if not self._connection.in_transaction():  # Alembic would end ours with each migration
            self._connection.begin()
        return fn(self._connection, *arguments)

    async def commit(self) -> None:
        opened = self._connection
        if self._has_begun:
            self._begun().commit()
            opened.commit()
            self._has_begun = False
            if self._writes:
                self._shared.room.written()
        self._end_turn(committed=True)

    async def close(self, *_: object) -> None:
        """Rolls back what was not committed. Never waits, so it cannot be cancelled half-way."""
        opened, driver = self._opened, self._opened and self._driver
        self._opened = None
        if opened and driver:
            try:
                driver.rollback()
                opened.close()
            finally:
                self._end_turn()
                self._shared.free.release()

    __aexit__ = close

    @property
    def _connection(self) -> sa.Connection:
        if self._opened is None:
            raise RuntimeError("this connection is not open")
        return self._opened

    @property
    def _driver(self) -> sqlite3.Connection:
        return cast("sqlite3.Connection", self._connection.connection.dbapi_connection)

    async def _begin(self) -> sqlite3.Connection:
        """Returns the driver's connection, in a transaction. Units of work that write take turns.

        SQLAlchemy does not know of it: for what it executes it begins one of its own, in name only.
        """
        if not self._has_begun:
            if self._writes and not self._has_turn:
                await _take(self._shared.turn)
                self._has_turn = True
            begin = BEGIN_WRITING if self._writes else "BEGIN"
            await _patiently(partial(self._driver.execute, begin))
            self._has_begun = True
        return self._begun()

    def _begun(self) -> sqlite3.Connection:
        """Raises `StorageUnavailable` if SQLite has rolled back by itself, as when a disk is full:
        what comes behind must not be stored alone.
        """
        if not (driver := self._driver).in_transaction:
            raise StorageUnavailable("SQLite rolled the transaction back")
        return driver

    def _end_turn(self, *, committed: bool = False) -> None:
        if self._has_turn:
            self._has_turn = False
            self._shared.end_turn(committed=committed)


async def _take(gate: asyncio.Semaphore) -> None:
    """Raises `StorageUnavailable` if the others keep it too long."""
    if not gate.locked():
        await gate.acquire()
        return
    try:
        async with asyncio.timeout(LOCK_TIMEOUT):
            await gate.acquire()
    except TimeoutError:
        raise StorageUnavailable("others of this process use it", Trouble.LOCKED) from None


async def _patiently(work: Callable[[], T]) -> T:
    """Does it again while another process keeps SQLite from it. Such a try changes nothing."""
    impatient_at = 0.0
    while True:
        try:
            return work()
        except (sa.exc.OperationalError, sqlite3.OperationalError) as error:
            now = time.monotonic()
            impatient_at = impatient_at or now + LOCK_TIMEOUT
            if now >= impatient_at or trouble_of(error) is not Trouble.LOCKED:
                raise
        await asyncio.sleep(LOCK_AGAIN)


def file_address(path: Path, mode: Literal["ro", "rw"]) -> str:
    """To connect to a file that is there already; SQLite makes none at this address."""
    return f"{path.absolute().as_uri()}?mode={mode}"


def _make_file(path: Path) -> None:
    """SQLite gives its -wal and -shm files the mode of the database file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError as error:
        line = f"cannot create {path}: {error.strerror}"
        raise StorageUnavailable(line, trouble_of_file(error)) from error
    if not path.is_file():  # a directory, a device
        raise StorageUnavailable(f"{path} is no file", Trouble.DAMAGED)


def _set_up(connection: sqlite3.Connection, _record: object) -> None:
    """Raises `StorageUnavailable` where there is no WAL, as on most network file systems: readers
    would then keep writers from committing.
    """
    for pragma in _PRAGMAS:
        connection.execute(pragma).close()
    if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        raise StorageUnavailable("SQLite needs a file system with shared memory, for its WAL mode")
