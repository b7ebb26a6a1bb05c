"""Ends the sessions of living processes, as a restart of PostgreSQL does."""

import sqlalchemy as sa

from storage.connections import Engine

_END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
_OTHERS = " AND pid <> pg_backend_pid()"


async def cut_sessions(engine: Engine, share: float = 1.0) -> None:
    """On PostgreSQL, ends all sessions, as a restart does, or only this share of them."""
    async with engine.connect() as connection:
        await connection.execute(
            sa.text(f"{_END}{_OTHERS} AND random() < :share"), {"share": share}
        )
