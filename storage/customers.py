"""All customers at once, read from the overview: for the board, the digest and the funnel."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from flows.csm.board import Customer, CustomerQuery, Figures, Stage
from flows.csm.facts import Card, Need
from flows.history import Event
from flows.overview import Milestone, Standing
from storage import tables
from storage.engine import reading, translated
from storage.repositories.integrations import overview_of

_o, _i, _c = tables.overview, tables.installations, tables.cards
_HERE = sa.and_(_i.c.revoked_at.is_(None), _o.c.standing != Standing.LEFT)
_one, _t = tables.integrations, tables.teams
_FROM = (
    _o.join(_i, _i.c.tenant_id == _o.c.tenant_id)
    .join(_one, sa.and_(_one.c.tenant_id == _o.c.tenant_id, _one.c.id == _o.c.integration_id))
    .join(_t, sa.and_(_t.c.tenant_id == _one.c.tenant_id, _t.c.team_id == _one.c.team_id))
    .outerjoin(
        _c,
        sa.and_(_c.c.tenant_id == _o.c.tenant_id, _c.c.integration_id == _o.c.integration_id),
    )
)
_ROW = (_o, _t.c.name, _i.c.revoked_at, _c.c.channel_id, _c.c.ts)
_STANDINGS = {
    Stage.NOT_STARTED: Standing.NOT_STARTED,
    Stage.FINISHED: Standing.FINISHED,
}


class SqlCustomers:
    """Implements `flows.csm.board.Customers`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = reading(engine)

    async def page(
        self, query: CustomerQuery, now: datetime, limit: int, offset: int
    ) -> Sequence[Customer]:
        """Reads two halves, each in the order of an index and no further than the page reaches."""
        wanted = _conditions(query)
        needs, reach = _needs(now), limit + offset
        halves = [
            _half(0, [*wanted, needs], (_o.c.urgency, _o.c.need_at), reach),
            _half(1, [*wanted, _needs_not(now)], (_o.c.standing, _o.c.blocked_since), reach),
        ]
        both = sa.union_all(*(sa.select(half) for half in halves)).subquery()
        order = (both.c.half, both.c.place, both.c.since, both.c.tenant_id, both.c.integration_id)
        rows = await self._all(sa.select(both).order_by(*order).limit(limit).offset(offset))
        return [_customer(row) for row in rows]

    async def needing(self, now: datetime, limit: int) -> tuple[Sequence[Customer], int]:
        return await self._counted([_HERE, _needs(now)], (_o.c.urgency, _o.c.need_at), limit)

    async def finished(
        self, since: datetime, until: datetime, limit: int
    ) -> tuple[Sequence[Customer], int]:
        then = (_o.c.finished_at >= since, _o.c.finished_at < until)
        return await self._counted([_HERE, *then], (_o.c.finished_at.desc(),), limit)

    async def figures(self, now: datetime, since: datetime) -> Figures:
        def count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
            return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)

        joined = _o.join(_i, _i.c.tenant_id == _o.c.tenant_id)
        statement = sa.select(
            count(_o.c.standing == Standing.IN_PROGRESS),
            count(sa.and_(_needs(now), _o.c.urgency < Need.UNOWNED.urgency)),
            count(_o.c.finished_at >= since),
            sa.func.count(),
        ).select_from(joined)
        (row,) = await self._all(statement.where(_HERE))
        return Figures(*row)

    async def funnel(self) -> Mapping[Milestone, int]:
        joined = _o.join(_i, _i.c.tenant_id == _o.c.tenant_id)
        statement = (
            sa.select(_o.c.milestone, sa.func.count())
            .select_from(joined)
            .where(_HERE)
            .group_by(_o.c.milestone)
        )
        found = {Milestone(row[0]): row[1] for row in await self._all(statement)}
        return {milestone: found.get(milestone, 0) for milestone in Milestone}

    async def moved(
        self, kinds: Sequence[type[Event]], since: datetime, until: datetime
    ) -> Mapping[type[Event], int]:
        h, named = tables.history, {each.kind: each for each in kinds}
        statement = (
            sa.select(h.c.kind, sa.func.count(h.c.integration_id.distinct()))
            .where(h.c.at >= since, h.c.at < until, h.c.kind.in_(named))
            .group_by(h.c.kind)
        )
        return {named[row[0]]: row[1] for row in await self._all(statement)}

    async def owners(self, limit: int) -> Sequence[str]:
        statement = (
            sa.select(_o.c.owner)
            .where(_o.c.owner != "")
            .group_by(_o.c.owner)
            .order_by(sa.func.count().desc(), _o.c.owner)
            .limit(limit)
        )
        return [row[0] for row in await self._all(statement)]

    async def everybody(self, after: tuple[str, str], limit: int) -> Sequence[tuple[str, str]]:
        t = tables.integrations
        key = sa.tuple_(t.c.tenant_id, t.c.id)
        page = sa.select(t.c.tenant_id, t.c.id).where(key > after).order_by(t.c.tenant_id, t.c.id)
        return [(row[0], row[1]) for row in await self._all(page.limit(limit))]

    async def outdated(self, projection: int, limit: int) -> Sequence[tuple[str, str]]:
        t = tables.integrations
        same = sa.and_(_o.c.tenant_id == t.c.tenant_id, _o.c.integration_id == t.c.id)
        statement = (
            sa.select(t.c.tenant_id, t.c.id)
            .select_from(t.outerjoin(_o, same))
            .where(sa.func.coalesce(_o.c.projection, 0) < projection)
            .order_by(t.c.tenant_id, t.c.id)
            .limit(limit)
        )
        return [(row[0], row[1]) for row in await self._all(statement)]

    async def _counted(
        self,
        wanted: Sequence[sa.ColumnElement[bool]],
        order: Sequence[sa.ColumnElement[Any]],
        limit: int,
    ) -> tuple[Sequence[Customer], int]:
        total = sa.func.count().over().label("total")
        statement = (
            sa.select(*_ROW, total).select_from(_FROM).where(*wanted).order_by(*order).limit(limit)
        )
        rows = await self._all(statement)
        return [_customer(row) for row in rows], rows[0].total if rows else 0

    async def _all(self, statement: sa.Executable) -> Sequence[Any]:
        with translated():
            async with self._engine.connect() as connection:
                return (await connection.execute(statement)).all()


