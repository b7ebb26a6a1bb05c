"""The worker's loop on a queue in memory: what it begins, how it ends, when it sleeps and wakes."""

import asyncio
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bot.worker import loop
from bot.worker.lease import Lease, LeaseLost, ensure_held, hold
from bot.worker.places import WORK_AT_ONCE
from flows.errors import NotFound, StorageUnavailable, Trouble
from flows.outbox.jobs import JobKind
from storage.leases import LeasedWork
from tests.support.fake_tables import FakeClock
from tests.unit.worker.queue_in_memory import HOUR, LIMIT, NOW, Bench, done, raises


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
    longest = loop.WORK_BACKOFF[-1]
    assert [loop.WORK_BACKOFF[0] <= waits[0] <= 1.5, longest <= waits[-1] <= 1.5 * longest] == [
        True
    ] * 2


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
        assert len(bench.queue.held) == WORK_AT_ONCE  # polls that hang


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


async def test_what_is_stopped_before_its_first_step_is_begun_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A claim that waits long for the database comes with a lease that is lost already."""
    monkeypatch.setattr(loop, "RENEW_EVERY", 0.02)
    bench.queue.put(JobKind.EVENT, "Ev1")
    claim, now = bench.queue.turn, asyncio.get_running_loop()

    def stop() -> None:
        [task] = (task for task in asyncio.all_tasks() if task.get_name() == "event:Ev1")
        task.cancel()

    async def claim_late(*given: Any) -> Sequence[LeasedWork]:
        monkeypatch.setattr(bench.queue, "turn", claim)
        now.call_soon(stop)
        return await claim(*given)

    monkeypatch.setattr(bench.queue, "turn", claim_late)
    async with bench.working({JobKind.EVENT: done}):
        await asyncio.sleep(0.1)
        assert bench.counted == [("event", "stopped")]
        assert bench.queue.renewed == []
        bench.queue.held.clear()  # as a lease runs out that nobody renews
        bench.news.set()
        await bench.queue.has_ended()
    assert bench.queue.given_back == []


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


async def test_leases_are_renewed_after_a_renewal_that_failed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "RENEW_EVERY", 0.02)
    monkeypatch.setattr(loop, "LEASE", 1.0)
    bench.queue.put(JobKind.EVENT, "Ev1")
    told: list[tuple[str, str | None]] = []
    log = SimpleNamespace(
        warning=lambda event, problem: told.append((event, problem)),
        exception=lambda event: told.append((event, None)),
    )
    monkeypatch.setattr(loop, "_log", log)
    locked = StorageUnavailable("", Trouble.LOCKED)
    renew, failures = bench.queue.renew, [locked, TimeoutError(), ValueError()]

    async def renew_late(*given: Any) -> Collection[LeasedWork]:
        if failures:
            raise failures.pop()
        return await renew(*given)

    monkeypatch.setattr(bench.queue, "renew", renew_late)

    async def work(_tenant: str, _subject: str) -> None:
        while not bench.queue.renewed:
            await asyncio.sleep(0.02)
            ensure_held()

    async with bench.working({JobKind.EVENT: work}):
        await bench.queue.has_ended()
    assert told == [
        ("leases_not_renewed", None),
        ("worker_without_database", Trouble.AWAY),
        ("worker_without_database", Trouble.LOCKED),
    ]


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
