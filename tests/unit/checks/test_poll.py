"""When Segment is polled next: never later than promised, and no more often than needed."""

from dataclasses import replace
from datetime import datetime, timedelta
from heapq import heapify, heapreplace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from flows.checks.poll import LONGEST, SPREAD, WHEN_COMPLETE, WHILE_WAITING, next_poll
from flows.model import Integration, Observed, Situation
from flows.setup.blockers import first_blocker
from flows.vocabulary import Plan
from tests.unit.any_situation import situations
from tests.unit.views.message_cases import ADA, NOW, delivering, integration, stages

MINUTE = timedelta(minutes=1)
QUARTER = timedelta(minutes=15)
intervals = st.integers(1, 30 * 86_400).map(lambda seconds: timedelta(seconds=seconds))
watched = situations.map(
    lambda found: replace(
        found,
        integration=replace(
            found.integration,
            plan=Plan.BUSINESS,
            credentials=integration().credentials,
            sources=found.integration.sources or integration().sources,
            sources_chosen=ADA,
            token_forgotten=None,
            disconnected=None,
        ),
        observed=replace(found.observed, failures=0, looked_at=NOW),
    )
)
FINISHED = dict(stages())["finished with history"].integration


def pause(of: Integration, observed: Observed, interval: timedelta = QUARTER) -> timedelta:
    """The time from the last poll to the next."""
    assert observed.looked_at is not None
    due = next_poll(of, observed, interval)
    assert due is not None
    return due - observed.looked_at


@given(watched, intervals)
def test_nothing_outstanding_is_looked_at_later_than_the_interval(
    situation: Situation, interval: timedelta
) -> None:
    of, observed = situation.integration, situation.observed
    assume(first_blocker(of, observed))
    assert interval * (1 - SPREAD) <= pause(of, observed, interval) <= interval or (
        pause(of, observed, interval) <= WHILE_WAITING
    )


@given(watched, intervals)
def test_failures_make_it_later_up_to_a_bound(situation: Situation, interval: timedelta) -> None:
    of, observed = situation.integration, situation.observed
    pauses = [pause(of, replace(observed, failures=count), interval) for count in range(12)]
    assert pauses == sorted(pauses)
    assert pauses[-1] <= max(pauses[0], LONGEST)
    assert pauses[-1] <= pauses[0] * 8 + timedelta(microseconds=8)


@given(situations, intervals)
def test_the_same_integration_has_always_the_same_place(
    situation: Situation, interval: timedelta
) -> None:
    of, observed = situation.integration, situation.observed
    assert next_poll(of, observed, interval) == next_poll(of, observed, interval)


def test_many_do_not_come_at_once() -> None:
    observed = Observed(looked_at=NOW)
    pauses = {pause(replace(integration(), id=f"int_{n}"), observed) for n in range(100)}
    assert len(pauses) == 100
    assert min(pauses) < QUARTER * 0.92
    assert max(pauses) > QUARTER * 0.98


@pytest.mark.parametrize(
    ("minutes_ago", "longest"), [(0, MINUTE), (9, MINUTE), (10, QUARTER), (600, QUARTER)]
)
def test_while_somebody_waits_it_is_every_minute(minutes_ago: int, longest: timedelta) -> None:
    waited = NOW - timedelta(minutes=minutes_ago)
    found = pause(integration(), Observed(looked_at=NOW, waited_at=waited))
    assert longest * (1 - SPREAD) <= found <= longest


def test_who_opens_live_sync_after_long_is_looked_at_at_once() -> None:
    observed = Observed(looked_at=NOW - timedelta(minutes=5), waited_at=NOW)
    due = next_poll(integration(), observed, QUARTER)
    assert due is not None
    assert due < NOW


def test_what_is_complete_is_looked_at_once_a_day_until_something_breaks() -> None:
    seen = delivering(FINISHED)
    whole = Observed(statuses=seen, looked_at=NOW)
    assert WHEN_COMPLETE * (1 - SPREAD) <= pause(FINISHED, whole) <= WHEN_COMPLETE
    broken = {key: replace(one, enabled=False) for key, one in seen.items()}
    assert pause(FINISHED, replace(whole, statuses=broken)) <= QUARTER


def test_an_interval_of_seconds_holds_at_all_times() -> None:
    seconds = timedelta(seconds=5)
    for observed in (
        Observed(statuses=delivering(FINISHED), looked_at=NOW),
        Observed(looked_at=NOW, waited_at=NOW),
    ):
        assert pause(FINISHED, observed, seconds) <= seconds


# --- more to ask than Segment allows --------------------------------------------------------------

MANY, CALLS, BURST = 40, 3.0, 5.0  # set-ups; calls of one look, and those that may come at once
HOURS = 6


def looks_beyond_the_budget(per_minute: float) -> list[int]:
    """How often each set-up is looked at in some hours, the rarest first. A look for which there
    is no room is put off, as `Poller` does it.
    """
    watched = [replace(integration(), id=f"int_{number}") for number in range(MANY)]
    observed = [Observed(looked_at=NOW)] * MANY
    looks, room, before = [0] * MANY, BURST, NOW

    def due(number: int) -> tuple[datetime, int]:
        at = next_poll(watched[number], observed[number], QUARTER)
        assert at
        return at, number

    queue = [due(number) for number in range(MANY)]
    heapify(queue)
    while (now := queue[0][0]) < NOW + timedelta(hours=HOURS):
        number = queue[0][1]
        room = min(BURST, room + (now - before) / MINUTE * per_minute)
        before = now
        if room >= CALLS:
            room -= CALLS
            looks[number] += 1
            observed[number] = Observed(looked_at=now)
        else:
            since = observed[number].round_since or now
            observed[number] = Observed(looked_at=now, round_since=since)
        heapreplace(queue, due(number))
    return sorted(looks)


@pytest.mark.parametrize("share", [0.25, 0.5, 0.75])
def test_beyond_the_budget_everybody_is_looked_at_in_turn(share: float) -> None:
    """Half as often as the average at the least. None of them may wait for ever."""
    looks = looks_beyond_the_budget(share * MANY * CALLS / (QUARTER / MINUTE))
    assert looks[0] >= sum(looks) / MANY / 2, looks
