"""Events of Slack that could not be worked on, over all tenants: for whoever runs the bot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from flows.outbox.jobs import Job, JobKind
from storage import tables
from storage.engine import reading
from storage.jobs import JobWriter
from storage.transaction import translated


@dataclass(frozen=True, slots=True)
class FailedEvent:
    """`error` is the name of an exception, never its text."""

    tenant_id: str
    event_id: str
    kind: str
    received_at: datetime
    error: str


class SqlFailedEvents:
    """Every call raises `StorageUnavailable` when the database is away."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._writer = engine
        self._reader = reading(engine)

    async def events(self, limit: int) -> Sequence[FailedEvent]:
        """Newest first."""
        t = tables.inbox
        columns = (t.c.tenant_id, t.c.event_id, t.c.kind, t.c.received_at, t.c.error)
        failed = sa.select(*columns).where(t.c.error.is_not(None))
        newest = failed.order_by(t.c.received_at.desc(), t.c.event_id).limit(limit)
        with translated():
            async with self._reader.connect() as connection:
                return [FailedEvent(*row) for row in await connection.execute(newest)]

    async def counts(self) -> Mapping[str, int]:
        """By the kind of event."""
        t = tables.inbox
        statement = (
            sa.select(t.c.kind, sa.func.count().label("how_many"))
            .where(t.c.error.is_not(None))
            .group_by(t.c.kind)
        )
        with translated():
            async with self._reader.connect() as connection:
                return {row.kind: row.how_many for row in await connection.execute(statement)}

    async def retry(self, jobs: JobWriter, tenant_id: str, event_id: str, key: str) -> bool:
        """Has it worked on again, under a `key` of its own; False when it has not failed."""
        t = tables.inbox
        failed = (t.c.tenant_id == tenant_id, t.c.event_id == event_id, t.c.error.is_not(None))
        with translated():
            async with self._writer.begin() as connection:
                result = await connection.execute(sa.update(t).where(*failed).values(error=None))
                if result.rowcount == 1:
                    job = Job(JobKind.EVENT, tenant_id, event_id, key)
                    await connection.run_sync(jobs.write, job)
        return result.rowcount == 1
