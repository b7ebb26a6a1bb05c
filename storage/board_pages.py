"""The statements behind the board: each reads along an index in the order of the page.

A page is put together from parts. Within a part, urgency or standing is fixed, so the index gives
the rest of the order, and each part is read no further than the page needs.

To put one together takes longer than to read the page. So that is done once for each `PageShape`,
and the rest are values.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Self

import sqlalchemy as sa

from flows.csm.board import CustomerQuery, Stage
from flows.csm.facts import URGENCIES
from flows.csm.paging import FIRST, Side, Turn
from flows.overview import Overview, Standing
from storage import tables
from storage.column_types import Instant
from storage.connections import Values

MOST_SHAPES = 100  # that are kept, each some 240 kB

_o, _i, _c = tables.overview, tables.installations, tables.cards
_one, _t = tables.integrations, tables.teams
_KEY = (_o.c.tenant_id, _o.c.integration_id)
_STAYING = (Standing.IN_PROGRESS, Standing.NOT_STARTED, Standing.FINISHED)
STANDINGS: dict[Stage | None, tuple[Standing, ...]] = {
    None: _STAYING,
    Stage.NOT_STARTED: (Standing.NOT_STARTED,),
    Stage.FINISHED: (Standing.FINISHED,),
    Stage.LEFT: (Standing.LEFT,),
}
IN_STEPS = (Standing.IN_PROGRESS, Standing.FINISHED)  # of the latter those with something open
# Tenants that were uninstalled and are not erased yet: there are never many.
REVOKED = sa.select(_i.c.tenant_id).where(_i.c.revoked_at.is_not(None))

Condition = sa.ColumnElement[bool]
Read = Callable[[sa.Column[Any]], sa.ColumnElement[Any]]

NOW = sa.bindparam("now", type_=Instant)
MOST_LISTED = sa.bindparam("most", type_=sa.Integer)
SINCE_BEFORE = sa.bindparam("since_before", type_=Instant)
SPOT_PLACE = tuple(sa.bindparam(name, type_=sa.Integer) for name in ("spot_half", "spot_place"))
SPOT_BEGIN: tuple[sa.BindParameter[Any], ...] = (
    sa.bindparam("spot_since", type_=Instant),
    sa.bindparam("spot_tenant", type_=sa.Text),
    sa.bindparam("spot_integration", type_=sa.Text),
)
_COMPARED = ("waiting_on", "blocker", "owner")
_SHOWN = ("tenant_id", *Overview.__slots__)


@dataclass(frozen=True, slots=True)
class PageShape:
    """What the text of a page's statement depends on: which columns must have some value, whether
    an age is looked for, where the page begins, in `place` by half and place.
    """

    stage: Stage | None = None
    compared: tuple[str, ...] = ()
    is_aged: bool = False
    side: Side = Side.FROM
    place: tuple[int, int] | None = None

    @classmethod
    def of(cls, query: CustomerQuery, turn: Turn) -> Self:
        compared = tuple(name for name in _COMPARED if getattr(query, name) != "")
        place = (turn.spot.half, turn.spot.place) if turn.spot else None
        return cls(query.stage, compared, query.since_before is not None, turn.side, place)


def values_of(query: CustomerQuery, now: datetime, limit: int, turn: Turn = FIRST) -> Values:
    """What such a statement is asked with."""
    spot = turn.spot
    at = (spot.half, spot.place, spot.since, spot.tenant_id, spot.integration_id) if spot else ()
    names = [each.key for each in (*SPOT_PLACE, *SPOT_BEGIN)]
    return {
        "now": now,
        "most": limit,
        "since_before": query.since_before,
        **{name: getattr(query, name) or "" for name in _COMPARED},
        **dict(zip(names, at or (None,) * len(names), strict=True)),
    }


@lru_cache(MOST_SHAPES)
def page(shape: PageShape, half: int) -> sa.Select[Any] | None:
    """One half of a page; None if the page begins behind it."""
    within = [part for part in halves(shape)[half] if part.is_in(shape)]
    return rows_of(first_of(within, shape)) if within else None


def same(column: sa.Column[Any], value: int) -> Condition:
    """With the number in the statement's text, because conditions of indexes name it."""
    return column == sa.literal_column(str(int(value)))


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the board in which half and place are the same."""

    half: int
    place: int
    since: sa.Column[datetime]
    wanted: Sequence[Condition]

    def rows(self, shape: PageShape) -> sa.Subquery:
        order: list[sa.ColumnElement[Any]] = [self.since, *_KEY]
        wanted = list(self.wanted)
        if (self.half, self.place) == shape.place:
            wanted.append(beyond(sa.tuple_(*order), SPOT_BEGIN, shape.side))
        if shape.side is Side.BEFORE:
            order = [column.desc() for column in order]
        place: sa.Label[int] = sa.literal_column(str(int(self.place))).label("place")
        columns = (*_KEY, place, self.since.label("since"))
        return sa.select(*columns).where(*wanted).order_by(*order).limit(MOST_LISTED).subquery()

    def is_in(self, shape: PageShape) -> bool:
        if shape.place is None:
            return True
        own = (self.half, self.place)
        return own <= shape.place if shape.side is Side.BEFORE else own >= shape.place


def halves(shape: PageShape) -> tuple[list[Part], list[Part]]:
    """Those who need a CSM now, and the others. Who has left can need one, too."""
    filters = list(filters_of(shape))
    here = [_o.c.tenant_id.not_in(REVOKED), *filters]
    if shape.stage not in STANDINGS:
        here.append(_o.c.step == str(shape.stage))
    needing = list(_needing(shape.stage, here))
    if shape.stage is Stage.LEFT:
        others = list(_left(filters))
    else:
        others = [
            Part(1, each, _o.c.blocked_since, [*_stands(shape.stage, each), _needs_not(), *here])
            for each in STANDINGS.get(shape.stage, IN_STEPS)
        ]
    return _old(needing, shape), _old(others, shape)


def _old(parts: Iterable[Part], shape: PageShape) -> list[Part]:
    """Those of the age that is looked for."""
    if not shape.is_aged:
        return list(parts)
    return [replace(p, wanted=[*p.wanted, p.since <= SINCE_BEFORE]) for p in parts]


def _needing(stage: Stage | None, here: Sequence[Condition]) -> Iterator[Part]:
    kinds: list[list[Condition]] = [[]]
    if stage is not None:
        kinds = [_stands(stage, each) for each in STANDINGS.get(stage, IN_STEPS)]
        if stage in STANDINGS:  # as the index says it
            kinds[0].append(_o.c.standing > sa.literal_column("0"))
    for urgency in URGENCIES:
        for stands in kinds:
            wanted = [same(_o.c.urgency, urgency), _o.c.need_at <= NOW, *stands, *here]
            yield Part(0, urgency, _o.c.need_at, wanted)


def _stands(stage: Stage | None, standing: Standing) -> list[Condition]:
    """So stands a customer, and after the end something is open in the step that is looked for."""
    stands = [same(_o.c.standing, standing)]
    if stage not in STANDINGS and standing is Standing.FINISHED:
        stands.append(_o.c.blocker != sa.literal_column("''"))
    return stands


def _left(filters: Sequence[Condition]) -> Iterator[Part]:
    """Those who disconnected; before them those who are about to be erased."""
    for each in _STAYING:
        stands = aside(_o.c.standing) == int(each)
        yield Part(1, each, _o.c.blocked_since, [stands, _o.c.tenant_id.in_(REVOKED), *filters])
    disconnected = same(_o.c.standing, Standing.LEFT)
    unasked = sa.or_(_needs_not(), _o.c.tenant_id.in_(REVOKED))
    yield Part(1, Standing.LEFT, _o.c.blocked_since, [disconnected, unasked, *filters])


def aside(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """The column in a form that fits no index, so that rows are found by another one."""
    return sa.func.coalesce(column, column, type_=column.type)


def filters_of(shape: PageShape, read: Read = lambda column: column) -> Iterator[Condition]:
    """All but the stage, the age and the search."""
    for name in shape.compared:
        yield read(_o.c[name]) == sa.bindparam(name, type_=sa.Text)


def _needs_not() -> Condition:
    return sa.or_(_o.c.need_at.is_(None), _o.c.need_at > NOW)


def first_of(parts: Iterable[Part], shape: PageShape) -> sa.Subquery:
    """The first keys, as many as asked for, and the order in which they come."""
    found = [sa.select(part.rows(shape)) for part in parts]
    return ordered(sa.union_all(*found).subquery(), shape)


def ordered(rows: sa.Subquery, shape: PageShape) -> sa.Subquery:
    columns = rows.c
    order: list[sa.ColumnElement[Any]] = [
        *((columns.half,) if "half" in columns else ()),
        columns.place, columns.since, columns.tenant_id, columns.integration_id,
    ]  # fmt: skip
    if shape.side is Side.BEFORE:
        order = [column.desc() for column in order]
    at = sa.func.row_number().over(order_by=order).label("at")
    return sa.select(rows, at).order_by(*order).limit(MOST_LISTED).subquery()


def beyond(own: "sa.Tuple", its: Sequence[sa.ColumnElement[Any]], side: Side) -> Condition:
    other = sa.tuple_(*its)
    if side is Side.BEFORE:
        return own < other
    return own > other if side is Side.AFTER else own >= other


def rows_of(keys: sa.Subquery) -> sa.Select[Any]:
    """All that the board shows of these customers, in the order of the column `at`."""

    def of(table: sa.Table) -> sa.ColumnElement[bool]:
        return sa.and_(
            table.c.tenant_id == keys.c.tenant_id, table.c.integration_id == keys.c.integration_id
        )

    its_own = sa.and_(_one.c.tenant_id == keys.c.tenant_id, _one.c.id == keys.c.integration_id)
    found = (
        keys.join(_o, of(_o))
        .join(_i, _i.c.tenant_id == keys.c.tenant_id)
        .join(_one, its_own)
        .join(_t, sa.and_(_t.c.tenant_id == keys.c.tenant_id, _t.c.team_id == _one.c.team_id))
        .outerjoin(_c, of(_c))
    )
    shown = (*(_o.c[name] for name in _SHOWN), _t.c.name, _i.c.revoked_at, _c.c.channel_id, _c.c.ts)
    return sa.select(*shown).select_from(found).order_by(keys.c.at)
