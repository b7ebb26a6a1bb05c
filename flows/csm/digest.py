"""The digest for all CSMs on working mornings: who needs them; a week's first tells the last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from flows.csm.board import Customer, Customers
from flows.csm.working_day import ChannelOwner, WorkingDays
from flows.history import Event
from flows.outbox.bodies import Redraw
from flows.outbox.messages import CSM_CONVERSATIONS, Message, Placed
from flows.outbox.toplyne_bodies import DigestPicture, MorningDigest
from flows.overview import Milestone
from flows.ports import UnitOfWork
from flows.recording import Recorder
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
    """Monday to Monday: how many customers moved, who finished, and how far all have come."""

    moved: Mapping[type[Event], int]
    finished: Sequence[Customer]
    finished_count: int
    funnel: Mapping[Milestone, int]

    @property
    def is_quiet(self) -> bool:
        return not any(self.moved.values()) and not self.finished_count


@dataclass(frozen=True, slots=True)
class Digest:
    """`needing` are the first of `needing_count`. `week` is set in the first of a week.

    `done` counts those who needed somebody when the digest was made and need nobody any more.
    """

    needing: Sequence[Customer]
    needing_count: int
    week: Week | None
    now: datetime
    done: int = 0

    @property
    def is_empty(self) -> bool:
        return not self.needing and (self.week is None or self.week.is_quiet)


class Digesting:
    """Runs on the working days of the person who looks after the channel."""

    def __init__(self, recorder: Recorder, customers: Customers, owner: ChannelOwner) -> None:
        self._recorder = recorder
        self._customers = customers
        self._owner = owner

    async def prepare(self, tenant_id: str, _subject: str) -> None:
        """Stores today's digest if it is time for it, and when the next one is due.

        A missed digest comes later on the same day. None comes twice, because the day is in its
        key. Raises `DirectoryUnavailable`.
        """
        now, days = self._recorder.clock.now(), await self._owner.working_days(tenant_id)
        async with self._recorder.uow(tenant_id, write=False) as work:
            planned = await work.csm_channel.next_digest()
            newest = await work.outbox.newest(CONVERSATION, MorningDigest.kind)
        if planned and planned > now:
            return
        wanted = planned is not None and is_morning_over(now, days)
        today, last = now.astimezone(days.here).date(), _day_of(newest)
        monday = _monday(now, days)
        with_week = last < monday if last else today == monday  # the first of all makes up for none
        digest = await self.read(now, days, with_week=with_week) if wanted else None
        async with self._recorder.uow(tenant_id) as work:
            if wanted and newest and last and last < today:  # its morning is over, and its lines go
                key = newest.message.key
                await work.outbox.add(Message(Redraw(key), CONVERSATION, f"over:{key}"))
            if digest and not digest.is_empty:
                listed = tuple(map(customer_key, digest.needing))
                await _store(work, today, listed, with_week=with_week)
            await work.csm_channel.plan_digest(following(now, days))
            await work.commit()

    async def read(self, now: datetime, days: WorkingDays, *, with_week: bool) -> Digest:
        """What there is to say now. The first digest of a week tells the past week, too."""
        needing, count = await self._customers.needing(now, LINES)
        week = await self._last_week(now, days) if with_week else None
        return Digest(needing, count, week, now)

    async def of_day(self, tenant_id: str, day: date, *, with_week: bool) -> Digest | None:
        """The content of a stored digest at the time of sending. None once its day is over."""
        now, days = self._recorder.clock.now(), await self._owner.working_days(tenant_id)
        if now.astimezone(days.here).date() != day:
            return None
        return await self.read(now, days, with_week=with_week)

    async def posted(self, tenant_id: str) -> Placed | None:
        """Today's digest, where Slack keeps it. None before it was sent."""
        days = await self._owner.working_days(tenant_id)
        today = self._recorder.clock.now().astimezone(days.here).date()
        async with self._recorder.uow(tenant_id, write=False) as work:
            return await work.outbox.placed(_key(MorningDigest.kind, today))

    async def again(self, tenant_id: str, body: MorningDigest) -> Digest | None:
        """What a digest of today says by now. Some of its customers may need nobody any more."""
        digest = await self.of_day(tenant_id, body.day, with_week=body.tells_week)
        if digest is None:
            return None
        return replace(digest, done=await self._done(body, digest.now))

    async def former(self, tenant_id: str, key: str) -> tuple[Placed, int, Digest] | None:
        """The digest of an earlier day: how many customers it named, and what it says now.

        It keeps its week, but no longer says how far everybody had come. None if it named nobody.
        """
        async with self._recorder.uow(tenant_id, write=False) as work:
            placed = await work.outbox.placed(key)
        if placed is None or not isinstance(body := placed.message.body, MorningDigest):
            return None
        if not body.listed:
            return None
        days = await self._owner.working_days(tenant_id)
        morning = datetime.combine(body.day, AT, tzinfo=days.here)
        week = await self._last_week(morning, days) if body.tells_week else None
        done = await self._done(body, self._recorder.clock.now())
        return (
            placed,
            len(body.listed),
            Digest((), 0, week and replace(week, funnel={}), morning, done),
        )

    async def _done(self, body: MorningDigest, now: datetime) -> int:
        """How many of a digest's customers need nobody any more."""
        still = await self._customers.still_needing(tuple(map(_parts_of, body.listed)), now)
        return len(body.listed) - still

    async def _last_week(self, now: datetime, days: WorkingDays) -> Week:
        monday = _monday(now, days)
        until = datetime.combine(monday, time(), tzinfo=days.here)
        since = datetime.combine(monday - WEEK, time(), tzinfo=days.here)
        finished, count = await self._customers.finished(since, until, LINES)
        return Week(
            moved=await self._customers.moved(MOVES, since, until),
            finished=finished,
            finished_count=count,
            funnel=await self._customers.funnel(),
        )


def is_morning_over(now: datetime, days: WorkingDays) -> bool:
    """Whether today's digest is due: on a working day, from nine o'clock on."""
    return days.include(now) and now.astimezone(days.here).time() >= AT


def following(now: datetime, days: WorkingDays) -> datetime:
    """The next nine o'clock on a working day."""
    today = datetime.combine(now.astimezone(days.here).date(), AT, tzinfo=days.here)
    return today if today > now and days.include(today) else days.next_at(AT, now)


def _monday(now: datetime, days: WorkingDays) -> date:
    today = now.astimezone(days.here).date()
    return today - timedelta(days=today.weekday())


def _key(kind: str, day: date) -> str:
    return f"{kind}:{day.isoformat()}"


def customer_key(customer: Customer) -> str:
    """Names a customer in what a digest listed."""
    return f"{customer.tenant_id}|{customer.overview.integration_id}"


def _parts_of(customer_key: str) -> tuple[str, str]:
    tenant_id, _, integration_id = customer_key.partition("|")
    return tenant_id, integration_id


def _day_of(placed: Placed | None) -> date | None:
    body = placed.message.body if placed else None
    return body.day if isinstance(body, MorningDigest) else None


async def _store(work: UnitOfWork, day: date, listed: tuple[str, ...], *, with_week: bool) -> None:
    picture = [DigestPicture(day)] if with_week else []
    bodies: list[MorningDigest | DigestPicture] = [
        MorningDigest(day, listed, with_week),
        *picture,
    ]
    for body in bodies:
        key = _key(body.kind, day)
        await work.outbox.add(Message(body, CONVERSATION, key))
