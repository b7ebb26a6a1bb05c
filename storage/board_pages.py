"""The statements behind the board: each reads along an index in the order of the page.

A page is put together from parts. Within a part, urgency or standing is fixed, so the index gives
the rest of the order, and each part is read no further than the page needs.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from flows.csm.board import CustomerQuery, Stage
from flows.csm.facts import URGENCIES
from flows.csm.paging import Side, Spot, Turn
from flows.overview import Standing
from storage import tables
from storage.column_types import Instant

CANDIDATES = 1_000  # customers that a search looks through at most
LAST = "\U0010ffff"  # sorts after every letter that a word can have

_o, _i, _w = tables.overview, tables.installations, tables.words
_KEY = (_o.c.tenant_id, _o.c.integration_id)
_STAYING = (Standing.IN_PROGRESS, Standing.NOT_STARTED, Standing.FINISHED)
_STANDINGS: dict[Stage | None, tuple[Standing, ...]] = {
    None: _STAYING,
    Stage.NOT_STARTED: (Standing.NOT_STARTED,),
    Stage.FINISHED: (Standing.FINISHED,),
    Stage.LEFT: (Standing.LEFT,),
}
_IN_STEPS = (Standing.IN_PROGRESS, Standing.FINISHED)  # of the latter those with something open
# Tenants that were uninstalled and are not erased yet: there are never many.
REVOKED = sa.select(_i.c.tenant_id).where(_i.c.revoked_at.is_not(None))

Condition = sa.ColumnElement[bool]
Read = Callable[[sa.Column[Any]], sa.ColumnElement[Any]]


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

    def rows(self, turn: Turn, limit: int) -> sa.Subquery:
        order: list[sa.ColumnElement[Any]] = [self.since, *_KEY]
        wanted, spot = list(self.wanted), turn.spot
        if spot and (self.half, self.place) == (spot.half, spot.place):
            wanted.append(_beyond(sa.tuple_(*order), _end_of(spot), turn.side))
        if turn.side is Side.BEFORE:
            order = [column.desc() for column in order]
        place: sa.Label[int] = sa.literal_column(str(int(self.place))).label("place")
        columns = (*_KEY, place, self.since.label("since"))
        return sa.select(*columns).where(*wanted).order_by(*order).limit(limit).subquery()

    def is_in(self, turn: Turn) -> bool:
        if turn.spot is None:
            return True
        own, its = (self.half, self.place), (turn.spot.half, turn.spot.place)
        return own <= its if turn.side is Side.BEFORE else own >= its


def halves(query: CustomerQuery, now: datetime) -> tuple[list[Part], list[Part]]:
    """Those who need a CSM now, and the others. Who has left can need one, too."""
    filters = list(filters_of(query))
    here = [_o.c.tenant_id.not_in(REVOKED), *filters]
    if query.stage not in _STANDINGS:
        here.append(_o.c.step == str(query.stage))
    needing = list(_needing(query.stage, now, here))
    if query.stage is Stage.LEFT:
        others = list(_left(filters, now))
    else:
        others = [
            Part(1, each, _o.c.blocked_since, [*_stands(query.stage, each), needs_not(now), *here])
            for each in _STANDINGS.get(query.stage, _IN_STEPS)
        ]
    return _old(needing, query), _old(others, query)


def _old(parts: Iterable[Part], query: CustomerQuery) -> list[Part]:
    """Those of the age that is looked for."""
    if query.since_before is None:
        return list(parts)
    return [replace(p, wanted=[*p.wanted, p.since <= query.since_before]) for p in parts]


def _needing(stage: Stage | None, now: datetime, here: Sequence[Condition]) -> Iterator[Part]:
    kinds: list[list[Condition]] = [[]]
    if stage is not None:
        kinds = [_stands(stage, each) for each in _STANDINGS.get(stage, _IN_STEPS)]
        if stage in _STANDINGS:  # as the index says it
            kinds[0].append(_o.c.standing > sa.literal_column("0"))
    for urgency in URGENCIES:
        for stands in kinds:
            wanted = [same(_o.c.urgency, urgency), _o.c.need_at <= now, *stands, *here]
            yield Part(0, urgency, _o.c.need_at, wanted)


def _stands(stage: Stage | None, standing: Standing) -> list[Condition]:
    """So stands a customer, and after the end something is open in the step that is looked for."""
    stands = [same(_o.c.standing, standing)]
    if stage not in _STANDINGS and standing is Standing.FINISHED:
        stands.append(_o.c.blocker != sa.literal_column("''"))
    return stands


def needing(now: datetime, urgencies: Sequence[int]) -> sa.Select[Any]:
    """Those of these urgencies, to be counted: the index has all that is asked for."""
    urgency = _o.c.urgency.in_([sa.literal_column(str(each)) for each in urgencies])
    found = sa.select(_o.c.tenant_id).where(urgency, _o.c.need_at <= now)
    return found.where(_o.c.tenant_id.not_in(REVOKED))


def still_needing(keys: Sequence[tuple[str, str]], now: datetime) -> sa.Select[Any]:
    """How many of these need a CSM. Found by their keys, of which there are few."""
    needs = (_aside(_o.c.need) != "", _aside(_o.c.need_at) <= now, _o.c.tenant_id.not_in(REVOKED))
    its = (sa.and_(*(o == part for o, part in zip(_KEY, key, strict=True))) for key in keys)
    return sa.select(sa.func.count()).select_from(_o).where(sa.or_(sa.false(), *its), *needs)


def _left(filters: Sequence[Condition], now: datetime) -> Iterator[Part]:
    """Those who disconnected; before them those who are about to be erased."""
    for each in _STAYING:
        stands = _aside(_o.c.standing) == int(each)
        yield Part(1, each, _o.c.blocked_since, [stands, _o.c.tenant_id.in_(REVOKED), *filters])
    disconnected = same(_o.c.standing, Standing.LEFT)
    unasked = sa.or_(needs_not(now), _o.c.tenant_id.in_(REVOKED))
    yield Part(1, Standing.LEFT, _o.c.blocked_since, [disconnected, unasked, *filters])


def _aside(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """The column in a form that fits no index, so that rows are found by another one."""
    return sa.func.coalesce(column, column, type_=column.type)


def filters_of(query: CustomerQuery, read: Read = lambda column: column) -> Iterator[Condition]:
    """All but the stage, the age and the search."""
    if query.waiting_on:
        yield read(_o.c.waiting_on) == query.waiting_on
    if query.blocker:
        yield read(_o.c.blocker) == query.blocker
    if query.owner != "":
        yield read(_o.c.owner) == (query.owner or "")


def needs_not(now: datetime) -> Condition:
    return sa.or_(_o.c.need_at.is_(None), _o.c.need_at > now)


def first_of(parts: Iterable[Part], turn: Turn, limit: int) -> sa.Subquery:
    """So many keys, and the order in which they come."""
    found = [sa.select(part.rows(turn, limit)) for part in parts]
    return _ordered(sa.union_all(*found).subquery(), turn, limit)


def _ordered(rows: sa.Subquery, turn: Turn, limit: int) -> sa.Subquery:
    columns = rows.c
    order: list[sa.ColumnElement[Any]] = [
        *((columns.half,) if "half" in columns else ()),
        columns.place, columns.since, columns.tenant_id, columns.integration_id,
    ]  # fmt: skip
    if turn.side is Side.BEFORE:
        order = [column.desc() for column in order]
    at = sa.func.row_number().over(order_by=order).label("at")
    return sa.select(rows, at).order_by(*order).limit(limit).subquery()


def _end_of(spot: Spot) -> list[sa.ColumnElement[Any]]:
    return [
        sa.literal(spot.since, Instant()),
        sa.literal(spot.tenant_id),
        sa.literal(spot.integration_id),
    ]


def _beyond(own: "sa.Tuple", its: Sequence[sa.ColumnElement[Any]], side: Side) -> Condition:
    other = sa.tuple_(*its)
    if side is Side.BEFORE:
        return own < other
    return own > other if side is Side.AFTER else own >= other


# --- searching ------------------------------------------------------------------------------------


def begins(word: str) -> Condition:
    return sa.and_(_w.c.word >= word, _w.c.word < word + LAST)


def reach_of(words: Sequence[str]) -> sa.Select[Any]:
    """How many stored words begin with each of these, counted no further than one search looks."""
    one: sa.Label[int] = sa.literal_column("1").label("one")
    found = [sa.select(one).where(begins(each)).limit(CANDIDATES).subquery() for each in words]
    total = sa.func.count()
    return sa.select(*(sa.select(total).select_from(each).scalar_subquery() for each in found))


def searched(
    query: CustomerQuery, rarest: str, others: Sequence[str], now: datetime, turn: Turn, limit: int
) -> sa.Subquery:
    """Those whose names have all these words, in the order of the board. Found by the rarest."""
    key = (_w.c.tenant_id, _w.c.integration_id)
    some = (
        sa.select(*key).where(begins(rarest)).order_by(_w.c.word, *key).limit(CANDIDATES).subquery()
    )
    once = sa.select(some).distinct().subquery()
    # An outer join, so that both databases begin with those found; nothing below undoes that.
    found = once.outerjoin(_o, sa.and_(*(_o.c[each.name] == each for each in once.c)))
    here = once.c.tenant_id.not_in(REVOKED)
    stays = sa.and_(_aside(_o.c.standing) != int(Standing.LEFT), here)
    needs = sa.and_(_aside(_o.c.need_at) <= now, here)
    since = sa.case((needs, _o.c.need_at), else_=_o.c.blocked_since)
    rows = sa.select(
        *once.c,
        sa.case((needs, 0), else_=1).label("half"),
        sa.case((needs, _o.c.urgency), else_=_o.c.standing).label("place"),
        since.label("since"),
    ).select_from(found)
    of_all = (
        sa.exists().where(*(_w.c[each.name] == each for each in once.c), begins(word))
        for word in others
    )
    if query.stage is Stage.LEFT:
        stage = sa.not_(stays)
    elif query.stage is None:
        stage = sa.or_(stays, needs)
    else:
        stage = sa.and_(stays, *_stage(query.stage))
    age = [since <= query.since_before] if query.since_before else []
    rows = rows.where(stage, *filters_of(query, _aside), *age, *of_all)
    matching = rows.subquery()
    if turn.spot:
        order = ("half", "place", "since", "tenant_id", "integration_id")
        own = sa.tuple_(*(matching.c[name] for name in order))
        its = [sa.literal(turn.spot.half), sa.literal(turn.spot.place), *_end_of(turn.spot)]
        matching = sa.select(matching).where(_beyond(own, its, turn.side)).subquery()
    return _ordered(matching, turn, limit)


def _stage(stage: Stage) -> Iterator[Condition]:
    """Of those who are still there."""
    standing = _aside(_o.c.standing)
    yield standing.in_([int(each) for each in _STANDINGS.get(stage, _IN_STEPS)])
    if stage not in _STANDINGS:
        yield _aside(_o.c.step) == str(stage)
        yield sa.or_(standing != int(Standing.FINISHED), _aside(_o.c.blocker) != "")
