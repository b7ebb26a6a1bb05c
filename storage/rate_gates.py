"""Gates in the database, so that all processes together keep the limits of Slack and Segment.

A turn is taken by the raw driver: on PostgreSQL in one statement, so in one round trip; on SQLite
in the event loop's own thread, if nobody else is writing.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from flows.ports import Clock, RateCost
from storage import tables
from storage.engine import translated
from storage.reading import SqliteStatement, make_reader
from storage.transaction import insert
from storage.writing import SqliteWriter

MAX_TRIES = 3  # the first makes gates that are missing
PAUSE = 0.02  # seconds; what is answered if a gate is removed again and again

_t = tables.rate_gates
_COLUMNS = tuple(_t.c.keys())
_PUT = insert("sqlite", _t, replacing=_COLUMNS)
_READ = sa.select(_t.c.free_at).where(
    _t.c.tenant_id == sa.bindparam("tenant_id"), _t.c.subject == sa.bindparam("subject")
)
# Takers wait for each other, since the rows are locked while they are read, always in the same
# order. Rows that are missing cannot be locked: they are made, and the turn is taken with the next
# try. It never moves one gate and leaves another.
_ON_POSTGRES = sa.text("""
WITH asked AS (
    SELECT subject, step, burst
    FROM unnest(CAST(:subjects AS text[]), CAST(:steps AS float8[]), CAST(:bursts AS float8[]))
        AS given(subject, step, burst)
), held AS MATERIALIZED (
    SELECT subject, free_at FROM rate_gates
    WHERE tenant_id = :tenant AND subject = ANY(CAST(:subjects AS text[]))
    ORDER BY subject FOR UPDATE
), turn AS (
    SELECT count(held.subject) = count(*) AS is_whole,
        max(greatest(0, extract(epoch FROM free_at - :now) - burst))::float8 AS wait
    FROM asked LEFT JOIN held USING (subject)
), made AS (
    INSERT INTO rate_gates (tenant_id, subject, free_at)
    SELECT :tenant, subject, :now FROM asked, turn WHERE NOT is_whole ORDER BY subject
    ON CONFLICT DO NOTHING
), moved AS (
    UPDATE rate_gates SET free_at = greatest(held.free_at, :now + make_interval(secs => wait))
        + make_interval(secs => step)
    FROM turn, held JOIN asked USING (subject)
    WHERE tenant_id = :tenant AND rate_gates.subject = held.subject AND is_whole AND wait <= :most
)
SELECT is_whole, wait FROM turn
""")

# Takes a turn if it comes soon enough. None: try again.
Take = Callable[[str, Mapping[str, RateCost], float, datetime], Awaitable[float | None]]


def statements(dialect: str) -> Sequence[sa.Executable]:
    """By which a turn is taken."""
    return (_READ, _PUT) if dialect == "sqlite" else (_ON_POSTGRES,)


class SqlRateGates:
    """Implements `flows.ports.RateGates`. A row for each gate says when it is free next, by
    `clock`: the real time that all machines share.
    """

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        by = _BySqlite if engine.dialect.name == "sqlite" else _ByPostgres
        self._take: Take = by(engine).take

    async def take(self, tenant_id: str, costs: Mapping[str, RateCost], longest: float) -> float:
        if not costs:
            return 0.0
        for _ in range(MAX_TRIES):
            wait = await self._take(tenant_id, costs, longest, self._clock.now())
            if wait is not None:
                return wait
        return longest + PAUSE

    async def close(self, tenant_id: str, subject: str, seconds: float) -> None:
        until = self._clock.now() + timedelta(seconds=seconds)
        row = {"tenant_id": tenant_id, "subject": subject, "free_at": until}
        later = (_t.c.tenant_id == tenant_id, _t.c.subject == subject, _t.c.free_at < until)
        with translated():
            async with self._engine.begin() as connection:
                await connection.execute(insert(connection.dialect.name, _t), row)
                await connection.execute(sa.update(_t).where(*later).values(free_at=until))


class _ByPostgres:
    def __init__(self, engine: AsyncEngine) -> None:
        self._reader = make_reader(engine, _ON_POSTGRES)

    async def take(
        self, tenant_id: str, costs: Mapping[str, RateCost], longest: float, now: datetime
    ) -> float | None:
        asked = {
            "tenant": tenant_id,
            "subjects": list(costs),
            "steps": [cost.interval for cost in costs.values()],
            "bursts": [cost.burst for cost in costs.values()],
            "now": now,
            "most": longest,
        }
        ((is_whole, wait),) = await self._reader.rows(asked)
        return float(wait) if is_whole or wait > longest else None


class _BySqlite:
    """There is one writer at a time, so what was read is still true when it is written."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writer = SqliteWriter(engine)
        self._read, self._put = SqliteStatement(_READ), SqliteStatement(_PUT, _COLUMNS)

    async def take(
        self, tenant_id: str, costs: Mapping[str, RateCost], longest: float, now: datetime
    ) -> float:
        gates = [{"tenant_id": tenant_id, "subject": subject} for subject in costs]
        with self._writer.transaction() as connection:
            if connection is not None:
                rows = [self._read.run(connection, gate) for gate in gates]
                seen = [_moment(each[0][0]) if each else now for each in rows]
                wait, free = _turn(seen, costs.values(), longest, now)
                for gate, free_at in zip(gates, free, strict=False):
                    self._put.run(connection, {**gate, "free_at": free_at})
                return wait
        with translated():
            async with self._engine.begin() as waiting:
                found = [await waiting.scalar(_READ, gate) for gate in gates]
                seen = [free_at or now for free_at in found]
                wait, free = _turn(seen, costs.values(), longest, now)
                for gate, free_at in zip(gates, free, strict=False):
                    await waiting.execute(_PUT, {**gate, "free_at": free_at})
                return wait


def _moment(stored: str) -> datetime:
    return datetime.fromisoformat(stored).replace(tzinfo=UTC)


def _turn(
    seen: Sequence[datetime], costs: Collection[RateCost], longest: float, now: datetime
) -> tuple[float, Sequence[datetime]]:
    """The seconds until the turn, and when each gate is free after it; none if it is too far."""
    early = zip(seen, costs, strict=True)
    wait = max(0.0, *((at - now).total_seconds() - cost.burst for at, cost in early))
    if wait > longest:
        return wait, ()
    start = now + timedelta(seconds=wait)
    step = zip(seen, costs, strict=True)
    return wait, [max(at, start) + timedelta(seconds=cost.interval) for at, cost in step]
