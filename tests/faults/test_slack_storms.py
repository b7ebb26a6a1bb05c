"""Slack is away for ten minutes. Afterwards everybody hears everything, once."""

import time
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from playground.slack.faults import Fault
from tests.faults.crowd import Crowd, gather_crowd
from tests.faults.figures import Show, in_words
from tests.scenario.database import ask
from tests.scenario.passing import Days, local
from tests.support.template import sqlite_url
from tests.support.world import World, soon, world

UTC = "UTC"
CROWD, BATCHES = 16, 4
OUTAGE = 600.0  # seconds of the advanced clock
STEP = OUTAGE / BATCHES
UNTIL_OVER = 10_000  # how often each fault occurs
# In these stories the app is not installed at Toplyne, so cards wait.
UNSAID = "SELECT count(*) FROM outbox WHERE state = 'pending' AND conversation LIKE 'user:%'"
DEAD = "SELECT count(*) FROM outbox WHERE state = 'dead'"
DUE = "SELECT count(*) FROM overview WHERE next_reminder_at <= ?"

OUTAGES = {
    "429 storm": (Fault.rate_limited(1),),
    "unavailable": (Fault(error="service_unavailable"),),
    "error pages": (Fault.server_error(), Fault.server_error(taken=True)),
    "timeouts": (Fault(error="service_unavailable", hang=3.0),),
}
# Slack may allow one search a minute. Tests do not wait for that, so it is not counted here.
WITHOUT_SEARCH = ("429 storm", "unavailable")


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts and their retries in the time that a test can wait."""
    monkeypatch.setattr("bot.outbound.deliver.ATTEMPT", timedelta(seconds=2))
    monkeypatch.setattr("bot.outbound.deliver.CLOCK_SKEW", timedelta(seconds=0.5))
    monkeypatch.setattr("bot.worker.loop.UNCHANGED", 2.0)


@pytest.fixture(params=OUTAGES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def a_world(tmp_path: Path, hurried: None, name: str) -> AsyncIterator[World]:
    strict = name in WITHOUT_SEARCH
    async with world(sqlite_url(tmp_path), strict_rate_limits=strict) as made:
        await made.start_bot()
        yield made
        made.slack.breach_free()


async def nothing_waits(a_world: World) -> None:
    def is_so() -> bool:
        now = a_world.segment.now().strftime("%Y-%m-%d %H:%M:%S")
        # In this order: what is due becomes a message.
        return ask(a_world, DUE, now) == [(0,)] and ask(a_world, UNSAID) == [(0,)]

    await soon(is_so, 180)


async def ten_minutes_without(a_world: World, crowd: Crowd, faults: tuple[Fault, ...]) -> None:
    """Reminders become due and people write to the app. Nothing that it says arrives."""
    for fault in faults * UNTIL_OVER:
        a_world.slack.faults.next_calls("*", fault)
    share = CROWD // BATCHES
    for batch in range(BATCHES):
        await a_world.time_passes(STEP)
        for person in crowd.people[batch * share : (batch + 1) * share]:
            await person.say(None, "is anybody there?")
    a_world.slack.faults.clear()


async def test_ten_minutes_without_slack(a_world: World, name: str, show: Show) -> None:
    days = Days(a_world)
    await days.begin(0, 11, zone=UTC)
    crowd = await gather_crowd(a_world, CROWD)
    await nothing_waits(a_world)
    await days.begin(1, 10, 55, zone=UTC)  # each gets a reminder five minutes later
    a_world.slack.traffic.clear()
    await ten_minutes_without(a_world, crowd, OUTAGES[name])
    during = len(crowd.calls())
    a_world.slack.traffic.clear()
    began = time.monotonic()
    await nothing_waits(a_world)
    seconds = time.monotonic() - began

    reminders, hints = crowd.keys("reminder:"), crowd.keys("message_hint:")
    sent = reminders + hints
    figures = in_words(
        sent=len(sent),
        lost=2 * CROWD - len(sent),
        repeated=sent.total() - len(sent),
        calls_meanwhile=during,
        calls_afterwards=len(crowd.calls()),
        refused_as_too_many=crowd.limited(),
        seconds=round(seconds, 1),
    )
    show(f"ten minutes without Slack, {name}", figures)
    everybody = Counter({person.user.id: 1 for person in crowd.people})
    assert Counter(user for user, _ in reminders.elements()) == everybody
    assert Counter(user for user, _ in hints.elements()) == everybody
    assert ask(a_world, DEAD) == [(0,)]
    assert all(10 <= local(m, UTC).hour < 16 for p in crowd.people for m in p.messages()[1:])
    # Two for one person may overtake each other on a busy machine.
    assert crowd.limited() <= CROWD // 4, "nobody runs into Slack's limits once it is back"
    # One call about the person, one for the message, and two more to look for a doubtful one.
    assert len(crowd.calls()) <= 2 * CROWD * 4
