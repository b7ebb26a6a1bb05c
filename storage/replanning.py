"""Restores due rows that are missing or wrong, from the rows that are the truth.

Nothing needs it while all processes run this version and no row is lost. During a rollout it adds
what the previous version stores. It can also rebuild the whole table.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from flows.outbox.jobs import JobKind
from flows.outbox.messages import MessageState
from flows.toplyne.model import DeliveryState
from storage import tables
from storage.clauses import WISH, in_text, merged, wish
from storage.column_types import Instant
from storage.connections import Engine
from storage.engine import read_rows, write_rows
from storage.repositories.installations import DIGEST
from storage.transaction import insert_into

REPLANNING_BATCH = 1000

_t = tables.due


class Replanning:
    """Every call raises `StorageUnavailable`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._dialect = engine.dialect.name

    async def replan(self, real_now: datetime) -> int:
        """Returns how many rows it made or corrected. Safe at any time, while workers run too."""
        made = await self.find_missing(real_now) + await self._all(_of_tenants(self._dialect), {})
        after = ("", "")
        while (until := await self._next(after)) is not None:
            for statement in _plans(self._dialect):
                made += await write_rows(self._engine, statement, _between(after, until))
            after = until
        return made

    async def _next(self, after: tuple[str, str]) -> tuple[str, str] | None:
        """The last of the next `REPLANNING_BATCH` set-ups, in the order of their keys."""
        asked = {**_between(after, after), "most": REPLANNING_BATCH}
        rows = await read_rows(self._engine, _NEXT, asked)
        return (rows[-1][0], rows[-1][1]) if rows else None

    async def find_missing(self, real_now: datetime) -> int:
        """Makes the missing due rows of kinds that are not planned. Finds them by index."""
        return await self._all(_missing_things(self._dialect), {"real_now": real_now})

    async def _all(self, statements: Sequence[sa.Executable], about: Mapping[str, Any]) -> int:
        made, asked = 0, {**about, "most": REPLANNING_BATCH}
        for statement in statements:
            while True:
                count = await write_rows(self._engine, statement, asked)
                made += count
                if count < REPLANNING_BATCH:
                    break
        return made

    async def hasten_polls(self, now: datetime, after: datetime) -> int:
        """Makes polls due that are planned after `after`: their clock has been put back since."""
        return await write_rows(self._engine, _FAR_POLLS, {"later": after, "due_at": now})


_o = tables.overview
_KEY = (_o.c.tenant_id, _o.c.integration_id)
_after = sa.tuple_(sa.bindparam("after_tenant"), sa.bindparam("after_set_up"))
_until = sa.tuple_(sa.bindparam("until_tenant"), sa.bindparam("until_set_up"))
_NEXT = (
    sa.select(*_KEY).where(sa.tuple_(*_KEY) > _after).order_by(*_KEY).limit(sa.bindparam("most"))
)
_FAR_POLLS = sa.update(_t).where(
    _t.c.kind == JobKind.POLL.value, _t.c.due_at > sa.bindparam("later", type_=Instant)
)


def _between(after: tuple[str, str], until: tuple[str, str]) -> Mapping[str, str]:
    return {
        "after_tenant": after[0],
        "after_set_up": after[1],
        "until_tenant": until[0],
        "until_set_up": until[1],
    }


# What is written, by database. Made once, because that takes longer than most of it.


@cache
def _plans(dialect: str) -> Sequence[sa.Executable]:
    key = sa.tuple_(*_KEY)
    plans = (
        (JobKind.POLL, _o.c.next_poll_at),
        (JobKind.REMIND, _o.c.next_reminder_at),
        (JobKind.CALL, _o.c.next_call_at),
    )
    return [
        _put(
            dialect, _planned(_o, kind, _o.c.integration_id, at).where(key > _after, key <= _until)
        )
        for kind, at in plans
    ]


@cache
def _of_tenants(dialect: str) -> Sequence[sa.Executable]:
    return [_put(dialect, rows.limit(_most())) for rows in (_digests(), _refused())]


