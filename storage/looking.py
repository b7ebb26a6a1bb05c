"""What people have open, written down behind each answer: windows of live sync, and Homes.

Like a unit of work, it writes nothing where the app is not installed.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache, cached_property
from typing import Any

import sqlalchemy as sa

from flows.outbox.jobs import JobKind
from flows.outbox.redraw import MAX_WINDOWS, OPEN_FOR
from flows.repositories import OpenedWindows
from storage import documents, tables
from storage.column_types import Instant
from storage.connections import Engine, Values
from storage.dialects import postgres, sqlite
from storage.repositories.observations import Kind
from storage.transaction import CHANNEL, SOON, WISH, merged
from storage.writing import Writer, make_writer

_t, _i, _o = tables.integrations, tables.installations, tables.observations
_v, _w, _due = tables.home_viewers, tables.overview, tables.due
_tenant, _integration, _document, _windows = (
    sa.bindparam(name, type_=sa.Text) for name in ("tenant", "integration", "said", "windows")
)
_poll_at = sa.bindparam("poll_at", type_=Instant)
_is_here = sa.and_(_i.c.tenant_id == _tenant, _i.c.revoked_at.is_(None))
_its = sa.and_(_t.c.tenant_id == _tenant, _t.c.id == _integration)
_observed = sa.and_(_o.c.tenant_id == _tenant, _o.c.integration_id == _integration)
_comes_later = sa.and_(
    _w.c.tenant_id == _tenant, _w.c.integration_id == _integration, _w.c.next_poll_at > _poll_at
)
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
        self, tenant_id: str, team_id: str, user_id: str, mark: str, at: datetime
    ) -> None:
        values = {"tenant": tenant_id, "team": team_id, "user": user_id, "mark": mark, "at": at}
        await self._writer.write([("home", values)])


@cache
def kinds(dialect: str) -> Mapping[str, Sequence[Any]]:
    """What is written, by kind of change."""
    insert = sqlite.insert if dialect == "sqlite" else postgres().insert
    return {
        "windows": _of_windows(insert, dialect),
        "waits": _of_waits(insert, dialect),
        "home": (_of_home(insert),),
    }


def _put(insert: Any, kind: Kind, subject: Any, *beside: Any) -> Any:
    """Replaces observations of this kind, whose subjects are `subject`."""
    facts = sa.select(
        _t.c.tenant_id, _t.c.id, sa.literal_column(f"'{kind.value}'", sa.Text), subject, _document
    ).join_from(_t, _i, _is_here)
    for each in beside:
        facts = facts.join(each, sa.true())
    living = facts.where(_its).with_for_update(read=True, of=_i)
    statement = insert(_o).from_select(_OBSERVATION, living)
    return statement.on_conflict_do_update(
        index_elements=_OBSERVATION[:4], set_={"document": statement.excluded.document}
    )


def _of_windows(insert: Any, name: str) -> Sequence[Any]:
    """Keeps these, and the newest others."""
    function = "json_each" if name == "sqlite" else "json_array_elements_text"
    given = _windows if name == "sqlite" else sa.cast(_windows, sa.JSON)
    each = getattr(sa.func, function)(given).table_valued("value")
    each = each.render_derived() if name != "sqlite" else each
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
        _put(insert, Kind.WINDOW, each.c.value, each),
        sa.delete(_o).where(others, _o.c.subject.not_in(newest)),
    )


def _of_waits(insert: Any, name: str) -> Sequence[Any]:
    """Notes that somebody waits, and has Segment asked then if it would be asked later."""
    living = sa.exists().where(_is_here)
    columns = sa.select(
        _w.c.tenant_id, sa.literal_column(f"'{JobKind.POLL.value}'", sa.Text), _w.c.integration_id,
        _poll_at, _poll_at, sa.literal_column("1"), sa.literal_column("0"),
    )  # fmt: skip
    wish: Any = merged(insert(_due).from_select(WISH, columns.where(_comes_later, living)))
    if name != "sqlite":
        is_soon = _due.c.due_at <= sa.bindparam("soon", type_=Instant)
        told = sa.case((is_soon, sa.func.pg_notify(CHANNEL, "").cast(sa.Text)))
        wish = wish.returning(told)
    hasten = sa.update(_w).where(_comes_later, living).values(next_poll_at=_poll_at)
    return _put(insert, Kind.WAITED, sa.literal_column("''", sa.Text)), wish, hasten


def _of_home(insert: Any) -> Any:
    """Who has it open now, and the mark of what they see."""
    told = (("user", sa.Text), ("team", sa.Text), ("at", Instant), ("mark", sa.Text))
    viewer = sa.select(_i.c.tenant_id, *(sa.bindparam(name, type_=of) for name, of in told))
    living = viewer.where(_is_here).with_for_update(read=True)
    statement = insert(_v).from_select(_VIEWER, living)
    set_ = {name: statement.excluded[name] for name in _VIEWER[2:]}
    return statement.on_conflict_do_update(index_elements=_VIEWER[:2], set_=set_)
