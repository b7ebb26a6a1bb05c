"""PostgreSQL: its engine and the settings of its connections."""

import math
import time
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from storage.connections import POOL_SIZE, READ_ONLY, Room
from storage.postgres_driver import (
    CONNECT_TIMEOUT,
    PostgresConnection,
    RawConnections,
    connect,
    only_reads,
)

TRUSTED = 1.0  # seconds that a connection is taken to be alive after its last use
FIRST_USED, USED = "first_used_at", "used_at"
CANNOT_WRITE = "25006"  # read_only_sql_transaction


class PostgresEngine(AsyncEngine):
    """Implements `storage.connections.Engine`. `raw` closes with the pool."""

    def __init__(self, sync_engine: sa.Engine, room: Room, raw: RawConnections) -> None:
        super().__init__(sync_engine)
        self.room, self.raw = room, raw

    def execution_options(self, **options: Any) -> "PostgresEngine":
        made = self.sync_engine.execution_options(**options)
        return PostgresEngine(made, self.room, self.raw)

    async def dispose(self, close: bool = True) -> None:
        await super().dispose(close)
        await self.raw.close()


def postgres_engine(url: URL) -> PostgresEngine:
    """With our timeouts, and without a question before each transaction."""
    room = Room()
    engine = create_async_engine(
        url.set(drivername="postgresql+psycopg"),
        async_creator=partial(connect, url),
        pool_timeout=CONNECT_TIMEOUT,
        pool_size=POOL_SIZE,
        max_overflow=0,
        pool_use_lifo=True,  # so that few connections do the work, with what they have prepared
        hide_parameters=True,  # what people typed stays out of errors and logs
        pool_recycle=1800,
    )

    _keep_alive(engine.sync_engine)
    _open_readers_anew(engine.sync_engine)

    @event.listens_for(engine.sync_engine, "begin")
    def _promise(connection: sa.Connection) -> None:
        """SQLAlchemy's own option asks when a connection is taken: whoever is cancelled then loses
        the connection.
        """
        reads = bool(connection.get_execution_options().get(READ_ONLY))
        dialect: Any = engine.dialect
        raw = connection.connection.dbapi_connection
        if bool(dialect.get_readonly(raw)) is not reads:
            dialect.set_readonly(raw, reads or None)  # what writes is as the server has it

    @event.listens_for(engine.sync_engine, "commit")
    def _note_room(_connection: sa.Connection) -> None:
        """PostgreSQL takes the room for a row before the transaction is committed."""
        room.written()

    return PostgresEngine(engine.sync_engine, room, RawConnections(url))


def _keep_alive(engine: sa.Engine) -> None:
    """SQLAlchemy's own ping would be a round trip before each transaction."""

    @event.listens_for(engine, "checkin")
    def _note_use(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info[USED] = time.monotonic()
        record.info.setdefault(FIRST_USED, record.info[USED])
        driver: Any = record.driver_connection
        if driver is not None:
            driver.patience = PostgresConnection.patience

    @event.listens_for(engine, "checkout")
    def _ensure_alive(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        if time.monotonic() < record.info.get(USED, math.inf) + TRUSTED:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise sa.exc.DisconnectionError from error


def _open_readers_anew(engine: sa.Engine) -> None:
    """Replaces sessions that began where they could only read.

    Such a session may never be able to write, while a new one can: the database was switched over,
    or its address leads to another server now.
    """

    @event.listens_for(engine, "checkout")
    def _renew_reader(_connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        driver: Any = record.driver_connection
        is_fresh = time.monotonic() < record.info.get(FIRST_USED, math.inf) + TRUSTED
        if not is_fresh and only_reads(driver):
            raise sa.exc.InvalidatePoolError

    @event.listens_for(engine, "handle_error")
    def _throw_reader_away(context: sa.ExceptionContext) -> None:
        if getattr(context.original_exception, "sqlstate", None) == CANNOT_WRITE:
            context.is_disconnect = True  # so that all are opened anew
