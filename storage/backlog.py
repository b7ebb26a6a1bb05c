"""What is due and not done yet, over all tenants: for the operator."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from flows.csm.board import MOST_COUNTED
from flows.outbox.jobs import PLANNED, JobKind, Waiting
from flows.outbox.messages import NO_CHANNEL, MessageState
from storage import tables
from storage.column_types import Instant
from storage.connections import Engine
from storage.engine import read_rows

MOST_SEEN = 500  # of which we ask how often they were tried
MOST_HURRIED = 500  # conversations

_t, _o = tables.due, tables.outbox
_FOR_A_CHANNEL = (
    sa.select(_o.c.tenant_id, _o.c.conversation)
    .where(
        _o.c.state == MessageState.PENDING,
        _o.c.due_at > sa.bindparam("real_now", type_=Instant),
        _o.c.error == NO_CHANNEL,
    )
    .distinct()
    .limit(MOST_HURRIED)
)


class Backlog:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def of(self, now: datetime, real_now: datetime) -> Mapping[JobKind, Waiting]:
        """By kind; of each `MOST_COUNTED` at most, the oldest. `now` is a moment of the injected
        time, `real_now` of the real time. Raises `StorageUnavailable`.
        """
        statement, moments = _due(MOST_COUNTED, MOST_SEEN), {"now": now, "real_now": real_now}
        rows = await read_rows(self._engine, statement, moments)
        found = {JobKind(kind): (n, at, tries) for kind, n, at, tries in rows if n}
        return {
            kind: Waiting(n, ((now if kind in PLANNED else real_now) - at).total_seconds(), tries)
            for kind, (n, at, tries) in found.items()
        }

    async def for_a_channel(self, real_now: datetime) -> Sequence[tuple[str, str]]:
        """Some tenants and conversations in which messages wait until CSMs have a channel. Raises
        `StorageUnavailable`.
        """
        found = await read_rows(self._engine, _FOR_A_CHANNEL, {"real_now": real_now})
        return [(tenant_id, conversation) for tenant_id, conversation in found]


@cache
def _due(most_counted: int, most_seen: int) -> "sa.CompoundSelect[str, int, Any, Any]":
    """A row for each kind. Made once, because that takes longer than to ask."""
    return sa.union_all(*(_of(kind, most_counted, most_seen) for kind in JobKind))


def _of(kind: JobKind, most_counted: int, most_seen: int) -> "sa.Select[str, int, Any, Any]":
    """Counts by the index alone, and looks at the attempts of the oldest only."""
    now = sa.bindparam("now" if kind in PLANNED else "real_now", type_=Instant)
    due = (_t.c.kind == kind.value, _t.c.due_at <= now)
    some = sa.select(_t.c.kind).where(*due).limit(most_counted).subquery()
    oldest = sa.select(_t.c.due_at, _t.c.attempts).where(*due).order_by(_t.c.due_at)
    seen = oldest.limit(most_seen).subquery()
    first = sa.func.min(seen.c.due_at, type_=Instant)
    count = sa.select(sa.func.count()).select_from(some).scalar_subquery()
    return sa.select(sa.literal(kind.value), count, first, sa.func.max(seen.c.attempts))
