"""All customers at once, read from the overview: for the board, the digest and the funnel.

No statement reads more rows the more customers there are; `tests/contract/test_plans.py` explains
each of them to both databases.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from flows.csm.board import MOST_COUNTED, Customer, CustomerPage, CustomerQuery, Figures
from flows.csm.facts import Card
from flows.csm.paging import FIRST, Side, Turn
from flows.history import Event
from flows.overview import Milestone, Standing
from flows.words import words_typed
from storage import board_counts as counts
from storage import board_pages as pages
from storage import board_search as search
from storage.board_counts import key_values
from storage.board_pages import PageShape
from storage.connections import Engine, Values
from storage.engine import reading, translated
from storage.prepared import run
from storage.repositories.integrations import overview_of


class SqlCustomers:
    """Implements `flows.csm.board.Customers`."""

    def __init__(self, engine: Engine) -> None:
        self._reader = reading(engine)

    async def page(
        self, query: CustomerQuery, now: datetime, limit: int, turn: Turn = FIRST
    ) -> CustomerPage:
        """Reads the second half of the board only where the first one does not fill the page.

        The second half passes over the customers of the first half, who were all shown before.
        """
        if query.text:
            return await self._searched(query, now, limit, turn)
        shape, found = PageShape.of(query, turn), list[Customer]()
        for half in (1, 0) if turn.side is Side.BEFORE else (0, 1):
            statement = pages.page(shape, half)
            if statement is not None and len(found) < limit:
                values = pages.values_of(query, now, limit - len(found), turn)
                found += [_customer(row) for row in await self._all(statement, values)]
        return CustomerPage(found[::-1] if turn.side is Side.BEFORE else found)

    async def _searched(
        self, query: CustomerQuery, now: datetime, limit: int, turn: Turn
    ) -> CustomerPage:
        words = words_typed(query.text)
        if not words:
            return CustomerPage([])
        (reach,) = await self._all(search.reach(len(words)), search.values_of(words))
        by_reach = sorted(zip(reach, words, strict=True))
        rarest_first = search.values_of([word for _, word in by_reach])
        values = {**pages.values_of(query, now, limit, turn), **rarest_first}
        statement = search.searched(PageShape.of(query, turn), len(words))
        found = [_customer(row) for row in await self._all(statement, values)]
        in_order = found[::-1] if turn.side is Side.BEFORE else found
        return CustomerPage(in_order, is_cut=by_reach[0][0] == search.CANDIDATES)

    async def needing(self, now: datetime, limit: int) -> tuple[Sequence[Customer], int]:
        return await self._counted(counts.needing(), {"now": now, "most": limit})

    async def still_needing(self, keys: Sequence[tuple[str, str]], now: datetime) -> int:
        values: dict[str, Any] = {"now": now}
        for number, key in enumerate(keys):
            values |= key_values(str(number), key)
        (row,) = await self._all(counts.still_needing(len(keys)), values)
        return int(row[0])

    async def finished(
        self, since: datetime, until: datetime, limit: int
    ) -> tuple[Sequence[Customer], int]:
        values = {"since": since, "until": until, "most": limit}
        return await self._counted(counts.finished(), values)

    async def figures(self, now: datetime, since: datetime) -> Figures:
        asked = {"now": now, "since": since, "most_counted": MOST_COUNTED}
        (row,) = await self._all(counts.figures(), asked)
        return Figures(*row)

    async def funnel(self) -> Mapping[Milestone, int]:
        found = {row[0]: int(row[1]) for row in await self._all(counts.funnel(), {})}
        return {milestone: found.get(milestone, 0) for milestone in Milestone}

    async def moved(
        self, kinds: Sequence[type[Event]], since: datetime, until: datetime
    ) -> Mapping[type[Event], int]:
        named = {each.kind: each for each in kinds}
        asked = {"since": since, "until": until, "most_counted": MOST_COUNTED}
        rows = await self._all(counts.moved(tuple(named)), asked)
        return {named[kind]: count for kind, count in rows if count}

    async def owners(self, limit: int) -> Sequence[str]:
        return [row[0] for row in await self._all(counts.owners(), {"most": limit})]

    async def everybody(self, after: tuple[str, str], limit: int) -> Sequence[tuple[str, str]]:
        asked = {**key_values("after", after), "most": limit}
        return [(row[0], row[1]) for row in await self._all(counts.everybody(), asked)]

    async def outdated(self, projection: int, limit: int) -> Sequence[tuple[str, str]]:
        asked = {"projection": projection, "most": limit}
        return [(row[0], row[1]) for row in await self._all(counts.outdated(), asked)]

    async def missing(
        self, after: tuple[str, str], until: tuple[str, str]
    ) -> Sequence[tuple[str, str]]:
        asked = {**key_values("after", after), **key_values("until", until)}
        return [(row[0], row[1]) for row in await self._all(counts.missing(), asked)]

    async def _counted(
        self, statement: sa.Select[Any], values: dict[str, Any]
    ) -> tuple[Sequence[Customer], int]:
        rows = await self._all(statement, {**values, "most_counted": MOST_COUNTED})
        return [_customer(row) for row in rows], rows[0].total if rows else 0

    async def _all(self, statement: sa.Executable, values: Values) -> Sequence[Any]:
        with translated(self._reader):
            async with self._reader.connect() as connection:
                return (await run(connection, statement, values)).all()


def _customer(row: sa.Row[Any]) -> Customer:
    overview = overview_of(row)
    card = Card(overview.integration_id, row.channel_id, row.ts) if row.ts else None
    removed = row.revoked_at is not None
    left = overview.standing is Standing.LEFT or removed
    return Customer(row.tenant_id, row.name, overview, card, left, removed=removed)
