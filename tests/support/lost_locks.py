"""Taking life locks away from processes that live, as a restart of PostgreSQL does."""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

_END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
_OTHERS = " AND pid <> pg_backend_pid()"
_HOLDERS = " AND pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')"


async def take_locks_away(engine: AsyncEngine) -> None:
    """Ends the sessions that have one; removes their files."""
    if engine.dialect.name == "sqlite":
        for file in Path(str(engine.url.database)).parent.glob("*.alive"):
            file.unlink()
        return
    async with engine.connect() as connection:
        await connection.execute(sa.text(_END + _OTHERS + _HOLDERS))


async def cut_sessions(engine: AsyncEngine, share: float = 1.0) -> None:
    """PostgreSQL: everybody's, as when it is restarted, or only this share of them."""
    async with engine.connect() as connection:
        await connection.execute(
            sa.text(f"{_END}{_OTHERS} AND random() < :share"), {"share": share}
        )
