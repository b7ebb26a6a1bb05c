"""Where a request is with Segment: message, window, Home and status say the same."""

import re
from dataclasses import replace
from typing import Any

import pytest

from bot.ids import Callback
from bot.strings.replay import MARKS
from bot.views.kit.message import Rendered
from bot.views.people.home import home_view
from bot.views.people.messages import render
from bot.views.people.status import status_message
from bot.views.replay.form import replay_view
from bot.views.replay.status import replay_status_view
from flows.model import Screen, Situation
from flows.outbox.bodies import Reminder, ReplayInstructions
from flows.reminders.facts import Reminded, Reminders, Role
from flows.replay.facts import Scheduled
from flows.setup.blockers import Blocker
from flows.setup.permissions import Onlooker
from flows.setup.results import ShowStep
from tests.unit.views.message_cases import ADA, stages
from tests.unit.views.message_checks import buttons, check_home, check_message, mrkdwn_of

STAGES = dict(stages())
SENT, AHEAD, TODAY = (
    STAGES[name] for name in ("replay sent", "replay scheduled", "replay promised for today")
)
NO_DAY = replace(
    AHEAD,
    integration=replace(AHEAD.integration, replay_scheduled=Scheduled(ADA, None, "4711")),
)
NEXT = {
    "no answer": (SENT, "wait for Segment’s answer. When they name a day, press “{}”."),
    "no day": (NO_DAY, "wait until Segment starts it. When they tell you so, press “{}”."),
    "day to come": (AHEAD, "wait until Segment starts it. When they tell you so, press “{}”."),
    "day has come": (TODAY, "look into the ticket or your mails from Segment, and answer here."),
}
SAID = re.compile(r"Next: (.*)")


def next_of(blocks: list[dict[str, Any]]) -> list[str]:
    return SAID.findall("\n".join(mrkdwn_of(blocks)))


def message(situation: Situation) -> list[dict[str, Any]]:
    number = situation.integration.replay.number if situation.integration.replay else 0
    return check_message(render(ReplayInstructions(number), situation))


def window(situation: Situation) -> dict[str, Any]:
    view: dict[str, Any] = replay_status_view(ShowStep(Screen.REPLAY_STATUS, situation)).to_dict()
    return view


def labels(blocks: list[dict[str, Any]]) -> list[str]:
    return [each["text"]["text"] for each in buttons(blocks)]


@pytest.mark.parametrize("stage", NEXT)
def test_each_says_the_same_next_and_has_the_button_for_it(stage: str) -> None:
    situation, following = NEXT[stage]
    modal, told = window(situation), message(situation)
    first = labels(told)[0]
    assert modal["submit"]["text"] == first
    assert next_of(told) == next_of(modal["blocks"]) == [following.format(first)]
    for blocks in (
        check_home(home_view(situation, [])),
        check_message(status_message(situation)),
    ):
        (main,) = [each for each in buttons(blocks) if each.get("style") == "primary"]
        assert next_of(blocks) == [following.format(main["text"]["text"])]


@pytest.mark.parametrize("stage", STAGES)
def test_who_may_only_look_is_told_to_press_nothing_that_is_not_there(stage: str) -> None:
    situation = STAGES[stage]
    for blocks in (
        check_home(home_view(situation, [], onlooker=Onlooker(Screen.REPLAY, ()), manages=False)),
        check_message(status_message(situation, Onlooker(Screen.REPLAY, ()))),
    ):
        said = "\n".join(next_of(blocks))
        assert "answer here" not in said
        assert set(re.findall("press “(.*?)”", said)) <= set(labels(blocks))


def test_home_and_status_name_the_day_that_is_known() -> None:
    for situation in (AHEAD, TODAY):
        for blocks in (
            check_home(home_view(situation, [])),
            check_message(status_message(situation)),
        ):
            line = next(x for x in mrkdwn_of(blocks)[0].split("\n") if "Segment" in x)
            assert "May 20, 2026" in line or "May 3, 2026" in line
    assert "Did Segment start it?" in str(check_home(home_view(TODAY, [])))


def test_on_the_day_both_answers_stand_beside_each_other() -> None:
    assert labels(message(TODAY))[:2] == ["It’s running", "Not yet"]
    modal = window(TODAY)
    assert modal["submit"]["text"] == "It’s running"
    (row,) = [each for each in map(labels, ([b] for b in modal["blocks"])) if "Not yet" in each]
    assert row[0] == "Not yet"
    sent = Reminded(Blocker.REPLAY_NOT_RUNNING, 1, TODAY.now, ADA.by)
    reminded = replace(TODAY.integration, reminders=Reminders(sent=(sent,)))
    reminder = Reminder(Blocker.REPLAY_NOT_RUNNING, Role.DID_LAST)
    asked = render(reminder, replace(TODAY, integration=reminded))
    assert isinstance(asked, Rendered)
    assert next_of(message(TODAY)) == next_of(check_message(asked))


def test_the_main_button_of_each_window_reports_what_it_names() -> None:
    reported = {
        Callback.STATUS_SCHEDULED: SENT,
        Callback.STATUS_RUNNING: AHEAD,
        Callback.STATUS_FINISHED: STAGES["replay running"],
    }
    for callback, situation in reported.items():
        modal = window(situation)
        assert (modal["callback_id"], modal["submit"]["text"] in MARKS.values()) == (callback, True)


def test_on_free_all_wait_once_somebody_said_that_toplyne_is_connected() -> None:
    said = STAGES["free connected"]
    for blocks in (check_home(home_view(said, [])), check_message(status_message(said))):
        assert "wait; a person at Toplyne checks" in next_of(blocks)[0]
        assert "if you have not yet" not in str(blocks)
        assert "See where you are" in labels(blocks)
    before = replace(said, integration=replace(said.integration, says_connected=None))
    assert "if you have not yet" in str(check_home(home_view(before, [])))


def back_of(situation: Situation) -> str | None:
    view = replay_view(ShowStep(Screen.REPLAY, situation)).to_dict()
    (back,) = [each for each in buttons(view["blocks"]) if each["text"]["text"] == "Back"]
    return str(back["value"])


def test_back_from_the_form_leads_to_what_it_changes() -> None:
    assert back_of(STAGES["replay written"]) == Screen.REPLAY_STATUS
    assert back_of(SENT) == Screen.REPLAY_STATUS
    assert back_of(STAGES["replay can be requested"]) == Screen.REPLAY_PREVIEW
    assert back_of(STAGES["replay rejected"]) == Screen.LIVE_SYNC  # it came first


def test_after_the_end_the_window_says_what_is_next_and_asks_nobody() -> None:
    modal = window(STAGES["finished with history"])
    (said,) = next_of(modal["blocks"])
    assert said.startswith("wait; Toplyne checks")
    assert "Open the receipt" in labels(modal["blocks"])
    assert "Somebody else must do this" not in labels(modal["blocks"])
    assert "Somebody else must do this" in labels(window(SENT)["blocks"])
