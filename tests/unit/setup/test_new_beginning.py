"""A new beginning is new: which facts survive a disconnect, and why. A new field needs its line."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flows.csm.facts import Called, CsmFacts, Matter, Need, Rejectable, Rejection
from flows.csm.needs import attended, next_call
from flows.model import Integration, Observed, Outcome, Screen, Situation
from flows.overview import Overview
from flows.projection import project
from flows.reminders.facts import Quiet, Reminded, Reminders, Snooze, Unreachable
from flows.reminders.schedule import next_reminder
from flows.replay.facts import Scheduled
from flows.replay.request import build_request
from flows.replay.window import default_window
from flows.setup import people_steps, steps
from flows.setup.blockers import Blocker
from flows.setup.leaving import disconnect
from flows.vocabulary import Plan, Stamp
from tests.unit.any_situation import NOW
from tests.unit.setup.setup_cases import ready

ADA = "U0ADA00001"
EARLY = datetime(2026, 1, 5, 9, tzinfo=UTC)
LATE = EARLY + timedelta(days=60)
AGAIN = LATE + timedelta(days=3)

# What is left of a set-up after its disconnect and a new beginning. All else has its default.
SURVIVES: dict[str, str] = {
    "id": "the history and the card hang on it",
    "tenant_id": "whose it is",
    "team_id": "whose it is",
    "created": "when the customer came; nothing waits since then",
    "revision": "it only grows, so that no old window looks new",
    "generation": "another one, so that no old window names this set-up",
    "changed": "all screens, so that a check that still runs stores nothing",
    "started": "who began anew, and when",
    "left_before": "for the sentence that old windows say",
    "last_active": "who began anew",
    "csm": "the customer keeps its CSM; see CSM_SURVIVES",
    "reminders": "see REMINDERS_SURVIVE",
    "left_replays": "ids and dates, so that no history comes twice unnoticed",
}
CSM_SURVIVES: dict[str, str] = {
    "owner": "whose customer it is",
    "account": "which customer of Toplyne's it is",
    "account_set": "who said so",
    "matters": "each with its end: answers in the thread still find who asked",
    "numbered": "it only grows, so that no number names two matters",
}
REMINDERS_SURVIVE: dict[str, str] = {
    "refused": "whom Slack refuses it refuses still",
    "before": "the last reminder: two are two days apart, whatever they are about",
}
# What is derived says nothing that the earlier set-up was.
OVERVIEW_SURVIVES: dict[str, str] = {
    "integration_id": "as above",
    "owner": "as above",
    "account": "as above",
    "search": "of the account alone",
}


def _lived() -> Integration:
    """A set-up in which everything has happened."""
    by = Stamp(ADA, EARLY)
    integration = people_steps.delegate(
        ready().integration, "U0BOB00001", Screen.SOURCES, by
    ).integration
    integration = steps.ask_help(integration, Screen.SOURCES, "Why?", by).integration
    sent = (Reminded(Blocker.NO_EVENTS.value, 1, LATE - timedelta(hours=1), ADA),) * 7
    matters = (Matter(Need.HELP, EARLY, 1, ADA, "Why?"), Matter(Need.STUCK, EARLY, 2))
    csm = CsmFacts(
        owner=Stamp("U0MIRA", EARLY, of_toplyne=True),
        account="Acme",
        account_set=by,
        matters=matters,
        calls=(Called(Need.STUCK, EARLY, LATE, number=2),),
        rejection=Rejection(Rejectable.SOURCES, "No", by),
        numbered=2,
    )
    reminders = Reminders(
        sent=sent,
        snooze=Snooze(LATE + timedelta(days=300), ADA, EARLY),
        quiet=(Quiet("", ADA, EARLY),),
        postponed=LATE + timedelta(days=200),
        stuck=Blocker.NO_EVENTS.value,
        refused=(Unreachable(ADA, LATE),),
    )
    return replace(
        integration,
        created=by,
        revision=7,
        plan=Plan.TEAM,
        upgraded_on=date(2026, 1, 1),
        upgraded_from=Plan.FREE,
        replay=build_request(ready(), default_window(ready()), by),
        replay_sent=by,
        replay_scheduled=Scheduled(by, date(2027, 1, 1), "4711"),
        replay_running=by,
        arrival_confirmed=by,
        outcome=Outcome.LIVE_ONLY,
        outcome_reached=by,
        reopened=by,
        keeps_watching=by,
        failed_tries=9,
        last_error="token_refused",
        forms=("V1",),
        reminders=reminders,
        csm=csm,
    )


def _left() -> Integration:
    lived = _lived()
    change = disconnect(lived, Stamp(ADA, LATE))
    return attended(Situation(lived, Observed(), LATE), change.integration, change.events)


def _anew() -> Integration:
    return steps.begin(_left(), Stamp("U0BOB00001", AGAIN)).integration


def _set(value: Any, *without: str) -> set[str]:
    """The fields that do not have their default."""
    plain = type(value)(
        **{f.name: getattr(value, f.name) for f in fields(value) if f.name in without}
    )
    return {f.name for f in fields(value) if getattr(value, f.name) != getattr(plain, f.name)}


def test_of_the_facts_only_what_is_written_here_survives() -> None:
    anew = _anew()
    required = {"id", "tenant_id", "team_id", "created"}
    assert _set(anew, *required) | required == SURVIVES.keys()
    assert _set(anew.csm) == CSM_SURVIVES.keys()
    assert _set(anew.reminders) == REMINDERS_SURVIVE.keys()
    assert anew.csm.open_matters == ()
    assert next_call(anew, Observed()) is None


def test_nothing_waits_since_the_earlier_one() -> None:
    anew = _anew()
    derived = project(Situation(anew, Observed(), AGAIN), timedelta(minutes=15))
    fresh = steps.begin(
        Integration(anew.id, anew.tenant_id, anew.team_id, Stamp(ADA, AGAIN)),
        Stamp("U0BOB00001", AGAIN),
    ).integration
    expected = project(Situation(fresh, Observed(), AGAIN), timedelta(minutes=15))
    differing = {
        f.name for f in fields(Overview) if getattr(derived, f.name) != getattr(expected, f.name)
    }
    assert differing <= OVERVIEW_SURVIVES.keys()
    assert derived.blocked_since == AGAIN


def test_reminders_begin_anew_and_keep_their_distance() -> None:
    anew = _anew()
    planned = next_reminder(Situation(anew, Observed(), NOW))
    assert planned
    assert (planned.number, planned.is_last) == (1, False)
    assert planned.at == AGAIN + timedelta(days=1), "a day after the new beginning, not at once"
    at_once = steps.begin(_left(), Stamp(ADA, LATE)).integration
    soon = next_reminder(Situation(at_once, Observed(), NOW))
    assert soon
    assert soon.at == LATE - timedelta(hours=1) + timedelta(days=2)


def test_no_generation_comes_twice() -> None:
    first = replace(_lived(), generation=steps.first_generation(EARLY))
    left = disconnect(first, Stamp(ADA, EARLY)).integration
    second = steps.begin(left, Stamp(ADA, EARLY)).integration
    third = steps.begin(disconnect(second, Stamp(ADA, EARLY)).integration, Stamp(ADA, LATE))
    generations = [each.generation for each in (first, second, third.integration)]
    assert generations == sorted(set(generations))
    assert left.generation == first.generation
