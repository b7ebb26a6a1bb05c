"""When Segment is polled next: never later than promised, and no more often than needed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from flows.checks.poll import LONGEST_PAUSE, WHEN_COMPLETE, WHILE_WAITING, next_poll
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
    due = next_poll(Situation(of, observed, NOW), interval)
    assert due is not None
    return due - observed.looked_at


@given(watched, intervals)
def test_nothing_outstanding_is_looked_at_later_than_the_interval(
    situation: Situation, interval: timedelta
) -> None:
    of, observed = situation.integration, situation.observed
    assume(first_blocker(situation))
    assert pause(of, observed, interval) == interval or (
        pause(of, observed, interval) <= WHILE_WAITING
    )


@given(watched, intervals)
def test_failures_make_it_later_up_to_a_bound(situation: Situation, interval: timedelta) -> None:
    pauses = [
        pause(situation.integration, replace(situation.observed, failures=count), interval)
        for count in range(12)
    ]
    assert pauses == sorted(pauses)
    assert pauses[-1] <= max(pauses[0], LONGEST_PAUSE)
    assert pauses[-1] <= pauses[0] * 8 + timedelta(microseconds=8)


@given(situations, intervals)
def test_the_same_integration_has_always_the_same_place(
    situation: Situation, interval: timedelta
) -> None:
    assert next_poll(situation, interval) == next_poll(situation, interval)


@given(watched, watched, st.integers(1, 3_600))
def test_of_two_that_are_alike_the_older_look_comes_first(
    one: Situation, other: Situation, seconds: int
) -> None:
    later = replace(one.observed, looked_at=NOW + timedelta(seconds=seconds))
    same = replace(one.integration, id=other.integration.id)
    if one.observed.waited_at is None:
        assert pause(same, later) == pause(one.integration, one.observed)


@pytest.mark.parametrize(
    ("minutes_ago", "longest"), [(0, MINUTE), (9, MINUTE), (10, QUARTER), (600, QUARTER)]
)
def test_while_somebody_waits_it_is_every_minute(minutes_ago: int, longest: timedelta) -> None:
    waited = NOW - timedelta(minutes=minutes_ago)
    found = pause(integration(), Observed(looked_at=NOW, waited_at=waited))
    assert found == longest


def test_who_opens_live_sync_after_long_is_looked_at_at_once() -> None:
    observed = Observed(looked_at=NOW - timedelta(minutes=5), waited_at=NOW)
    due = next_poll(Situation(integration(), observed, NOW), QUARTER)
    assert due is not None
    assert due < NOW


def test_what_is_complete_is_looked_at_once_a_day_until_something_breaks() -> None:
    seen = delivering(FINISHED)
    whole = Observed(statuses=seen, looked_at=NOW)
    assert pause(FINISHED, whole) == WHEN_COMPLETE
    broken = {key: replace(one, enabled=False) for key, one in seen.items()}
    assert pause(FINISHED, replace(whole, statuses=broken)) <= QUARTER


def test_an_interval_of_seconds_holds_at_all_times() -> None:
    seconds = timedelta(seconds=5)
    for observed in (
        Observed(statuses=delivering(FINISHED), looked_at=NOW),
        Observed(looked_at=NOW, waited_at=NOW),
    ):
        assert pause(FINISHED, observed, seconds) <= seconds
