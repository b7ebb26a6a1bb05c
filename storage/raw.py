"""Statements by the raw driver, outside any unit of work, for the beginning of every request."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.util import await_only

from storage.connections import Engine, Row, Values
from storage.raw_sqlite import SqliteRead, SqliteWrite

if TYPE_CHECKING:
    from storage.raw_postgres import Connections


class RawStatement(Protocol):
    async def rows(self, parameters: Values) -> Sequence[Row]:
        """The rows that it returns. Raises `StorageUnavailable`."""
        ...


def raw_statement(
    engine: Engine,
    statement: sa.Select[Any] | sa.CompoundSelect[Any] | sa.Insert | sa.TextClause,
) -> RawStatement:
    """The statement on the engine's database. Its connections close with the engine's pool.

    One that writes may be run twice, and on SQLite not at all, without rows, if others write.
    """
    if engine.dialect.name == "sqlite":
        return (SqliteWrite if statement.is_dml else SqliteRead)(engine, statement)
    from storage.raw_postgres import PostgresStatement  # its driver is slow to import

    return PostgresStatement(_connections(engine), statement.compile(dialect=engine.dialect))


_OF_ENGINES: WeakKeyDictionary[sa.Engine, "Connections"] = WeakKeyDictionary()


def _connections(engine: Engine) -> "Connections":
    """One set for all statements: each connection is a process of the server."""
    from storage.raw_postgres import Connections

    if (known := _OF_ENGINES.get(engine.sync_engine)) is None:
        known = _OF_ENGINES[engine.sync_engine] = Connections(engine.url)
        # SQLAlchemy's event is a plain call, but inside a greenlet that can await.
        event.listen(
            engine.sync_engine, "engine_disposed", lambda _engine: await_only(known.close())
        )
    return known
