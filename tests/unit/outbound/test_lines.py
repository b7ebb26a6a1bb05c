"""At a crowded gate: it never stands idle while somebody waits, and few come in vain."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from bot.outbound.calls import CHANNEL_COST, TURN_WITHIN, GateFar
from bot.outbound.deliver import Deliverer
from bot.outbound.lines import Lines
from bot.outbound.once import ClaimedMessage
from flows.outbox.messages import MessageState
from flows.ports import RateCost
from tests.support.fake_tables import FakeClock
from tests.support.fakes import FakeStorage
from tests.unit.outbound.test_deliver import StubSender, T, delivery, put

STEP = CHANNEL_COST.interval
MANY = 60
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MOMENT = 0.001  # seconds; clocks count microseconds


class Gate:
    """The CSM channel's, by the story's clock."""

    def __init__(self, clock: FakeClock) -> None:
        self.passed: list[datetime] = []
        self.tries = 0
        self._clock, self._free_at = clock, clock.now()

    def take(self, _claimed: ClaimedMessage) -> None:
        self.tries += 1
        now = self._clock.now()
        at = max(now, self._free_at)
        if (wait := (at - now).total_seconds()) > TURN_WITHIN:
            raise GateFar(wait, T, {"post": RateCost(0.2, burst=2.0), "channel": CHANNEL_COST})
        self._free_at = at + timedelta(seconds=STEP)
        self.passed.append(at)


async def crowd(storage: FakeStorage, *names: str) -> None:
    for name in names:
        await put(storage, name, conversation=f"csm:{name}")


async def step(storage: FakeStorage, clock: FakeClock, deliverers: Sequence[Deliverer]) -> bool:
    """Whoever is due first is tried, by each worker in its turn. False once nothing waits."""
    pending = [each for each in storage.messages if each.state is MessageState.PENDING]
    if not pending:
        return False
    first = min(pending, key=lambda each: each.due_at)
    clock.advance(max(timedelta(), first.due_at - clock.now()))
    worker = deliverers[first.attempts % len(deliverers)]
    await worker.drain(T, first.message.conversation)
    return True


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("minutes", [0, 4, 600], ids="waited {} minutes for a worker".format)
async def test_the_gate_is_never_idle_while_somebody_waits(minutes: int, workers: int) -> None:
    storage = FakeStorage(FakeClock(NOON - timedelta(minutes=minutes)))
    storage.install(T)
    await crowd(storage, *(str(number) for number in range(MANY)))
    clock = FakeClock(NOON)
    gate = Gate(clock)
    sender = StubSender(gate.take)
    deliverers = [delivery(storage, sender, clock) for _ in range(workers)]
    while await step(storage, clock, deliverers):
        pass
    assert len(gate.passed) == MANY
    assert gate.passed[-1] - gate.passed[0] <= timedelta(seconds=(MANY - 1) * STEP + MOMENT)
    assert gate.tries <= (1 + workers) * MANY


async def test_who_comes_new_passes_soon_and_nobody_waits_for_ever() -> None:
    storage, clock = FakeStorage(FakeClock(NOON)), FakeClock(NOON)
    storage.install(T)
    await crowd(storage, *(str(number) for number in range(MANY)))
    gate = Gate(clock)
    deliverers = [delivery(storage, StubSender(gate.take), clock)]
    for _ in range(MANY + 5):
        await step(storage, clock, deliverers)
    before = len(gate.passed)
    storage.clock.advance(clock.now() - storage.clock.now())
    await crowd(storage, "called")
    while storage.messages[-1].state is MessageState.PENDING:
        await step(storage, clock, deliverers)
    assert len(gate.passed) <= before + 3
    while await step(storage, clock, deliverers):
        pass
    assert len(gate.passed) == MANY + 1
    assert gate.passed[-1] - gate.passed[0] <= timedelta(seconds=MANY * STEP + MOMENT)


def test_all_who_are_hurried_get_their_places_again() -> None:
    lines, cost = Lines(), {"channel": RateCost(1.0)}
    places = [lines.place(each, T, cost, 10.0) for each in range(5)]
    assert places == [10.0, 11.0, 12.0, 13.0, 14.0]
    assert [lines.place(each, T, cost, 10.0) for each in range(5)] == places
    assert lines.place(5, T, cost, 12.5) == 15.0
    assert lines.place(2, "T2", cost, 12.5) == 12.5


def test_a_line_at_one_gate_leaves_room_at_another() -> None:
    lines, post = Lines(), RateCost(0.2)
    for each in range(9):
        lines.place(each, T, {"post": post, "channel": RateCost(1.0)}, 10.0)
    assert lines.place(9, T, {"post": post, "direct": RateCost(1.0)}, 10.0) == 10.2
    assert lines.place(9, T, {"post": post, "channel": RateCost(1.0)}, 10.0) == 19.0


def test_lines_that_are_over_are_forgotten() -> None:
    lines = Lines()
    for each in range(9):
        lines.place(each, T, {f"channel {each}": RateCost(1.0)}, 10.0 + each)
    assert len(lines._places) == 1
