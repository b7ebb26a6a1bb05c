"""Pages of a list: `pagination[count]` and an opaque `pagination[cursor]`."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from playground.segment.errors import invalid

MAX_COUNT = 200
T = TypeVar("T")


def page(items: Sequence[T], query: Mapping[str, str]) -> tuple[Sequence[T], dict[str, Any]]:
    """The requested items and the `pagination` object. Raises `ApiError` 422."""
    count = _count(query)
    start = _offset(query.get("pagination[cursor]"))
    if start > len(items):
        raise invalid("pagination.cursor", "is not a cursor of this list")
    pagination: dict[str, Any] = {"current": _cursor(start), "totalEntries": len(items)}
    if start + count < len(items):
        pagination["next"] = _cursor(start + count)
    if start > 0:
        pagination["previous"] = _cursor(max(0, start - count))
    return items[start : start + count], pagination


def _count(query: Mapping[str, str]) -> int:
    raw = query.get("pagination[count]")
    if raw is None:
        raise invalid("pagination.count", "is required")
    if not (raw.isascii() and raw.isdigit() and len(raw) <= 3 and 1 <= int(raw) <= MAX_COUNT):
        raise invalid("pagination.count", f"must be a number from 1 to {MAX_COUNT}")
    return int(raw)


def _cursor(offset: int) -> str:
    return base64.b64encode(str(offset).encode()).decode()


def _offset(cursor: str | None) -> int:
    if cursor is None:
        return 0
    try:
        text = base64.b64decode(cursor, validate=True).decode("ascii")
    except (binascii.Error, UnicodeError, ValueError) as error:
        raise invalid("pagination.cursor", "is not a cursor") from error
    if not text.isdigit() or len(text) > 9:
        raise invalid("pagination.cursor", "is not a cursor")
    return int(text)
