"""Reminders as people see them, and the row about them on Home."""

import json
import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.ids import Action
from bot.strings.reminders import WHY
from bot.views.people.home import home_view
from bot.views.people.reminders import (
    Choice,
    chosen_message,
    parse_choice,
    reminder,
    unchanged_view,
)
from flows.model import Situation
from flows.outbox.bodies import Reminder
from flows.reminders.facts import Quiet, Reminded, Reminders, Role, Snooze
from flows.reminders.schedule import POLICIES
from flows.reminders.steps import may_remind
from flows.replay.facts import Scheduled
from flows.setup.blockers import Blocker, due_blocker
from flows.vocabulary import Stamp
from tests.unit.views.message_cases import ADA, NOW, stages
from tests.unit.views.message_checks import buttons, check_home, check_message, mrkdwn_of

STAGES = dict(stages("<!channel> & Co"))
ON_A_DAY = ("replay scheduled", "replay promised")  # they ask, or say what was promised
REMINDED = [
    name
    for name, of in STAGES.items()
    if (found := due_blocker(of)) and found.blocker in POLICIES and name != "disconnected"
]
MISSING = "destination missing"


def body(stage: str, role: Role = Role.DID_LAST, *, is_last: bool = False) -> Reminder:
    blocked = due_blocker(STAGES[stage])
    assert blocked
    instead_of = ADA.by if role is Role.INSTALLER else ""
    return Reminder(blocked.blocker, role, instead_of, is_last)


def changed(stage: str, reminders: Reminders) -> Situation:
    of = STAGES[stage]
    return replace(of, integration=replace(of.integration, reminders=reminders))


def actions_of(blocks: list[dict[str, object]]) -> list[object]:
    return [element["action_id"] for element in buttons(blocks)]


def test_each_blocker_that_is_reminded_of_says_why() -> None:
    assert set(WHY) == set(POLICIES)


@pytest.mark.parametrize("stage", [each for each in REMINDED if not each.startswith(ON_A_DAY)])
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.CSM])
def test_what_is_outstanding_why_how_long_and_what_can_be_done(stage: str, role: Role) -> None:
    rendered = reminder(body(stage, role), STAGES[stage])
    blocks = check_message(rendered)
    state, _, next_step = mrkdwn_of(blocks)[0].partition("\n")
    assert rendered.text.startswith(f"{state} {next_step}")
    assert WHY[due_blocker(STAGES[stage]).blocker] in state
    assert "about " in next_step
    assert "<!channel>" not in rendered.text
    pressed = actions_of(blocks)
    assert pressed[0] == Action.OPEN_SETUP
    for action in (
        Action.REMINDER_SNOOZE,
        Action.DELEGATE,
        Action.ASK_HELP,
        Action.REMINDER_STOP,
    ):
        assert action in pressed
    assert f"“{buttons(blocks)[0]['text']['text']}” is below" in rendered.text
    assert ("you installed the app" in rendered.text) == (role is Role.INSTALLER)


def test_on_the_promised_day_it_asks_whether_segment_started() -> None:
    ahead, today = "replay scheduled", "replay promised for today"
    named = STAGES[ahead].integration.replay_scheduled
    assert named
    before = Reminded("replay_not_running", 1, NOW, ADA.by)
    both = [Action.REPLAY_RUNNING, Action.REPLAY_SCHEDULED]
    for stage, sent, said, answers in (
        (ahead, (before,), "Segment has scheduled the Replay", [Action.REPLAY_RUNNING]),
        (ahead, (replace(before, asks=named.on),), "Did Segment start it?", both),
        (today, (before,), "Segment named May 3, 2026 for the Replay", both),
    ):
        situation = changed(stage, Reminders(sent=sent))
        blocks = check_message(reminder(body(stage), situation))
        assert said in mrkdwn_of(blocks)[0]
        pressed = actions_of(blocks)
        assert pressed[: len(answers)] == answers
        assert pressed[len(answers)] == Action.REMINDER_SNOOZE


@pytest.mark.parametrize("missed", [None, date(2026, 5, 1)])
def test_without_a_day_it_says_why_to_look_where_and_how_long_that_takes(
    missed: date | None,
) -> None:
    before = STAGES["replay scheduled"]
    scheduled = Scheduled(ADA, None, "4711", missed=missed)
    late = replace(before.integration, replay_scheduled=scheduled)
    rendered = reminder(body("replay scheduled"), replace(before, integration=late))
    said = mrkdwn_of(check_message(rendered))[0]
    for part in ("4711", "may run already", "Next: look into the ticket", "it takes about "):
        assert part in said
    assert "wait" not in said


