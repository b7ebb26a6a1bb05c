"""The due rows, in the form in which tests read them."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from flows.outbox.jobs import JobKind
from storage import tables
from storage.connections import Engine
from storage.engine import reading

Thing = tuple[str, JobKind, str]  # its tenant, kind and subject


async def due_things(engine: Engine) -> Mapping[Thing, datetime]:
    """When each is due, without rows for which nothing is planned."""
    t = tables.due
    async with reading(engine).connect() as connection:
        rows = await connection.execute(sa.select(t).where(t.c.due_at.is_not(None)))
        return {(row.tenant_id, JobKind(row.kind), row.subject): row.due_at for row in rows}
