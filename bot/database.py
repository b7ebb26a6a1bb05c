"""The database before anything runs on it: migrate, or say that somebody has to."""

from storage.engine import make_engine
from storage.schema import is_current, upgrade

OUTDATED = "the database has an older schema: bring it to the newest with `python -m bot migrate`"


class DatabaseOutdated(Exception):
    """The schema is older than this program; the message is one line that says what to do."""


async def migrate(database_url: str) -> None:
    """Brings the database to the newest schema. Raises `StorageUnavailable`."""
    engine = make_engine(database_url)
    try:
        await upgrade(engine)
    finally:
        await engine.dispose()


async def make_ready(database_url: str) -> None:
    """Migrates SQLite; PostgreSQL, which other processes may be using, must be current already.

    Raises `DatabaseOutdated`, `StorageUnavailable`.
    """
    engine = make_engine(database_url)
    try:
        if await is_current(engine):
            return
        if engine.dialect.name != "sqlite":
            raise DatabaseOutdated(OUTDATED)
        await upgrade(engine)
    finally:
        await engine.dispose()
