"""The worker's loop on a queue in memory: what it begins, how it ends, when it sleeps and wakes."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from bot.worker import loop
from bot.worker.lease import Lease, LeaseLost, ensure_held, hold
from bot.worker.loop import Handler, Worker
from flows.errors import NotFound, StorageUnavailable
from flows.outbox.jobs import JobKind
from storage.leases import LeasedWork, Leases, WorkEnd
from tests.support.fake_tables import FakeClock

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
LIMIT = 10  # seconds, enough for a busy machine


@dataclass
class Queue:
    """Stands in for `storage.leases.Leases`. `away` makes it fail like a lost database."""

    rows: dict[tuple[JobKind, str], datetime] = field(default_factory=dict)
    held: dict[tuple[JobKind, str], LeasedWork] = field(default_factory=dict)
    ended: list[WorkEnd] = field(default_factory=list)
    looks: int = 0
    away: bool = False
    lost: bool = False
    given_back: list[LeasedWork] = field(default_factory=list)
    attempts: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, kind: JobKind, subject: str, at: datetime = NOW) -> None:
        self.rows[kind, subject] = at

    async def look(self) -> Mapping[JobKind, datetime]:
        self.looks += 1
        self._check()
        free = [
            (kind, at) for (kind, name), at in self.rows.items() if (kind, name) not in self.held
        ]
        return {kind: min(at for k, at in free if k is kind) for kind, _ in free}

    async def turn(
        self,
        ended: Sequence[WorkEnd],
        wanted: Mapping[JobKind, tuple[datetime, int]],
        lease: str,
        seconds: float,
    ) -> Sequence[LeasedWork]:
        self._check()
        for one in ended:
            key = (one.claimed.kind, one.claimed.subject)
            self.held.pop(key)
            if one.again_at is None:
                self.rows.pop(key)
            else:
                self.rows[key] = one.again_at
            self.ended.append(one)
        claimed = []
        for kind, (now, limit) in wanted.items():
            due = [key for key, at in self.rows.items() if key[0] is kind and at <= now]
            for key in [key for key in due if key not in self.held][:limit]:
                self.attempts += 1
                one = LeasedWork(kind, "T1", key[1], self.rows[key], 1, self.attempts, lease)
                self.held[key] = one
                claimed.append(one)
        self.changed.set()
        return claimed

    async def renew(self, claimed: Sequence[LeasedWork], seconds: float) -> Collection[LeasedWork]:
        self._check()
        return [] if self.lost else claimed

    async def give_back(self, claimed: Sequence[LeasedWork]) -> None:
        self._check()
        self.given_back += claimed

    def _check(self) -> None:
        if self.away:
            raise StorageUnavailable("away")

    async def has_ended(self, count: int = 1) -> WorkEnd:
        async with asyncio.timeout(LIMIT):
            while len(self.ended) < count:
                self.changed.clear()
                await self.changed.wait()
        return self.ended[-1]


@dataclass
class Bench:
    queue: Queue = field(default_factory=Queue)
    clock: FakeClock = field(default_factory=lambda: FakeClock(NOW))
    real: FakeClock = field(default_factory=lambda: FakeClock(NOW))
    news: asyncio.Event = field(default_factory=asyncio.Event)
    counted: list[tuple[str, str]] = field(default_factory=list)

    @asynccontextmanager
    async def working(self, handlers: Mapping[JobKind, Handler]) -> AsyncIterator[Worker]:
        leases = cast("Leases", self.queue)
        count = lambda kind, outcome: self.counted.append((kind, outcome))  # noqa: E731
        worker = Worker(leases, handlers, self.clock, self.real, self.news, count)
        worker.start()
        yield worker
        await worker.rest()
        await worker.stop()


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    """The loop never wakes by itself, and does not wait long for work that hangs."""
    monkeypatch.setattr(loop, "LOOK_EVERY", 3600.0)
    monkeypatch.setattr(loop, "GRACE", 0.05)
    return Bench()


async def done(_tenant: str, _subject: str) -> None:
    return None


def raises(error: Exception) -> Handler:
    async def run(_tenant: str, _subject: str) -> None:
        raise error

    return run


async def test_what_is_due_is_done(bench: Bench) -> None:
    bench.queue.put(JobKind.EVENT, "Ev1")
    async with bench.working({JobKind.EVENT: done}):
        ended = await bench.queue.has_ended()
    assert (ended.claimed.subject, ended.again_at, ended.attempts) == ("Ev1", None, 0)
    assert bench.counted == [("event", "done")]


async def test_what_says_when_it_is_due_again_waits_until_then(bench: Bench) -> None:
    async def again(_tenant: str, _subject: str) -> datetime:
        return NOW + HOUR

    bench.queue.put(JobKind.DELIVER, "user:U1")
    async with bench.working({JobKind.DELIVER: again}):
        ended = await bench.queue.has_ended()
        assert ended.again_at == NOW + HOUR


async def test_a_plan_that_is_still_due_is_tried_again_later(bench: Bench) -> None:
    bench.queue.put(JobKind.POLL, "one")
    async with bench.working({JobKind.POLL: done}):
        ended = await bench.queue.has_ended()
    assert ended.again_at
    wait = (ended.again_at - NOW).total_seconds()
    assert loop.UNCHANGED <= wait <= 1.5 * loop.UNCHANGED


@pytest.mark.parametrize("error", [ZeroDivisionError(), StorageUnavailable("away")])
async def test_what_fails_comes_again_ever_more_rarely(bench: Bench, error: Exception) -> None:
    bench.queue.put(JobKind.CHECK, "chk")
    waits: list[float] = []
    async with bench.working({JobKind.CHECK: raises(error)}):
        for count in range(1, 10):
            ended = await bench.queue.has_ended(count)
            assert ended.again_at
            assert ended.attempts == count
            waits.append((ended.again_at - bench.real.now()).total_seconds())
            bench.real.advance(ended.again_at - bench.real.now())
            bench.news.set()
    longest = loop.BACKOFF[-1]
    assert [loop.BACKOFF[0] <= waits[0] <= 1.5, longest <= waits[-1] <= 1.5 * longest] == [True] * 2


async def test_what_is_gone_is_done(bench: Bench) -> None:
    bench.queue.put(JobKind.CHECK, "chk")
    async with bench.working({JobKind.CHECK: raises(NotFound("chk"))}):
        assert (await bench.queue.has_ended()).again_at is None


async def test_one_that_fails_holds_up_no_other(bench: Bench) -> None:
    for number in range(30):
        bench.queue.put(JobKind.POLL, f"{number}")
    bench.queue.put(JobKind.DELIVER, "user:U1", NOW + timedelta(seconds=1))
    bench.real.advance(HOUR)
    hang = asyncio.Event()

    async def never(_tenant: str, _subject: str) -> None:
        await hang.wait()

    async with bench.working({JobKind.POLL: never, JobKind.DELIVER: done}):
        assert (await bench.queue.has_ended()).claimed.kind is JobKind.DELIVER
        assert len(bench.queue.held) == loop.AT_ONCE  # polls that hang


async def test_what_was_asked_for_meanwhile_follows_at_once(bench: Bench) -> None:
    async def work(_tenant: str, _subject: str) -> datetime | None:
        bench.news.set()  # as the commit of a new request does; nobody sees it before the end
        await asyncio.sleep(0.02)
        return NOW if len(bench.queue.ended) < 2 else None

    bench.queue.put(JobKind.DELIVER, "user:U1")
    async with bench.working({JobKind.DELIVER: work}):
        await bench.queue.has_ended(3)


async def test_where_nothing_is_due_it_looks_once_and_sleeps(bench: Bench) -> None:
    bench.queue.put(JobKind.REMIND, "one", NOW + HOUR)
    async with bench.working({JobKind.REMIND: done}):
        await asyncio.sleep(0.1)
        assert bench.queue.looks == 1


@pytest.mark.parametrize(("kind", "clock"), [(JobKind.POLL, "clock"), (JobKind.EVENT, "real")])
async def test_it_wakes_when_its_clock_was_put_forward(
    bench: Bench, kind: JobKind, clock: str
) -> None:
    bench.queue.put(kind, "one", NOW + HOUR)
    async with bench.working({kind: done}):
        for moved in ({"clock": bench.real, "real": bench.clock}[clock], getattr(bench, clock)):
            await asyncio.sleep(0.05)
            assert bench.queue.ended == []
            moved.advance(HOUR)
            bench.news.set()
        await bench.queue.has_ended()


async def test_it_sleeps_no_longer_than_until_the_next_is_due(bench: Bench) -> None:
    at = NOW + timedelta(milliseconds=50)
    bench.queue.put(JobKind.EVENT, "Ev1", at)

    class Running(FakeClock):
        def now(self) -> datetime:
            began = getattr(self, "_began", None) or asyncio.get_running_loop().time()
            self._began = began
            return NOW + timedelta(seconds=asyncio.get_running_loop().time() - began)

    bench.real = Running(NOW)
    async with bench.working({JobKind.EVENT: done}):
        await bench.queue.has_ended()
    assert bench.queue.looks <= 6


async def test_news_wake_it(bench: Bench) -> None:
    async with bench.working({JobKind.EVENT: done}):
        await asyncio.sleep(0.05)
        bench.queue.put(JobKind.EVENT, "Ev1")
        bench.news.set()
        await bench.queue.has_ended()


async def test_a_database_that_comes_back_is_gone_on_with(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "AWAY", 0.01)
    bench.queue.put(JobKind.EVENT, "Ev1")
    started = asyncio.Event()

    async def loses(_tenant: str, _subject: str) -> None:
        bench.queue.away = True
        started.set()

    async with bench.working({JobKind.EVENT: loses}):
        await started.wait()
        await asyncio.sleep(0.05)
        assert bench.queue.ended == []
        bench.queue.away = False
        await bench.queue.has_ended()


@pytest.mark.parametrize("trouble", ["lost", "away"])
async def test_who_loses_the_lease_stops(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    monkeypatch.setattr(loop, "RENEW_EVERY", 0.02)
    monkeypatch.setattr(loop, "LEASE", 0.05)
    bench.queue.put(JobKind.EVENT, "Ev1")
    stopped = asyncio.Event()

    async def work(_tenant: str, _subject: str) -> None:
        setattr(bench.queue, trouble, True)
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    async with bench.working({JobKind.EVENT: work}), asyncio.timeout(LIMIT):
        await stopped.wait()
    assert bench.queue.ended == []
    assert ("event", "stopped") in bench.counted


async def test_a_lease_that_is_renewed_is_kept(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "RENEW_EVERY", 0.02)
    monkeypatch.setattr(loop, "LEASE", 1.0)
    bench.queue.put(JobKind.EVENT, "Ev1")

    async def work(_tenant: str, _subject: str) -> None:
        for _ in range(60):
            await asyncio.sleep(0.02)
            ensure_held()

    async with bench.working({JobKind.EVENT: work}):
        await bench.queue.has_ended()


async def test_what_needs_longer_than_the_end_allows_is_given_back(bench: Bench) -> None:
    for subject in ("short", "long"):
        bench.queue.put(JobKind.EVENT, subject)
    begun = asyncio.Event()

    async def work(_tenant: str, subject: str) -> None:
        begun.set()
        if subject == "long":
            await asyncio.Event().wait()

    async with bench.working({JobKind.EVENT: work}):
        await begun.wait()
        bench.queue.put(JobKind.EVENT, "too late", NOW)
    assert [one.subject for one in bench.queue.given_back] == ["long"]
    assert [one.claimed.subject for one in bench.queue.ended] == ["short"]


async def test_nothing_leaves_once_the_lease_is_lost() -> None:
    ensure_held()  # not background work: people do not wait for leases
    left: list[str] = []

    async def work(lease: Lease) -> None:
        hold(lease)
        ensure_held()
        left.append("first")
        lease.until = 0.0

        async def deeper() -> None:
            ensure_held()
            left.append("second")

        with suppress(Exception):  # an `except` for failed calls does not catch this
            await asyncio.create_task(deeper())
        left.append("third")

    with pytest.raises(LeaseLost):
        await work(replace(Lease(0.0), until=float("inf")))
    assert left == ["first"]
