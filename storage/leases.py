"""Due rows as workers use them: look, claim, renew, end. On PostgreSQL or SQLite.

A claim is a lease for some seconds of the database's time. Every claim also takes leases that have
run out, so nobody has to notice that a worker died. Renewing or ending work names the lease, and
no two claims ever have the same one. So neither changes a row that another worker has claimed.
"""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.dml import ReturningUpdate

from flows.outbox.jobs import PLANNED, JobKind
from storage import tables
from storage.clauses import TELL
from storage.column_types import Instant
from storage.connections import Connection, Engine
from storage.engine import SharedClock, epoch, reading, translated
from storage.prepared import run

_t = tables.due
_KEY = (_t.c.tenant_id, _t.c.kind, _t.c.subject)
# Of `LeasedWork`, after its kind.
_FIELDS = (_t.c.tenant_id, _t.c.subject, _t.c.due_at, _t.c.version, _t.c.attempts, _t.c.lease)
# No parameter has a column's name: SQLAlchemy reserves those in updates.
_OURS = (
    _t.c.tenant_id == sa.bindparam("tenant"),
    _t.c.kind == sa.bindparam("of_kind"),
    _t.c.subject == sa.bindparam("about"),
    _t.c.lease == sa.bindparam("own_lease"),
)


@dataclass(frozen=True, slots=True)
class LeasedWork:
    """A due row that we lease. `attempts` includes this one; `version` is the claimed row's."""

    kind: JobKind
    tenant_id: str
    subject: str
    due_at: datetime
    version: int
    attempts: int
    lease: str

    @property
    def key(self) -> tuple[str, str, str]:
        return self.tenant_id, self.kind.value, self.subject


@dataclass(frozen=True, slots=True)
class WorkEnd:
    """How a piece of work ended. `again_at` says when it is due next; None means done. `attempts`
    counts the failures in a row. None of this counts if the same work was asked for meanwhile.
    """

    claimed: LeasedWork
    again_at: datetime | None
    attempts: int = 0


class Leases:
    """For workers that know these kinds. Rows of other kinds wait for a worker that knows them.

    Every call is one short transaction and raises `StorageUnavailable`.
    """

    def __init__(self, engine: Engine, clock: SharedClock, kinds: Collection[JobKind]) -> None:
        self._engine = engine
        self._reader = reading(engine)
        self._clock = clock
        now = epoch(engine)
        self._looking, self._claiming = _look(now, frozenset(kinds)), _claim(now)
        self._renewing = _renew(now)

    async def look(self) -> Mapping[JobKind, datetime]:
        """When the first row of each kind is due, of those that nobody works on."""
        asked = time.monotonic()
        with translated(self._engine):
            async with self._reader.connect() as connection:
                row = (await run(connection, self._looking)).one()
        self._clock.heard(row.time, time.monotonic() - asked)
        found = row._mapping
        return {JobKind(k): at for k, at in found.items() if k != "time" and at is not None}

    async def turn(
        self,
        ended: Sequence[WorkEnd],
        wanted: Mapping[JobKind, tuple[datetime, int]],
        lease: str,
        seconds: float,
    ) -> Sequence[LeasedWork]:
        """Stores how work ended, and claims what is due. `lease` is ours for `seconds`.

        `wanted` has, for each kind, the moment by which rows must be due and how many at most.
        """
        claimed: list[LeasedWork] = []
        with translated(self._engine):
            async with self._engine.begin() as connection:
                if ended:
                    await _end(connection, sorted(ended, key=attrgetter("claimed.key")))
                for kind, (now, limit) in wanted.items():
                    asked = {"of_kind": kind, "by": now, "most": limit}
                    given = {"new_lease": lease, "seconds": seconds}
                    rows = await run(connection, self._claiming, {**asked, **given})
                    claimed += [LeasedWork(kind, *row) for row in rows]
        return sorted(claimed, key=attrgetter("due_at"))

    async def renew(self, claimed: Sequence[LeasedWork], seconds: float) -> Collection[LeasedWork]:
        """Renews the leases for so many seconds from now. Returns those that are still ours."""
        by_name = {(*one.key, one.lease): one for one in claimed}
        names = {"names": list(by_name), "seconds": seconds}
        with translated(self._engine):
            async with self._engine.begin() as connection:
                rows = (await run(connection, self._renewing, names)).all()
        return [by_name[name] for row in rows if (name := tuple(row)) in by_name]

    async def give_back(self, claimed: Sequence[LeasedWork]) -> None:
        """Gives up the leases of undone work, for others to begin at once."""
        with translated(self._engine):
            async with self._engine.begin() as connection:
                await run(connection, _RELEASE, [_named(one) for one in claimed])
                if connection.dialect.name == "postgresql":
                    await run(connection, _TELL)


