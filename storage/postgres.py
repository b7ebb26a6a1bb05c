"""PostgreSQL: its engine and the settings of its connections."""

import math
import time
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL
from sqlalchemy.pool import ConnectionPoolEntry

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

READ_ONLY = "storage_read_only"  # the execution option of engines that only read
# The first three also hold for SQLite.
LOCK_TIMEOUT = 5  # seconds that a statement waits for another's lock
# All of them stay open: those beyond a pool's size would be opened and closed again under load,
# which takes PostgreSQL a new process each time, and all that it had prepared.
POOL_SIZE = 15
CONNECT_TIMEOUT = 5  # seconds
STATEMENT_TIMEOUT = 15  # seconds
TRUSTED = 1.0  # seconds that a connection is taken to be alive after its last use
USED = "used_at"


def postgres_engine(url: URL) -> "AsyncEngine":
    """With our timeouts, and without a question before each transaction."""
    from sqlalchemy.ext.asyncio import create_async_engine  # brings the ORM, which takes 50 ms

    engine = create_async_engine(
        url.set(drivername="postgresql+psycopg"),
        connect_args=postgres_arguments(url),
        pool_timeout=CONNECT_TIMEOUT,
        pool_size=POOL_SIZE,
        max_overflow=0,
        pool_use_lifo=True,  # so that few connections do the work, with what they have prepared
        hide_parameters=True,  # what people typed stays out of errors and logs
        pool_recycle=1800,
    )

    @event.listens_for(engine.sync_engine, "checkin")
    def _note_use(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info[USED] = time.monotonic()

    @event.listens_for(engine.sync_engine, "checkout")
    def _ensure_alive(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        """SQLAlchemy's own ping would be a round trip before each transaction."""
        if time.monotonic() < record.info.get(USED, math.inf) + TRUSTED:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise sa.exc.DisconnectionError from error

    @event.listens_for(engine.sync_engine, "begin")
    def _promise(connection: sa.Connection) -> None:
        """SQLAlchemy's own option asks when a connection is taken: whoever is cancelled then loses
        the connection.
        """
        reads = bool(connection.get_execution_options().get(READ_ONLY))
        dialect: Any = engine.dialect
        raw = connection.connection.dbapi_connection
        if bool(dialect.get_readonly(raw)) is not reads:
            dialect.set_readonly(raw, reads)

    return engine


def postgres_arguments(url: URL) -> dict[str, Any]:
    """Our timeouts, unless the address sets others."""
    settings = {
        "timezone": "UTC",
        "statement_timeout": f"{STATEMENT_TIMEOUT}s",
        "lock_timeout": f"{LOCK_TIMEOUT}s",
        "idle_in_transaction_session_timeout": "60s",
    }
    arguments = {
        "connect_timeout": CONNECT_TIMEOUT,
        "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
    }
    return {name: value for name, value in arguments.items() if name not in url.query}
