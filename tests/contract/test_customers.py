"""All customers at once: order, filters, pages, and how much a board of a thousand reads."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
import sqlalchemy as sa

from flows.csm.board import Boards, Customer, CustomerQuery, Filters, Stage
from flows.csm.digest import Digesting
from flows.csm.members import Csms
from flows.csm.paging import FIRST, Side, Turn, turn_of
from flows.csm.working_day import WorkingDays
from flows.overview import Overview, Standing
from flows.projection import PROJECTION, Rebuilding, project
from flows.reactions import usual_reactions
from flows.recording import Recorder
from flows.vocabulary import Actor, Person
from storage import tables
from storage.cipher import Cipher, generate_key
from storage.connections import Engine, Values
from storage.customers import SqlCustomers
from storage.engine import SharedClock
from storage.unit_of_work import SqlUnitOfWorkFactory
from tests.contract import fleet_of_customers as fleet
from tests.faults.figures import PROPERTY
from tests.support.fake_tables import FakeClock
from tests.support.statements import heard

NOW = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)  # a Monday
SIXTY = 60
EVERYBODY = CustomerQuery()
Record = Callable[[str, object], None]


@pytest.fixture
async def customers(engine: Engine) -> SqlCustomers:
    await fleet.store(engine, SIXTY, NOW)
    return SqlCustomers(engine)


async def page(customers: SqlCustomers, **wanted: Any) -> Sequence[Customer]:
    return (await customers.page(CustomerQuery(**wanted), NOW, 100)).customers


def ids(found: Sequence[Customer]) -> list[str]:
    return [each.overview.integration_id for each in found]


async def test_pages_follow_each_other_without_gap_or_repetition(customers: SqlCustomers) -> None:
    whole = await page(customers)
    pages, turn = [], FIRST
    while found := (await customers.page(EVERYBODY, NOW, 7, turn)).customers:
        pages.append(found)
        turn = Turn(len(pages), Side.AFTER, found[-1].spot(NOW))
    assert [each for page in pages for each in ids(page)] == ids(whole)
    assert len(set(ids(whole))) == len(whole) > 50


@pytest.mark.parametrize("text", ["", "sample"])
async def test_a_page_begins_after_before_or_at_any_customer(
    customers: SqlCustomers, text: str
) -> None:
    query = CustomerQuery(text=text)
    whole = ids((await customers.page(query, NOW, 100)).customers)
    for at, each in enumerate((await customers.page(query, NOW, 100)).customers):
        spot = each.spot(NOW)
        for side, expected in (
            (Side.AFTER, whole[at + 1 : at + 8]),
            (Side.BEFORE, whole[max(0, at - 7) : at]),
            (Side.FROM, whole[at : at + 7]),
        ):
            turn = turn_of(str(Turn(1, side, spot)))
            assert ids((await customers.page(query, NOW, 7, turn)).customers) == expected


async def test_those_who_need_a_csm_come_first_and_the_rest_as_they_stand(
    customers: SqlCustomers,
) -> None:
    whole = await page(customers)
    needing, count = await customers.needing(NOW, 5)
    assert ids(needing) == ids(whole)[:5]
    urgent = [each.overview.urgency for each in whole[:count]]
    assert urgent == sorted(urgent)
    rest = [(e.overview.standing, e.overview.blocked_since) for e in whole[count:]]
    assert rest == sorted(rest)
    assert not any(each.left for each in whole)


async def test_what_will_be_needed_is_not_needed_yet(customers: SqlCustomers) -> None:
    whole = await page(customers)
    _, count = await customers.needing(NOW, 1)
    _, later = await customers.needing(NOW + timedelta(days=10), 1)
    assert later > count
    assert all((e.overview.need_at or NOW) > NOW or not e.overview.need for e in whole[count:])


@pytest.mark.parametrize("stage", [*Stage, None])
async def test_each_stage_is_a_part_of_the_whole(
    customers: SqlCustomers, stage: Stage | None
) -> None:
    found = await page(customers, stage=stage)
    standings = {each.overview.standing for each in found}
    if stage is Stage.LEFT:
        assert found
        assert all(each.left for each in found)
    elif stage in (Stage.NOT_STARTED, Stage.FINISHED):
        assert standings == {Standing[stage.name]}
    elif stage in (Stage.CREDENTIALS, Stage.LIVE_SYNC, Stage.HISTORIC_SYNC):
        whole = [each.overview for each in await page(customers)]
        expected = [o for o in whole if o.step.value == stage.value and _stands_in_a_step(o)]
        assert [each.overview for each in found] == expected
        assert standings


def _stands_in_a_step(row: Overview) -> bool:
    """As its line says: whoever has finished only if something is open."""
    if row.standing is Standing.FINISHED:
        return bool(row.blocker)
    return row.standing is Standing.IN_PROGRESS


@pytest.mark.parametrize("text", ["", "sample"])
async def test_who_has_finished_is_found_by_the_step_in_which_something_is_open(
    engine: Engine, customers: SqlCustomers, text: str
) -> None:
    finished = ids(await page(customers, stage=Stage.FINISHED, text=text))
    broken, whole = finished[::2], await page(customers, stage=Stage.CREDENTIALS, text=text)
    o = tables.overview
    async with engine.begin() as connection:
        then = {"blocker": "token_revoked", "step": "credentials", "waiting_on": "customer"}
        meant = o.c.integration_id.in_(broken)
        await connection.execute(sa.update(o).where(meant).values(**then))
    query = CustomerQuery(stage=Stage.CREDENTIALS, text=text)
    found = (await customers.page(query, NOW, 100)).customers
    assert sorted(ids(found)) == sorted([*ids(whole), *broken])
    assert ids(await page(customers, stage=Stage.FINISHED, text=text)) == finished
    history = await page(customers, stage=Stage.HISTORIC_SYNC, text=text)
    assert not set(ids(history)) & set(finished), "nothing is open there"
    for at, each in enumerate(found):
        for side, rest in ((Side.AFTER, found[at + 1 :]), (Side.BEFORE, found[:at])):
            turn = Turn(1, side, each.spot(NOW))
            assert (await customers.page(query, NOW, 100, turn)).customers == rest


@pytest.mark.parametrize("text", ["", "sample"])
async def test_who_has_left_and_asks_is_found_until_the_answer(
    engine: Engine, customers: SqlCustomers, text: str
) -> None:
    left = await page(customers, stage=Stage.LEFT, text=text)
    asked = left[-1].overview.integration_id
    assert asked not in ids(await page(customers, text=text))
    urgent = {"need": "help", "urgency": 0, "need_at": NOW}
    o = tables.overview
    async with engine.begin() as connection:
        await connection.execute(sa.update(o).where(o.c.integration_id == asked).values(**urgent))
    found = await page(customers, text=text)
    assert asked in ids(found)
    assert asked in ids((await customers.needing(NOW, 100))[0])
    then_left = await page(customers, stage=Stage.LEFT, text=text)
    assert then_left[0].overview.integration_id == asked, "who needs somebody comes first"
    assert sorted(ids(then_left)) == sorted(ids(left))
    for query in (CustomerQuery(stage=Stage.LEFT, text=text), CustomerQuery(text=text)):
        whole = (await customers.page(query, NOW, 100)).customers
        for at, each in enumerate(whole):
            turn = Turn(1, Side.AFTER, each.spot(NOW))
            rest = (await customers.page(query, NOW, 100, turn)).customers
            assert ids(rest) == ids(whole)[at + 1 :]


async def test_filters_take_away_and_search_finds(customers: SqlCustomers) -> None:
    async def found(**wanted: Any) -> Sequence[Customer]:
        return await page(customers, **wanted)

    assert {e.overview.owner for e in await found(owner="U0MIRA")} == {"U0MIRA"}
    assert {e.overview.owner for e in await found(owner=None)} == {""}
    assert {str(e.overview.waiting_on) for e in await found(waiting_on="csm")} == {"csm"}
    assert {e.overview.blocker for e in await found(blocker="no_events")} == {"no_events"}
    assert {e.name.split()[0] for e in await found(text="CEDAR")} == {"Cedar"}
    assert [e.overview.account for e in await found(text="foods emea")]
    assert await found(text="100%") == []
    assert await found(text="_") == []


async def test_figures_count_what_the_pages_show(customers: SqlCustomers) -> None:
    whole = await page(customers)
    week = NOW - timedelta(days=7)
    figures = await customers.figures(NOW, week)
    assert figures.customers == len(whole)
    standing = [each.overview.standing for each in whole]
    gone = await page(customers, stage=Stage.LEFT)
    assert figures.left == len(gone) > 0
    assert figures.in_progress == standing.count(Standing.IN_PROGRESS)
    finished, count = await customers.finished(week, NOW, 100)
    assert figures.finished == count == len(finished) > 0
    assert sum((await customers.funnel()).values()) == len(whole)
    assert list(await customers.owners(1)) in (["U0MIRA"], ["U0TOM"])


async def test_who_removed_the_app_has_left(engine: Engine, customers: SqlCustomers) -> None:
    first = (await page(customers))[0]
    t = tables.installations
    async with engine.begin() as connection:
        gone = sa.update(t).where(t.c.tenant_id == first.tenant_id).values(revoked_at=NOW)
        await connection.execute(gone)
    assert ids([first])[0] not in ids(await page(customers))
    left = await page(customers, stage=Stage.LEFT)
    assert ids([first])[0] in ids(left)


# --- rebuilding ---------------------------------------------------------------------------------


async def test_every_row_can_be_rebuilt_from_facts_and_observations(
    engine: Engine, cipher: Cipher, customers: SqlCustomers
) -> None:
    uow = SqlUnitOfWorkFactory(engine, cipher, FakeClock(NOW))
    rebuilding = Rebuilding(
        Recorder(uow, FakeClock(NOW), usual_reactions(fleet.INTERVAL)), customers
    )
    before = await _rows(engine)
    assert await rebuilding.rebuild(PROJECTION) == 0
    async with engine.begin() as connection:
        t, w = tables.overview, tables.words
        await connection.execute(sa.delete(t).where(t.c.tenant_id < fleet.tenant(20)))
        await connection.execute(sa.update(t).values(projection=0, standing=0, owner="", need=""))
        # As the previous version writes it, which does not know of the words.
        await connection.execute(sa.delete(w).where(w.c.tenant_id > fleet.tenant(50)))
        await connection.execute(
            sa.update(t).where(t.c.tenant_id > fleet.tenant(50)).values(found_by=None)
        )
    assert await rebuilding.rebuild(PROJECTION, limit=25) == 25
    while not await rebuilding.catch_up():
        pass
    assert await _rows(engine) == before


async def _rows(engine: Engine) -> list[Any]:
    """All that the projection writes, and the counts of it."""
    t, w = tables.overview, tables.words
    customers = SqlCustomers(engine)
    async with engine.connect() as connection:
        rows = list((await connection.execute(sa.select(t).order_by(t.c.tenant_id))).all())
        words = list((await connection.execute(sa.select(w).order_by(*w.primary_key))).all())
    counts = [*(await customers.funnel()).items(), *await customers.owners(5)]
    return [*rows, *words, *counts]


def test_the_samples_are_projected_as_they_are_stored() -> None:
    made = fleet.situation(7, NOW)
    assert project(made, fleet.INTERVAL).integration_id == "int_7"


# --- how much is read ---------------------------------------------------------------------------


@dataclass
class Read:
    statements: int = 0
    rows: int = 0


class CountingCustomers(SqlCustomers):
    """Counts the rows that the database returns."""

    read = Read()

    async def _all(self, statement: sa.Executable, values: Values) -> Sequence[Any]:
        rows = await super()._all(statement, values)
        self.read.rows += len(rows)
        return rows


@contextmanager
def counted(engine: Engine, customers: CountingCustomers) -> Iterator[Read]:
    customers.read = Read()

    def note(statement: str, _values: object) -> None:
        customers.read.statements += statement.lstrip().upper().startswith(("SELECT", "WITH"))

    with heard(engine, note):
        yield customers.read


class AnyCsm:
    async def require(self, _actor: Actor) -> Person:
        return Person("UTC", "en-US", is_active=True)


async def reads(engine: Engine, count: int, record: Record) -> dict[str, tuple[int, int]]:
    """Statements and rows of each screen, with this many customers."""
    await fleet.store(engine, count, NOW)
    customers = CountingCustomers(engine)
    uow = SqlUnitOfWorkFactory(engine, Cipher([generate_key()]), SharedClock())
    boards = Boards(cast("Csms", AnyCsm()), customers, uow, FakeClock(NOW))
    digesting = Digesting(cast("Recorder", None), customers, cast("Any", None))
    csm = Actor("T", "T", "U0MIRA")
    second = (await boards.page(csm, Filters())).following
    screens = {
        "board": lambda: boards.page(csm, Filters()),
        "second page": lambda: boards.page(csm, Filters(), second),
        "search": lambda: boards.page(csm, Filters(text="cedar")),
        "home": lambda: boards.home(csm, Filters()),
        "digest": lambda: digesting.read(NOW, WorkingDays(), with_week=True),
    }
    found = {}
    for name, look in screens.items():
        with counted(engine, customers) as read:
            begun = time.perf_counter()
            await look()
            took = (time.perf_counter() - begun) * 1000
        found[name] = (read.statements, read.rows)
        said = f"{read.statements} statements, {read.rows} rows, {took:.0f} ms"
        record(PROPERTY, f"{engine.dialect.name}, {count} customers, {name}: {said}")
    return found


# The second half of a page is a statement of its own, which is needed only where the first does not
# fill it. A search first asks which of its words is the rarest.
MOST = {
    "board": (5, 24),  # 21 customers, a row of figures, the two owners, who is invited
    "second page": (4, 24),
    "search": (5, 25),  # and who is invited
    "home": (9, 46),  # of two lists one more than they show
    "digest": (4, 31),
}


@pytest.mark.parametrize("count", [10, 1_000])
async def test_what_is_read_does_not_grow_with_the_customers(
    engine: Engine, count: int, record_property: Record
) -> None:
    found = await reads(engine, count, record_property)
    for name, (statements, rows) in MOST.items():
        assert found[name][0] <= statements, name
        assert found[name][1] <= rows, name