_TELL = sa.select(TELL)
_RELEASE = sa.update(_t).where(*_OURS).values(lease=None, lease_until=None)
_END = (
    sa.update(_t)
    .where(*_OURS)
    .values(
        due_at=sa.case(
            (
                _t.c.version == sa.bindparam("seen"),
                sa.bindparam("again_at", type_=Instant),
            ),
            else_=_t.c.due_at,
        ),
        attempts=sa.case((_t.c.version == sa.bindparam("seen"), sa.bindparam("failed")), else_=0),
        lease=None,
        lease_until=None,
    )
)
_REMOVE = sa.delete(_t).where(*_OURS, _t.c.version == sa.bindparam("seen"))


async def _end(connection: Connection, ended: Sequence[WorkEnd]) -> None:
    done = [one for one in ended if one.again_at is None and one.claimed.kind not in PLANNED]
    again = [one for one in ended if one not in done]
    if done:
        names = [{**_named(one.claimed), "seen": one.claimed.version} for one in done]
        if (await run(connection, _REMOVE, names)).rowcount < len(done):
            again += done  # some were asked for again meanwhile
    if again:
        values = [
            {
                **_named(one.claimed),
                "seen": one.claimed.version,
                "again_at": one.again_at,
                "failed": one.attempts,
            }
            for one in again
        ]
        await run(connection, _END, values)


# Each is made once for a database. `now` is its time, as it says it.


@cache
def _look(now: str, kinds: frozenset[JobKind]) -> sa.Select[Any]:
    free = sa.or_(_t.c.lease_until.is_(None), _t.c.lease_until <= _time(now))
    firsts = [
        sa.select(_t.c.due_at)
        .where(_t.c.kind == kind.value, _t.c.due_at.is_not(None), free)
        .order_by(_t.c.due_at)
        .limit(1)
        .scalar_subquery()
        .label(kind.value)
        for kind in kinds
    ]
    return sa.select(_time(now).label("time"), *firsts)


@cache
def _claim(now: str) -> ReturningUpdate[Any]:
    claimable = (
        sa.select(*_KEY)
        .where(
            _t.c.kind == sa.bindparam("of_kind"),
            _t.c.due_at <= sa.bindparam("by", type_=Instant),
            sa.or_(_t.c.lease_until.is_(None), _t.c.lease_until <= _time(now)),
        )
        .order_by(_t.c.due_at, _t.c.tenant_id, _t.c.subject)
        .limit(sa.bindparam("most", type_=sa.Integer))
        .with_for_update(skip_locked=True)
        .cte("claimable")
        # Otherwise PostgreSQL could take more rows than the limit.
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    same = [mine == claimable.c[mine.name] for mine in _KEY]
    return (
        sa.update(_t)
        .where(*same)
        .values(
            lease=sa.bindparam("new_lease"),
            lease_until=_time(now) + sa.bindparam("seconds", type_=sa.Float),
            attempts=_t.c.attempts + 1,
        )
        .returning(*_FIELDS)
    )


@cache
def _renew(now: str) -> ReturningUpdate[Any]:
    """Locks rows one by one in the order of their keys, as units of work do."""
    name = (*_KEY, _t.c.lease)
    ours = (
        sa.select(*_KEY)
        .where(sa.tuple_(*name).in_(sa.bindparam("names", expanding=True)))
        .order_by(*_KEY)
        .with_for_update()
        .cte("ours")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    return (
        sa.update(_t)
        .where(*(mine == ours.c[mine.name] for mine in _KEY))
        .values(lease_until=_time(now) + sa.bindparam("seconds", type_=sa.Float))
        .returning(*name)
    )


def _time(now: str) -> sa.ColumnElement[float]:
    return sa.literal_column(now, sa.Float)


def _named(claimed: LeasedWork) -> dict[str, str]:
    tenant_id, kind, subject = claimed.key
    return {"tenant": tenant_id, "of_kind": kind, "about": subject, "own_lease": claimed.lease}
