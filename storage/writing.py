"""Short writes by the raw driver, for what people wait for and what follows each answer.

On PostgreSQL a write is one statement, so one round trip. On SQLite it runs in the event loop's own
thread, on a connection that never waits.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import sqlalchemy as sa

from storage.connections import LOCK_TIMEOUT, Engine, Values
from storage.prepared import prepared
from storage.raw import RawStatement, raw_write
from storage.raw_sqlite import SqliteWriter


class Writer(Protocol):
    """Writes by some kinds of change, each of which is one or more statements."""

    async def write(self, changes: Sequence[tuple[str, Values]]) -> None:
        """Makes these changes, each named with its values, in this order.

        Each is made as a whole. Raises `StorageUnavailable`.
        """
        ...


def make_writer(engine: Engine, kinds: Mapping[str, Sequence[Any]]) -> Writer:
    """A writer whose `kinds` have these statements. None may rely on one before it in its kind."""
    if engine.dialect.name == "sqlite":
        return _BySqlite(engine, kinds)
    return _ByPostgres(engine, kinds)


class _ByPostgres:
    def __init__(self, engine: Engine, kinds: Mapping[str, Sequence[Any]]) -> None:
        self._kinds: dict[str, RawStatement] = {}
        for kind, statements in kinds.items():
            together = (each.cte(f"change_{number}") for number, each in enumerate(statements))
            whole: sa.Select[Any] = sa.select(sa.literal_column("1")).add_cte(*together)
            self._kinds[kind] = raw_write(engine, whole)

    async def write(self, changes: Sequence[tuple[str, Values]]) -> None:
        for kind, values in changes:
            await self._kinds[kind].rows(values)


class _BySqlite:
    """Waits for its turn while another process or a unit of work is writing."""

    def __init__(self, engine: Engine, kinds: Mapping[str, Sequence[Any]]) -> None:
        self._own = SqliteWriter(engine)
        self._kinds = kinds

    async def write(self, changes: Sequence[tuple[str, Values]]) -> None:
        async with self._own.transaction(LOCK_TIMEOUT) as connection:
            for kind, values in changes:
                for statement in self._kinds[kind]:
                    prepared(statement).run(connection, values)
