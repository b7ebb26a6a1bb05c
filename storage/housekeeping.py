"""Removes old rows that have served their purpose, over all tenants, a bounded number at a time."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from flows.outbox.messages import MessageState
from flows.toplyne.model import SECRETS, DeliveryState
from storage import tables
from storage.engine import translated

BATCH = 500


class SqlHousekeeping:
    """Each call is one short transaction and returns how many rows it removed."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def remove_sent(self, before: datetime) -> int:
        return await self._remove_messages(MessageState.SENT, before)

    async def remove_dead(self, before: datetime) -> int:
        """Messages that were given up so long ago that nobody will retry them."""
        return await self._remove_messages(MessageState.DEAD, before)

    async def _remove_messages(self, state: MessageState, before: datetime) -> int:
        t = tables.outbox
        old = sa.select(t.c.sequence).where(t.c.state == state, t.c.due_at < before).limit(BATCH)
        return await self._remove(sa.delete(t).where(t.c.sequence.in_(old)))

    async def remove_deliveries(self, before: datetime) -> int:
        """Deliveries that ended. A secret's row stays while Toplyne may hold the secret, because
        it decides whether Toplyne must be told of a withdrawal.
        """
        t = tables.deliveries
        over = sa.or_(
            t.c.state == DeliveryState.WITHDRAWN,
            sa.and_(t.c.state != DeliveryState.PENDING, t.c.kind.not_in(SECRETS)),
        )
        key = sa.tuple_(t.c.tenant_id, t.c.id)
        old = sa.select(t.c.tenant_id, t.c.id).where(over, t.c.due_at < before).limit(BATCH)
        return await self._remove(sa.delete(t).where(key.in_(old)))

    async def remove_rate_gates(self, before: datetime) -> int:
        """A gate that has been open for long is the same as no gate."""
        t = tables.rate_gates
        key = sa.tuple_(t.c.tenant_id, t.c.subject)
        old = sa.select(t.c.tenant_id, t.c.subject).where(t.c.free_at < before).limit(BATCH)
        return await self._remove(sa.delete(t).where(key.in_(old)))

    async def remove_incidents(self, before: datetime) -> int:
        """Incidents that ended. The history still has them."""
        t = tables.incidents
        key = sa.tuple_(*t.primary_key.columns)
        old = sa.select(*t.primary_key.columns).where(t.c.closed_at < before).limit(BATCH)
        return await self._remove(sa.delete(t).where(key.in_(old)))

    async def remove_events(self, before: datetime) -> int:
        """Events from Slack. Slack sends none again after so long."""
        t = tables.inbox
        key = sa.tuple_(t.c.tenant_id, t.c.event_id)
        old = sa.select(t.c.tenant_id, t.c.event_id).where(t.c.received_at < before).limit(BATCH)
        return await self._remove(sa.delete(t).where(key.in_(old)))

    async def _remove(self, statement: sa.Delete) -> int:
        with translated():
            async with self._engine.begin() as connection:
                return (await connection.execute(statement)).rowcount
