"""Locks that a process holds while it lives: whoever can take another's knows that it is dead."""

import asyncio
import fcntl
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.transaction import translated


class LifeLocks:
    """On PostgreSQL an advisory lock of a session, on SQLite a locked file beside the database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @asynccontextmanager
    async def taken(self, name: str) -> AsyncIterator[bool]:
        """Whether the lock could be had; it is given back at the end of the block.

        Raises `StorageUnavailable`.
        """
        if self._engine.dialect.name == "sqlite":
            async with self._taken_file(name) as taken:
                yield taken
        else:
            async with self._taken_row(name) as taken:
                yield taken

    @asynccontextmanager
    async def _taken_row(self, name: str) -> AsyncIterator[bool]:
        number = sa.literal(_number(name), sa.BigInteger)
        with translated():
            # Without a transaction: one that is idle for long would be ended by the server.
            engine = self._engine.execution_options(isolation_level="AUTOCOMMIT")
            connection = await engine.connect()
        try:
            with translated():
                taken = await connection.scalar(sa.select(sa.func.pg_try_advisory_lock(number)))
            yield bool(taken)
        finally:
            # The session ends with its lock: a pool would keep both.
            with translated():
                await connection.invalidate()
                await connection.close()

    @asynccontextmanager
    async def _taken_file(self, name: str) -> AsyncIterator[bool]:
        database = Path(str(self._engine.url.database))
        path = database.with_name(f"{database.name}-{name}.alive")
        with await asyncio.to_thread(path.open, "w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                yield False
                return
            try:
                yield True
            finally:
                path.unlink(missing_ok=True)


def _number(name: str) -> int:
    """PostgreSQL names advisory locks by 64-bit numbers."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
