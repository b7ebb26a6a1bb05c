"""What all CSMs are told on weekday mornings: who needs them today, and on Mondays the week."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flows.csm.board import Customer, Customers
from flows.history import Event
from flows.outbox.bodies import DigestPicture, MorningDigest
from flows.outbox.messages import CSM_CONVERSATIONS, Message
from flows.overview import Milestone
from flows.ports import Directory, UnitOfWork
from flows.recording import Recorder
from flows.reminders.hours import SATURDAY_SUNDAY, zone
from flows.replay.events import ReplayRequested
from flows.setup.events import CredentialsVerified, Installed, LiveSyncStarted, PlanChosen

AT = time(9)
LINES = 10
WEEK = timedelta(days=7)
CONVERSATION = f"{CSM_CONVERSATIONS}digest"
MOVES: tuple[type[Event], ...] = (
    Installed,
    PlanChosen,
    CredentialsVerified,
    LiveSyncStarted,
    ReplayRequested,
)


@dataclass(frozen=True, slots=True)
class Week:
    """Monday to Monday: of how many customers something moved, who finished, where all are."""

    moved: Mapping[type[Event], int]
    finished: Sequence[Customer]
    finished_count: int
    funnel: Mapping[Milestone, int]

    @property
    def is_quiet(self) -> bool:
        return not any(self.moved.values()) and not self.finished_count


@dataclass(frozen=True, slots=True)
class Digest:
    """`needing` are the first of `needing_count`; `week` is there on Mondays."""

    needing: Sequence[Customer]
    needing_count: int
    week: Week | None
    now: datetime

    @property
    def is_empty(self) -> bool:
        return not self.needing and (self.week is None or self.week.is_quiet)


class Digesting:
    """`channel_id` is the channel that the settings name, which nobody has bound."""

    def __init__(
        self, recorder: Recorder, customers: Customers, directory: Directory, channel_id: str
    ) -> None:
        self._recorder = recorder
        self._customers = customers
        self._directory = directory
        self._channel_id = channel_id

    async def prepare(self, tenant_id: str, _subject: str) -> None:
        """Stores today's digest if it is time for it, and when the next one is due.

        One that was missed comes late on the same day, and never twice: the day is in its key.
        Raises `DirectoryUnavailable`.
        """
        now, here = self._recorder.clock.now(), await self._zone(tenant_id)
        async with self._recorder.uow(tenant_id, write=False) as work:
            planned = await work.csm_channel.next_digest()
        if planned and planned > now:
            return
        wanted = planned is not None and is_morning_over(now, here)
        digest = await self.read(now, here) if wanted else None
        async with self._recorder.uow(tenant_id) as work:
            if digest and not digest.is_empty:
                await _store(work, now.astimezone(here).date(), with_week=digest.week is not None)
            await work.csm_channel.plan_digest(following(now, here))
            await work.commit()

    async def read(self, now: datetime, here: ZoneInfo) -> Digest:
        """What there is to say at this moment; on a Monday, about the week before it too."""
        needing, count = await self._customers.needing(now, LINES)
        today = now.astimezone(here).date()
        week = await self._week(today, here) if today.weekday() == 0 else None
        return Digest(needing, count, week, now)

    async def of_day(self, tenant_id: str, day: date) -> Digest | None:
        """For a stored digest, when it is sent: None once that day is over."""
        now, here = self._recorder.clock.now(), await self._zone(tenant_id)
        if now.astimezone(here).date() != day:
            return None
        return await self.read(now, here)

    async def _week(self, monday: date, here: ZoneInfo) -> Week:
        until = datetime.combine(monday, time(), tzinfo=here)
        since = datetime.combine(monday - WEEK, time(), tzinfo=here)
        finished, count = await self._customers.finished(since, until, LINES)
        return Week(
            moved=await self._customers.moved(MOVES, since, until),
            finished=finished,
            finished_count=count,
            funnel=await self._customers.funnel(),
        )

    async def _zone(self, tenant_id: str) -> ZoneInfo:
        """Of whoever bound the channel, else of whoever installed the app, else UTC."""
        async with self._recorder.uow(tenant_id, write=False) as work:
            binding = await work.csm_channel.get()
            installation = await work.installations.get()
        asked = [binding.bound.by] if binding and not self._channel_id else []
        asked += [installation.installed.by] if installation else []
        for user_id in filter(None, asked):
            person = await self._directory.person(tenant_id, user_id)
            if person and person.is_active:
                return zone(person.time_zone)
        return zone("UTC")


def is_morning_over(now: datetime, here: ZoneInfo) -> bool:
    """Whether today's digest is due: on a weekday, from nine on."""
    local = now.astimezone(here)
    return local.weekday() not in SATURDAY_SUNDAY and local.time() >= AT


def following(now: datetime, here: ZoneInfo) -> datetime:
    """The next nine o'clock on a weekday."""
    day = now.astimezone(here).date()
    while True:
        at = datetime.combine(day, AT, tzinfo=here)
        if at > now and day.weekday() not in SATURDAY_SUNDAY:
            return at
        day += timedelta(days=1)


async def _store(work: UnitOfWork, day: date, *, with_week: bool) -> None:
    picture = [DigestPicture(day)] if with_week else []
    bodies: list[MorningDigest | DigestPicture] = [MorningDigest(day), *picture]
    for body in bodies:
        key = f"{body.kind}:{day.isoformat()}"
        await work.outbox.add(Message(body, CONVERSATION, key))
