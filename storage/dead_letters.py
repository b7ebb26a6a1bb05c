"""Messages that were given up, over all tenants: for whoever runs the bot."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from flows.outbox.messages import MessageKind, MessageState, StoredMessage
from storage import tables
from storage.engine import reading
from storage.repositories.messages import stored_message
from storage.transaction import translated


class SqlDeadLetters:
    """Every call raises `StorageUnavailable` when the database is away."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._writer = engine
        self._reader = reading(engine)

    async def letters(self, limit: int) -> Sequence[StoredMessage]:
        """Newest first."""
        t = tables.outbox
        dead = sa.select(t).where(t.c.state == MessageState.DEAD)
        return await self._read(dead.order_by(t.c.sequence.desc()).limit(limit))

    async def find(self, sequence: int) -> StoredMessage | None:
        t = tables.outbox
        dead = (t.c.sequence == sequence, t.c.state == MessageState.DEAD)
        found = await self._read(sa.select(t).where(*dead))
        return found[0] if found else None

    async def revive(self, sequence: int) -> bool:
        """Due at once, with a new span of patience; the tick of a worker finds it.

        What is in doubt stays so: Slack is asked before it is posted again.
        """
        t, now = tables.outbox, datetime.now(UTC)
        dead = (t.c.sequence == sequence, t.c.state == MessageState.DEAD)
        values = {"state": MessageState.PENDING, "due_at": now, "created_at": now}
        with translated():
            async with self._writer.begin() as connection:
                result = await connection.execute(sa.update(t).where(*dead).values(**values))
        return result.rowcount == 1

    async def counts(self) -> Mapping[tuple[MessageKind, MessageState], int]:
        """Messages that wait and those that were given up."""
        t = tables.outbox
        states = (MessageState.PENDING, MessageState.DEAD)
        statement = (
            sa.select(t.c.kind, t.c.state, sa.func.count())
            .where(t.c.state.in_(states))
            .group_by(t.c.kind, t.c.state)
        )
        with translated():
            async with self._reader.connect() as connection:
                rows = await connection.execute(statement)
                return {(MessageKind(kind), MessageState(state)): n for kind, state, n in rows}

    async def _read(self, statement: sa.Select[Any]) -> Sequence[StoredMessage]:
        with translated():
            async with self._reader.connect() as connection:
                return [stored_message(row) for row in await connection.execute(statement)]
