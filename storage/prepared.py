"""Statements for SQLite's own driver. SQLAlchemy makes their texts and converts what goes in and
out, once for each: what is prepared stays, so statements are constants, or shapes that are kept.
"""

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import CursorResult, IteratorResult
from sqlalchemy.engine.result import SimpleResultMetaData

from storage.connections import Connection, Row, Values
from storage.dialects import sqlite

Convert = Callable[[Any], Any]

MOST_PREPARED = 500  # twice as many as there are constants
_SQLITE: sa.Dialect = sqlite.dialect(paramstyle="named")
_EXPANDED = "[POSTCOMPILE_"  # stands for a list of values, so the text differs from call to call


class Rows(IteratorResult[Any]):
    """Rows that are read already, with what SQLAlchemy's own results offer."""

    def __init__(self, names: SimpleResultMetaData, rows: Sequence[Row], rowcount: int) -> None:
        super().__init__(names, iter(rows))
        self.rowcount = rowcount


class Prepared:
    """A statement's text, and the conversions of its values and of the rows that it returns."""

    def __init__(self, statement: Any, columns: Sequence[str] | None) -> None:
        compiled: Any = statement.compile(dialect=_SQLITE, column_keys=columns)
        self.text, self.constants = str(compiled), compiled.params
        self.is_whole = _EXPANDED not in self.text
        needed = {name for bind, name in compiled.bind_names.items() if bind.required}
        if columns is not None and not needed <= set(columns):
            raise TypeError(f"without values: {sorted(needed - set(columns))}")
        binds = {name: b.type.dialect_impl(_SQLITE) for b, name in compiled.bind_names.items()}
        into = ((name, type_.bind_processor(_SQLITE)) for name, type_ in binds.items())
        self._into = [(name, convert) for name, convert in into if convert]
        returned = list(getattr(statement, "exported_columns", ()))
        self._names = SimpleResultMetaData([column.key for column in returned])
        types = [column.type.dialect_impl(_SQLITE) for column in returned]
        out = [of.result_processor(_SQLITE, None) for of in types]
        self._out = [(place, convert) for place, convert in enumerate(out) if convert]

    def run(self, connection: sqlite3.Connection, values: Values) -> Sequence[Row]:
        """The rows as SQLite returns them."""
        return connection.execute(self.text, self.given(values)).fetchall()

    def execute(
        self, connection: sqlite3.Connection, values: Values | Sequence[Values] | None
    ) -> Rows:
        """Runs the statement, and returns rows as SQLAlchemy would."""
        if isinstance(values, Sequence):
            cursor = connection.executemany(self.text, map(self.given, values))
            return Rows(self._names, (), cursor.rowcount)
        cursor = connection.execute(self.text, self.given(values or {}))
        rows: Sequence[Row] = cursor.fetchall()
        if self._out and rows:
            rows = [self._converted(row) for row in rows]
        return Rows(self._names, rows, cursor.rowcount)

    def given(self, values: Values) -> dict[str, Any]:
        given = {**self.constants, **values}
        for name, convert in self._into:
            given[name] = convert(given[name])
        return given

    def _converted(self, row: Row) -> Row:
        made = list(row)
        for place, convert in self._out:
            made[place] = convert(made[place])
        return tuple(made)


@lru_cache(MOST_PREPARED)
def prepared(statement: Any, columns: Sequence[str] | None = None) -> Prepared:
    """`columns` names the parameters, and the columns that an INSERT or UPDATE sets."""
    return Prepared(statement, columns)


async def run(
    connection: Connection, statement: sa.Executable, values: Any = None
) -> CursorResult[*tuple[Any, ...]]:
    """Executes a statement that is a constant: on SQLite by its own driver."""
    execute: Callable[..., Awaitable[CursorResult[*tuple[Any, ...]]]] = getattr(
        connection, "run", connection.execute
    )
    return await execute(statement, values)
