"""The database before anything runs on it: migrate it, or say that somebody must."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import structlog
from pydantic import SecretStr

from flows.errors import StorageDamaged, StorageUnavailable
from storage.cipher import Cipher
from storage.connections import Engine
from storage.engine import close_engine, make_engine
from storage.rotation import keys_missing, reseal
from storage.schema import is_current, upgrade

LOCKED_TRIES = 4  # each waits as long as `storage.connections.LOCK_TIMEOUT`

_log = structlog.get_logger(__name__)


class DatabaseOutdated(Exception):
    """The schema is older than this program."""

    def __init__(self) -> None:
        super().__init__(f"The database has an older schema: {REMEDY}")


REMEDY = "bring it to the newest with `python -m bot migrate`."

DAMAGED = "the file is no SQLite database, or it is damaged"
ANOTHER_FILE = "name another file, or restore a backup"


def explained(error: StorageUnavailable, otherwise: str) -> str:
    """One line about a database that cannot be used; `otherwise` if it is just away."""
    if isinstance(error, StorageDamaged):
        return f"DATABASE_URL names no usable database: {DAMAGED}: {ANOTHER_FILE}."
    return otherwise


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
        except StorageDamaged:
            raise
        except StorageUnavailable:
            _log.warning("database_locked")
            if not tries_left:
                raise
        else:
            return


async def make_ready(database_url: str) -> None:
    """Runs `bring_up_to_date` with its own engine."""
    async with opened(database_url) as engine:
        await bring_up_to_date(engine)


async def migrate(database_url: str) -> None:
    """Brings a database of either kind to the newest schema. Raises `StorageUnavailable`."""
    async with opened(database_url) as engine:
        if engine.dialect.name == "sqlite":
            await _upgrade_locked(engine)
        else:
            await upgrade(engine)


async def rotate_keys(
    database_url: str, keys: Sequence[SecretStr]
) -> tuple[int, Mapping[str, int]]:
    """Seals with the first key what others sealed, in batches, while the bot runs.

    Returns how many secrets, and how many no key opens, by the id of their key. Raises
    `StorageUnavailable`.
    """
    cipher = Cipher(keys)
    async with opened(database_url) as engine:
        sealed = sum([count async for count in reseal(engine, cipher)])
        return sealed, await keys_missing(engine, cipher)


def told(missing: Mapping[str, int]) -> str:
    """Names keys that are missing. Secrets from before keys had ids name none."""
    return ", ".join(
        f"{key or 'one without an id'} ({count} secret{'s' * (count > 1)})"
        for key, count in sorted(missing.items())
    )
