"""Customers found by words of their names, by age or by key, and how many there are."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
import sqlalchemy as sa

from flows.csm.board import Customer, CustomerQuery, Stage
from storage import board_search, tables
from storage.cipher import Cipher
from storage.connections import Engine
from storage.customers import SqlCustomers
from storage.housekeeping import SqlHousekeeping
from storage.tenants import SqlTenants
from storage.unit_of_work import SqlUnitOfWorkFactory
from tests.contract import fleet_of_customers as fleet
from tests.contract.test_customers import NOW, SIXTY, customers, ids, page
from tests.support.fake_tables import FakeClock

__all__ = ["customers"]


def keys_of(found: Sequence[Customer]) -> list[tuple[str, str]]:
    return [(each.tenant_id, each.overview.integration_id) for each in found]


async def test_a_search_knows_no_case_no_accents_and_no_order_of_words(
    engine: Engine, cipher: Cipher, customers: SqlCustomers
) -> None:
    before = (await page(customers))[0].overview
    named = replace(before, search="café ångström gmbh\nærø-straße\n株式会社トヨタ")
    number = int(before.integration_id.removeprefix("int_"))
    uow = SqlUnitOfWorkFactory(engine, cipher, FakeClock(NOW))
    async with uow(fleet.tenant(number)) as work:
        await work.overviews.put(named)
        await work.commit()
    for text in (
        "CAFE",
        "Ångstrom cafe",
        "strasse",
        "aero",
        "ÆRØ straße gmb",
        "トヨタ",
        "caf\u0065\u0301",
    ):
        assert ids(await page(customers, text=text)) == [before.integration_id], text
    team = (await page(customers, text="cafe"))[0].name  # words of all its names together
    assert ids(await page(customers, text=f"cafe {team}")) == [before.integration_id]
    for text in ("afe", "cafe zzz", "ångströms", before.account or "zzz"):
        assert before.integration_id not in ids(await page(customers, text=text)), text


async def test_a_search_that_matches_too_many_says_so(
    customers: SqlCustomers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board_search, "CANDIDATES", 5)
    found = await customers.page(CustomerQuery(text="sample"), NOW, 100)
    assert found.is_cut
    assert 0 < len(found.customers) <= 5
    rare = (await page(customers))[0].name.split()[-1]
    both = await customers.page(CustomerQuery(text=f"sample {rare}"), NOW, 100)
    assert both.customers


@pytest.mark.parametrize("text", ["", "sample"])
async def test_the_age_that_is_looked_for_is_that_of_the_lines(
    customers: SqlCustomers, text: str
) -> None:
    for days, stage in product((1, 3, 7, 30), (*Stage, None)):
        old = NOW - timedelta(days=days)
        whole = await page(customers, stage=stage, text=text)
        wanted = [each for each in whole if each.named_since(NOW) <= old]
        found = await page(customers, stage=stage, text=text, since_before=old)
        assert ids(found) == ids(wanted), (days, stage)


async def test_those_of_some_who_need_a_csm_are_found_wherever_they_stand(
    customers: SqlCustomers,
) -> None:
    whole = [*await page(customers), *await page(customers, stage=Stage.LEFT)]
    found = [await customers.still_needing(keys_of([each]), NOW) for each in whole]
    assert found == [each.needs(NOW) for each in whole]
    assert await customers.still_needing([*keys_of(whole), ("T", "gone")], NOW) == sum(found)
    assert await customers.still_needing([], NOW) == 0


async def test_counts_end_where_they_are_told_to(
    customers: SqlCustomers, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = await customers.figures(NOW, NOW - timedelta(days=90))
    assert min(exact.stuck, exact.finished) > 2
    monkeypatch.setattr("storage.customers.MOST_COUNTED", 2)
    capped = await customers.figures(NOW, NOW - timedelta(days=90))
    assert capped == replace(exact, stuck=2, finished=2)
    assert (await customers.needing(NOW, 1))[1] == 2


async def test_counts_are_added_up(engine: Engine, customers: SqlCustomers) -> None:
    async def counts() -> tuple[object, ...]:
        return await customers.funnel(), await customers.owners(5)

    async def kept() -> list[Any]:
        t = tables.standing_counts
        async with engine.connect() as connection:
            return list((await connection.execute(sa.select(t).order_by(t.c.sequence))).all())

    before, tidy = await counts(), SqlHousekeeping(engine)
    assert len(await kept()) == SIXTY
    await tidy.add_up_counts()
    assert await counts() == before
    once = await kept()
    assert len(once) == len({(row.standing, row.milestone) for row in once})
    await tidy.add_up_counts()
    assert await kept() == once  # nothing is written again


async def test_who_is_erased_is_counted_no_more(engine: Engine, customers: SqlCustomers) -> None:
    before = (await customers.figures(NOW, NOW)).customers
    first = (await page(customers))[0]
    t = tables.installations
    async with engine.begin() as connection:
        gone = sa.update(t).where(t.c.tenant_id == first.tenant_id).values(revoked_at=NOW)
        await connection.execute(gone)
    assert (await customers.figures(NOW, NOW)).customers == before - 1
    assert await SqlTenants(engine, FakeClock(NOW)).erase(first.tenant_id, NOW)
    assert (await customers.figures(NOW, NOW)).customers == before - 1
    assert ids([first])[0] not in ids(await page(customers, text=first.name))
