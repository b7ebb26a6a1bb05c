"""The database before anything runs on it: migrate it, or say that somebody must."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import NamedTuple

import structlog
from pydantic import SecretStr

from flows.errors import StorageUnavailable, Trouble
from storage.cipher import Cipher
from storage.connections import Engine
from storage.engine import close_engine, make_engine, missing_file
from storage.rotation import invited_until, keys_missing, reseal
from storage.schema import is_current, upgrade
from storage.usable import require_usable

LOCKED_TRIES = 4  # each waits as long as `storage.connections.LOCK_TIMEOUT`

_log = structlog.get_logger(__name__)


class DatabaseOutdated(Exception):
    """The schema is older than this program."""

    def __init__(self) -> None:
        super().__init__(f"The database has an older schema: {REMEDY}")


REMEDY = "bring it to the newest with `python -m bot migrate`."

# Each trouble as the end of a sentence about the database, and what to do.
TROUBLES: Mapping[Trouble, tuple[str, str]] = {
    Trouble.AWAY: ("cannot be reached", "is DATABASE_URL right, and is a connection left there?"),
    Trouble.BUSY: (
        "has no connection left for us",
        "raise max_connections or the role's CONNECTION LIMIT, start fewer processes, or put a "
        "pooler in between",
    ),
    Trouble.MISSING: (
        "is not there",
        "is DATABASE_URL right? `serve`, `worker` and `migrate` make a file",
    ),
    Trouble.LOCKED: ("is locked by another process or transaction", "try again once it is done"),
    Trouble.REFUSED: (
        "refuses what its user wants to do",
        "let the role in DATABASE_URL own the PostgreSQL database and its tables, or give it all "
        "rights on schema, tables and sequences; let this user write an SQLite file and its folder",
    ),
    Trouble.FULL: ("has no room left on its disk", "make some"),
    Trouble.READ_ONLY: (
        "can only be read",
        "does DATABASE_URL lead to a standby, or to a disk or file that may not be written?",
    ),
    Trouble.INCOMPLETE: (
        "has other tables than its version says, as after half a restore",
        "restore a backup as a whole",
    ),
    Trouble.DAMAGED: (
        "is no SQLite file, or it is damaged",
        "name another file in DATABASE_URL, or restore a backup",
    ),
    Trouble.ENCODING: (
        "cannot keep every letter",
        "make a PostgreSQL database with ENCODING 'UTF8' TEMPLATE template0",
    ),
}


def explained(error: StorageUnavailable) -> tuple[str, str]:
    """How the database is, and what to do about it: two parts of one line."""
    state, remedy = TROUBLES[error.trouble]
    return f"{state} ({error})" if str(error) else state, remedy


@asynccontextmanager
async def opened(database_url: str) -> AsyncIterator[Engine]:
    """Yields an engine and closes it at the end."""
    engine = make_engine(database_url)
    try:
        yield engine
    finally:
        await close_engine(engine)


async def bring_up_to_date(engine: Engine) -> None:
    """Migrates SQLite. PostgreSQL must be current already, since other processes may be using it.

    Raises `DatabaseOutdated`, `StorageUnavailable`.
    """
    if engine.dialect.name == "sqlite":
        await _upgrade_locked(engine)
    elif not await is_current(engine):
        raise DatabaseOutdated


async def _upgrade_locked(engine: Engine) -> None:
    """Waits while another process has the file locked, and logs it. Raises `StorageUnavailable`."""
    for tries_left in range(LOCKED_TRIES - 1, -1, -1):
        try:
            if not await is_current(engine):  # looking needs no lock
                await upgrade(engine)
        except StorageUnavailable as error:
            if error.trouble is not Trouble.LOCKED:
                raise
            _log.warning("database_locked")
            if not tries_left:
                raise
        else:
            return


async def make_ready(database_url: str, *, to_run: bool) -> None:
    """Runs `bring_up_to_date` with its own engine. `to_run`: whether a process will work with it.
    For that a new file may be made, and everything in it must be ours to write.
    """
    if not to_run:
        require_there(database_url)
    async with opened(database_url) as engine:
        await bring_up_to_date(engine)
        if to_run:
            await require_usable(engine)


def require_there(database_url: str) -> None:
    """A file that nobody made is a slip in the address. Raises `StorageUnavailable`."""
    if missing := missing_file(database_url):
        raise StorageUnavailable(str(missing), Trouble.MISSING)


async def migrate(database_url: str) -> None:
    """Brings a database of either kind to the newest schema. Raises `StorageUnavailable`."""
    async with opened(database_url) as engine:
        if engine.dialect.name == "sqlite":
            await _upgrade_locked(engine)
        else:
            await upgrade(engine)


class Rotated(NamedTuple):
    """How many secrets the first key has sealed anew, and how many no key opens, by its id. Until
    when links may need the other keys, if there are any.
    """

    sealed: int
    missing: Mapping[str, int]
    invited_until: datetime | None


async def rotate_keys(database_url: str, keys: Sequence[SecretStr]) -> Rotated:
    """Seals with the first key what others sealed, in batches, while the bot runs.

    Raises `StorageUnavailable`.
    """
    cipher = Cipher(keys)
    async with opened(database_url) as engine:
        sealed = sum([count async for count in reseal(engine, cipher)])
        missing = await keys_missing(engine, cipher)
        return Rotated(sealed, missing, await invited_until(engine))


def told(missing: Mapping[str, int]) -> str:
    """Names keys that are missing. Secrets from before keys had ids name none."""
    return ", ".join(
        f"{key or 'one without an id'} ({count} secret{'s' * (count > 1)})"
        for key, count in sorted(missing.items())
    )
