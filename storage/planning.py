"""What a unit of work wants done in the background, written with everything else that it changes.

The wishes are collected and written at the end in one statement, in the order of their keys. So two
units of work with the same wishes never wait for each other in a circle.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from flows.outbox.jobs import PLANNED, JobKind
from storage import tables

CHANNEL = "due"  # of NOTIFY
SOON = timedelta(seconds=2)  # workers look this often by themselves

_t = tables.due
_KEY = [_t.c.tenant_id, _t.c.kind, _t.c.subject]


@dataclass
class Wishes:
    """What one unit of work wants to be due, and when."""

    tenant_id: str
    _wanted: dict[tuple[str, str], datetime | None] = field(default_factory=dict)

    def plan(self, kind: JobKind, subject: str, at: datetime | None) -> None:
        """Due exactly at this moment from now on; None: never. For `PLANNED` kinds."""
        self._wanted[kind.value, subject] = at

    def nudge(self, kind: JobKind, subject: str, at: datetime) -> None:
        """Due no later than this moment. For all other kinds."""
        key = (kind.value, subject)
        before = self._wanted.get(key)
        self._wanted[key] = min(at, before) if before else at

    def __bool__(self) -> bool:
        return bool(self._wanted)

    async def write(self, connection: AsyncConnection, now: datetime) -> None:
        """When the transaction commits, workers elsewhere are told of what is due soon."""
        rows = [
            due_row(self.tenant_id, kind, subject, at)
            for (kind, subject), at in sorted(self._wanted.items())
        ]
        self._wanted = {}
        if connection.dialect.name == "sqlite":
            await connection.execute(merged(sqlite.insert(_t).values(rows)))
            return
        # In the same statement. PostgreSQL folds a transaction's equal notifications into one.
        tell = sa.case((_t.c.due_at <= now + SOON, sa.func.pg_notify(CHANNEL, "").cast(sa.Text)))
        await connection.execute(merged(postgresql.insert(_t).values(rows)).returning(tell))


def due_row(tenant_id: str, kind: str, subject: str, at: datetime | None) -> dict[str, Any]:
    return {
        "tenant_id": tenant_id,
        "kind": kind,
        "subject": subject,
        "due_at": at,
        "planned_at": at,
        "version": 1,
        "attempts": 0,
    }


def merged(statement: sqlite.Insert | postgresql.Insert) -> sqlite.Insert | postgresql.Insert:
    """The insert, merged with existing rows. A new plan replaces the old one. An equal plan writes
    nothing, since the row may have been put off after failures. Anything else is due at the
    earlier of the two moments.
    """
    new, is_planned = statement.excluded, _t.c.kind.in_(sorted(PLANNED))
    keeps = sa.and_(~is_planned, _t.c.due_at < new.due_at)
    return statement.on_conflict_do_update(
        index_elements=_KEY,
        set_={
            "due_at": sa.case((keeps, _t.c.due_at), else_=new.due_at),
            "planned_at": new.planned_at,
            "version": _t.c.version + 1,
            "attempts": sa.case((is_planned, 0), else_=_t.c.attempts),
        },
        where=sa.or_(~is_planned, _t.c.planned_at.is_distinct_from(new.planned_at)),
    )
