"""The statements that reach a database, whichever way they go."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from sqlalchemy import event

from storage.connections import Engine
from storage.prepared import Prepared
from storage.sqlite import BEGIN_WRITING, SqliteConnection

# Takes the text, and the values or a list of values.
Note = Callable[[str, Any], None]


@contextmanager
def heard(engine: Engine, note: Note) -> Iterator[None]:
    """Those of units of work and of whatever else uses connections; not those of `storage.raw`
    and `storage.writing`, which are raw from the beginning.
    """
    execute, begin = Prepared.execute, SqliteConnection._begin

    def by_sqlalchemy(_c: Any, _cursor: Any, text: str, values: Any, *_rest: Any) -> None:
        note(text, values)

    def by_driver(prepared: Prepared, connection: Any, values: Any) -> Any:
        note(prepared.text, _given(prepared, values))
        return execute(prepared, connection, values)

    async def beginning(connection: SqliteConnection) -> sqlite3.Connection:
        if not connection._driver.in_transaction:
            note(BEGIN_WRITING if connection._writes else "BEGIN", None)
        return await begin(connection)

    event.listen(engine.sync_engine, "before_cursor_execute", by_sqlalchemy)
    try:
        with (
            patch.object(Prepared, "execute", by_driver),
            patch.object(SqliteConnection, "_begin", beginning),
        ):
            yield
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", by_sqlalchemy)


def _given(prepared: Prepared, values: Mapping[str, Any] | Sequence[Any] | None) -> Any:
    if isinstance(values, Sequence):
        return [prepared.given(each) for each in values]
    return prepared.given(values or {})
