"""Gates in the database, so that all processes together keep the limits of Slack and Segment.

A turn is taken by the raw driver: on PostgreSQL in one statement, so in one round trip; on SQLite
in the event loop's own thread.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from flows.ports import Clock, RateCost
from storage import tables
from storage.column_types import Instant
from storage.connections import LOCK_TIMEOUT, Engine
from storage.engine import translated
from storage.prepared import prepared, run
from storage.raw import raw_write
from storage.raw_sqlite import SqliteWriter
from storage.transaction import insert

MAX_TRIES = 3  # the first makes gates that are missing
TRY_PAUSE = 0.02  # seconds; what is answered if a gate is removed again and again

_t = tables.rate_gates
_COLUMNS = tuple(_t.c.keys())
_PUT = insert("sqlite", _t, replacing=_COLUMNS)
_READ = sa.select(_t.c.free_at).where(
    _t.c.tenant_id == sa.bindparam("tenant_id"), _t.c.subject == sa.bindparam("subject")
)
_until = sa.bindparam("until", type_=Instant)
_CLOSE = (
    sa.update(_t)
    .where(
        _t.c.tenant_id == sa.bindparam("tenant"),
        _t.c.subject == sa.bindparam("about"),
        _t.c.free_at < _until,
    )
    .values(free_at=_until)
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


def statements(dialect: str) -> Sequence[sa.Executable]:
    """By which a turn is taken."""
    return (_READ, _PUT) if dialect == "sqlite" else (_ON_POSTGRES,)


class SqlRateGates:
    """Implements `flows.ports.RateGates`. A row for each gate says when it is free next, by
    `clock`: the real time that all machines share.
    """

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        by = _BySqlite if engine.dialect.name == "sqlite" else _ByPostgres
        self.take = by(engine, clock).take

    async def close(self, tenant_id: str, subject: str, seconds: float) -> None:
        until = self._clock.now() + timedelta(seconds=seconds)
        row = {"tenant_id": tenant_id, "subject": subject, "free_at": until}
        its = {"tenant": tenant_id, "about": subject, "until": until}
        with translated(self._engine):
            async with self._engine.begin() as connection:
                await run(connection, insert(connection.dialect.name, _t), row)
                await run(connection, _CLOSE, its)


class _ByPostgres:
    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._on_postgres = raw_write(engine, _ON_POSTGRES)
        self._clock = clock

    async def take(self, tenant_id: str, costs: Mapping[str, RateCost], longest: float) -> float:
        for _ in range(MAX_TRIES if costs else 0):
            asked = {
                "tenant": tenant_id,
                "subjects": list(costs),
                "steps": [cost.interval for cost in costs.values()],
                "bursts": [cost.burst for cost in costs.values()],
                "now": self._clock.now(),
                "most": longest,
            }
            ((is_whole, wait),) = await self._on_postgres.rows(asked)
            if is_whole or wait > longest:
                return float(wait)
        return longest + TRY_PAUSE if costs else 0.0


class _BySqlite:
    """There is one writer at a time, so what was read is still true when it is written."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._clock = clock
        self._writer = SqliteWriter(engine)

    async def take(self, tenant_id: str, costs: Mapping[str, RateCost], longest: float) -> float:
        async with self._writer.transaction(LOCK_TIMEOUT) as connection:
            now = self._clock.now()
            seen: dict[str, datetime] = dict.fromkeys(costs, now)
            for subject in costs:
                gate = {"tenant_id": tenant_id, "subject": subject}
                for (free_at,) in prepared(_READ).run(connection, gate):
                    seen[subject] = datetime.fromisoformat(free_at).replace(tzinfo=UTC)
            turns = [(seen[each] - now).total_seconds() - costs[each].burst for each in costs]
            wait = max([0.0, *turns])
            if wait <= longest:
                start = now + timedelta(seconds=wait)
                for subject, cost in costs.items():
                    free_at = max(seen[subject], start) + timedelta(seconds=cost.interval)
                    row = {"tenant_id": tenant_id, "subject": subject, "free_at": free_at}
                    prepared(_PUT, _COLUMNS).run(connection, row)
            return wait