def _half(
    number: int,
    wanted: Sequence[sa.ColumnElement[bool]],
    order: tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]],
    reach: int,
) -> sa.Subquery:
    place, since = order
    return (
        sa.select(
            *_ROW,
            sa.literal(number).label("half"),
            place.label("place"),
            since.label("since"),
        )
        .select_from(_FROM)
        .where(*wanted)
        .order_by(place, since, _o.c.tenant_id, _o.c.integration_id)
        .limit(reach)
        .subquery()
    )


def _needs(now: datetime) -> sa.ColumnElement[bool]:
    return _o.c.need_at <= now


def _needs_not(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(_o.c.need_at.is_(None), _o.c.need_at > now)


def _conditions(query: CustomerQuery) -> list[sa.ColumnElement[bool]]:
    found = [_stage(query.stage)]
    if query.waiting_on:
        found.append(_o.c.waiting_on == query.waiting_on)
    if query.blocker:
        found.append(_o.c.blocker == query.blocker)
    if query.owner != "":
        found.append(_o.c.owner == (query.owner or ""))
    if query.blocked_before:
        found.append(_o.c.blocked_since <= query.blocked_before)
    if query.text:
        found.append(
            sa.or_(
                _o.c.search.contains(query.text.casefold(), autoescape=True),
                sa.func.lower(_t.c.name).contains(query.text.lower(), autoescape=True),
                # SQLite's lower() knows only ASCII letters, so other names match as typed.
                _t.c.name.contains(query.text, autoescape=True),
            )
        )
    return found


def _stage(stage: Stage | None) -> sa.ColumnElement[bool]:
    if stage is None:
        return _HERE
    if stage is Stage.LEFT:
        return sa.not_(_HERE)
    if stage in _STANDINGS:
        return sa.and_(_HERE, _o.c.standing == _STANDINGS[stage])
    in_step = _o.c.step == stage.value
    return sa.and_(_HERE, _o.c.standing == Standing.IN_PROGRESS, in_step)


def _customer(row: sa.Row[Any]) -> Customer:
    overview = overview_of(row)
    card = Card(overview.integration_id, row.channel_id, row.ts) if row.ts else None
    left = overview.standing is Standing.LEFT or row.revoked_at is not None
    return Customer(row.tenant_id, row.name, overview, card, left)