@cache
def _missing_things(dialect: str) -> Sequence[sa.Executable]:
    return [_put(dialect, rows.limit(_most())) for rows in _missing_rows()]


def _most() -> sa.BindParameter[int]:
    return sa.bindparam("most", type_=sa.Integer)


def _put(dialect: str, rows: sa.Select[tuple[object, ...]]) -> sa.Executable:
    return merged(insert_into(dialect, _t).from_select(WISH, rows))


def _digests() -> "sa.Select[tuple[object, ...]]":
    c = tables.digests.c
    return _planned(tables.digests, JobKind.DIGEST, sa.literal(DIGEST), c.next_at)


def _refused() -> "sa.Select[tuple[object, ...]]":
    """Installations whose token Slack has refused without a final reason."""
    i = tables.installations
    rows = _missing(i, JobKind.CONFIRM_TOKEN, sa.literal(""), i.c.refused_at)
    return rows.where(i.c.refused_at.is_not(None), i.c.revoked_at.is_(None))


def _missing_rows() -> Iterator["sa.Select[tuple[object, ...]]"]:
    m, d, i, c = tables.outbox, tables.deliveries, tables.inbox, tables.pending_checks
    first = sa.func.min(m.c.due_at, type_=Instant)
    waiting = _missing(m, JobKind.DELIVER, m.c.conversation, first)
    waiting = waiting.where(m.c.state == in_text(MessageState.PENDING))
    yield waiting.group_by(m.c.tenant_id, m.c.conversation)
    unsent = _missing(d, JobKind.SEND_TO_TOPLYNE, d.c.id, d.c.due_at)
    yield unsent.where(d.c.state == in_text(DeliveryState.PENDING))
    at_once = sa.bindparam("real_now", type_=Instant)
    # As the condition of the index says it.
    yield _missing(i, JobKind.EVENT, i.c.event_id, at_once).where(sa.text("inbox.open"))
    yield from _erasures(tables.installations, tables.teams)
    attempt = c.c.id + ":" + sa.cast(c.c.attempts, sa.Text)
    yield _missing(c, JobKind.CHECK, attempt, at_once)


def _erasures(installed: sa.Table, teams: sa.Table) -> Iterator["sa.Select[tuple[object, ...]]"]:
    """For tenants that have left, and for an organisation's single Slack workspaces that have."""
    whole = _missing(installed, JobKind.ERASE, sa.literal(""), installed.c.revoked_at)
    yield whole.where(installed.c.revoked_at.is_not(None))
    first = sa.func.min(teams.c.left_at, type_=Instant)
    single = _missing(teams, JobKind.ERASE, sa.literal(""), first)
    single = single.where(teams.c.left_at.is_not(None), teams.c.erased_at.is_(None))
    yield single.group_by(teams.c.tenant_id)


def _planned(
    table: sa.Table,
    kind: JobKind,
    subject: sa.ColumnElement[str],
    at: sa.ColumnElement[datetime],
) -> "sa.Select[tuple[object, ...]]":
    """Also corrects rows for which nothing is planned any more."""
    rows = _rows(table, kind, subject, at)
    return rows.where(_t.c.planned_at.is_distinct_from(at))


def _missing(
    table: sa.Table,
    kind: JobKind,
    subject: sa.ColumnElement[str],
    at: sa.ColumnElement[datetime],
) -> "sa.Select[tuple[object, ...]]":
    return _rows(table, kind, subject, at).where(_t.c.kind.is_(None))


def _rows(
    table: sa.Table,
    kind: JobKind,
    subject: sa.ColumnElement[str],
    at: sa.ColumnElement[datetime],
) -> "sa.Select[tuple[object, ...]]":
    tenant_id, known = table.c.tenant_id, in_text(kind)
    same = sa.and_(_t.c.tenant_id == tenant_id, _t.c.kind == known, _t.c.subject == subject)
    return sa.select(*wish(tenant_id, known, subject, at)).select_from(table.outerjoin(_t, same))
