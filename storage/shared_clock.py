"""The database's time, which all machines share: deadlines must mean the same to all of them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.engine import reading
from storage.transaction import translated

# Seconds since 1970, by the clock of the database's machine. SQLite has no other than ours.
POSTGRES_NOW = "extract(epoch FROM clock_timestamp())::float8"
SQLITE_NOW = "((julianday('now') - 2440587.5) * 86400.0)"


def epoch(engine: AsyncEngine) -> str:
    """The database's time as SQL."""
    return SQLITE_NOW if engine.dialect.name == "sqlite" else POSTGRES_NOW


def _local() -> datetime:
    return datetime.now(UTC)


class SharedClock:
    """Real time as the database has it; corrected whenever the database was heard.

    `local` is the clock of this machine.
    """

    def __init__(self, local: Callable[[], datetime] = _local) -> None:
        self._local = local
        self._ahead = timedelta()

    def now(self) -> datetime:
        return self._local() + self._ahead

    def heard(self, seconds: float) -> None:
        """What time the database said it was, a moment ago."""
        self._ahead = datetime.fromtimestamp(seconds, UTC) - self._local()

    async def ask(self, engine: AsyncEngine) -> None:
        """Raises `StorageUnavailable`."""
        with translated():
            async with reading(engine).connect() as connection:
                said = await connection.scalar(sa.text(f"SELECT {epoch(engine)}"))
        self.heard(float(said or 0.0))
