"""`/segment status` and the short answers that only one person sees."""

import inspect
import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.ids import Action
from bot.inbound.refusals import sentence
from bot.views.kit.blocks import progress_line
from bot.views.kit.message import Rendered
from bot.views.kit.next_step import main_label, next_words, state_words
from bot.views.kit.text import day_of
from bot.views.people import status
from bot.views.people.home import home_view
from flows.csm.members import NotCsm
from flows.errors import StorageUnavailable
from flows.model import Delegation, DestinationState, Integration, Screen, Situation
from flows.recording import touched
from flows.setup.blockers import incidents
from flows.setup.progress import progress
from tests.unit.setup.setup_cases import ready
from tests.unit.views.message_cases import ADA, stages
from tests.unit.views.message_checks import buttons, check_home, check_message, mrkdwn_of

STAGES = dict(stages())


@pytest.mark.parametrize("stage", STAGES)
def test_status_says_the_state_what_comes_next_and_has_one_button_for_it(stage: str) -> None:
    situation = STAGES[stage]
    rendered = status.status_message(situation)
    for said in (state_words(situation), next_words(situation), f"“{main_label(situation)}”"):
        assert said in rendered.text
    (main,) = buttons(check_message(rendered))
    broken = incidents(situation)
    going_on = Action.OPEN_SETUP if situation.integration.begun else Action.START
    opens = Action.OPEN_SCREEN if broken else going_on
    assert (main["action_id"], main["text"]["text"]) == (opens, main_label(situation))


def steps_of(stage: str) -> list[str]:
    return mrkdwn_of(check_message(status.status_message(STAGES[stage])))[0].split("\n")


def test_the_four_steps_stand_in_their_order_with_who_and_when() -> None:
    plan, credentials, live, history = steps_of("destination disabled")
    assert plan.startswith("*Plan*: ✓ done by <@U0ADA00001>, <!date^")
    assert credentials.startswith("*Credentials*: ✓ done by <@U0ADA00001>")
    assert live == "*Live sync*: → now. The Toplyne destination of Web app is switched off."
    assert history == "*History*: later"


@pytest.mark.parametrize(
    ("count", "broken", "said"),
    [
        (1, 1, "not working since"),
        (2, 2, "not working since"),
        (2, 1, "1 of 2 sources not working since"),
        (3, 2, "2 of 3 sources not working since"),
        (100, 1, "1 of 100 sources not working since"),
    ],
)
def test_live_sync_is_broken_for_as_many_sources_as_stopped(
    count: int, broken: int, said: str
) -> None:
    now = ready(count=count)
    statuses = dict(now.observed.statuses)
    for source in now.integration.sources[-broken:]:
        statuses[source.id] = replace(statuses[source.id], destination=DestinationState.DISABLED)
    now = replace(now, observed=replace(now.observed, statuses=statuses))
    row = progress_line(now).split(" · ")[2]
    assert row.startswith(f"✗ Live sync: {said} <!date^")
    since = next(each.since for each in progress(now) if each.since)
    assert day_of(since) in row, "as the reader counts days"
    step = mrkdwn_of(check_message(status.status_message(now)))[0].split("\n")[2]
    assert step.startswith(f"*Live sync*: ✗ {said} <!date^")


def test_a_step_that_somebody_else_must_do_says_who() -> None:
    assert "Toplyne confirms it" in steps_of("free unverified")[1]
    assert "Segment, which starts the Replay" in steps_of("replay sent")[3]


def test_live_data_only_is_an_end_of_its_own() -> None:
    assert steps_of("finished live only")[3] == "*History*: not included"


def test_what_a_colleague_was_asked_to_do_is_shown() -> None:
    said = mrkdwn_of(check_message(status.status_message(STAGES["not looked"])))
    assert any("<@U0ADA00001> asked <@U0BOB00001> to connect" in text for text in said)


def test_a_finished_set_up_waits_for_nobody() -> None:
    said = "\n".join(mrkdwn_of(check_message(status.status_message(STAGES["token forgotten"]))))
    assert "nothing is watched" in said
    assert "asked" not in said


def test_before_the_start_there_is_one_button_to_start() -> None:
    rendered = status.status_message(None)
    (start,) = buttons(check_message(rendered))
    assert start["action_id"] == Action.START
    assert "Nothing is connected yet" in rendered.text


def test_help_names_every_command() -> None:
    said = "\n".join(mrkdwn_of(check_message(status.help_message())))
    for command in ("status", "replay", "disconnect", "help"):
        assert f"`/segment {command}`" in said


def test_unknown_text_is_not_repeated_and_gets_help() -> None:
    unknown = status.unknown_command_message()
    assert buttons(check_message(unknown)) == buttons(check_message(status.help_message()))


def test_a_token_after_the_command_is_not_kept_and_is_to_be_revoked() -> None:
    rendered = status.token_in_command_message(ready())
    assert "revoke that token" in rendered.text
    (enter,) = buttons(check_message(rendered))
    assert (enter["action_id"], enter["value"]) == (Action.OPEN_SCREEN, Screen.CREDENTIALS)


def test_failures_carry_their_reference() -> None:
    failed = sentence(ValueError(), "ref-77").message
    assert "ref-77" in failed.text
    assert buttons(check_message(failed))[0]["action_id"] == Action.ASK_HELP
    gone = sentence(StorageUnavailable(), "ref-78").message
    assert "ref-78" in gone.text
    assert buttons(check_message(gone)) == []


def test_customers_are_sent_to_their_own_command() -> None:
    rendered = sentence(NotCsm(), "").message
    assert "type /segment" in rendered.text


def test_the_bound_channel_is_named() -> None:
    assert "<#C0CSM>" in status.csm_bound_message("C0CSM").text


def test_every_answer_says_a_next_step() -> None:
    made = [
        member
        for name, member in inspect.getmembers(status, inspect.isfunction)
        if name.endswith("_message") and member.__module__ == status.__name__
    ]
    assert made
    for make in made:
        required = [
            parameter
            for parameter in inspect.signature(make).parameters.values()
            if parameter.default is parameter.empty
        ]
        answer = make(*(None if p.name == "situation" else "X1" for p in required))
        assert isinstance(answer, Rendered)
        assert "Next: " in answer.text


@pytest.mark.parametrize(
    "drawn",
    [
        lambda situation: check_message(status.status_message(situation)),
        lambda situation: check_home(home_view(situation, [])),
    ],
)
def test_everybody_who_is_asked_is_named_until_they_have_done_it(
    drawn: Callable[[Situation], object],
) -> None:
    def named(of: Integration) -> list[str]:
        said = str(drawn(replace(at, integration=of)))
        return re.findall(r"<@U0ADA00001> asked <@(\w+)>", said)

    credentials = Delegation("U0BOB00001", Screen.CREDENTIALS, ADA, is_open=True)
    write_key = Delegation("U0CYD00001", Screen.WRITE_BACK, ADA, is_open=True)
    at = STAGES["destination disabled"]
    both = replace(at.integration, asked=(credentials, write_key))
    assert named(both) == ["U0CYD00001", "U0BOB00001"]
    one = touched(both, Screen.WRITE_BACK)
    assert named(one) == ["U0BOB00001"]
    none = touched(one, Screen.CREDENTIALS)
    assert named(none) == []
