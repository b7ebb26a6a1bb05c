"""A set-up that has had all its reminders: a CSM is told of each standstill instead, once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from flows.model import Integration, Observed, Situation
from flows.reminders.events import RanOut
from flows.reminders.facts import Quiet, Reminded, Reminders
from flows.reminders.schedule import (
    Rules,
    has_run_out,
    last_reminder,
    next_day,
    next_reminder,
)
from flows.reminders.steps import tell_csm
from flows.setup.blockers import Blocker
from flows.vocabulary import Person, Plan, Stamp
from tests.unit.any_situation import NOW

CREATED = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
HERE = Person("Europe/Berlin", "de-DE", is_active=True)
EMPTY = Integration("int_1", "T1", "T1", created=Stamp("U0ADA", CREATED))


def test_after_eight_the_csm_is_told_of_each_new_standstill_once() -> None:
    long_ago = [CREATED - timedelta(days=10 * n) for n in range(8, 0, -1)]
    sent = tuple(Reminded("sources_missing", 1, day, "U0ADA") for day in long_ago)
    stuck = replace(EMPTY, reminders=Reminders(sent))
    planned = next_reminder(Situation(stuck, Observed(), NOW))
    assert planned
    assert planned.for_csm
    assert planned.at == CREATED + timedelta(days=1)
    assert next_day(Situation(stuck, Observed(), planned.at), Rules(), HERE) is None, (
        "nobody is reminded"
    )

    change = tell_csm(Situation(stuck, Observed(), planned.at), planned)
    assert change.events == (RanOut(Stamp("", planned.at), Blocker.PLAN_MISSING),)
    assert has_run_out(Situation(change.integration, Observed(), NOW))
    last = last_reminder(Situation(change.integration, Observed(), NOW))
    assert last
    assert not last.reached_nobody
    assert next_reminder(Situation(change.integration, Observed(), NOW)) is None

    chosen = Stamp("U0ADA", planned.at + timedelta(days=9))
    onwards = replace(change.integration, plan=Plan.TEAM, plan_chosen=chosen)
    again = next_reminder(Situation(onwards, Observed(), NOW))
    assert again
    assert (again.for_csm, again.at) == (True, chosen.at + timedelta(days=1))
    quiet = replace(onwards.reminders, quiet=(Quiet("", "U0ADA", chosen.at),))
    assert next_reminder(Situation(replace(onwards, reminders=quiet), Observed(), NOW)) is None
