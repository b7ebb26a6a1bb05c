"""Counts and lists over all customers, each made once; counts go no further than `MOST_COUNTED`."""

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any

import sqlalchemy as sa

from flows.csm.facts import URGENCIES, Need
from flows.overview import Standing
from storage import tables
from storage.board_pages import (
    MOST_LISTED,
    MOST_SHAPES,
    NOW,
    REVOKED,
    Condition,
    PageShape,
    aside,
    first_of,
    halves,
    rows_of,
)  # fmt: skip
from storage.column_types import Instant

_o, _one = tables.overview, tables.integrations
_KEY = (_o.c.tenant_id, _o.c.integration_id)
_ID = (_one.c.tenant_id, _one.c.id)
_COUNTED = sa.bindparam("most_counted", type_=sa.Integer)
_SINCE, _UNTIL = (sa.bindparam(name, type_=Instant) for name in ("since", "until"))
_STAYING = (_o.c.standing != int(Standing.LEFT), _o.c.tenant_id.not_in(REVOKED))


@cache
def needing() -> sa.Select[Any]:
    """The first of those who need a CSM, and how many there are."""
    parts, _ = halves(shape := PageShape())
    return _with_total(first_of(parts, shape), _needing(URGENCIES))


def _needing(urgencies: Iterable[int]) -> sa.Select[Any]:
    """Those of these urgencies, to be counted: the index has all that is asked for."""
    urgency = _o.c.urgency.in_([sa.literal_column(str(each)) for each in urgencies])
    found = sa.select(_o.c.tenant_id).where(urgency, _o.c.need_at <= NOW)
    return found.where(_o.c.tenant_id.not_in(REVOKED))


@lru_cache(MOST_SHAPES)
def still_needing(count: int) -> sa.Select[Any]:
    """How many of so many need a CSM. Found by their keys, of which there are few."""
    needs = (aside(_o.c.need) != "", aside(_o.c.need_at) <= NOW, _o.c.tenant_id.not_in(REVOKED))
    its = (_named(_KEY, str(number)) for number in range(count))
    return sa.select(sa.func.count()).select_from(_o).where(sa.or_(sa.false(), *its), *needs)


def _named(key: Iterable[sa.Column[Any]], name: str) -> Condition:
    """Compared with values that `key_values` gives."""
    names = (f"tenant_{name}", f"integration_{name}")
    return sa.and_(*(own == sa.bindparam(its) for own, its in zip(key, names, strict=True)))


def key_values(name: str, key: tuple[str, str]) -> dict[str, str]:
    return {f"tenant_{name}": key[0], f"integration_{name}": key[1]}


@cache
def finished() -> sa.Select[Any]:
    """The last who finished in a time, and how many did."""
    then = (_o.c.finished_at >= _SINCE, _o.c.finished_at < _UNTIL, *_STAYING)
    found = sa.select(*_KEY, _o.c.finished_at).where(*then)
    last = found.order_by(_o.c.finished_at.desc(), *_KEY).limit(MOST_LISTED).subquery()
    newest = (last.c.finished_at.desc(), last.c.tenant_id, last.c.integration_id)
    first = sa.select(last, sa.func.row_number().over(order_by=newest).label("at")).subquery()
    return _with_total(first, found)


def _with_total(first: sa.Subquery, found: sa.Select[Any]) -> sa.Select[Any]:
    return rows_of(first).add_columns(_count_of(found).label("total"))


@cache
def figures() -> sa.Executable:
    counts = _standing_counts()

    def counted(condition: Condition) -> sa.ColumnElement[int]:
        total = sa.func.coalesce(sa.func.sum(sa.case((condition, counts.c.change), else_=0)), 0)
        return sa.select(total).scalar_subquery()

    ended = sa.select(_o.c.tenant_id).where(_o.c.finished_at >= _SINCE, *_STAYING)
    return sa.select(
        counted(counts.c.standing == int(Standing.IN_PROGRESS)),
        _count_of(_needing(URGENCIES[: Need.UNOWNED.urgency])),
        _count_of(ended),
        counted(counts.c.standing != int(Standing.LEFT)),
        counted(counts.c.standing == int(Standing.LEFT)),
    )


@cache
def funnel() -> sa.Select[Any]:
    """How many have come how far."""
    counts = _standing_counts()
    return (
        sa.select(counts.c.milestone, sa.func.sum(counts.c.change))
        .where(counts.c.standing != int(Standing.LEFT))
        .group_by(counts.c.milestone)
    )


def _count_of(rows: sa.Select[Any]) -> sa.ScalarSelect[int]:
    some = rows.limit(_COUNTED).subquery()
    return sa.select(sa.func.count()).select_from(some).scalar_subquery()


def _standing_counts() -> sa.Subquery:
    """Changes of the counts, less those who are about to be erased."""
    s = tables.standing_counts
    taken = sa.select(_o.c.standing, _o.c.milestone, sa.literal_column("-1").label("change"))
    taken = taken.where(_o.c.tenant_id.in_(REVOKED))
    return sa.union_all(sa.select(s.c.standing, s.c.milestone, s.c.change), taken).subquery()


@cache
def moved(kinds: tuple[str, ...]) -> sa.CompoundSelect[Any]:
    """How many had events of each kind in a time."""
    h, counted = tables.history, []
    for kind in kinds:
        then = (h.c.kind == kind, h.c.at >= _SINCE, h.c.at < _UNTIL)
        some = sa.select(h.c.integration_id).where(*then).limit(_COUNTED).subquery()
        whom = sa.func.count(some.c.integration_id.distinct())
        counted.append(sa.select(sa.literal(kind), whom))
    return sa.union_all(*counted)


@cache
def owners() -> sa.Select[Any]:
    c = tables.owner_counts.c
    total = sa.func.sum(c.change)
    owned = sa.select(c.owner).group_by(c.owner).having(total > 0)
    return owned.order_by(total.desc(), c.owner).limit(MOST_LISTED)


@cache
def everybody() -> sa.Select[Any]:
    return sa.select(*_ID).where(_behind("after")).order_by(*_ID).limit(MOST_LISTED)


@cache
def outdated() -> sa.Select[Any]:
    """Whose rows come from earlier rules, or have no words to be found by."""
    of_earlier = _o.c.projection < sa.bindparam("projection", type_=sa.Integer)
    old = sa.select(*_KEY).where(of_earlier).limit(MOST_LISTED).subquery()
    unsearched = sa.select(*_KEY).where(_o.c.found_by.is_(None)).limit(MOST_LISTED).subquery()
    both = sa.union(sa.select(old), sa.select(unsearched)).subquery()
    return sa.select(both).limit(MOST_LISTED)


@cache
def missing() -> sa.Select[Any]:
    """Who has no row, of a stretch of all."""
    there = sa.exists().where(*(own == its for own, its in zip(_KEY, _ID, strict=True)))
    return sa.select(*_ID).where(_behind("after"), sa.not_(_behind("until")), ~there)


def _behind(name: str) -> Condition:
    its = (sa.bindparam(f"{part}_{name}", type_=sa.Text) for part in ("tenant", "integration"))
    return sa.tuple_(*_ID) > sa.tuple_(*its)
