"""What keeps us from the database, by what its drivers say."""

import errno
import re
import sqlite3
from collections.abc import Mapping

import sqlalchemy as sa

from flows.errors import Trouble

_AWAY = (
    sa.exc.OperationalError,
    sa.exc.InterfaceError,
    sa.exc.TimeoutError,
    sqlite3.OperationalError,
)
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_BY_STATE: Mapping[str, Trouble] = {
    "25006": Trouble.READ_ONLY,  # read_only_sql_transaction
    "3F000": Trouble.REFUSED,  # invalid_schema_name: there is none in which this role may create
    "40P01": Trouble.LOCKED,  # deadlock_detected
    "42501": Trouble.REFUSED,  # insufficient_privilege
    "42P01": Trouble.INCOMPLETE,  # undefined_table
    "42P07": Trouble.INCOMPLETE,  # duplicate_table: it lacks its version
    "53100": Trouble.FULL,  # disk_full
    "53300": Trouble.BUSY,  # too_many_connections
    "55P03": Trouble.LOCKED,  # lock_not_available
}
# By the lowest byte of a code, which says what kind it is: https://sqlite.org/rescode.html
_BY_CODE: Mapping[int, Trouble] = {
    sqlite3.SQLITE_BUSY: Trouble.LOCKED,
    sqlite3.SQLITE_PROTOCOL: Trouble.LOCKED,  # others lock faster than we
    sqlite3.SQLITE_PERM: Trouble.REFUSED,
    sqlite3.SQLITE_CANTOPEN: Trouble.REFUSED,
    sqlite3.SQLITE_FULL: Trouble.FULL,
    sqlite3.SQLITE_READONLY: Trouble.READ_ONLY,
}
# While connecting, the driver tells no state: PostgreSQL's texts, then PgBouncer's.
_NO_CONNECTION = re.compile(
    r"too many (connections|clients)|remaining connection slots|no more connections allowed"
)
_ODD_TABLES = re.compile(r"no such table: |(table|index) \S+ already exists")  # without a code
_BY_NUMBER: Mapping[int | None, Trouble] = {
    errno.EACCES: Trouble.REFUSED,
    errno.EPERM: Trouble.REFUSED,
    errno.EROFS: Trouble.READ_ONLY,
    errno.ENOSPC: Trouble.FULL,
    errno.EDQUOT: Trouble.FULL,
}


def trouble_of(error: Exception) -> Trouble | None:
    """None for what the database refuses for another reason, such as a mistake of ours."""
    cause = getattr(error, "orig", error)
    if is_damaged(error):
        return Trouble.DAMAGED
    known = _BY_STATE.get(getattr(cause, "sqlstate", None) or "")
    known = known or _BY_CODE.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)
    if known:
        return known
    if isinstance(error, sa.exc.TimeoutError) or _NO_CONNECTION.search(str(cause)):
        return Trouble.BUSY
    if isinstance(cause, sqlite3.OperationalError) and _ODD_TABLES.match(str(cause)):
        return Trouble.INCOMPLETE
    is_away = isinstance(error, _AWAY) or getattr(error, "connection_invalidated", False)
    return Trouble.AWAY if is_away else None


def trouble_of_file(error: OSError) -> Trouble:
    """What keeps us from making the database's file."""
    return _BY_NUMBER.get(error.errno, Trouble.AWAY)


def is_damaged(error: Exception) -> bool:
    """Whether the file is no database, or not whole. Then the driver's error is of no subclass:
    https://docs.python.org/3/library/sqlite3.html#exceptions
    """
    return type(getattr(error, "orig", error)) is sqlite3.DatabaseError


def told_by(error: Exception) -> str:
    """Only the kind of failure, because SQLAlchemy's text holds the statement and its values."""
    cause = getattr(error, "orig", None) or error
    return str(getattr(cause, "sqlite_errorname", "")) or type(cause).__name__
