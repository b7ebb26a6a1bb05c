"""What an error of the database means: it is away, it is damaged, or what was asked is a mistake.

https://docs.python.org/3/library/sqlite3.html#exceptions
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from flows.errors import FlowError, NotFound, StorageDamaged, StorageUnavailable

POSTGRES_FOREIGN_KEY_VIOLATION = "23503"

_AWAY = (
    sa.exc.OperationalError,
    sa.exc.InterfaceError,
    sa.exc.TimeoutError,
    sqlite3.OperationalError,
)
_REFUSED = (sa.exc.IntegrityError, sqlite3.IntegrityError)


@contextmanager
def translated() -> Iterator[None]:
    """Raises errors of the database as ours."""
    try:
        yield
    except (*_AWAY, sa.exc.DBAPIError, sqlite3.DatabaseError) as error:
        raise as_ours(error) from error


def as_ours(error: Exception) -> FlowError:
    """`StorageUnavailable` if the database is away or stays locked, `StorageDamaged` if its file is
    no database, `NotFound` for a row of an integration that this tenant does not have.

    Anything else that the database refuses is our mistake, and is raised again.
    """
    if is_damaged(error):
        return StorageDamaged(_summary(error))
    if isinstance(error, _AWAY) or getattr(error, "connection_invalidated", False):
        return StorageUnavailable(_summary(error))
    if isinstance(error, _REFUSED) and _is_foreign_key(error):
        return NotFound("no such integration in this tenant")
    raise error


def is_damaged(error: Exception) -> bool:
    """Whether the file is no database, or not whole. Then the driver's error is of no subclass."""
    return type(getattr(error, "orig", error)) is sqlite3.DatabaseError


def _summary(error: Exception) -> str:
    """Only the kind of failure, because SQLAlchemy's text holds the statement and its values."""
    cause = getattr(error, "orig", None)
    return type(cause or error).__name__


def _is_foreign_key(error: Exception) -> bool:
    cause = getattr(error, "orig", error)
    state = getattr(cause, "sqlstate", None)
    return state == POSTGRES_FOREIGN_KEY_VIOLATION or "FOREIGN KEY" in str(cause)
