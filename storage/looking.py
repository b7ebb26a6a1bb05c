"""What people have open, written down behind each answer: windows of live sync, and Homes.

Like a unit of work, it writes nothing where the app is not installed.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache, cached_property
from typing import Any

import sqlalchemy as sa

from flows.drawn import OpenedWindows
from flows.outbox.jobs import JobKind
from flows.outbox.windows import MAX_WINDOWS, OPEN_FOR
from storage import documents, tables
from storage.clauses import (
    IS_INSTALLED,
    SOON,
    TELL_IF_SOON,
    WISH,
    in_text,
    merged,
    of_integration,
    of_tenant,
    wish,
)
from storage.column_types import Instant
from storage.connections import Engine, Values
from storage.repositories.observations import Kind
from storage.transaction import insert_into
from storage.writing import Writer, make_writer

_t, _i, _o = tables.integrations, tables.installations, tables.observations
_v, _w = tables.home_viewers, tables.overview
_integration, _document, _windows = (
    sa.bindparam(name, type_=sa.Text) for name in ("integration", "said", "windows")
)
_poll_at = sa.bindparam("poll_at", type_=Instant)
_its = sa.and_(of_tenant(_t), _t.c.id == _integration)
_observed = of_integration(_o)
_comes_later = sa.and_(of_integration(_w), _w.c.next_poll_at > _poll_at)
_OBSERVATION = ("tenant_id", "integration_id", "kind", "subject", "document")
_VIEWER = ("tenant_id", "user_id", "team_id", "seen_at", "drawn")


class Looking:
    """Writes by the raw driver. Everything raises `StorageUnavailable`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @cached_property
    def _writer(self) -> Writer:
        return make_writer(self._engine, kinds(self._engine.dialect.name))

    async def looked(self, looks: Sequence[OpenedWindows], at: datetime, real: datetime) -> None:
        changes: list[tuple[str, Values]] = []
        since = documents.to_text(documents.MOMENT, at - OPEN_FOR)
        for look in looks:
            values: dict[str, Any] = {
                "tenant": look.tenant_id,
                "integration": look.integration_id,
                "said": documents.to_text(documents.MOMENT, at),
            }
            names = look.windows[-MAX_WINDOWS:]
            others = {"since": since, "room": MAX_WINDOWS - len(names)}
            changes.append(("windows", {**values, **others, "windows": json.dumps(names)}))
            if look.poll_at:
                values |= {"poll_at": look.poll_at, "soon": real + SOON}
                changes.append(("waits", values))
        await self._writer.write(changes)

    async def saw_home(
        self, tenant_id: str, team_id: str, user_id: str, fingerprint: str, at: datetime
    ) -> None:
        values = {
            "tenant": tenant_id,
            "team": team_id,
            "user": user_id,
            "fingerprint": fingerprint,
            "at": at,
        }
        await self._writer.write([("home", values)])


@cache
def kinds(dialect: str) -> Mapping[str, Sequence[Any]]:
    """What is written, by kind of change."""
    return {
        "windows": _of_windows(dialect),
        "waits": _of_waits(dialect),
        "home": (_of_home(dialect),),
    }


def _put(dialect: str, kind: Kind, subject: Any, *beside: Any) -> Any:
    """Replaces observations of this kind, whose subjects are `subject`."""
    facts = sa.select(_t.c.tenant_id, _t.c.id, in_text(kind), subject, _document).join_from(
        _t, _i, IS_INSTALLED
    )
    for each in beside:
        facts = facts.join(each, sa.true())
    living = facts.where(_its).with_for_update(read=True, of=_i)
    statement = insert_into(dialect, _o).from_select(_OBSERVATION, living)
    return statement.on_conflict_do_update(
        index_elements=_OBSERVATION[:4], set_={"document": statement.excluded.document}
    )


def _of_windows(dialect: str) -> Sequence[Any]:
    """Keeps these, and the newest others."""
    if dialect == "sqlite":
        each = sa.func.json_each(_windows).table_valued("value")
    else:
        given = sa.func.json_array_elements_text(sa.cast(_windows, sa.JSON))
        each = given.table_valued("value").render_derived()
    others = sa.and_(
        _observed, _o.c.kind == Kind.WINDOW.value, _o.c.subject.not_in(sa.select(each.c.value))
    )
    newest = (
        sa.select(_o.c.subject)
        .where(others, _o.c.document > sa.bindparam("since"))
        .order_by(_o.c.document.desc())
        .limit(sa.bindparam("room", type_=sa.Integer))
    )
    return (
        _put(dialect, Kind.WINDOW, each.c.value, each),
        sa.delete(_o).where(others, _o.c.subject.not_in(newest)),
    )


def _of_waits(dialect: str) -> Sequence[Any]:
    """Notes that somebody waits, and has Segment asked then if it would be asked later."""
    living = sa.exists().where(IS_INSTALLED)
    poll = wish(_w.c.tenant_id, in_text(JobKind.POLL), _w.c.integration_id, _poll_at)
    sooner = sa.select(*poll).where(_comes_later, living)
    wished: Any = merged(insert_into(dialect, tables.due).from_select(WISH, sooner))
    if dialect != "sqlite":
        wished = wished.returning(TELL_IF_SOON)
    hasten = sa.update(_w).where(_comes_later, living).values(next_poll_at=_poll_at)
    return _put(dialect, Kind.WAITED, in_text("")), wished, hasten


def _of_home(dialect: str) -> Any:
    """Who has it open now, and the fingerprint of what they see."""
    told = (("user", sa.Text), ("team", sa.Text), ("at", Instant), ("fingerprint", sa.Text))
    viewer = sa.select(_i.c.tenant_id, *(sa.bindparam(name, type_=of) for name, of in told))
    living = viewer.where(IS_INSTALLED).with_for_update(read=True)
    statement = insert_into(dialect, _v).from_select(_VIEWER, living)
    set_ = {name: statement.excluded[name] for name in _VIEWER[2:]}
    return statement.on_conflict_do_update(index_elements=_VIEWER[:2], set_=set_)
