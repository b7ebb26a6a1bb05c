"""Gates in the database, so that all processes together keep the limits of Slack and Segment."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from flows.ports import Clock, RateCost
from storage import tables
from storage.column_types import Instant
from storage.dialects import postgres, sqlite
from storage.engine import translated
from storage.transaction import insert

MAX_TRIES = 5  # when others pass between our look and our step
PAUSE = 0.02  # seconds between two tries
COUNTED = {"preserve_rowcount": True}  # by default, INSERT does not count

Free = Mapping[str, datetime]

# Built once: building them takes longer than running them.
_t = tables.rate_gates
# The rows are locked while they are read, so that takers wait for each other for a moment. Without
# the lock, a taker at a busy gate could lose again and again. One order for all prevents deadlocks.
# SQLite has one writer at a time, and its dialect leaves the lock out.
_READ = (
    sa.select(_t.c.subject, _t.c.free_at)
    .where(
        _t.c.tenant_id == sa.bindparam("tenant"),
        _t.c.subject.in_(sa.bindparam("subjects", expanding=True)),
    )
    .order_by(_t.c.subject)
    .with_for_update()
)


@cache
def _step(dialect: str) -> Any:
    """Makes a gate or moves it on, unless it is not as we saw it. It need not have been there."""
    statement = sqlite.insert(_t) if dialect == "sqlite" else postgres().insert(_t)
    return statement.on_conflict_do_update(
        index_elements=[_t.c.tenant_id, _t.c.subject],
        set_={"free_at": statement.excluded.free_at},
        where=_t.c.free_at == sa.bindparam("seen", type_=Instant),
    )


class SqlRateGates:
    """Implements `flows.ports.RateGates`. A row for each gate says when it is free next, by
    `clock`: the real time that all machines share.
    """

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    async def take(self, tenant_id: str, costs: Mapping[str, RateCost], longest: float) -> float:
        for _ in range(MAX_TRIES):
            with translated():
                async with self._engine.connect() as connection:
                    now = self._clock.now()
                    wait = await _take(connection, tenant_id, costs, longest, now)
            if wait is not None:
                return wait
            await asyncio.sleep(PAUSE)
        return longest + PAUSE

    async def close(self, tenant_id: str, subject: str, seconds: float) -> None:
        t = tables.rate_gates
        until = self._clock.now() + timedelta(seconds=seconds)
        with translated():
            async with self._engine.begin() as connection:
                await _make(connection, tenant_id, {subject: until})
                later = (t.c.tenant_id == tenant_id, t.c.subject == subject, t.c.free_at < until)
                await connection.execute(sa.update(t).where(*later).values(free_at=until))


async def _take(
    connection: AsyncConnection,
    tenant_id: str,
    costs: Mapping[str, RateCost],
    longest: float,
    now: datetime,
) -> float | None:
    """Takes nothing if the wait is beyond `longest`, or if another was quicker: then None."""
    asked = {"tenant": tenant_id, "subjects": list(costs)}
    rows = await connection.execute(_READ, asked)
    seen: dict[str, datetime] = dict.fromkeys(costs, now)
    seen |= {row.subject: row.free_at for row in rows}
    turns = [(seen[subject] - now).total_seconds() - costs[subject].burst for subject in costs]
    wait = max([0.0, *turns])
    if wait > longest:
        return wait
    start = now + timedelta(seconds=wait)
    # Always in the same order, so that two takers never wait for each other in a circle.
    steps = [
        {
            "tenant_id": tenant_id,
            "subject": subject,
            "seen": seen[subject],
            "free_at": max(seen[subject], start) + timedelta(seconds=costs[subject].interval),
        }
        for subject in sorted(costs)
    ]
    if steps:
        step = _step(connection.dialect.name)
        if (await connection.execute(step, steps, execution_options=COUNTED)).rowcount < len(steps):
            return None
        await connection.commit()
    return wait


async def _make(connection: AsyncConnection, tenant_id: str, free: Free) -> None:
    """Adds missing gates."""
    for subject in sorted(free):
        row = {"tenant_id": tenant_id, "subject": subject, "free_at": free[subject]}
        await connection.execute(insert(connection.dialect.name, tables.rate_gates), row)
