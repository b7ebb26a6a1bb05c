"""One transaction on one connection. Translates the database's failures into our errors."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from flows.errors import NotFound, StorageUnavailable
from flows.outbox.jobs import JobKind
from flows.ports import Clock
from storage.planning import Wishes

T = TypeVar("T")

POSTGRES_FOREIGN_KEY_VIOLATION = "23503"


class Transaction:
    """What the repositories of one unit of work share: a connection, the tenant, the wishes.

    `clock` is the real time. `news` is set once something due was committed.
    """

    def __init__(
        self, engine: AsyncEngine, tenant_id: str, clock: Clock, news: asyncio.Event
    ) -> None:
        self.tenant_id = tenant_id
        self._engine = engine
        self._clock = clock
        self._news = news
        self._wishes = Wishes(tenant_id)
        self._connection: AsyncConnection | None = None

    async def open(self) -> None:
        """Takes a connection. The transaction itself begins with the first statement."""
        with translated():
            self._connection = await self._engine.connect()

    async def close(self) -> None:
        """Rolls back what was not committed and gives the connection back, even if cancelled."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with translated():
                await asyncio.shield(asyncio.ensure_future(connection.close()))

    async def commit(self) -> None:
        asked = bool(self._wishes)
        with translated():
            if asked:
                await self._wishes.write(self.connection, self._clock.now())
            await self.connection.commit()
        if asked:
            self._news.set()

    async def execute(
        self, statement: sa.Executable, parameters: Mapping[str, Any] | None = None
    ) -> CursorResult[Any]:
        with translated():
            return await self.connection.execute(statement, parameters)

    def nudge(self, kind: JobKind, subject: str, at: datetime | None = None) -> None:
        """Wants it done by this moment of the real time; without one, now."""
        self._wishes.nudge(kind, subject, at or self._clock.now())

    def plan(self, kind: JobKind, subject: str, at: datetime | None) -> None:
        """Wants a `PLANNED` kind done at this moment of the injected time; None: never."""
        self._wishes.plan(kind, subject, at)

    async def upsert(self, table: sa.Table, values: Mapping[str, Any]) -> None:
        """Writes a row. Replaces a row with the same primary key."""
        key = [column.name for column in table.primary_key]
        rest = {name: value for name, value in values.items() if name not in key}
        statement = self._insert(table).values(**values)
        await self.execute(statement.on_conflict_do_update(index_elements=key, set_=rest))

    async def insert_new(
        self, table: sa.Table, values: Mapping[str, Any], returning: sa.Column[T]
    ) -> T | None:
        """Writes a row and returns one of its columns. None if one of its keys is taken."""
        statement = self._insert(table).values(**values)
        result = await self.execute(statement.on_conflict_do_nothing().returning(returning))
        written: T | None = result.scalar_one_or_none()
        return written

    def _insert(self, table: sa.Table) -> "sqlite.Insert | postgresql.Insert":
        """The INSERT of this database's dialect, which can say what to do if the row exists."""
        if self._engine.dialect.name == "sqlite":
            return sqlite.insert(table)
        return postgresql.insert(table)

    @property
    def connection(self) -> AsyncConnection:
        if self._connection is None:
            raise RuntimeError("a unit of work is used inside `async with`")
        return self._connection


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
