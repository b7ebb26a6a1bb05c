"""The one rule for a row that this version cannot read: docs/adr/0019-rows-that-cannot-be-read.md.

Whoever reads a row does it inside `Reading`, which logs it. Whoever asked decides what to do
without it.
"""

from collections.abc import Callable, Iterable
from types import TracebackType
from typing import TypeVar

import sqlalchemy as sa
import structlog

from flows.errors import RowUnreadable

R = TypeVar("R")
T = TypeVar("T")

# What a damaged text, an unknown name or a missing field does to its reader.
_DAMAGE = (ValueError, KeyError, TypeError, AttributeError)

_log = structlog.get_logger(__name__)


class Reading:
    """A block that reads one row. If it cannot, the log has its ids, and `RowUnreadable` is raised.

    With the frames, but never the text: so a mistake of our own is seen as well.
    """

    __slots__ = ("_ids", "_table")

    def __init__(self, table: sa.Table, **ids: str | int) -> None:
        self._table = table
        self._ids = ids

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, _DAMAGE):
            table = self._table.name
            _log.error("row_unreadable", table=table, **self._ids, exc_info=error)
            raise RowUnreadable(table) from error


def readable(rows: Iterable[R], read: Callable[[R], T]) -> list[T]:
    """What can be read of these rows. The others are left out; `read` has logged them."""
    found = []
    for row in rows:
        try:
            found.append(read(row))
        except RowUnreadable:
            continue
    return found
