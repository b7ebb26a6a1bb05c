"""Ending the sessions of processes that live, as a restart of PostgreSQL does."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

_END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
_OTHERS = " AND pid <> pg_backend_pid()"


async def cut_sessions(engine: AsyncEngine, share: float = 1.0) -> None:
    """PostgreSQL: everybody's, as when it is restarted, or only this share of them."""
    async with engine.connect() as connection:
        await connection.execute(
            sa.text(f"{_END}{_OTHERS} AND random() < :share"), {"share": share}
        )
