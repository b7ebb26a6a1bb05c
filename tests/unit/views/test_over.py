"""Each kind of message × its matter is over: the buttons are gone, or why they stay.

A kind that is new needs its line: the stage at which its matter is over, or a reason.
"""

from dataclasses import replace
from datetime import date
from typing import get_args

import pytest

from bot.ids import Action, Beginning
from bot.views.people.messages import render
from flows.checks.question import CheckKind
from flows.csm.facts import Rejectable
from flows.model import Screen, Situation
from flows.outbox import bodies
from flows.reminders.facts import Role
from flows.replay.events import News
from flows.setup.blockers import Blocker
from tests.unit.views.message_cases import ADA, MIRA, WEB, stages
from tests.unit.views.message_checks import buttons, check_message

STAGES = dict(stages())
MISSING = "destination missing"


def _stage(name: str) -> Situation:
    if name == "nothing begun":
        situation = STAGES["no plan"]
        return replace(situation, integration=replace(situation.integration, last_active=None))
    if name == "asked nobody":
        situation = STAGES[MISSING]
        alone = replace(situation.integration, asked=())
        return replace(situation, integration=alone)
    return STAGES[name]


# The message, a stage at which its buttons can be of use, and stages at which its matter is over.
ENDS: list[tuple[bodies.Personal, str, tuple[str, ...]]] = [
    (bodies.Welcome(), "nothing begun", ("no plan", "replay sent")),
    (bodies.Farewell(), "disconnected", ("no plan",)),
    (bodies.Confirmed(), "free confirmed", ("replay can be requested", "disconnected")),
    (
        bodies.Rejected("No", Rejectable.SOURCES, at=MIRA.at),
        "sources rejected",
        ("replay can be requested", "disconnected"),
    ),
    (
        bodies.Rejected("No", Rejectable.REPLAY, at=MIRA.at),
        "replay rejected",
        ("replay written", "disconnected"),
    ),
    (bodies.FirstData(WEB.id), "replay can be requested", ("replay written", "disconnected")),
    (
        bodies.Reminder(Blocker.DESTINATION_MISSING, Role.DID_LAST),
        MISSING,
        ("replay written", "disconnected"),
    ),
    (
        bodies.IncidentNews(Blocker.DESTINATION_DISABLED, WEB),
        "destination switched off later",
        ("finished with history", "disconnected"),
    ),
    (
        bodies.IncidentNews(Blocker.DESTINATION_DISABLED, WEB, Role.PARTICIPANT, ADA.by),
        "destination switched off later",
        ("finished with history", "disconnected"),
    ),
    (
        bodies.ReplayNews(News.SCHEDULED, date(2026, 5, 20), "4711"),
        "replay scheduled",
        ("replay promised for today", "replay running", "finished with history", "disconnected"),
    ),
    (
        bodies.ReplayNews(News.NO_DAY),
        "replay sent",
        ("replay scheduled", "replay running", "finished with history", "disconnected"),
    ),
    (
        bodies.ReplayNews(News.RUNNING),
        "replay running",
        ("replay written", "finished with history", "disconnected"),
    ),
    (
        bodies.ReplayNews(News.NOT_FINISHED),
        "replay running",
        ("replay written", "finished with history", "disconnected"),
    ),
    (bodies.ReplayNews(News.NOT_CONFIRMED), "finished with history", ("replay running",)),
    (
        bodies.ReplayNews(News.NOT_RUNNING),
        "replay sent",
        ("replay written", "replay running", "finished with history", "disconnected"),
    ),
    (
        bodies.ReplayNews(News.NOT_SENT),
        "replay written",
        ("replay sent", "finished with history", "disconnected"),
    ),
    (bodies.ReplayInstructions(2), "replay written", ("disconnected",)),
    (bodies.Summary(), "finished with history", ("disconnected",)),
    (bodies.RecoveryNews(Blocker.DESTINATION_DISABLED, WEB), "replay written", ("disconnected",)),
    (bodies.ArrivalConfirmed(), "free arriving", ("free confirmed", "disconnected")),
    (
        bodies.ColleagueAsked(ADA.by, Screen.LIVE_SYNC, "U0BOB00001"),
        MISSING,
        ("asked nobody", "replay written", "disconnected"),
    ),
    (bodies.ColleagueAsked(ADA.by, Screen.SOURCES), "no sources", ("disconnected",)),
    (
        bodies.AskedToGoOn("U0LINUS001", ADA.by, Blocker.DESTINATION_MISSING),
        MISSING,
        ("replay written", "disconnected"),
    ),
    (bodies.AskedToGoOn("U0LINUS001"), MISSING, ("disconnected",)),
    (bodies.ColleagueDid("U0BOB00001", bodies.Deed.SOURCES_CHANGED), MISSING, ("disconnected",)),
    *(
        (bodies.DelegationNews(how, "U0BOB00001", Screen.LIVE_SYNC), MISSING, ("disconnected",))
        for how in bodies.Heard
    ),
    *(
        (
            bodies.DelegationNews(how, "U0BOB00001", Screen.LIVE_SYNC),
            MISSING,
            ("replay written", "finished with history"),
        )
        for how in bodies.Heard
        if how is not bodies.Heard.DONE
    ),
    (
        bodies.DelegationNews(bodies.Heard.DONE, "U0BOB00001", Screen.LIVE_SYNC),
        "replay written",
        ("finished with history", "finished live only"),
    ),
]
ENDING = tuple({type(body) for body, _, _ in ENDS})
# Their buttons stay, since they say where the set-up is now, or begin something of their own.
STAY: dict[type[bodies.Personal], str] = {
    bodies.CheckDone: "the way back to the set-up, where it stands",
    bodies.CsmMessage: "people answer whenever they like, until they disconnect",
    bodies.HelpReceived: "back to the set-up, where it stands",
    bodies.TokenWarning: "a token can be entered at any time",
    bodies.Hint: "the set-up and help, at any time",
    bodies.PassOn: "redrawn by its own press",
}


def test_every_kind_has_its_line() -> None:
    assert {*ENDING, *STAY} == set(get_args(bodies.Personal))
    assert not {*ENDING} & STAY.keys()


@pytest.mark.parametrize(("body", "live", "over"), ENDS, ids=lambda each: str(each)[:40])
def test_a_message_loses_its_buttons_with_its_matter(
    body: bodies.Personal, live: str, over: tuple[str, ...]
) -> None:
    assert buttons(check_message(render(body, _stage(live))))
    for stage in over:
        left = [b for b in buttons(check_message(render(body, _stage(stage)))) if "url" not in b]
        assert left == [], f"{stage}: {left}"


def test_a_check_that_was_for_nothing_says_so() -> None:
    done = bodies.CheckDone("chk_1", CheckKind.TOKEN, Screen.SOURCES)
    assert buttons(check_message(render(done, STAGES["no sources"])))


def test_welcome_has_one_button_which_opens_the_set_up() -> None:
    (start,) = buttons(check_message(render(bodies.Welcome(), _stage("nothing begun"))))
    assert (start["action_id"], start["value"]) == (Action.START, Beginning.FIRST)
