"""The schema's version: asks which one the database has, and brings it to the newest.

Alembic is imported only to migrate, because importing it takes as long as most commands run.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from storage.connections import Engine
from storage.engine import reading, translated

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
LONGEST_STEP = 600  # seconds for one statement of a migration
LONGEST_LOCK = 60.0  # seconds that it waits for a table that another transaction has locked
MIGRATION_LOCK = 0x5E67  # PostgreSQL: two processes that start together take turns


async def upgrade(engine: Engine, revision: str = "head") -> None:
    """Brings the database to `revision` in one transaction. Waits for another process doing so.

    Raises `StorageUnavailable`.
    """
    with translated(engine):
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade, revision)


async def downgrade(engine: Engine, revision: str = "base") -> None:
    """Goes back to `revision`. What later revisions stored is lost."""
    with translated(engine):
        async with engine.begin() as connection:
            await connection.run_sync(_downgrade, revision)


async def current_and_head(engine: Engine) -> tuple[str | None, str]:
    """The database's revision (None: it has no tables yet), and the newest one."""
    with translated(engine):
        async with reading(engine).connect() as connection:
            current = await connection.run_sync(_current)
    return current, _head()


async def is_current(engine: Engine) -> bool:
    """Whether this program can work with the database's schema.

    A newer schema is fine: while a new version is rolled out, the old one continues.
    """
    current, head = await current_and_head(engine)
    return current == head or _is_newer(current)


def _upgrade(connection: sa.Connection, revision: str) -> None:
    _lock(connection)
    current = _current(connection)
    if _is_newer(current) or (current == _head() and revision == "head"):
        return
    from alembic import command

    command.upgrade(_config(connection), revision)


def _downgrade(connection: sa.Connection, revision: str) -> None:
    from alembic import command

    _lock(connection)
    command.downgrade(_config(connection), revision)


def _lock(connection: sa.Connection) -> None:
    """On SQLite, BEGIN IMMEDIATE has already locked the file."""
    if connection.dialect.name == "postgresql":
        driver: Any = connection.connection.driver_connection
        driver.patience = LONGEST_STEP + 5.0
        connection.execute(sa.text(f"SET LOCAL statement_timeout = '{LONGEST_STEP}s'"))
        connection.execute(sa.text(f"SET LOCAL lock_timeout = '{LONGEST_LOCK}s'"))
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))


def _current(connection: sa.Connection) -> str | None:
    """As Alembic stores it."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(
        sa.text("SELECT version_num FROM alembic_version")
    ).scalar()
    return found


def _head() -> str:
    if not _known():
        raise RuntimeError("the program was installed without its migrations")
    return max(_known())


def _is_newer(revision: str | None) -> bool:
    """A program that made a revision unknown to us knows all of ours."""
    return revision is not None and revision not in _known()


@cache
def _known() -> frozenset[str]:
    # The files do not change while the program runs, and readiness asks often.
    files = (MIGRATIONS / "versions").glob("[0-9]*_*.py")
    return frozenset(file.name.partition("_")[0] for file in files)


def _config(connection: sa.Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
