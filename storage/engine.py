"""The database, SQLite or PostgreSQL: its engine, its errors as ours, its time."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.pool import QueuePool

from flows.errors import FlowError, NotFound, StorageUnavailable
from storage.connections import READ_ONLY, Engine, Values
from storage.sqlite import sqlite_engine
from storage.trouble import told_by, trouble_of

GIVEN_BACK_WITHIN = 2.0  # seconds that closing waits for connections in use
GIVEN_BACK_SOON = 0.01  # seconds between two looks at them
SLOW_ANSWER = timedelta(seconds=1)  # a larger difference is one of clocks

# Seconds since 1970, by the clock of the database's machine. For SQLite that is our own machine.
POSTGRES_NOW = "extract(epoch FROM clock_timestamp())::float8"
SQLITE_NOW = "((julianday('now') - 2440587.5) * 86400.0)"
THIS_MACHINE = partial(datetime.now, UTC)

POSTGRES_FOREIGN_KEY_VIOLATION = "23503"

_REFUSED = (sa.exc.IntegrityError, sqlite3.IntegrityError)


def make_engine(database_url: str) -> Engine:
    """Takes `sqlite:///path` or `postgresql://…`. Creates an SQLite file that only we can read.

    Raises `ValueError` for any other address, `StorageUnavailable` if the file cannot be made.
    """
    try:
        url = make_url(database_url)
    except sa.exc.ArgumentError:
        raise ValueError("not a database address") from None
    match url.get_backend_name():
        case "sqlite":
            return sqlite_engine(url)
        case "postgresql" | "postgres":
            from storage.postgres import postgres_engine  # brings the ORM, which takes 50 ms

            return postgres_engine(url)
        case other:
            raise ValueError(f"{other} is not supported: use sqlite or postgresql")


def missing_file(database_url: str) -> Path | None:
    """The file that is to hold the database, if it is not there."""
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        return None
    file = Path(url.database)
    return None if file.exists() else file


async def close_engine(engine: Engine) -> None:
    """Waits a moment for connections that are being given back, then closes all.

    A cancelled task gives its connection back in the background. If the pool were already closed,
    that connection would never be closed.
    """
    deadline = time.monotonic() + GIVEN_BACK_WITHIN
    while _in_use(engine) and time.monotonic() < deadline:  # noqa: ASYNC110 - a pool tells nothing
        await asyncio.sleep(GIVEN_BACK_SOON)
    await engine.dispose()


def _in_use(engine: Engine) -> int:
    """The number of connections that are checked out."""
    pool = engine.pool
    return pool.checkedout() if isinstance(pool, QueuePool) else 0


def all_in_use(engine: Engine) -> bool:
    """Whether whoever needs a connection has to wait for one."""
    pool = engine.pool
    return isinstance(pool, QueuePool) and pool.checkedout() >= pool.size()


def reading(engine: Engine) -> Engine:
    """The engine for transactions that promise to read only. It shares the pool."""
    return engine.execution_options(**{READ_ONLY: True})


# --- its errors -----------------------------------------------------------------------------------


@contextmanager
def translated(engine: Engine) -> Iterator[None]:
    """Raises errors of the engine's database as ours."""
    try:
        yield
    except (sa.exc.TimeoutError, sa.exc.DBAPIError, sqlite3.DatabaseError) as error:
        raise as_ours(engine, error) from error


def as_ours(engine: Engine, error: Exception) -> FlowError:
    """`StorageUnavailable` if the database cannot be used, `NotFound` for a row of an integration
    that this tenant does not have.

    Anything else that the database refuses is our mistake, and is raised again.
    """
    if trouble := trouble_of(error):
        engine.room.failed(trouble)
        return StorageUnavailable(told_by(error), trouble)
    if isinstance(error, _REFUSED) and _is_foreign_key(error):
        return NotFound("no such integration in this tenant")
    raise error


def _is_foreign_key(error: Exception) -> bool:
    cause = getattr(error, "orig", error)
    state = getattr(cause, "sqlstate", None)
    return state == POSTGRES_FOREIGN_KEY_VIOLATION or "FOREIGN KEY" in str(cause)


# --- transactions of one statement ----------------------------------------------------------------


async def read_rows(
    engine: Engine, statement: sa.Executable, parameters: Values | None = None
) -> Sequence[Any]:
    """What one statement returns, in a transaction of its own. Raises `StorageUnavailable`."""
    with translated(engine):
        async with reading(engine).connect() as connection:
            rows: Sequence[Any] = (await connection.execute(statement, parameters)).all()
            return rows


async def write_rows(
    engine: Engine,
    statement: sa.Executable,
    parameters: Values | Sequence[Values] | None = None,
) -> int:
    """How many rows one statement changes, in a transaction of its own. Raises
    `StorageUnavailable`.
    """
    counted = {"preserve_rowcount": True}  # by default, INSERT does not count
    with translated(engine):
        async with engine.begin() as connection:
            result = await connection.execute(statement, parameters, execution_options=counted)
            return result.rowcount


# --- its time -------------------------------------------------------------------------------------


def epoch(engine: Engine) -> str:
    """The database's time as SQL."""
    return SQLITE_NOW if engine.dialect.name == "sqlite" else POSTGRES_NOW


class SharedClock:
    """Real time by the database's clock, corrected each time the database says what time it is.

    `local` is this machine's clock. An answer of the database is late by its way here, so the
    earliest answer counts. Time does not go back by less than an answer took.
    """

    def __init__(self, local: Callable[[], datetime] = THIS_MACHINE) -> None:
        self._local = local
        self._ahead = timedelta()
        self._has_heard = False

    def now(self) -> datetime:
        return self._local() + self._ahead

    def heard(self, seconds: float, took: float = 0.0) -> None:
        """Takes the time that the database said, in seconds since 1970, to a question that took so
        many seconds.
        """
        ahead = datetime.fromtimestamp(seconds, UTC) - self._local()
        late = max(SLOW_ANSWER, timedelta(seconds=took))
        if self._has_heard and timedelta() < self._ahead - ahead < late:
            return
        self._ahead, self._has_heard = ahead, True

    async def ask(self, engine: Engine) -> None:
        """Raises `StorageUnavailable`."""
        asked = time.monotonic()
        ((said,),) = await read_rows(engine, sa.text(f"SELECT {epoch(engine)}"))
        self.heard(float(said), time.monotonic() - asked)
