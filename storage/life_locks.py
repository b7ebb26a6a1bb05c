"""Locks that a process holds while it lives: whoever can take another's knows that it is dead."""

import asyncio
import fcntl
import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import IO, Protocol

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from flows.errors import StorageUnavailable
from storage.transaction import translated

BEAT = 1.0  # seconds between two looks of an owner at its lock
ANSWER_LIMIT = 2.0  # seconds that such a look may take
# A machine without power closes no connection: PostgreSQL notices after about 20 seconds.
_KEEPALIVES = {"tcp_keepalives_idle": 8, "tcp_keepalives_interval": 4, "tcp_keepalives_count": 3}


class Hold(Protocol):
    """A lock that we have."""

    async def lasts(self) -> bool:
        """Whether it is certainly still ours."""


class LifeLocks:
    """On PostgreSQL an advisory lock of a session, on SQLite a locked file beside the database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @property
    def patience(self) -> float:
        """Seconds after which the owner of a lost lock has noticed, if it looks at every `BEAT`.

        PostgreSQL can end the session of a living process; a file's lock ends with its process.
        """
        return 0.0 if self._engine.dialect.name == "sqlite" else BEAT + ANSWER_LIMIT + 1.0

    def taken(self, name: str) -> AbstractAsyncContextManager[Hold | None]:
        """The lock, None if somebody has it; it is given back at the end of the block.

        Raises `StorageUnavailable`.
        """
        if self._engine.dialect.name == "sqlite":
            return self._taken_file(name)
        return self._taken_row(name)

    @asynccontextmanager
    async def _taken_row(self, name: str) -> AsyncIterator[Hold | None]:
        number = sa.literal(_number(name), sa.BigInteger)
        with translated():
            # Without a transaction: one that is idle for long would be ended by the server.
            engine = self._engine.execution_options(isolation_level="AUTOCOMMIT")
            connection = await engine.connect()
        try:
            with translated():
                taken = await connection.scalar(sa.select(sa.func.pg_try_advisory_lock(number)))
                for setting, number_of in _KEEPALIVES.items():
                    await connection.execute(sa.text(f"SET {setting} = {number_of}"))
            yield _Session(connection) if taken else None
        finally:
            # The session ends with its lock: a pool would keep both. It may be gone already.
            with suppress(StorageUnavailable), translated():
                await connection.invalidate()
                await connection.close()

    @asynccontextmanager
    async def _taken_file(self, name: str) -> AsyncIterator[Hold | None]:
        database = Path(str(self._engine.url.database))
        path = database.with_name(f"{database.name}-{name}.alive")
        with await asyncio.to_thread(path.open, "w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                yield None
                return
            try:
                yield _LockedFile(file, path)
            finally:
                path.unlink(missing_ok=True)


class _Session:
    """The lock lasts as long as the session that took it."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def lasts(self) -> bool:
        try:
            with translated():
                async with asyncio.timeout(ANSWER_LIMIT):
                    await self._connection.execute(sa.select(1))
        except (StorageUnavailable, TimeoutError):
            return False
        return True


class _LockedFile:
    """Somebody who removes the file could make and lock another one."""

    def __init__(self, file: IO[str], path: Path) -> None:
        self._file = file
        self._path = path

    async def lasts(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self._file.fileno()), self._path.stat())
        except OSError:
            return False


def _number(name: str) -> int:
    """PostgreSQL names advisory locks by 64-bit numbers."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
