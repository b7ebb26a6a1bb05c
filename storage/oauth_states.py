"""States of OAuth installs. Only their hash is stored, and each works once."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.engine import translated
from storage.tables import oauth_states

LIFETIME = timedelta(minutes=10)


def _real_time() -> datetime:
    return datetime.now(UTC)


class SqlOAuthStates:
    """Implements `flows.ports.OAuthStates`. `now` is real time, as an install takes minutes."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], datetime] = _real_time) -> None:
        self._engine = engine
        self._now = now

    async def issue(self) -> str:
        """Also removes expired states, so an unfinished install leaves nothing behind."""
        state, now = secrets.token_urlsafe(32), self._now()
        with translated():
            async with self._engine.begin() as connection:
                expired = oauth_states.c.expires_at <= now
                await connection.execute(sa.delete(oauth_states).where(expired))
                row = {"digest": _digest(state), "expires_at": now + LIFETIME}
                await connection.execute(sa.insert(oauth_states).values(**row))
        return state

    async def consume(self, state: str) -> bool:
        statement = (
            sa.delete(oauth_states)
            .where(
                oauth_states.c.digest == _digest(state),
                oauth_states.c.expires_at > self._now(),
            )
            .returning(oauth_states.c.digest)
        )
        with translated():
            async with self._engine.begin() as connection:
                return (await connection.execute(statement)).scalar_one_or_none() is not None


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
