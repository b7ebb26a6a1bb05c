"""The digest: when it is due, what it contains, and that there is one a day."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from flows.csm.board import Customer
from flows.csm.digest import Digesting, following, is_morning_over
from flows.csm.facts import ChannelBinding
from flows.csm.working_day import ChannelOwner, WorkingDays
from flows.history import Event
from flows.outbox.toplyne_bodies import MorningDigest
from flows.overview import Milestone
from flows.reactions import usual_reactions
from flows.recording import Recorder
from flows.setup.events import Installed
from flows.vocabulary import Person, Stamp
from tests.support.fake_tables import FakeClock
from tests.support.fakes import FakeStorage
from tests.support.flow_services import POLL_INTERVAL
from tests.unit.views.board_cases import customer

LA, BERLIN = (
    WorkingDays(Person(name, "en-US", is_active=True))
    for name in ("America/Los_Angeles", "Europe/Berlin")
)
TOPLYNE = "T0TOPLYNE"
MONDAY = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)  # nine in Los Angeles


def at(text: str, here: ZoneInfo) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=here)


@pytest.mark.parametrize(
    ("now", "next_one"),
    [
        ("2026-03-02 08:59", "2026-03-02 09:00"),
        ("2026-03-02 09:00", "2026-03-03 09:00"),
        ("2026-03-06 12:00", "2026-03-09 09:00"),  # Friday; the clock goes forward on Sunday
        ("2026-03-07 03:00", "2026-03-09 09:00"),
        ("2026-12-23 09:00", "2027-01-04 09:00"),  # quiet dates, then a weekend
    ],
)
def test_the_next_one_is_at_nine_on_a_working_day(now: str, next_one: str) -> None:
    assert following(at(now, LA.here), LA) == at(next_one, LA.here)


def test_a_morning_is_where_the_reader_is() -> None:
    assert is_morning_over(MONDAY, LA)
    assert not is_morning_over(MONDAY - timedelta(minutes=1), LA)
    assert is_morning_over(MONDAY - timedelta(hours=9), BERLIN)
    assert not is_morning_over(MONDAY - timedelta(days=1), LA)


def test_the_weekend_is_that_of_whoever_bound_the_channel() -> None:
    riyadh = WorkingDays(Person("Asia/Riyadh", "ar-SA", is_active=True))
    thursday, sunday = at("2026-03-05 12:00", riyadh.here), at("2026-03-08 09:00", riyadh.here)
    assert following(thursday, riyadh) == sunday
    assert is_morning_over(sunday, riyadh)


class FewCustomers:
    """Implements as much of `flows.csm.board.Customers` as a digest needs."""

    def __init__(self, needing: Sequence[Customer] = (), moved: int = 0) -> None:
        self.needs = needing
        self.count = moved

    async def needing(self, now: datetime, limit: int) -> tuple[Sequence[Customer], int]:
        return self.needs[:limit], len(self.needs)

    async def still_needing(self, keys: Sequence[tuple[str, str]], now: datetime) -> int:
        return sum((each.tenant_id, each.overview.integration_id) in keys for each in self.needs)

    async def finished(
        self, since: datetime, until: datetime, limit: int
    ) -> tuple[Sequence[Customer], int]:
        return (), 0

    async def moved(
        self, kinds: Sequence[type[Event]], since: datetime, until: datetime
    ) -> dict[type[Event], int]:
        assert until - since == timedelta(days=7)
        return {Installed: self.count} if self.count else {}

    async def funnel(self) -> dict[Milestone, int]:
        return dict.fromkeys(Milestone, 1)


class OneZone:
    def __init__(self, name: str) -> None:
        self.name = name
        self.asked: list[str] = []

    async def person(self, tenant_id: str, user_id: str, *, max_age: float = 0.0) -> Person:
        self.asked.append(user_id)
        return Person(self.name, "en-US", is_active=True)


class Office:
    """A bound channel in Los Angeles, and a clock."""

    def __init__(self, customers: FewCustomers) -> None:
        self.clock = FakeClock(MONDAY - timedelta(hours=1))
        self.storage = FakeStorage(self.clock)
        self.storage.install(TOPLYNE)
        recorder = Recorder(self.storage, self.clock, usual_reactions(POLL_INTERVAL))
        self.directory = OneZone("America/Los_Angeles")
        owner = ChannelOwner(self.storage, self.directory)
        self.digesting = Digesting(recorder, customers, owner)  # type: ignore[arg-type]

    async def bind(self) -> None:
        async with self.storage(TOPLYNE) as work:
            await work.csm_channel.bind(ChannelBinding("C1", Stamp("U0MIRA", self.clock.now())))
            await work.commit()

    async def tick(self) -> list[str]:
        """The keys of all digests after one more tick."""
        await self.digesting.prepare(TOPLYNE, "digest")
        return self._keys()

    async def morning(self, day: int, *, sent: bool = True) -> list[str]:
        """What is stored at nine so many days after Monday. It goes out, unless Slack is away."""
        before = self._keys()
        nine = (MONDAY + timedelta(days=day)).astimezone(LA.here).replace(hour=9)
        self.clock.advance(nine - self.clock.now())
        new = [key for key in await self.tick() if key not in before]
        async with self.storage(TOPLYNE) as work:
            for stored in self.storage.messages:
                if sent and stored.message.key in new:
                    await work.outbox.mark_sent(stored.sequence, "C1", f"1.{stored.sequence}")
            await work.commit()
        return new

    def _keys(self) -> list[str]:
        return [stored.message.key for stored in self.storage.messages]


def digest(day: int, *, with_week: bool = False) -> list[str]:
    """The keys of a digest so many days after Monday, and of its picture."""
    on = (MONDAY + timedelta(days=day)).date().isoformat()
    return [f"digest:{on}", *([f"digest_picture:{on}"] if with_week else [])]


def over(day: int) -> list[str]:
    return [f"over:{key}" for key in digest(day)]


async def test_whom_a_hundred_others_have_overtaken_still_needs_somebody() -> None:
    few = FewCustomers([customer(integration_id=f"int_{number}") for number in range(150)])
    office = Office(few)
    await office.bind()
    await office.tick()
    office.clock.advance(timedelta(hours=1))
    await office.tick()
    body = office.storage.messages[0].message.body  # before the picture of the week
    assert isinstance(body, MorningDigest)
    few.needs = few.needs[::-1]
    again = await office.digesting.again(TOPLYNE, body)
    assert again is not None
    assert again.done == 0
    few.needs = few.needs[:-3]
    again = await office.digesting.again(TOPLYNE, body)
    assert again is not None
    assert again.done == 3


@pytest.mark.parametrize("first", [7, 8, 9, 10])
async def test_the_week_is_told_by_the_first_digest_of_it_that_goes_out(first: int) -> None:
    """Of Monday, or after days without the app or without Slack."""
    office = Office(FewCustomers([customer()]))
    await office.bind()
    await office.tick()
    assert await office.morning(0) == digest(0, with_week=True)
    if (
        first > 8
    ):  # one was stored on Monday and never left, and the app was down for the days after
        await office.morning(7, sent=False)
    new = await office.morning(first)
    assert [key for key in new if key not in over(0)] == digest(first, with_week=True)
    assert await office.morning(first + 1) == over(first) + digest(first + 1)
    assert await office.morning(14) == over(first + 1) + digest(14, with_week=True)
    for day, is_told in ((first, True), (first + 1, False)):  # drawn once more without its lines
        former = await office.digesting.former(TOPLYNE, *digest(day))
        assert former is not None
        assert bool(former[2].week) is is_told


@pytest.mark.parametrize("off", [1, 14, 16, 100])
async def test_a_digest_loses_its_lines_however_long_nobody_works(off: int) -> None:
    office = Office(FewCustomers([customer()]))
    await office.bind()
    await office.tick()
    await office.morning(0)
    next_morning = off + (off % 7 in (5, 6)) * 2
    assert over(0)[0] in await office.morning(next_morning)


async def test_there_is_one_a_day_however_often_it_is_looked_for() -> None:
    office = Office(FewCustomers([customer()]))
    await office.bind()
    assert await office.tick() == []  # planned for nine o'clock
    assert office.directory.asked == ["U0MIRA"]
    office.clock.advance(timedelta(hours=1))
    assert await office.tick() == ["digest:2026-03-02", "digest_picture:2026-03-02"]
    assert len(await office.tick()) == 2


async def test_after_a_night_of_downtime_it_comes_late_on_the_same_day() -> None:
    office = Office(FewCustomers([customer()]))
    await office.bind()
    await office.tick()
    office.clock.advance(timedelta(hours=9))
    assert "digest:2026-03-02" in await office.tick()


async def test_a_day_that_was_missed_is_not_made_up_for() -> None:
    office = Office(FewCustomers([customer()]))
    await office.bind()
    await office.tick()
    office.clock.advance(timedelta(hours=20))  # Tuesday, four in the morning
    assert await office.tick() == []
    office.clock.advance(timedelta(hours=5))
    assert await office.tick() == ["digest:2026-03-03"]


async def test_binding_the_channel_anew_does_not_bring_a_second_one() -> None:
    office = Office(FewCustomers([customer()]))
    await office.bind()
    await office.tick()
    office.clock.advance(timedelta(hours=1))
    await office.tick()
    office.directory.name = "Pacific/Honolulu"  # where it is seven o'clock
    async with office.storage(TOPLYNE) as work:
        await work.csm_channel.plan_digest(None)
        await work.commit()
    await office.tick()
    office.clock.advance(timedelta(hours=2))
    assert (await office.tick()).count("digest:2026-03-02") == 1


async def test_nothing_to_say_nothing_sent() -> None:
    office = Office(FewCustomers())
    await office.bind()
    await office.tick()
    office.clock.advance(timedelta(hours=1))
    assert await office.tick() == []


async def test_on_mondays_a_week_in_which_something_moved_is_worth_telling() -> None:
    office = Office(FewCustomers(moved=2))
    await office.bind()
    await office.tick()
    assert await office.morning(0) == digest(0, with_week=True)
    assert await office.morning(1) == over(0)  # not so on a Tuesday


async def test_one_that_could_not_be_sent_for_a_day_is_dropped() -> None:
    office = Office(FewCustomers([customer()]))
    await office.bind()
    assert await office.digesting.of_day(TOPLYNE, date(2026, 3, 2), with_week=True)
    assert await office.digesting.of_day(TOPLYNE, date(2026, 3, 1), with_week=True) is None


async def test_without_anybody_to_ask_it_is_utc() -> None:
    office = Office(FewCustomers([customer()]))
    office.clock.advance(timedelta(hours=-8))  # eight o'clock in UTC
    assert await office.tick() == []
    assert office.storage.tables.digests[TOPLYNE].isoformat() == "2026-03-02T09:00:00+00:00"
