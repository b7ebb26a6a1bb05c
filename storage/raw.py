"""Statements by the raw driver, outside any unit of work, for the beginning of every request.

Their connections close with the engine's pool.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol, cast

import sqlalchemy as sa

from storage.connections import Engine, Row, Values
from storage.raw_sqlite import SqliteRead, SqliteWrite

if TYPE_CHECKING:
    from storage.postgres import PostgresEngine

Statement = sa.Select[Any] | sa.CompoundSelect[Any] | sa.Insert | sa.TextClause


class RawStatement(Protocol):
    async def rows(self, parameters: Values) -> Sequence[Row]:
        """The rows that it returns. Raises `StorageUnavailable`."""
        ...


def raw_read(engine: Engine, statement: Statement) -> RawStatement:
    """A statement that changes nothing."""
    if engine.dialect.name == "sqlite":
        return SqliteRead(engine, statement)
    return _on_postgres(engine, statement, writes=False)


def raw_write(engine: Engine, statement: Statement) -> RawStatement:
    """A statement that writes, in a transaction of its own.

    It may run twice. If others write, SQLite may not run it at all, and it returns no rows.
    """
    if engine.dialect.name == "sqlite":
        return SqliteWrite(engine, statement)
    return _on_postgres(engine, statement, writes=True)


def _on_postgres(engine: Engine, statement: Statement, *, writes: bool) -> RawStatement:
    from storage.raw_postgres import PostgresStatement  # its driver is slow to import

    return PostgresStatement(cast("PostgresEngine", engine), statement, writes=writes)
