"""Lets days pass in a story, by a calendar that does not depend on when the tests run.

Every story begins on the first Monday of the next March, in Ada's time zone. On the Sunday before
the second Monday, clocks there go forward.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from playground.slack.person import Person
from playground.slack.screen import VisibleMessage
from tests.scenario.database import ask
from tests.support.world import World, soon

NEW_YORK = "America/New_York"
# Messages that wait. Cards are left out: they are edited at most every few seconds, show the newest
# state then, and hold up nothing else.
UNSAID = "SELECT count(*) FROM outbox WHERE state = 'pending' AND kind <> 'card'"
NEXT = "SELECT min(due_at) FROM due WHERE due_at > ?"
STORED = "%Y-%m-%d %H:%M:%S.%f"


def first_monday(after: datetime) -> date:
    """The first Monday of the next March."""
    year = after.year if after.month < 3 else after.year + 1
    march = date(year, 3, 1)
    return march + timedelta(days=-march.weekday() % 7)


class Days:
    """Counts days from that Monday, which is day 0. Moments are local to a time zone."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.monday = first_monday(self.now)

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self._world.playground.clock.now(), UTC)

    def moment(self, day: int, hour: int, minute: int = 0, zone: str = NEW_YORK) -> datetime:
        wall = datetime.combine(self.monday + timedelta(days=day), time(hour, minute))
        return wall.replace(tzinfo=ZoneInfo(zone))

    async def reach(self, day: int, hour: int, minute: int = 0, zone: str = NEW_YORK) -> None:
        """Puts the clock forward and waits until the bot has done what is due by then."""
        await self.begin(day, hour, minute, zone)
        await settled(self._world)

    async def install(self, day: int, hour: int, zone: str = NEW_YORK) -> None:
        """Installs the app, from when on reminders count."""
        await self.begin(day, hour, zone=zone)
        await self._world.install()

    async def begin(self, day: int, hour: int, minute: int = 0, zone: str = NEW_YORK) -> None:
        """Puts the clock forward and waits until the bot knows."""
        wait = self.moment(day, hour, minute, zone) - self.now
        await self._world.time_passes(wait.total_seconds())


async def settled(world: World) -> None:
    """Waits until nothing is due and no message waits. A poll under way when the clock jumps would
    ask Segment about days that it no longer has.
    """

    async def is_settled() -> bool:
        is_quiet = await world.nothing_is_due() and ask(world, UNSAID) == [(0,)]
        return is_quiet and await world.nothing_is_due()

    await soon(is_settled)


def reminders(person: Person) -> list[VisibleMessage]:
    """The reminders that somebody got, oldest first."""
    return [m for m in person.messages() if _key(m).startswith("reminder:")]


def _key(message: VisibleMessage) -> str:
    payload = (message.metadata or {}).get("event_payload") or {}
    return str(payload.get("key") or "")


def local(message: VisibleMessage, zone: str = NEW_YORK) -> datetime:
    """When Slack took it, in somebody's time zone."""
    return datetime.fromtimestamp(float(message.ts), ZoneInfo(zone))


async def days_pass(world: World, days: int, *, hours: int = 6) -> None:
    """In steps of so many hours. What is put off within the working hours needs shorter ones.

    Steps before anything becomes due are taken in one.
    """
    left = days * 24 // hours
    while left:
        steps = min(left, _until_due(world) // timedelta(hours=hours) + 1)
        await world.time_passes(steps * hours * 3600)
        await settled(world)
        left -= steps


def _until_due(world: World) -> timedelta:
    now = datetime.fromtimestamp(world.playground.clock.now(), UTC).replace(tzinfo=None)
    ((due,),) = ask(world, NEXT, f"{now:{STORED}}")
    return datetime.fromisoformat(due) - now if due else timedelta.max
