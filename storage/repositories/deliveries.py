"""The outbox of the webhook to Toplyne's backend."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from flows.outbox.jobs import JobKind
from flows.toplyne.model import Delivery, DeliveryKind, DeliveryState, StoredDelivery
from storage import tables
from storage.clauses import of_integration, of_tenant
from storage.column_types import Instant
from storage.transaction import Repository
from storage.unreadable import Reading, readable

_t = tables.deliveries
_ADD = sa.insert(_t)
_SUPERSEDE = (
    sa.update(_t)
    .where(
        of_integration(_t),
        _t.c.kind == sa.bindparam("of_kind"),
        _t.c.state == DeliveryState.PENDING,
        # One that is sent again must not supersede a newer one.
        _t.c.at <= sa.bindparam("by", type_=Instant),
    )
    .values(state=DeliveryState.SUPERSEDED)
)
_GET = sa.select(_t).where(of_tenant(_t), _t.c.id == sa.bindparam("delivery"))
_LATEST = (
    sa.select(_t)
    .where(of_integration(_t))
    .order_by(_t.c.created_at.desc(), _t.c.id.desc())
    .limit(sa.bindparam("most"))
)
_SEEN = sa.update(_t).where(
    of_tenant(_t),
    _t.c.id == sa.bindparam("delivery"),
    _t.c.state == DeliveryState.PENDING,
    _t.c.attempts == sa.bindparam("tried"),
)
_WITHDRAW = (
    sa.update(_t)
    .where(
        of_integration(_t),
        _t.c.kind.in_(sa.bindparam("kinds", expanding=True)),
        _t.c.state != DeliveryState.WITHDRAWN,
    )
    .values(state=DeliveryState.WITHDRAWN)
    .returning(_t.c.kind, _t.c.attempts)
)
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
            **self._ids(delivery.integration_id),
            "id": delivery.id,
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
        await self._transaction.execute(_ADD, values)
        self._transaction.wishes.nudge(JobKind.SEND_TO_TOPLYNE, delivery.id, now + settles)

    async def _supersede(self, delivery: Delivery) -> None:
        older = {**self._of(delivery.integration_id), "of_kind": delivery.kind, "by": delivery.at}
        await self._transaction.execute(_SUPERSEDE, older)

    async def get(self, delivery_id: str) -> StoredDelivery | None:
        its = {**self._tenant, "delivery": delivery_id}
        row = (await self._transaction.execute(_GET, its)).one_or_none()
        return stored_delivery(row) if row else None

    async def latest(self, integration_id: str, limit: int) -> Sequence[StoredDelivery]:
        asked = {**self._of(integration_id), "most": limit}
        return readable(await self._transaction.execute(_LATEST, asked), stored_delivery)

    async def claim(self, seen: StoredDelivery, due_at: datetime) -> StoredDelivery | None:
        attempts = seen.attempts + 1
        if not await self._update_seen(seen, attempts=attempts, due_at=due_at):
            return None
        return replace(seen, attempts=attempts, due_at=due_at)

    async def mark_delivered(self, seen: StoredDelivery, at: datetime) -> bool:
        return await self._update_seen(
            seen, state=DeliveryState.DELIVERED, delivered_at=at, error=""
        )

    async def put_off(self, seen: StoredDelivery, later: StoredDelivery) -> bool:
        changed = {"error": later.error, "due_at": later.due_at, "attempts": later.attempts}
        return await self._update_seen(seen, **changed)

    async def end(self, seen: StoredDelivery, state: DeliveryState, error: str) -> bool:
        return await self._update_seen(seen, state=state, error=error)

    async def withdraw(
        self, integration_id: str, kinds: Collection[DeliveryKind]
    ) -> frozenset[DeliveryKind]:
        theirs = {**self._of(integration_id), "kinds": list(kinds)}
        rows = (await self._transaction.execute(_WITHDRAW, theirs)).all()
        return frozenset(DeliveryKind(row.kind) for row in rows if row.attempts)

    async def _update_seen(self, seen: StoredDelivery, **values: Any) -> bool:
        """Compare and set: each claim increments the attempts."""
        own = {**self._tenant, "delivery": seen.delivery.id}
        as_seen = {**own, "tried": seen.attempts}
        return (await self._transaction.execute(_SEEN, {**values, **as_seen})).rowcount == 1


def stored_delivery(row: sa.Row[Any]) -> StoredDelivery:
    """The delivery in a row. Raises `RowUnreadable`."""
    with Reading(_t, tenant_id=row.tenant_id, record_id=row.id, kind=row.kind):
        kind, state = DeliveryKind(row.kind), DeliveryState(row.state)
    return StoredDelivery(
        tenant_id=row.tenant_id,
        delivery=Delivery(
            id=row.id,
            kind=kind,
            integration_id=row.integration_id,
            subject=row.subject,
            at=row.at,
            data=row.data,
        ),
        state=state,
        attempts=row.attempts,
        created_at=row.created_at,
        due_at=row.due_at,
        error=row.error,
        delivered_at=row.delivered_at,
    )