def test_whoever_has_sent_the_request_already_can_say_so_on_the_reminder() -> None:
    request = STAGES["replay written"].integration.replay
    assert request
    drawn = check_message(reminder(body("replay written"), STAGES["replay written"]))
    (sent,) = [each for each in buttons(drawn) if each["action_id"] == Action.REPLAY_SENT]
    assert sent["value"] == str(request.number)
    other = check_message(reminder(body(MISSING), STAGES[MISSING]))
    assert Action.REPLAY_SENT not in actions_of(other)


def test_the_last_one_says_so() -> None:
    assert "my last reminder" in reminder(body(MISSING, is_last=True), STAGES[MISSING]).text
    assert "my last reminder" not in reminder(body(MISSING), STAGES[MISSING]).text


def test_checking_again_is_offered_where_segment_can_be_asked() -> None:
    for stage, is_offered in ((MISSING, True), ("no credentials", False), ("replay sent", False)):
        blocks = check_message(reminder(body(stage), STAGES[stage]))
        assert (Action.CHECK_NOW in actions_of(blocks)) == is_offered


@pytest.mark.parametrize("stage", ["finished with history", "replay written", "disconnected"])
def test_what_is_done_has_no_buttons(stage: str) -> None:
    rendered = reminder(body(MISSING), STAGES[stage])
    assert buttons(check_message(rendered)) == []
    assert rendered.text.startswith(("Done", "No longer needed"))
    assert not may_remind(body(MISSING), STAGES[stage])


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (Reminders(quiet=(Quiet("", ADA.by, ADA.at),)), "stopped all reminders"),
        (Reminders(quiet=(Quiet("destination_missing", ADA.by, ADA.at),)), "stopped this"),
        (Reminders(snooze=Snooze(STAGES[MISSING].now + timedelta(days=1), ADA.by, ADA.at)), "Snoo"),
    ],
)
def test_what_was_put_off_says_by_whom_and_can_be_taken_back(facts: Reminders, said: str) -> None:
    situation = changed(MISSING, facts)
    rendered = reminder(body(MISSING), situation)
    assert said in rendered.text
    assert ADA.by in rendered.text
    pressed = actions_of(check_message(rendered))
    assert pressed == [Action.OPEN_SETUP, Action.REMINDERS_RESUME]
    assert not may_remind(body(MISSING), situation)
    blocks = check_home(home_view(situation, [], date(2026, 5, 4)))
    assert Action.REMINDERS_RESUME in actions_of(blocks)
    assert Action.REMINDERS_CHANGE not in actions_of(blocks)


def test_a_snooze_that_is_over_is_not_spoken_of() -> None:
    over = Snooze(STAGES[MISSING].now, ADA.by, ADA.at)
    situation = changed(MISSING, Reminders(snooze=over))
    assert may_remind(body(MISSING), situation)
    assert "Snoozed" not in reminder(body(MISSING), situation).text


def test_one_that_comes_after_hours_is_not_sent() -> None:
    now = STAGES[MISSING].now
    for closes, may in ((now + timedelta(minutes=1), True), (now, False)):
        found = replace(body(MISSING), closes=closes)
        assert may_remind(found, STAGES[MISSING]) is may


def test_home_names_the_next_one_and_lets_it_be_put_off() -> None:
    situation = STAGES[MISSING]
    blocks = check_home(home_view(situation, [], date(2026, 5, 4)))
    (select,) = [b for b in buttons(blocks) if b["action_id"] == Action.REMINDERS_CHANGE]
    chosen = [parse_choice(option["value"]) for option in select["options"]]
    assert [each.choice for each in chosen] == [
        "1", "3", "7", Choice.DATE, Choice.STOP, Choice.STOP_ALL
    ]  # fmt: skip
    assert {each.blocker for each in chosen} == {"destination_missing"}
    assert any("not before May 4, 2026, in working" in text for text in mrkdwn_of(blocks))


def test_home_says_when_none_is_planned() -> None:
    blocks = check_home(home_view(STAGES["finished with history"], []))
    assert any("none is planned" in text for text in mrkdwn_of(blocks))
    assert Action.REMINDERS_CHANGE not in actions_of(blocks)


