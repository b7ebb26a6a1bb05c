"""The sample customers: sixty, in all states. The app would disturb none of them at once."""

from collections import Counter
from datetime import timedelta

import pytest

from bot.demo.customers import SAMPLES, history_of, sample_names, sample_situation
from flows.checks.poll import farthest_poll, next_poll
from flows.csm.facts import Need
from flows.model import Situation
from flows.overview import Overview, Standing
from flows.projection import project
from tests.unit.any_situation import NOW

INTERVAL = timedelta(seconds=15)


def every_sample() -> list[Situation]:
    csms = ("U0MIRA", "U0TOM")
    return [sample_situation(n, f"T{n}", "U1", csms, NOW, INTERVAL) for n in range(SAMPLES)]


def rows() -> list[Overview]:
    return [project(each, INTERVAL) for each in every_sample()]


def test_there_are_sixty_and_all_say_that_they_are_samples() -> None:
    names = sample_names()
    assert len(set(names)) == SAMPLES
    assert all(name.endswith(" (sample)") for name in names)
    assert len({each.integration.id for each in every_sample()}) == SAMPLES


def test_they_are_in_all_states() -> None:
    found = rows()
    assert {row.standing for row in found} == set(Standing)
    assert {row.need for row in found if row.need} == set(Need) - {Need.REPLIED, Need.UNINSTALLED}
    assert len({row.blocker for row in found}) >= 14
    assert len(Counter(row.owner for row in found)) == 3


def test_nobody_is_polled_or_reminded_at_once() -> None:
    soon = NOW + timedelta(hours=12)
    for row in rows():
        assert row.next_poll_at is None or row.next_poll_at > soon
        assert row.next_reminder_at is None or row.next_reminder_at > soon


def test_what_happened_lies_in_the_past_and_in_order() -> None:
    for each in every_sample():
        moments = [event.stamp.at for event in history_of(each.integration)]
        assert moments == sorted(moments)
        assert all(at <= NOW for at in moments)


@pytest.mark.parametrize("minutes", [0.25, 15, 24 * 60, 48 * 60])
def test_no_poll_is_planned_so_late_that_it_counts_as_planned_by_a_fast_clock(
    minutes: float,
) -> None:
    interval = timedelta(minutes=minutes)
    polls = [
        at - NOW
        for n in range(SAMPLES)
        if (at := next_poll(_sample(n, interval), interval)) is not None
    ]
    assert polls
    assert all(timedelta(hours=20) < ahead < farthest_poll(interval) for ahead in polls)


def _sample(number: int, interval: timedelta) -> Situation:
    return sample_situation(number, f"T{number}", f"U{number}", ("U1", "U2"), NOW, interval)
