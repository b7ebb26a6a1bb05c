"""The queue of background work on both databases: which worker has what, and until when."""

import asyncio
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from flows.outbox.jobs import PLANNED, JobKind
from storage import tables
from storage.backlog import Backlog
from storage.cipher import Cipher
from storage.connections import Engine
from storage.engine import SharedClock
from storage.leases import LeasedWork, Leases, WorkEnd
from storage.unit_of_work import SqlUnitOfWorkFactory
from tests.contract import samples
from tests.contract.due_things import due_things
from tests.contract.samples import NOON, A, B
from tests.support.fake_tables import FakeClock

LONG, OVER = 600.0, -1.0  # seconds of a lease; the second one has run out from the start
MINUTE = timedelta(minutes=1)
NUMBERS = itertools.count()


class Queue:
    """Two workers on one table. Units of work ask for work."""

    def __init__(self, engine: Engine, cipher: Cipher) -> None:
        self.engine = engine
        self.clock = FakeClock(NOON)
        self.work = SqlUnitOfWorkFactory(engine, cipher, self.clock)
        self.leases = Leases(engine, SharedClock(), JobKind)

    async def ask(self, *subjects: str, tenant: str = A) -> None:
        """Asks for work in this order."""
        for subject in subjects:
            async with self.work(tenant) as unit:
                await unit.outbox.add(samples.message(f"{next(NUMBERS)}", subject))
                await unit.commit()
            self.clock.advance(timedelta(seconds=1))

    async def claim(self, limit: int = 10, seconds: float = LONG) -> Sequence[LeasedWork]:
        wanted = {JobKind.DELIVER: (self.clock.now(), limit)}
        return await self.leases.turn([], wanted, f"lease {next(NUMBERS)}", seconds)

    async def end(self, *ended: WorkEnd) -> None:
        await self.leases.turn(ended, {}, "", LONG)

    async def plan(self, poll_at: "timedelta | None") -> None:
        async with self.work(A) as unit:
            at = None if poll_at is None else NOON + poll_at
            await unit.overviews.put(replace(samples.overview("one", None), next_poll_at=at))
            await unit.commit()

    async def left(self) -> list[str]:
        return sorted(subject for _, _, subject in await due_things(self.engine))

    async def polls(self) -> Mapping[str, timedelta]:
        return {
            subject: at - NOON
            for (_, kind, subject), at in (await due_things(self.engine)).items()
            if kind is JobKind.POLL
        }


@pytest.fixture
async def queue(engine: Engine, cipher: Cipher) -> Queue:
    made = Queue(engine, cipher)
    async with made.work(A) as unit:
        await unit.integrations.add(samples.bare_integration())
        await unit.commit()
    return made


def names(claimed: Sequence[LeasedWork]) -> list[str]:
    return [one.subject for one in claimed]


async def test_what_is_due_is_claimed_once_the_earliest_first(queue: Queue) -> None:
    await queue.ask("c", "a", "b")
    assert names(await queue.claim(2)) == ["c", "a"]
    assert names(await queue.claim()) == ["b"]
    assert await queue.claim() == []


async def test_nothing_is_claimed_before_it_is_due(queue: Queue) -> None:
    await queue.ask("a")
    early = {JobKind.DELIVER: (NOON - MINUTE, 10)}
    assert await queue.leases.turn([], early, "early", LONG) == []
    assert (await queue.leases.look())[JobKind.DELIVER] == NOON
    assert names(await queue.claim()) == ["a"]
    assert JobKind.DELIVER not in await queue.leases.look()  # somebody works on it


async def test_workers_that_claim_at_once_share(queue: Queue) -> None:
    await queue.ask(*"abcdefgh")
    shares = await asyncio.gather(*(queue.claim(3) for _ in range(4)))
    while more := await queue.claim(3):
        shares.append(more)
    claimed = [name for share in shares for name in names(share)]
    assert sorted(claimed) == [*"abcdefgh"]
    assert all(len(share) <= 3 for share in shares)


async def test_a_row_that_somebody_has_locked_is_passed_over(queue: Queue) -> None:
    if queue.engine.dialect.name == "sqlite":
        return  # there is one writer at a time
    await queue.ask("a", "b")
    async with queue.engine.begin() as connection:
        first = sa.select(tables.due).where(tables.due.c.subject == "a").with_for_update()
        await connection.execute(first)
        assert names(await queue.claim()) == ["b"]
    assert names(await queue.claim()) == ["a"]


async def test_a_lease_that_has_run_out_is_taken_by_the_next_claim(queue: Queue) -> None:
    await queue.ask("a")
    (dead,) = await queue.claim(seconds=OVER)
    assert (await queue.leases.look())[JobKind.DELIVER] == NOON
    (taken,) = await queue.claim()
    assert (dead.attempts, taken.attempts) == (1, 2)
    assert await queue.claim() == []


