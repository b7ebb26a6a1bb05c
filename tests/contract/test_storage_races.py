"""Several writers at once: one wins, the others are told, nothing is lost or done twice."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from flows.errors import RevisionConflict
from flows.outbox.messages import sendable
from flows.ports import UnitOfWork
from flows.vocabulary import Plan, ReceivedEvent
from tests.contract import samples
from tests.contract.conftest import Storage
from tests.contract.samples import A

CROWD = 8


@pytest.fixture
async def stored(storage: Storage) -> Storage:
    async with storage.work(A) as work:
        await work.integrations.add(samples.bare_integration())
        await work.checks.add(samples.check(), None)
        await work.commit()
    return storage


async def _crowd(
    storage: Storage, act: Callable[[UnitOfWork], Awaitable[bool]], size: int = CROWD
) -> list[bool]:
    """What `act` returned in each of several units of work that run at the same time."""

    async def one() -> bool:
        async with storage.work(A) as work:
            outcome = await act(work)
            await work.commit()
            return outcome

    return await asyncio.gather(*(one() for _ in range(size)))


async def test_of_two_writers_with_one_revision_one_is_told(stored: Storage) -> None:
    async with stored.work(A, write=False) as work:
        read = await work.integrations.get("one")

    async def save(plan: Plan) -> Plan | None:
        try:
            async with stored.work(A) as work:
                await work.integrations.save(replace(read, plan=plan))
                await work.commit()
        except RevisionConflict:
            return None
        return plan

    outcomes = await asyncio.gather(save(Plan.TEAM), save(Plan.BUSINESS))
    assert outcomes.count(None) == 1
    async with stored.work(A, write=False) as work:
        now = await work.integrations.get("one")
    assert now.revision == 1
    assert now.plan in outcomes


async def test_writers_who_read_again_all_get_through(stored: Storage) -> None:
    async def count_up(work: UnitOfWork) -> bool:
        read = await work.integrations.get("one")
        await work.integrations.save(replace(read, failed_tries=read.failed_tries + 1))
        return True

    async def insist() -> None:
        while True:
            try:
                await _crowd(stored, count_up, size=1)
            except RevisionConflict:
                continue
            return

    await asyncio.gather(*(insist() for _ in range(CROWD)))
    async with stored.work(A, write=False) as work:
        now = await work.integrations.get("one")
    assert (now.failed_tries, now.revision) == (CROWD, CROWD)


async def test_one_finisher_deletes_a_check(stored: Storage) -> None:
    outcomes = await _crowd(stored, lambda work: work.checks.delete("check"))
    assert outcomes.count(True) == 1


async def test_a_finisher_who_rolls_back_leaves_the_check_to_the_next(stored: Storage) -> None:
    async with stored.work(A) as work:
        assert await work.checks.delete("check")
    assert await _crowd(stored, lambda work: work.checks.delete("check"), size=1) == [True]


async def test_an_event_that_comes_several_times_at_once_is_accepted_once(
    stored: Storage,
) -> None:
    event = ReceivedEvent("Ev1", "message")
    outcomes = await _crowd(stored, lambda work: work.inbox.accept(event))
    assert outcomes.count(True) == 1
    assert len(await stored.jobs()) == 1


async def test_a_message_added_several_times_at_once_is_kept_once(stored: Storage) -> None:
    async def add(work: UnitOfWork) -> bool:
        await work.outbox.add(samples.message("key"))
        return True

    assert await _crowd(stored, add) == [True] * CROWD
    async with stored.work(A, write=False) as work:
        assert len(sendable(await work.outbox.waiting("user:UANNA", 10), stored.clock.now())) == 1
    assert len(await stored.jobs()) == 1


async def test_a_reader_sees_the_state_before_an_open_writer(stored: Storage) -> None:
    async with stored.work(A) as writing:
        read = await writing.integrations.get("one")
        await writing.integrations.save(replace(read, plan=Plan.TEAM))
        async with stored.work(A, write=False) as reading:
            assert (await reading.integrations.get("one")).plan is None


async def test_a_state_of_an_install_is_consumed_once(storage: Storage) -> None:
    state, other = storage.states.issue("carried along"), storage.states.issue()
    assert state != other
    assert "carried" not in state
    outcomes = await asyncio.gather(*(storage.states.consume(state) for _ in range(20)))
    assert sorted(map(str, outcomes)) == ["None"] * 19 + ["carried along"]
    assert await storage.states.consume("never issued") is None
    assert await storage.states.consume(other) == ""


async def test_a_cancelled_writer_saves_nothing_and_blocks_nobody(stored: Storage) -> None:
    written = asyncio.Event()

    async def write() -> None:
        async with stored.work(A) as work:
            read = await work.integrations.get("one")
            await work.integrations.save(replace(read, plan=Plan.TEAM))
            written.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(write())
    await written.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with stored.work(A) as work:
        read = await work.integrations.get("one")
        assert read.plan is None
        await work.integrations.save(read)
        await work.commit()


async def test_a_writer_cancelled_while_it_waits_blocks_nobody(stored: Storage) -> None:
    async def write() -> None:
        async with stored.work(A) as work:
            await work.integrations.save(samples.bare_integration())
            await work.commit()

    async with stored.work(A) as work:
        await work.integrations.save(samples.bare_integration())
        waiting = asyncio.create_task(write())
        done, _ = await asyncio.wait({waiting}, timeout=0.05)
        assert not done
        waiting.cancel()
        await work.commit()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    async with stored.work(A) as work:
        saved = await work.integrations.save(await work.integrations.get("one"))
        assert saved.revision == 2
