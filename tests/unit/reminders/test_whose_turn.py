"""Whether somebody at the customer is reminded, or it is a CSM's turn."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.csm.facts import CsmFacts, Matter, Need
from flows.model import Integration, Observed, Situation
from flows.reminders.facts import Role, Snooze
from flows.reminders.schedule import (
    GAP,
    MOST_REMINDERS,
    Planned,
    Rules,
    has_run_out,
    last_reminder,
    next_reminder,
)
from flows.reminders.steps import Recipient, remind, resume, snooze, tell_csm
from flows.vocabulary import Stamp
from tests.unit.reminders.test_schedule import CREATED, EMPTY, NEW_YORK, SERIES, all_of, reminded
from tests.unit.views.message_cases import NOW, stages


def reaches_nobody(integration: Integration, planned: Planned, at: datetime) -> Integration:
    return remind(integration, planned, Recipient("", Role.CSM, "U0ADA"), at).integration


def test_what_reached_nobody_is_no_step_of_the_series_and_does_not_count() -> None:
    away = EMPTY
    for day in (1, 3, 7, 14, 16, 18, 20, 22, 24):
        planned = next_reminder(Situation(away, Observed(), NOW))
        assert planned
        assert (planned.number, planned.is_last, planned.for_csm) == (1, False, False)
        away = reaches_nobody(away, planned, CREATED + timedelta(days=day))
    assert away.reminders.count == 0
    last = last_reminder(Situation(away, Observed(), NOW))
    assert last
    assert last.reached_nobody

    back = all_of(away, Observed(), Rules(), NEW_YORK)
    assert [planned.number for _, planned in back] == [1, 2, 3, 4]


def test_who_snoozes_the_last_one_is_reminded_once_more() -> None:
    last = all_of(EMPTY, Observed(), Rules(), NEW_YORK)
    done = EMPTY
    for moment, planned in last:
        done = reminded(done, planned, moment)
    at = last[-1][0] + timedelta(hours=1)
    until = at + timedelta(days=7)
    snoozed = replace(done, reminders=replace(done.reminders, snooze=Snooze(until, "U0ADA", at)))
    once = next_reminder(Situation(snoozed, Observed(), NOW))
    assert once
    assert (once.at, once.is_last) == (until, True)
    assert not has_run_out(Situation(snoozed, Observed(), NOW)), "they only asked for later"
    again = reminded(snoozed, once, until)
    assert next_reminder(Situation(again, Observed(), NOW)) is None
    assert has_run_out(Situation(again, Observed(), NOW))


@pytest.mark.parametrize("is_asked", [False, True])
def test_whoever_acts_can_be_reached(is_asked: bool) -> None:
    planned = next_reminder(Situation(EMPTY, Observed(), NOW))
    assert planned
    away = reaches_nobody(EMPTY, planned, planned.at)
    acts = planned.at + timedelta(days=3)
    matter = Matter(Need.HELP, acts, 1, "U0ADA")
    there = replace(away, csm=CsmFacts(matters=(matter,)))
    if not is_asked:
        there = replace(away, last_active=Stamp("U0ADA", acts))
    assert has_run_out(Situation(away, Observed(), NOW))
    assert not has_run_out(Situation(there, Observed(), NOW))
    again = next_reminder(Situation(there, Observed(), NOW))
    assert again
    assert has_run_out(Situation(reaches_nobody(there, again, acts + GAP), Observed(), NOW)), (
        "away once more"
    )


HAPPENS = ("arrives", "reaches nobody", "snooze", "resume", "act", "wait")


@given(
    st.sampled_from([each for each in stages() if SERIES.get(each[0])]),
    st.lists(st.sampled_from(HAPPENS), max_size=30),
)
@settings(max_examples=150, deadline=None)
def test_a_csm_is_needed_if_and_only_if_nobody_is_reminded_any_more(
    stage: tuple[str, Situation], happens: list[str]
) -> None:
    """Whatever people do: either a reminder comes, or it is the CSM's."""
    situation = stage[1]
    integration, observed, now = situation.integration, situation.observed, situation.now
    for each in happens:
        planned = next_reminder(Situation(integration, observed, NOW))
        by = Stamp("U0ADA", now)
        match each:
            case "wait":
                now += timedelta(days=3)
            case "act":
                integration = replace(integration, last_active=by)
            case "snooze":
                integration = snooze(integration, now + timedelta(days=1), by).integration
            case "resume":
                integration = resume(integration, by).integration
            case _ if planned and planned.for_csm:
                now = max(now, planned.at)
                of = Situation(integration, observed, now)
                integration = tell_csm(of, planned).integration
            case "arrives" if planned:
                now = max(now, planned.at)
                to = Recipient("U0ADA", Role.DID_LAST)
                integration = remind(integration, planned, to, now).integration
            case "reaches nobody" if planned:
                now = max(now, planned.at)
                integration = reaches_nobody(integration, planned, now)
        now += timedelta(hours=1)
        planned, last = (
            next_reminder(Situation(integration, observed, NOW)),
            last_reminder(Situation(integration, observed, NOW)),
        )
        assert planned or last
        assert not (planned and last) or last.reached_nobody
        assert integration.reminders.count <= MOST_REMINDERS
