"""Restores due rows that are missing or wrong, from the rows that are the truth.

Nothing needs it while all processes run this version and no row is lost. During a rollout it adds
what the previous version stores. It can also rebuild the whole table.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

import sqlalchemy as sa

from flows.outbox.jobs import JobKind
from flows.outbox.messages import MessageState
from flows.toplyne.model import DeliveryState
from storage import tables
from storage.column_types import Instant
from storage.connections import Engine
from storage.dialects import postgres, sqlite
from storage.engine import reading, translated
from storage.repositories.installations import DIGEST
from storage.transaction import literal, merged

REPLANNING_BATCH = 1000

_t = tables.due
_COLUMNS = ["tenant_id", "kind", "subject", "due_at", "planned_at", "version", "attempts"]


class Replanning:
    """Every call raises `StorageUnavailable`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def replan(self, real_now: datetime) -> int:
        """Returns how many rows it made or corrected. Safe at any time, while workers run too."""
        made = await self.find_missing(real_now) + await self._all([_digests(), _refused()])
        after = ("", "")
        while (until := await self._next(after)) is not None:
            for statement in _plans(after, until):
                made += await self._write(statement)
            after = until
        return made

    async def _next(self, after: tuple[str, str]) -> tuple[str, str] | None:
        """The last of the next `REPLANNING_BATCH` set-ups, in the order of their keys."""
        key = (tables.overview.c.tenant_id, tables.overview.c.integration_id)
        some = sa.select(*key).where(sa.tuple_(*key) > after).order_by(*key).limit(REPLANNING_BATCH)
        with translated():
            async with reading(self._engine).connect() as connection:
                rows = (await connection.execute(some)).all()
        return (rows[-1][0], rows[-1][1]) if rows else None

    async def find_missing(self, real_now: datetime) -> int:
        """The same for kinds that are not planned. Finds them by index."""
        return await self._all(_missing_things(real_now))

    async def _all(self, statements: "Iterable[sa.Select[tuple[object, ...]]]") -> int:
        made = 0
        for statement in statements:
            while True:
                count = await self._write(statement.limit(REPLANNING_BATCH))
                made += count
                if count < REPLANNING_BATCH:
                    break
        return made

    async def hasten_polls(self, now: datetime, after: datetime) -> int:
        """Makes polls due that are planned after `after`: their clock has been put back since."""
        t = tables.due
        far = (t.c.kind == JobKind.POLL.value, t.c.due_at > after)
        with translated():
            async with self._engine.begin() as connection:
                return (
                    await connection.execute(sa.update(t).where(*far).values(due_at=now))
                ).rowcount

    async def _write(self, rows: sa.Select[tuple[object, ...]]) -> int:
        insert = sqlite.insert if self._engine.dialect.name == "sqlite" else postgres().insert
        statement = merged(insert(_t).from_select(_COLUMNS, rows))
        counted = {"preserve_rowcount": True}  # by default, INSERT does not count
        with translated():
            async with self._engine.begin() as connection:
                result = await connection.execute(statement, execution_options=counted)
                return result.rowcount


def _plans(
    after: tuple[str, str], until: tuple[str, str]
) -> Iterator["sa.Select[tuple[object, ...]]"]:
    o = tables.overview
    key = sa.tuple_(o.c.tenant_id, o.c.integration_id)
    for kind, at in (
        (JobKind.POLL, o.c.next_poll_at),
        (JobKind.REMIND, o.c.next_reminder_at),
        (JobKind.CALL, o.c.next_call_at),
    ):
        yield _planned(o, kind, o.c.integration_id, at).where(key > after, key <= until)


def _digests() -> "sa.Select[tuple[object, ...]]":
    c = tables.digests.c
    return _planned(tables.digests, JobKind.DIGEST, sa.literal(DIGEST), c.next_at)


def _refused() -> "sa.Select[tuple[object, ...]]":
    """Installations whose token Slack has refused without a final reason."""
    i = tables.installations
    rows = _missing(i, JobKind.CONFIRM_TOKEN, sa.literal(""), i.c.refused_at)
    return rows.where(i.c.refused_at.is_not(None), i.c.revoked_at.is_(None))


def _missing_things(now: datetime) -> Iterator["sa.Select[tuple[object, ...]]"]:
    m, d, i, c = tables.outbox, tables.deliveries, tables.inbox, tables.pending_checks
    first = sa.func.min(m.c.due_at, type_=Instant)
    waiting = _missing(m, JobKind.DELIVER, m.c.conversation, first)
    waiting = waiting.where(m.c.state == literal(MessageState.PENDING))
    yield waiting.group_by(m.c.tenant_id, m.c.conversation)
    unsent = _missing(d, JobKind.SEND_TO_TOPLYNE, d.c.id, d.c.due_at)
    yield unsent.where(d.c.state == literal(DeliveryState.PENDING))
    at_once = sa.literal(now, Instant)
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
    tenant_id, known = table.c.tenant_id, sa.literal(kind.value)
    same = sa.and_(_t.c.tenant_id == tenant_id, _t.c.kind == known, _t.c.subject == subject)
    numbers = sa.literal(1), sa.literal(0)
    return sa.select(tenant_id, known, subject, at, at, *numbers).select_from(
        table.outerjoin(_t, same)
    )
