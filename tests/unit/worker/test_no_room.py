"""Work for which there is no room: its kind rests, and what was due first comes first."""

import asyncio
from datetime import datetime, timedelta

import pytest

from bot.worker import places
from flows.errors import NoRoom
from flows.outbox.jobs import JobKind
from tests.unit.worker.queue_in_memory import HOUR, LIMIT, NOW, Bench, done, raises


@pytest.mark.parametrize("burst", [3, 7, 31, 1000])
async def test_beyond_the_budget_the_oldest_look_comes_first(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, burst: int
) -> None:
    """Three calls a look. Nobody comes a second time before everybody came, whatever fits at once;
    and a look that stopped midway is the next one, not one behind it.
    """
    monkeypatch.setattr(places, "REST", 0.01)
    many, calls, rounds, room = 40, 3, 3, 0
    looks: list[str] = []
    all_looked = asyncio.Event()

    async def look(_tenant: str, subject: str) -> datetime:
        nonlocal room
        if len(bench.queue.held) == 1:
            room = max(room, burst)  # it was filled up while nobody looked
        for _ in range(calls):
            if room <= 0:
                raise NoRoom("sources")
            room -= 1
            await asyncio.sleep(0)
        looks.append(subject)
        if len(looks) >= many * rounds:
            all_looked.set()
        return NOW + timedelta(seconds=len(looks))

    for number in range(many):
        place = (number * 7) % many  # not in the order of the rows
        bench.queue.put(JobKind.POLL, f"{place}", NOW + timedelta(seconds=place - many))
    bench.clock.advance(HOUR)
    async with bench.working({JobKind.POLL: look}):
        async with asyncio.timeout(LIMIT):
            await all_looked.wait()
    in_turn = [f"{number}" for number in range(many)] * rounds
    assert looks[: many * rounds] == in_turn


async def test_what_finds_no_room_rests_and_holds_up_no_other(bench: Bench) -> None:
    bench.queue.put(JobKind.POLL, "one")
    bench.queue.put(JobKind.EVENT, "Ev1")
    async with bench.working({JobKind.POLL: raises(NoRoom("sources")), JobKind.EVENT: done}):
        await bench.queue.has_ended(2)
        bench.queue.put(JobKind.EVENT, "Ev2")
        bench.news.set()
        await bench.queue.has_ended(3)
    assert [one.claimed.kind for one in bench.queue.ended].count(JobKind.POLL) == 1
    assert bench.queue.rows == {(JobKind.POLL, "one"): NOW}
