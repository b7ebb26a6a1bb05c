"""All customers at once, read from the overview: for the board, the digest and the funnel.

No statement reads more rows the more customers there are; `tests/contract/test_plans.py` explains
each of them to both databases.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from flows.csm.board import MOST_COUNTED, Customer, CustomerPage, CustomerQuery, Figures
from flows.csm.facts import URGENCIES, Card, Need
from flows.csm.paging import FIRST, Side, Turn
from flows.history import Event
from flows.overview import Milestone, Overview, Standing
from flows.projection import words_typed
from storage import board_pages as pages
from storage import tables
from storage.connections import Engine
from storage.engine import read_rows
from storage.repositories.integrations import overview_of

_o, _i, _c = tables.overview, tables.installations, tables.cards
_one, _t = tables.integrations, tables.teams
_NOT_GONE = _o.c.tenant_id.not_in(pages.REVOKED)


class SqlCustomers:
    """Implements `flows.csm.board.Customers`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def page(
        self, query: CustomerQuery, now: datetime, limit: int, turn: Turn = FIRST
    ) -> CustomerPage:
        """Reads the second half of the board only where the first one does not fill the page.

        The second half passes over the customers of the first half, who were all shown before.
        """
        if query.text:
            return await self._searched(query, now, limit, turn)
        parts = pages.halves(query, now)
        found: list[Customer] = []
        for half in reversed(parts) if turn.side is Side.BEFORE else parts:
            within = [part for part in half if part.is_in(turn)]
            if within and len(found) < limit:
                first = pages.first_of(within, turn, limit - len(found))
                found += [_customer(row) for row in await self._all(_rows_of(first))]
        return CustomerPage(found[::-1] if turn.side is Side.BEFORE else found)

    async def _searched(
        self, query: CustomerQuery, now: datetime, limit: int, turn: Turn
    ) -> CustomerPage:
        words = words_typed(query.text)
        if not words:
            return CustomerPage([])
        (reach,) = await self._all(pages.reach_of(words))
        count, rarest = min(zip(reach, words, strict=True))
        others = [word for word in words if word != rarest]
        keys = pages.searched(query, rarest, others, now, turn, limit)
        found = [_customer(row) for row in await self._all(_rows_of(keys))]
        in_order = found[::-1] if turn.side is Side.BEFORE else found
        return CustomerPage(in_order, is_cut=count == pages.CANDIDATES)

    async def needing(self, now: datetime, limit: int) -> tuple[Sequence[Customer], int]:
        parts, _ = pages.halves(CustomerQuery(), now)
        total = _count_of(pages.needing(now, URGENCIES))
        return await self._counted(pages.first_of(parts, FIRST, limit), total)

    async def still_needing(self, keys: Sequence[tuple[str, str]], now: datetime) -> int:
        (row,) = await self._all(pages.still_needing(keys, now))
        return int(row[0])

    async def finished(
        self, since: datetime, until: datetime, limit: int
    ) -> tuple[Sequence[Customer], int]:
        key = (_o.c.tenant_id, _o.c.integration_id)
        then = (_o.c.finished_at >= since, _o.c.finished_at < until, *_staying())
        found = sa.select(*key, _o.c.finished_at).where(*then)
        last = found.order_by(_o.c.finished_at.desc(), *key).limit(limit).subquery()
        newest = (last.c.finished_at.desc(), last.c.tenant_id, last.c.integration_id)
        first = sa.select(last, sa.func.row_number().over(order_by=newest).label("at")).subquery()
        return await self._counted(first, _count_of(found))

    async def figures(self, now: datetime, since: datetime) -> Figures:
        def counted(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
            total = sa.func.coalesce(sa.func.sum(sa.case((condition, counts.c.change), else_=0)), 0)
            return sa.select(total).scalar_subquery()

        counts = _standing_counts()
        urgent = pages.needing(now, URGENCIES[: Need.UNOWNED.urgency])
        ended = sa.select(_o.c.tenant_id).where(_o.c.finished_at >= since, *_staying())
        statement = sa.select(
            counted(counts.c.standing == int(Standing.IN_PROGRESS)),
            _count_of(urgent),
            _count_of(ended),
            counted(counts.c.standing != int(Standing.LEFT)),
            counted(counts.c.standing == int(Standing.LEFT)),
        )
        (row,) = await self._all(statement)
        return Figures(*row)

    async def funnel(self) -> Mapping[Milestone, int]:
        counts = _standing_counts()
        statement = (
            sa.select(counts.c.milestone, sa.func.sum(counts.c.change))
            .where(counts.c.standing != int(Standing.LEFT))
            .group_by(counts.c.milestone)
        )
        found = {row[0]: int(row[1]) for row in await self._all(statement)}
        return {milestone: found.get(milestone, 0) for milestone in Milestone}

    async def moved(
        self, kinds: Sequence[type[Event]], since: datetime, until: datetime
    ) -> Mapping[type[Event], int]:
        h, named = tables.history, {each.kind: each for each in kinds}
        counted = []
        for kind in named:
            then = (h.c.kind == kind, h.c.at >= since, h.c.at < until)
            some = sa.select(h.c.integration_id).where(*then).limit(MOST_COUNTED).subquery()
            whom = sa.func.count(some.c.integration_id.distinct())
            counted.append(sa.select(sa.literal(kind), whom))
        rows = await self._all(sa.union_all(*counted))
        return {named[kind]: count for kind, count in rows if count}

    async def owners(self, limit: int) -> Sequence[str]:
        c = tables.owner_counts.c
        total = sa.func.sum(c.change)
        statement = (
            sa.select(c.owner)
            .group_by(c.owner)
            .having(total > 0)
            .order_by(total.desc(), c.owner)
            .limit(limit)
        )
        return [row[0] for row in await self._all(statement)]

    async def everybody(self, after: tuple[str, str], limit: int) -> Sequence[tuple[str, str]]:
        t = tables.integrations
        key = sa.tuple_(t.c.tenant_id, t.c.id)
        page = sa.select(t.c.tenant_id, t.c.id).where(key > after).order_by(t.c.tenant_id, t.c.id)
        return [(row[0], row[1]) for row in await self._all(page.limit(limit))]

    async def outdated(self, projection: int, limit: int) -> Sequence[tuple[str, str]]:
        key = (_o.c.tenant_id, _o.c.integration_id)
        old = sa.select(*key).where(_o.c.projection < projection).limit(limit).subquery()
        unsearched = sa.select(*key).where(_o.c.found_by.is_(None)).limit(limit).subquery()
        both = sa.union(sa.select(old), sa.select(unsearched)).limit(limit)
        return [(row[0], row[1]) for row in await self._all(both)]

    async def missing(
        self, after: tuple[str, str], until: tuple[str, str]
    ) -> Sequence[tuple[str, str]]:
        t = tables.integrations
        key = sa.tuple_(t.c.tenant_id, t.c.id)
        there = sa.exists().where(_o.c.tenant_id == t.c.tenant_id, _o.c.integration_id == t.c.id)
        missing = sa.select(t.c.tenant_id, t.c.id).where(key > after, key <= until, ~there)
        return [(row[0], row[1]) for row in await self._all(missing)]

    async def _counted(
        self, first: sa.Subquery, total: sa.ScalarSelect[int]
    ) -> tuple[Sequence[Customer], int]:
        rows = await self._all(_rows_of(first).add_columns(total.label("total")))
        return [_customer(row) for row in rows], rows[0].total if rows else 0

    async def _all(self, statement: sa.Executable) -> Sequence[Any]:
        return await read_rows(self._engine, statement)


def _rows_of(keys: sa.Subquery) -> sa.Select[Any]:
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


_SHOWN = ("tenant_id", *Overview.__slots__)


def _staying() -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return _o.c.standing != int(Standing.LEFT), _NOT_GONE


def _count_of(rows: sa.Select[Any]) -> sa.ScalarSelect[int]:
    """How many there are, `MOST_COUNTED` at most."""
    some = rows.limit(MOST_COUNTED).subquery()
    return sa.select(sa.func.count()).select_from(some).scalar_subquery()


def _standing_counts() -> sa.Subquery:
    """Changes of the counts, less those who are about to be erased."""
    s = tables.standing_counts
    taken = sa.select(_o.c.standing, _o.c.milestone, sa.literal_column("-1").label("change"))
    taken = taken.where(_o.c.tenant_id.in_(pages.REVOKED))
    return sa.union_all(sa.select(s.c.standing, s.c.milestone, s.c.change), taken).subquery()


def _customer(row: sa.Row[Any]) -> Customer:
    overview = overview_of(row)
    card = Card(overview.integration_id, row.channel_id, row.ts) if row.ts else None
    removed = row.revoked_at is not None
    left = overview.standing is Standing.LEFT or removed
    return Customer(row.tenant_id, row.name, overview, card, left, removed=removed)
