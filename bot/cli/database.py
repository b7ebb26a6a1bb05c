"""The database before anything runs on it: migrate, or say that somebody has to."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import structlog
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from flows.errors import StorageUnavailable
from storage.cipher import Cipher
from storage.engine import close_engine, make_engine
from storage.rotation import reseal
from storage.schema import is_current, upgrade

LOCKED_TRIES = 4  # each waits for `storage.engine.LOCK_TIMEOUT`

_log = structlog.get_logger(__name__)


class DatabaseOutdated(Exception):
    """The schema is older than this program."""

    def __init__(self) -> None:
        super().__init__(f"The database has an older schema: {REMEDY}")


REMEDY = "bring it to the newest with `python -m bot migrate`."


@asynccontextmanager
async def opened(database_url: str) -> AsyncIterator[AsyncEngine]:
    """An engine for as long as it is needed."""
    engine = make_engine(database_url)
    try:
        yield engine
    finally:
        await close_engine(engine)


async def bring_up_to_date(engine: AsyncEngine) -> None:
    """Migrates SQLite; PostgreSQL, which other processes may be using, must be current already.

    Raises `DatabaseOutdated`, `StorageUnavailable`.
    """
    if engine.dialect.name == "sqlite":
        await _upgrade_locked(engine)
    elif not await is_current(engine):
        raise DatabaseOutdated


async def _upgrade_locked(engine: AsyncEngine) -> None:
    """Waits for who has the file locked, and says so. Raises `StorageUnavailable`."""
    if await is_current(engine):
        return  # reading needs no lock
    for tries_left in range(LOCKED_TRIES - 1, -1, -1):
        try:
            await upgrade(engine)
        except StorageUnavailable:
            _log.warning("database_locked")
            if not tries_left:
                raise
        else:
            return


async def make_ready(database_url: str) -> None:
    """`bring_up_to_date` with an engine of its own."""
    async with opened(database_url) as engine:
        await bring_up_to_date(engine)


async def migrate(database_url: str) -> None:
    """Brings any database to the newest schema. Raises `StorageUnavailable`."""
    async with opened(database_url) as engine:
        await upgrade(engine)


async def rotate_keys(database_url: str, keys: Sequence[SecretStr]) -> int:
    """Seals every stored secret anew with the first key; returns how many there are.

    Raises `SealBroken` when none of the keys opens one, `StorageUnavailable`.
    """
    async with opened(database_url) as engine:
        return await reseal(engine, Cipher(keys))
