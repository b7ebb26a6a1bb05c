"""Each kind of message × each pair of standings: what looks otherwise depends on something else."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations
from typing import Any, get_args

import pytest

from bot.ids import Action
from bot.views.people.messages import render
from flows.csm.facts import CsmFacts, Rejectable, Rejection
from flows.model import DestinationState, Observed, Screen, Situation, Verification
from flows.outbox import bodies
from flows.outbox.looks import learned_nothing
from flows.reminders.facts import Quiet, Reminded, Reminders, Role, Snooze
from flows.replay.events import News
from flows.replay.undoing import UNDO
from flows.says import SAYS, says
from flows.setup.blockers import Blocker
from flows.vocabulary import Source, Stamp
from tests.unit.views.message_cases import ADA, MIRA, NOW, credentials, stages
from tests.unit.views.message_checks import buttons, check_message

BOB, LINUS = "U0BOB00001", "U0LINUS001"
BACKEND = Source("srcbackend", "backend", "Backend")
DAY = timedelta(days=1)
# Drawn again by their own press, or by their reader's answer.
BY_PEOPLE = {
    bodies.CheckDone, bodies.CsmMessage, bodies.TokenWarning, bodies.Hint, bodies.PassOn,
}  # fmt: skip
PROMISED = date(2026, 5, 20)


def every_body() -> Iterator[bodies.Personal]:
    yield bodies.Welcome("Acme")
    for screen in Screen:
        yield bodies.ColleagueAsked(ADA.by, screen, BOB)
        yield from (bodies.DelegationNews(how, BOB, screen) for how in bodies.Heard)
    for blocker in Blocker:
        yield bodies.AskedToGoOn(LINUS, ADA.by, blocker)
        yield bodies.AskedToGoOn(LINUS, BOB, blocker)
        yield bodies.Reminder(blocker, Role.DID_LAST, decided=NOW - DAY)
    yield bodies.AskedToGoOn(LINUS)
    yield from (bodies.ColleagueDid(BOB, deed) for deed in bodies.Deed)
    for workspace in ("", "Web app", "Another"):
        yield bodies.Confirmed(workspace)
        yield bodies.Rejected("No", Rejectable.CREDENTIALS, workspace)
    for what in Rejectable:
        yield from (bodies.Rejected("No", what, at=at) for at in (None, MIRA.at, NOW))
        yield bodies.Rejected(what=what)
    yield bodies.FirstData("src0000000000000000000", ("gone",))
    yield bodies.ArrivalConfirmed()
    yield from (bodies.ReplayInstructions(number) for number in (1, 2))
    yield bodies.Summary()
    for news in News:
        yield bodies.ReplayNews(news)
        yield bodies.ReplayNews(news, PROMISED, "4711")
    source = dict(stages())["not looked"].integration.sources[0]
    for blocker in (Blocker.DESTINATION_DISABLED, Blocker.EVENTS_STOPPED):
        yield bodies.IncidentNews(blocker, source)
        yield bodies.RecoveryNews(blocker, source)
    yield from (bodies.HelpReceived(goes_on) for goes_on in (True, False))
    yield bodies.Farewell("Acme", runs=True)


def standings() -> dict[str, Situation]:
    """All stages, and what people do beside them."""
    found, known = dict(stages()), list[Observed]()
    for name in ("replay scheduled", "replay sent", "destination missing"):
        of = found[name].integration
        yours = Reminded(Blocker.REPLAY_NOT_RUNNING, 1, NOW - DAY, BOB, asks=PROMISED)
        for what, facts in (
            ("asked whether it runs", Reminders((yours,))),
            ("reminded again", Reminders((yours, replace(yours, at=NOW, to=ADA.by)))),
            ("quiet", Reminders((yours,), quiet=(Quiet("", ADA.by, NOW),))),
            ("snoozed", Reminders((yours,), snooze=Snooze(NOW + DAY, ADA.by, NOW))),
        ):
            found[f"{name}, {what}"] = replace(
                found[name], integration=replace(of, reminders=facts)
            )
    for name in ("replay can be requested", "replay written", "finished with history"):
        for state in (DestinationState.MISSING, DestinationState.ENABLED):
            found[f"{name}, a second source {state}"] = _two(found[name], state)
    ended = found["finished with history"]
    back = Rejection(Rejectable.REPLAY, "All events, please", MIRA)
    for what, change in _beside(ended, back).items():
        found[f"finished, {what}"] = replace(ended, integration=change)
    none = Rejection(Rejectable.ARRIVAL, "No", MIRA)
    waits = found["free confirmed"]
    found["no data arrives"] = replace(
        waits, integration=replace(waits.integration, csm=CsmFacts(rejection=none))
    )
    sent = found["replay sent a moment ago"]
    found["the report stays"] = replace(sent, now=sent.now + UNDO)
    found["begun anew"] = replace(
        found["no plan"],
        integration=replace(found["no plan"].integration, left_before=ADA),
    )
    return {name: _sharing(known, each) for name, each in found.items()}


def _two(situation: Situation, state: DestinationState) -> Situation:
    """With a source that is not connected, or that delivers and has no history yet."""
    of, statuses = situation.integration, dict(situation.observed.statuses)
    statuses[BACKEND.id] = replace(
        statuses[of.sources[0].id],
        source_id=BACKEND.id,
        destination=state,
        first_delivered_at=NOW if state is DestinationState.ENABLED else None,
    )
    sources = replace(of, sources=(*of.sources, BACKEND))
    observed = replace(situation.observed, statuses=statuses)
    return replace(situation, integration=sources, observed=observed)


def _beside(ended: Situation, back: Rejection) -> dict[str, Any]:
    of = ended.integration
    other = credentials("Another", Verification.CONFIRMED)
    return {
        "rejected": replace(of, outcome=None, csm=CsmFacts(rejection=back)),
        "confirmed": replace(of, replay_confirmed=Stamp(MIRA.by, NOW, of_toplyne=True)),
        "a newer request": replace(of, replay=replace(of.replay, number=3)),
        "another workspace": replace(of, credentials=other),
    }


def _sharing(known: list[Observed], situation: Situation) -> Situation:
    """As when somebody acts between two looks: what was observed is the very same."""
    same = next((each for each in known if each == situation.observed), situation.observed)
    known.append(same)
    return replace(situation, observed=same)


def shown(body: bodies.Personal, situation: Situation) -> str:
    """All that can be read or pressed. Whoever asks for help says anew what it is about."""
    blocks = check_message(render(body, situation))
    for each in buttons(blocks):
        if each["action_id"] in (Action.ASK_HELP, Action.DELEGATE):
            each["value"] = ""
    return str(blocks)


STANDINGS = standings()


def test_every_kind_has_its_rule_or_its_reason() -> None:
    assert {*SAYS, *BY_PEOPLE} == set(get_args(bodies.Personal))
    assert not SAYS.keys() & BY_PEOPLE
    assert {type(body) for body in every_body()} == SAYS.keys()


@pytest.mark.parametrize("kind", SAYS, ids=lambda kind: kind.kind)
def test_what_looks_otherwise_depends_on_something_else(kind: type[bodies.Personal]) -> None:
    """Also what a look learns is something else then."""
    wrong = dict[tuple[str, ...], bodies.Personal]()
    for body in (each for each in every_body() if isinstance(each, kind)):
        drawn = {name: shown(body, each) for name, each in STANDINGS.items()}
        held = {name: says(body, each) for name, each in STANDINGS.items()}
        for one, other in combinations(STANDINGS, 2):
            is_alike = held[one] == held[other]
            if drawn[one] != drawn[other] and is_alike and not _has_left(body, one, other):
                wrong[one, other] = body
            if not is_alike and STANDINGS[one].now == STANDINGS[other].now:
                assert not learned_nothing(STANDINGS[one], STANDINGS[other]), (one, other)
    assert wrong == {}


def _has_left(body: bodies.Personal, *standings: str) -> bool:
    """Who leaves is offered a new beginning by the farewell."""
    return isinstance(body, bodies.Welcome) and "disconnected" in standings
