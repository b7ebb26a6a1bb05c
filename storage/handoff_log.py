"""What Toplyne's backend was given, over all tenants: for whoever runs the bot."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from flows.outbox.jobs import Job
from flows.ports import Clock
from flows.toplyne.model import DeliveryKind, DeliveryState, StoredDelivery
from storage import tables
from storage.engine import reading
from storage.repositories.deliveries import SqlDeliveries, stored_delivery
from storage.transaction import Transaction, translated


class SqlHandoffLog:
    """Every call raises `StorageUnavailable` when the database is away."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._writer = engine
        self._reader = reading(engine)

    async def deliveries(self, limit: int) -> Sequence[StoredDelivery]:
        """Newest first."""
        t = tables.deliveries
        return await self._read(sa.select(t).order_by(t.c.created_at.desc(), t.c.id).limit(limit))

    async def find(self, delivery_id: str) -> StoredDelivery | None:
        t = tables.deliveries
        found = await self._read(sa.select(t).where(t.c.id == delivery_id))
        return found[0] if found else None

    async def resend(self, stored: StoredDelivery, new_id: str, clock: Clock) -> None:
        """The same content as a new delivery, which the tick of a worker finds."""
        transaction = Transaction(self._writer, stored.tenant_id, _FoundByTick())
        await transaction.open()
        try:
            again = replace(stored.delivery, id=new_id)
            await SqlDeliveries(transaction, clock).add(again)
            await transaction.commit()
        finally:
            await transaction.close()

    async def counts(self) -> Mapping[tuple[DeliveryKind, DeliveryState], int]:
        """Deliveries that wait and those that were given up."""
        t = tables.deliveries
        states = (DeliveryState.PENDING, DeliveryState.DEAD)
        statement = (
            sa.select(t.c.kind, t.c.state, sa.func.count())
            .where(t.c.state.in_(states))
            .group_by(t.c.kind, t.c.state)
        )
        with translated():
            async with self._reader.connect() as connection:
                rows = await connection.execute(statement)
                return {(DeliveryKind(kind), DeliveryState(state)): n for kind, state, n in rows}

    async def _read(self, statement: sa.Select[Any]) -> Sequence[StoredDelivery]:
        with translated():
            async with self._reader.connect() as connection:
                return [stored_delivery(row) for row in await connection.execute(statement)]


class _FoundByTick:
    """Fills `storage.jobs.JobWriter` where there is no job engine."""

    def write(self, connection: sa.Connection, job: Job) -> None:
        return None