async def test_who_has_lost_the_lease_changes_nothing(queue: Queue) -> None:
    await queue.ask("a")
    (dead,) = await queue.claim(seconds=OVER)
    (taken,) = await queue.claim()
    assert await queue.leases.renew([dead], LONG) == []
    await queue.end(WorkEnd(dead, None))
    await queue.leases.give_back([dead])
    assert await queue.left() == ["a"]
    assert await queue.claim() == []
    assert await queue.leases.renew([taken], LONG) == [taken]
    await queue.end(WorkEnd(taken, None))
    assert await queue.left() == []


async def test_a_lease_that_is_renewed_lasts(queue: Queue) -> None:
    await queue.ask("a", "b")
    claimed = await queue.claim(seconds=OVER)
    assert {*await queue.leases.renew(claimed[:1], LONG)} == {*claimed[:1]}
    assert names(await queue.claim()) == ["b"]


async def test_what_is_given_back_can_be_begun_at_once(queue: Queue) -> None:
    await queue.ask("a")
    await queue.leases.give_back(await queue.claim())
    assert names(await queue.claim()) == ["a"]


async def test_one_conversation_is_with_one_worker_and_asked_for_meanwhile_comes_again(
    queue: Queue,
) -> None:
    await queue.ask("a")
    (first,) = await queue.claim()
    await queue.ask("a")
    assert await queue.claim() == []
    await queue.end(WorkEnd(first, None))
    (again,) = await queue.claim()
    assert again.version > first.version
    await queue.end(WorkEnd(again, None))
    assert await queue.left() == []


async def test_asking_twice_is_asking_once_at_the_earlier_moment(queue: Queue) -> None:
    await queue.ask("a", "a", tenant=B)
    assert await due_things(queue.engine) == {(B, JobKind.DELIVER, "a"): NOON}
    (claimed,) = await queue.claim()
    await queue.end(WorkEnd(claimed, NOON + 10 * MINUTE, attempts=3))
    assert await queue.claim() == []
    await queue.ask("a", tenant=B)
    (sooner,) = await queue.claim()
    assert sooner.attempts == 4


async def test_a_plan_takes_the_place_of_the_one_before(queue: Queue) -> None:
    await queue.plan(2 * MINUTE)
    await queue.plan(5 * MINUTE)
    assert await queue.polls() == {"one": 5 * MINUTE}
    await queue.plan(None)
    assert await queue.polls() == {}
    await queue.plan(MINUTE)
    assert await queue.polls() == {"one": MINUTE}


async def test_what_was_put_off_after_failures_stays_so_while_the_plan_is_the_same(
    queue: Queue,
) -> None:
    await queue.plan(timedelta())
    wanted = {JobKind.POLL: (NOON, 10)}
    (poll,) = await queue.leases.turn([], wanted, "one", LONG)
    await queue.plan(timedelta())
    await queue.end(WorkEnd(poll, NOON + 7 * MINUTE, attempts=1))
    await queue.plan(timedelta())
    assert await queue.polls() == {"one": 7 * MINUTE}
    await queue.plan(3 * MINUTE)
    assert await queue.polls() == {"one": 3 * MINUTE}


async def test_a_plan_that_changes_while_somebody_is_at_it_counts(queue: Queue) -> None:
    await queue.plan(timedelta())
    (poll,) = await queue.leases.turn([], {JobKind.POLL: (NOON, 10)}, "one", LONG)
    await queue.plan(15 * MINUTE)
    await queue.end(WorkEnd(poll, NOON + MINUTE))
    assert await queue.polls() == {"one": 15 * MINUTE}
    assert poll.kind in PLANNED


async def test_a_kind_that_this_version_does_not_know_waits(queue: Queue) -> None:
    await queue.ask("a")
    async with queue.engine.begin() as connection:
        await connection.execute(sa.update(tables.due).values(kind="invented_later"))
    assert await queue.leases.look() == {}
    assert await queue.claim() == []
    assert await Backlog(queue.engine).of(NOON + MINUTE, NOON + MINUTE) == {}
    async with queue.engine.begin() as connection:
        await connection.execute(sa.update(tables.due).values(kind="deliver"))
    assert names(await queue.claim()) == ["a"]


async def test_who_runs_the_bot_sees_what_waits(queue: Queue) -> None:
    await queue.ask("a", "b")
    await queue.claim(1, seconds=OVER)
    await queue.plan(3 * MINUTE)
    found = await Backlog(queue.engine).of(NOON, NOON + MINUTE)
    waiting = found[JobKind.DELIVER]
    assert (waiting.count, waiting.oldest, waiting.attempts) == (2, 60.0, 1)
    assert JobKind.POLL not in found


async def test_a_commit_wakes_the_worker_of_the_same_process(
    engine: Engine, cipher: Cipher
) -> None:
    news = asyncio.Event()
    work = SqlUnitOfWorkFactory(engine, cipher, FakeClock(), news)
    async with work(A) as unit:
        await unit.outbox.add(samples.message("1"))
    assert not news.is_set()
    async with work(A) as unit:
        await unit.outbox.add(samples.message("1"))
        await unit.commit()
    assert news.is_set()
