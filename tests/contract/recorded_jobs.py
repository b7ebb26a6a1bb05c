"""Jobs in a table of the same database, so that they share the fate of the transaction."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from flows.outbox.jobs import Job, JobKind
from storage.engine import reading

table = sa.Table(
    "recorded_jobs",
    sa.MetaData(),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("kind", sa.Text),
    sa.Column("tenant_id", sa.Text),
    sa.Column("subject", sa.Text),
    sa.Column("key", sa.Text),
    sa.Column("delay", sa.Float),
)


class RecordingJobWriter:
    """Fills `storage.jobs.JobWriter`."""

    def write(self, connection: sa.Connection, job: Job) -> None:
        table.create(connection, checkfirst=True)
        seen = sa.select(table.c.key).where(table.c.key == job.key, table.c.key != "")
        if connection.execute(seen).first() is None:
            row = (job.kind, job.tenant_id, job.subject, job.key, job.delay)
            names = ("kind", "tenant_id", "subject", "key", "delay")
            connection.execute(sa.insert(table).values(dict(zip(names, row, strict=True))))


async def recorded_jobs(engine: AsyncEngine) -> Sequence[Job]:
    """Those that were committed, in their order."""
    async with reading(engine).connect() as connection:
        if not await connection.run_sync(lambda c: sa.inspect(c).has_table(table.name)):
            return []
        rows = await connection.execute(sa.select(table).order_by(table.c.position))
        return [Job(JobKind(r.kind), r.tenant_id, r.subject, r.key, r.delay) for r in rows]
