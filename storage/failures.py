"""What an error of SQLite's driver means: the database is away or damaged, or we are mistaken.

https://docs.python.org/3/library/sqlite3.html#exceptions
"""

import sqlite3

from flows.errors import StorageDamaged, StorageUnavailable


def is_damaged(error: Exception) -> bool:
    """Whether the file is no database, or not whole. Then the driver's error is of no subclass."""
    return type(getattr(error, "orig", error)) is sqlite3.DatabaseError


def unavailable(error: sqlite3.DatabaseError) -> StorageUnavailable:
    """The same as an error of ours. Raises it again if what was asked is our mistake."""
    name = type(error).__name__
    if is_damaged(error):
        return StorageDamaged(name)
    if isinstance(error, sqlite3.OperationalError):
        return StorageUnavailable(name)
    raise error
