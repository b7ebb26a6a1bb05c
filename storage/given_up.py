"""Messages, events and deliveries that were given up, over all tenants: for the operator.

They are listed and counted by their columns, as text: no kind, state or content has to be known.

Every call raises `StorageUnavailable` when the database is away.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from flows.csm.board import MOST_COUNTED
from flows.errors import NotFound
from flows.outbox.jobs import JobKind
from flows.outbox.messages import MessageState
from flows.toplyne.model import DeliveryState
from storage import tables
from storage.cipher import Cipher, generate_key
from storage.clauses import in_text
from storage.connections import Connection, Engine
from storage.engine import SharedClock, read_rows, translated
from storage.repositories.deliveries import SqlDeliveries, stored_delivery
from storage.transaction import Transaction, Wishes


class _Rows:
    """`_now` is the time that all machines share: the operator's may be another one."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._clock = SharedClock()

    async def _now(self) -> datetime:
        await self._clock.ask(self._engine)
        return self._clock.now()

    async def _read(self, statement: sa.Executable) -> Sequence[Any]:
        return await read_rows(self._engine, statement)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was given up. `attempt_at`: when a try began of which nobody knows the end."""

    sequence: int
    tenant_id: str
    kind: str
    conversation: str
    integration_id: str
    key: str
    error: str
    attempts: int
    created_at: datetime
    attempt_at: datetime | None


class SqlDeadLetters(_Rows):
    """Messages to Slack that were given up."""

    async def letters(self, limit: int) -> Sequence[DeadLetter]:
        """Newest first."""
        t = tables.outbox
        dead = _columns(t, DeadLetter).where(t.c.state == in_text(MessageState.DEAD))
        rows = await self._read(dead.order_by(t.c.sequence.desc()).limit(limit))
        return [DeadLetter(*row) for row in rows]

    async def find(self, sequence: int) -> DeadLetter | None:
        t = tables.outbox
        dead = (t.c.sequence == sequence, t.c.state == MessageState.DEAD)
        rows = await self._read(_columns(t, DeadLetter).where(*dead))
        return DeadLetter(*rows[0]) if rows else None

    async def revive(self, sequence: int) -> bool:
        """Makes it due at once, with the full time for retries.

        A doubtful message stays doubtful: Slack is asked before it is posted again.
        """
        t, now = tables.outbox, await self._now()
        dead = (t.c.sequence == sequence, t.c.state == MessageState.DEAD)
        values = {"state": MessageState.PENDING, "due_at": now, "created_at": now}
        revived = sa.update(t).where(*dead).values(**values)
        with translated(self._engine):
            async with self._engine.begin() as connection:
                rows = await connection.execute(revived.returning(t.c.tenant_id, t.c.conversation))
                row = rows.one_or_none()
                if row is not None:
                    about = JobKind.DELIVER, row.conversation
                    await _nudge(connection, row.tenant_id, *about, now)
        return row is not None

    async def counts(self) -> Mapping[tuple[str, MessageState], int]:
        """How many messages wait, and how many were given up; of each `MOST_COUNTED` at most."""
        t = tables.outbox
        rows = await self._read(_counted(t, MessageState.PENDING, MessageState.DEAD))
        return {(kind, MessageState(state)): n for kind, state, n in rows}


@dataclass(frozen=True, slots=True)
class FailedEvent:
    """`error` is the name of an exception, never its text."""

    tenant_id: str
    event_id: str
    kind: str
    received_at: datetime
    error: str


class SqlFailedEvents(_Rows):
    """Events from Slack that could not be processed."""

    async def events(self, limit: int) -> Sequence[FailedEvent]:
        """Newest first."""
        t = tables.inbox
        columns = (t.c.tenant_id, t.c.event_id, t.c.kind, t.c.received_at, t.c.error)
        failed = sa.select(*columns).where(t.c.error.is_not(None))
        newest = failed.order_by(t.c.received_at.desc(), t.c.event_id.desc()).limit(limit)
        return [FailedEvent(*row) for row in await self._read(newest)]

    async def counts(self) -> Mapping[str, int]:
        """By the kind of event; `MOST_COUNTED` at most."""
        t = tables.inbox
        failed = sa.select(t.c.kind).where(t.c.error.is_not(None)).limit(MOST_COUNTED).subquery()
        counted = sa.select(failed.c.kind, sa.func.count().label("how_many"))
        rows = await self._read(counted.group_by(failed.c.kind))
        return {row.kind: row.how_many for row in rows}

    async def retry(self, tenant_id: str, event_id: str) -> bool:
        """Makes it due again. False if it has not failed."""
        t = tables.inbox
        failed = (t.c.tenant_id == tenant_id, t.c.event_id == event_id, t.c.error.is_not(None))
        now = await self._now()
        with translated(self._engine):
            async with self._engine.begin() as connection:
                again = sa.update(t).where(*failed).values(error=None, open=True)
                result = await connection.execute(again)
                if result.rowcount == 1:
                    await _nudge(connection, tenant_id, JobKind.EVENT, event_id, now)
        return result.rowcount == 1


@dataclass(frozen=True, slots=True)
class LoggedDelivery:
    """What is known about a delivery, without its content."""

    id: str
    tenant_id: str
    integration_id: str
    kind: str
    subject: str
    state: str
    attempts: int
    error: str
    created_at: datetime
    due_at: datetime
    delivered_at: datetime | None


class SqlDeliveryLog(_Rows):
    """All deliveries to Toplyne's backend, including those that it never took."""

    async def deliveries(self, limit: int) -> Sequence[LoggedDelivery]:
        """Newest first."""
        t = tables.deliveries
        newest = (t.c.created_at.desc(), t.c.id.desc())
        rows = await self._read(_columns(t, LoggedDelivery).order_by(*newest).limit(limit))
        return [LoggedDelivery(*row) for row in rows]

    async def find(self, delivery_id: str) -> LoggedDelivery | None:
        t = tables.deliveries
        rows = await self._read(_columns(t, LoggedDelivery).where(t.c.id == delivery_id))
        return LoggedDelivery(*rows[0]) if rows else None

    async def resend(self, delivery_id: str, new_id: str) -> None:
        """Sends its content as a new delivery, due at once. Raises `NotFound`, `RowUnreadable`."""
        t = tables.deliveries
        rows = await self._read(sa.select(t).where(t.c.id == delivery_id))
        if not rows:
            raise NotFound(delivery_id)
        stored = stored_delivery(rows[0])
        await self._now()
        news, own = asyncio.Event(), Cipher([generate_key()])  # a delivery holds nothing sealed
        parts = self._engine, stored.tenant_id, self._clock, news, own
        async with Transaction(*parts) as transaction:
            again = replace(stored.delivery, id=new_id)
            await SqlDeliveries(transaction).add(again)
            await transaction.commit()

    async def counts(self) -> Mapping[tuple[str, DeliveryState], int]:
        """How many deliveries wait, and how many were given up; of each `MOST_COUNTED` at most."""
        t = tables.deliveries
        rows = await self._read(_counted(t, DeliveryState.PENDING, DeliveryState.DEAD))
        return {(kind, DeliveryState(state)): n for kind, state, n in rows}


class GivenUp:
    """All three, on one database."""

    def __init__(self, engine: Engine) -> None:
        self.messages = SqlDeadLetters(engine)
        self.events = SqlFailedEvents(engine)
        self.deliveries = SqlDeliveryLog(engine)


async def _nudge(
    connection: Connection, tenant_id: str, kind: JobKind, subject: str, now: datetime
) -> None:
    wishes = Wishes(tenant_id)
    wishes.nudge(kind, subject, now)
    await wishes.write(connection, now)


def _columns(table: sa.Table, shown: type[DeadLetter | LoggedDelivery]) -> "sa.Select[Any]":
    return sa.select(*(table.c[field.name] for field in fields(shown)))


def _counted(table: sa.Table, *states: str) -> "sa.CompoundSelect[Any]":
    """Counts the rows of each kind in each of these states, `MOST_COUNTED` of a state."""
    counts = []
    for state in states:
        within = table.c.state == in_text(state)
        some = sa.select(table.c.kind).where(within).limit(MOST_COUNTED).subquery()
        counted = sa.select(some.c.kind, sa.literal(state), sa.func.count())
        counts.append(counted.group_by(some.c.kind))
    return sa.union_all(*counts)
