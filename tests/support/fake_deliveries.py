"""The webhook's deliveries in the in-memory storage."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from flows.outbox.jobs import Job, JobKind
from flows.toplyne.model import Delivery, DeliveryKind, DeliveryState, StoredDelivery
from tests.support.fake_repositories import Repository

SETTLES = timedelta(seconds=20)


class FakeDeliveries(Repository):
    async def add(self, delivery: Delivery) -> None:
        self._own_key(delivery.integration_id)
        withdrawn = delivery.kind is DeliveryKind.WITHDRAWN
        now, delay = self._unit.clock.now(), SETTLES if withdrawn else timedelta()
        if not withdrawn:
            for older in self._of(delivery.integration_id):
                if older.delivery.kind is delivery.kind and older.delivery.at <= delivery.at:
                    await self.end(older, DeliveryState.SUPERSEDED, older.error)
        self._tables.deliveries[self._key(delivery.id)] = StoredDelivery(
            self._tenant_id, delivery, DeliveryState.PENDING, 0, now, now + delay
        )
        seconds = delay.total_seconds()
        self._tables.enqueue(Job(JobKind.SEND_TO_TOPLYNE, self._tenant_id, delivery.id, seconds))

    async def get(self, delivery_id: str) -> StoredDelivery | None:
        return self._tables.deliveries.get(self._key(delivery_id))

    async def latest(self, integration_id: str, limit: int) -> Sequence[StoredDelivery]:
        rows = self._of(integration_id)
        rows.sort(key=lambda row: (row.created_at, row.delivery.id), reverse=True)
        return rows[:limit]

    async def claim(self, seen: StoredDelivery, due_at: datetime) -> StoredDelivery | None:
        claimed = self._update(seen, attempts=seen.attempts + 1, due_at=due_at)
        return await self.get(seen.delivery.id) if claimed else None

    async def mark_delivered(self, seen: StoredDelivery, at: datetime) -> bool:
        return self._update(seen, state=DeliveryState.DELIVERED, delivered_at=at, error="")

    async def put_off(self, seen: StoredDelivery, later: StoredDelivery) -> bool:
        changed = {"error": later.error, "due_at": later.due_at, "attempts": later.attempts}
        return self._update(seen, **changed)

    async def end(self, seen: StoredDelivery, state: DeliveryState, error: str) -> bool:
        return self._update(seen, state=state, error=error)

    async def withdraw(
        self, integration_id: str, kinds: Collection[DeliveryKind]
    ) -> frozenset[DeliveryKind]:
        given = set()
        for row in self._of(integration_id):
            if row.delivery.kind in kinds and row.state is not DeliveryState.WITHDRAWN:
                withdrawn = replace(row, state=DeliveryState.WITHDRAWN)
                self._tables.deliveries[self._key(row.delivery.id)] = withdrawn
                given |= {row.delivery.kind} if row.attempts else set()
        return frozenset(given)

    def _update(self, seen: StoredDelivery, **values: Any) -> bool:
        key = self._key(seen.delivery.id)
        row = self._tables.deliveries.get(key)
        if row is None or row.state is not DeliveryState.PENDING or row.attempts != seen.attempts:
            return False
        self._tables.deliveries[key] = replace(row, **values)
        return True

    def _of(self, integration_id: str) -> list[StoredDelivery]:
        return [
            row
            for (tenant_id, _), row in self._tables.deliveries.items()
            if tenant_id == self._tenant_id and row.delivery.integration_id == integration_id
        ]
