"""The database's time. All machines share it, so a deadline means the same to each of them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.engine import reading
from storage.transaction import translated

# Seconds since 1970, by the clock of the database's machine. For SQLite that is our own machine.
POSTGRES_NOW = "extract(epoch FROM clock_timestamp())::float8"
SQLITE_NOW = "((julianday('now') - 2440587.5) * 86400.0)"


def epoch(engine: AsyncEngine) -> str:
    """The database's time as SQL."""
    return SQLITE_NOW if engine.dialect.name == "sqlite" else POSTGRES_NOW


def _local() -> datetime:
    return datetime.now(UTC)


class SharedClock:
    """Real time by the database's clock, corrected each time the database says what time it is.

    `local` is this machine's clock.
    """

    def __init__(self, local: Callable[[], datetime] = _local) -> None:
        self._local = local
        self._ahead = timedelta()

    def now(self) -> datetime:
        return self._local() + self._ahead

    def heard(self, seconds: float) -> None:
        """Takes the time that the database said a moment ago, in seconds since 1970."""
        self._ahead = datetime.fromtimestamp(seconds, UTC) - self._local()

    async def ask(self, engine: AsyncEngine) -> None:
        """Raises `StorageUnavailable`."""
        with translated():
            async with reading(engine).connect() as connection:
                said = await connection.scalar(sa.text(f"SELECT {epoch(engine)}"))
        self.heard(float(said or 0.0))
