"""What is due and not done yet, over all tenants: for the operator."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from flows.outbox.jobs import PLANNED, JobKind, Waiting
from storage import tables
from storage.column_types import Instant
from storage.engine import reading, translated

_t = tables.due


class Backlog:
    def __init__(self, engine: AsyncEngine) -> None:
        self._reader = reading(engine)

    async def of(self, now: datetime, real_now: datetime) -> Mapping[JobKind, Waiting]:
        """By kind. `now` is a moment of the injected time, `real_now` of the real time.

        Raises `StorageUnavailable`.
        """
        planned = _t.c.kind.in_(sorted(PLANNED))
        due = sa.or_(
            sa.and_(planned, _t.c.due_at <= now), sa.and_(~planned, _t.c.due_at <= real_now)
        )
        first = sa.func.min(_t.c.due_at, type_=Instant)
        counted = sa.select(_t.c.kind, sa.func.count(), first, sa.func.max(_t.c.attempts))
        known = _t.c.kind.in_([kind.value for kind in JobKind])
        with translated():
            async with self._reader.connect() as connection:
                rows = await connection.execute(counted.where(known, due).group_by(_t.c.kind))
                found = {JobKind(kind): (n, at, tries) for kind, n, at, tries in rows}
        return {
            kind: Waiting(n, ((now if kind in PLANNED else real_now) - at).total_seconds(), tries)
            for kind, (n, at, tries) in found.items()
        }
