"""What is due over all tenants, for the tick."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from flows.outbox.jobs import Due
from flows.outbox.messages import CSM_CONVERSATIONS, MessageState
from flows.toplyne.model import DeliveryState
from storage import tables
from storage.engine import reading
from storage.transaction import translated

DIGEST = "digest"
NEVER_PLANNED = datetime.fromtimestamp(0, UTC)


class SqlAgenda:
    """Fills `flows.ports.Agenda`.

    A look that is planned beyond `farthest_poll` from now was planned by a clock that has been put
    back since: it is due at once.
    """

    def __init__(self, engine: AsyncEngine, farthest_poll: timedelta) -> None:
        self._engine = reading(engine)
        self._farthest_poll = farthest_poll

    async def polls(self, now: datetime, limit: int) -> Sequence[Due]:
        t = tables.overview
        statement = (
            sa.select(t.c.tenant_id, t.c.integration_id, t.c.next_poll_at)
            .where(sa.or_(t.c.next_poll_at <= now, t.c.next_poll_at > now + self._farthest_poll))
            .order_by(t.c.next_poll_at)
            .limit(limit)
        )
        return await self._due(statement)

    async def conversations(self, now: datetime, limit: int, *, csm: bool = True) -> Sequence[Due]:
        t, earlier = tables.outbox, tables.outbox.alias("earlier")
        has_earlier = sa.exists().where(
            earlier.c.tenant_id == t.c.tenant_id,
            earlier.c.conversation == t.c.conversation,
            earlier.c.state == MessageState.PENDING,
            earlier.c.sequence < t.c.sequence,
        )
        statement = (
            sa.select(t.c.tenant_id, t.c.conversation, t.c.due_at)
            .where(t.c.state == MessageState.PENDING, t.c.due_at <= now, ~has_earlier)
            .order_by(t.c.due_at, t.c.sequence)
            .limit(limit)
        )
        if not csm:
            statement = statement.where(t.c.conversation.not_like(f"{CSM_CONVERSATIONS}%"))
        return await self._due(statement)

    async def reminders(self, now: datetime, limit: int) -> Sequence[Due]:
        t, installed = tables.overview, tables.installations
        statement = (
            sa.select(t.c.tenant_id, t.c.integration_id, t.c.next_reminder_at)
            .join(installed, installed.c.tenant_id == t.c.tenant_id)
            .where(t.c.next_reminder_at <= now, installed.c.revoked_at.is_(None))
            .order_by(t.c.next_reminder_at)
            .limit(limit)
        )
        return await self._due(statement)

    async def digest(self, tenant_id: str, now: datetime) -> Due | None:
        t = tables.digests
        statement = sa.select(t.c.next_at).where(t.c.tenant_id == tenant_id)
        with translated():
            async with self._engine.connect() as connection:
                planned = (await connection.execute(statement)).scalar_one_or_none()
        if planned and planned > now:
            return None
        return Due(tenant_id, DIGEST, planned or NEVER_PLANNED)

    async def calls(self, now: datetime, limit: int) -> Sequence[Due]:
        t = tables.overview
        statement = (
            sa.select(t.c.tenant_id, t.c.integration_id, t.c.next_call_at)
            .where(t.c.next_call_at <= now)
            .order_by(t.c.next_call_at)
            .limit(limit)
        )
        return await self._due(statement)

    async def everybody(self, after: Due | None, limit: int) -> Sequence[Due]:
        t = tables.integrations
        statement = (
            sa.select(t.c.tenant_id, t.c.id, t.c.created_at)
            .order_by(t.c.tenant_id, t.c.id)
            .limit(limit)
        )
        if after:
            key = sa.tuple_(t.c.tenant_id, t.c.id)
            statement = statement.where(key > sa.tuple_(after.tenant_id, after.subject))
        return await self._due(statement)

    async def checks(self, now: datetime, limit: int) -> Sequence[Due]:
        t = tables.pending_checks
        statement = (
            sa.select(t.c.tenant_id, t.c.id, t.c.expires_at)
            .where(t.c.expires_at <= now)
            .order_by(t.c.expires_at)
            .limit(limit)
        )
        return await self._due(statement)

    async def deliveries(self, now: datetime, limit: int) -> Sequence[Due]:
        t = tables.deliveries
        statement = (
            sa.select(t.c.tenant_id, t.c.id, t.c.due_at)
            .where(t.c.state == DeliveryState.PENDING, t.c.due_at <= now)
            .order_by(t.c.due_at)
            .limit(limit)
        )
        return await self._due(statement)

    async def _due(self, statement: sa.Select[Any]) -> Sequence[Due]:
        with translated():
            async with self._engine.connect() as connection:
                return [Due(*row) for row in await connection.execute(statement)]
