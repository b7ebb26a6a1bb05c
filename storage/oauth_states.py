"""States of OAuth installs: sealed, so that a visitor writes no row. Each works once."""

import hashlib
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from pydantic import SecretStr

from flows.ports import Clock
from storage.cipher import Cipher, SealBroken
from storage.connections import Engine
from storage.engine import translated
from storage.tables import oauth_states
from storage.transaction import insert

STATE_LIFETIME = timedelta(minutes=10)
STATES_SEAL = "oauth_states"


class SqlOAuthStates:
    """Implements `flows.ports.OAuthStates`. `clock` is real time, as an install takes minutes."""

    def __init__(self, engine: Engine, cipher: Cipher, clock: Clock) -> None:
        self._engine = engine
        self._cipher = cipher
        self._clock = clock

    def issue(self, carried: str = "") -> str:
        expires_at = self._clock.now() + STATE_LIFETIME
        text = f"{expires_at.isoformat()} {secrets.token_urlsafe(16)} {carried}"
        return self._cipher.seal(STATES_SEAL, SecretStr(text))

    async def consume(self, state: str) -> str | None:
        """Remembers a state until it would expire anyway. Removes those that have expired."""
        try:
            opened = self._cipher.open(STATES_SEAL, state).get_secret_value()
        except SealBroken:
            return None
        until, _, rest = opened.partition(" ")
        expires_at, now = datetime.fromisoformat(until), self._clock.now()
        if expires_at <= now:
            return None
        expired = sa.delete(oauth_states).where(oauth_states.c.expires_at <= now)
        with translated(self._engine):
            async with self._engine.begin() as connection:
                await connection.execute(expired)
                digest = (oauth_states.c.digest,)
                used = insert(connection.dialect.name, oauth_states, returning=digest)
                values = {"digest": _digest(state), "expires_at": expires_at}
                found = await connection.execute(used, values)
                is_first = found.scalar_one_or_none() is not None
        return rest.partition(" ")[2] if is_first else None


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