@pytest.mark.parametrize(
    ("reader", "blocker", "said"),
    [
        (ADA.by, body(MISSING).blocker, "reminded you of this again since"),
        ("U0GRACE", body(MISSING).blocker, "<@U0GRACE> has had a newer reminder since"),
        (ADA.by, Blocker.PLAN_MISSING, f"<@{ADA.by}> has had a newer reminder since"),
    ],
)
def test_one_that_a_newer_one_follows_leads_to_it_or_to_the_set_up(
    reader: str, blocker: Blocker, said: str
) -> None:
    """The matter is open, so nobody is told that there is nothing left to do."""
    asked = body(MISSING)
    now = STAGES[MISSING].now
    first = Reminded(asked.blocker.value, 1, now - timedelta(days=2), ADA.by)
    second = Reminded(blocker.value, 2, now, reader)
    of = changed(MISSING, Reminders(sent=(first, second)))
    older, newer = (reminder(replace(asked, decided=each.at), of) for each in (first, second))
    assert buttons(check_message(newer))
    assert said in older.text
    assert "nothing left to do" not in older.text
    has_the_newer = reader == ADA.by and blocker is asked.blocker
    assert ("use my newer reminder" in older.text) is has_the_newer
    assert actions_of(check_message(older)) == ([] if has_the_newer else [Action.OPEN_SETUP])


def test_what_was_chosen_in_one_is_drawn_there_whether_or_not_it_changed_anything() -> None:
    blocker = body(MISSING).blocker.value
    stopped = changed(MISSING, Reminders(quiet=(Quiet(blocker, ADA.by, STAGES[MISSING].now),)))
    assert "stopped this reminder" in chosen_message(blocker, stopped).text
    over = chosen_message(Blocker.PLAN_MISSING.value, stopped)
    assert not buttons(check_message(over))
    assert "Nothing was changed" in json.dumps(unchanged_view(stopped).to_dict())


@pytest.mark.parametrize(
    ("blocker", "stage", "is_done"),
    [
        (Blocker.PLAN_MISSING, "no credentials", True),
        (Blocker.CREDENTIALS_MISSING, "no plan", False),
        (Blocker.CREDENTIALS_MISSING, "free unverified", True),
        (Blocker.CREDENTIALS_REJECTED, "free unverified", True),
        (Blocker.SOURCES_MISSING, "no credentials", False),
        (Blocker.SOURCES_MISSING, "not looked", True),
        (Blocker.NOT_LOOKED_YET, "source unheard", False),
        (Blocker.NO_EVENTS, "source unheard", False),
        (Blocker.NO_EVENTS, "destination disabled", False),
        (Blocker.NO_EVENTS, "replay can be requested", True),
        (Blocker.DESTINATION_MISSING, "source unheard", False),
        (Blocker.DESTINATION_MISSING, "destination disabled", True),
        (Blocker.DESTINATION_DISABLED, "destination missing", False),
        (Blocker.DESTINATION_DISABLED, "destination enabled", True),
        (Blocker.SOURCE_DISABLED, "destination missing", True),
        (Blocker.SOURCE_DELETED, "source disabled", False),
        (Blocker.PLAN_NOT_BUSINESS, "replay can be requested", True),
        (Blocker.PLAN_NOT_BUSINESS, "finished live only", False),
        (Blocker.REPLAY_NOT_REQUESTED, "finished live only", False),
        (Blocker.REPLAY_NOT_REQUESTED, "replay written", True),
        (Blocker.REPLAY_NOT_SENT, "replay rejected", False),
        (Blocker.REPLAY_NOT_SENT, "replay sent", True),
        (Blocker.REPLAY_NOT_FINISHED, "finished with history", True),
    ],
)
def test_done_is_said_of_what_is_done_and_of_nothing_else(
    blocker: Blocker, stage: str, is_done: bool
) -> None:
    text = reminder(Reminder(blocker, Role.DID_LAST), STAGES[stage]).text
    assert text.startswith("Done: ") is is_done
    assert text.startswith("This reminder is over") is not is_done


@pytest.mark.parametrize("stage", REMINDED)
def test_nobody_is_told_how_long_waiting_takes(stage: str) -> None:
    said = reminder(body(stage), STAGES[stage]).text
    assert not re.search(r"Next: wait[^.]*it takes", said)


def test_an_answered_question_says_wait_and_one_that_comes_later_says_look() -> None:
    """Segment named a day, did not start on it, and named no other; both can name it still."""
    of = STAGES["replay sent"]
    reported = Stamp(ADA.by, NOW - timedelta(hours=1))
    scheduled = Scheduled(reported, None, missed=date(2026, 5, 3))
    situation = replace(of, integration=replace(of.integration, replay_scheduled=scheduled))
    said = {}
    for hours in (-1, 1):
        decided = reported.at + timedelta(hours=hours)
        asked = Reminder(Blocker.REPLAY_NOT_RUNNING, Role.DID_LAST, decided=decided)
        rendered = reminder(asked, situation)
        said[hours] = rendered.text
        labels = [
            each["text"]["text"] for each in buttons(check_message(rendered)) if "text" in each
        ]
        assert labels[:2] == ["It’s running", "Name the day"]
    assert "Next: wait until Segment starts it" in said[-1]
    assert "may run already" not in said[-1]
    assert "may run already. Next: look into the ticket" in said[1]
