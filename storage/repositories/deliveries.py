"""The outbox of the webhook to Toplyne's backend."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from flows.outbox.jobs import JobKind
from flows.toplyne.model import Delivery, DeliveryKind, DeliveryState, StoredDelivery
from storage import tables
from storage.transaction import Repository

# Longer than an attempt may take: a withdrawal must not overtake one that is under way.
SETTLES = timedelta(seconds=20)


class SqlDeliveries(Repository):
    async def add(self, delivery: Delivery) -> None:
        now, settles = self._transaction.clock.now(), timedelta()
        if delivery.kind is DeliveryKind.WITHDRAWN:
            settles = SETTLES
        else:
            await self._supersede(delivery)
        values = {
            "tenant_id": self._transaction.tenant_id,
            "id": delivery.id,
            "integration_id": delivery.integration_id,
            "kind": delivery.kind,
            "subject": delivery.subject,
            "at": delivery.at,
            "data": delivery.data,
            "state": DeliveryState.PENDING,
            "attempts": 0,
            "created_at": now,
            "due_at": now + settles,
            "error": "",
        }
        await self._transaction.execute(sa.insert(tables.deliveries).values(**values))
        self._transaction.wishes.nudge(JobKind.SEND_TO_TOPLYNE, delivery.id, now + settles)

    async def _supersede(self, delivery: Delivery) -> None:
        c = tables.deliveries.c
        older = (
            *self._rows(delivery.integration_id),
            c.kind == delivery.kind,
            c.state == DeliveryState.PENDING,
            c.at <= delivery.at,  # one that is sent again must not supersede a newer one
        )
        statement = sa.update(tables.deliveries).where(*older)
        await self._transaction.execute(statement.values(state=DeliveryState.SUPERSEDED))

    async def get(self, delivery_id: str) -> StoredDelivery | None:
        c = tables.deliveries.c
        statement = sa.select(tables.deliveries).where(
            c.tenant_id == self._transaction.tenant_id, c.id == delivery_id
        )
        row = (await self._transaction.execute(statement)).one_or_none()
        return stored_delivery(row) if row else None

    async def latest(self, integration_id: str, limit: int) -> Sequence[StoredDelivery]:
        c = tables.deliveries.c
        statement = (
            sa.select(tables.deliveries)
            .where(*self._rows(integration_id))
            .order_by(c.created_at.desc(), c.id.desc())
            .limit(limit)
        )
        return [stored_delivery(row) for row in await self._transaction.execute(statement)]

    async def claim(self, seen: StoredDelivery, due_at: datetime) -> StoredDelivery | None:
        attempts = seen.attempts + 1
        if not await self._update_seen(seen, attempts=attempts, due_at=due_at):
            return None
        return replace(seen, attempts=attempts, due_at=due_at)

    async def mark_delivered(self, seen: StoredDelivery, at: datetime) -> bool:
        return await self._update_seen(
            seen, state=DeliveryState.DELIVERED, delivered_at=at, error=""
        )

    async def put_off(self, seen: StoredDelivery, error: str, due_at: datetime) -> bool:
        return await self._update_seen(seen, error=error, due_at=due_at)

    async def end(self, seen: StoredDelivery, state: DeliveryState, error: str) -> bool:
        return await self._update_seen(seen, state=state, error=error)

    async def withdraw(
        self, integration_id: str, kinds: Collection[DeliveryKind]
    ) -> frozenset[DeliveryKind]:
        t = tables.deliveries
        statement = (
            sa.update(t)
            .where(
                *self._rows(integration_id),
                t.c.kind.in_(kinds),
                t.c.state != DeliveryState.WITHDRAWN,
            )
            .values(state=DeliveryState.WITHDRAWN)
            .returning(t.c.kind, t.c.attempts)
        )
        rows = (await self._transaction.execute(statement)).all()
        return frozenset(DeliveryKind(row.kind) for row in rows if row.attempts)

    async def _update_seen(self, seen: StoredDelivery, **values: Any) -> bool:
        """Compare and set: each claim increments the attempts."""
        c = tables.deliveries.c
        as_seen = (
            c.tenant_id == self._transaction.tenant_id,
            c.id == seen.delivery.id,
            c.state == DeliveryState.PENDING,
            c.attempts == seen.attempts,
        )
        statement = sa.update(tables.deliveries).where(*as_seen).values(**values)
        return (await self._transaction.execute(statement)).rowcount == 1

    def _rows(self, integration_id: str) -> tuple[sa.ColumnElement[bool], ...]:
        c = tables.deliveries.c
        return (
            c.tenant_id == self._transaction.tenant_id,
            c.integration_id == integration_id,
        )


def stored_delivery(row: sa.Row[Any]) -> StoredDelivery:
    """The delivery in a row."""
    return StoredDelivery(
        tenant_id=row.tenant_id,
        delivery=Delivery(
            id=row.id,
            kind=DeliveryKind(row.kind),
            integration_id=row.integration_id,
            subject=row.subject,
            at=row.at,
            data=row.data,
        ),
        state=DeliveryState(row.state),
        attempts=row.attempts,
        created_at=row.created_at,
        due_at=row.due_at,
        error=row.error,
        delivered_at=row.delivered_at,
    )
