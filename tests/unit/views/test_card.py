"""The status card in the CSM channel and the lines in its thread."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ids import Action
from bot.strings.events import PROBLEM, THREAD_LINE
from bot.views.csm.card import card_message
from bot.views.csm.thread import thread_message
from bot.views.kit.message import Rendered
from bot.views.kit.text import EVERYBODY
from flows.csm.events import CredentialsRejected
from flows.csm.facts import Matter, Need
from flows.csm.steps import confirmable, oldest_unconfirmed
from flows.errors import ErrorCode
from flows.history import EVENTS, Event
from flows.model import DestinationState, Screen, Situation, WaitingOn
from flows.outbox.announce import THREAD_EVENTS
from flows.reminders.events import ReminderNotSent, ReminderSent
from flows.reminders.facts import Reminded, Reminders
from flows.replay.events import ReplayRequested, ReplaySent
from flows.setup.blockers import Blocked, Blocker, first_blocker
from flows.setup.events import CheckFailed, HelpAsked, Started
from flows.setup.leaving import disconnect
from flows.vocabulary import Stamp
from tests.unit.views.event_cases import event
from tests.unit.views.message_cases import ADA, NOW, PEOPLE, at, stages
from tests.unit.views.message_checks import buttons, check_message, mrkdwn_of

STAGES = dict(stages())
VALUE = "T1:int_1"
IN_THREAD = [kind for kind in EVENTS if kind in THREAD_EVENTS]


def card(stage: str) -> Rendered:
    return card_of(STAGES[stage])


def card_of(situation: Situation) -> Rendered:
    return card_message(situation, installation_name="Acme Inc", customer_value=VALUE, names=PEOPLE)


def parts_of(stage: str) -> list[list[str]]:
    """The lines of the card's head and of the small gray lines below it."""
    return [text.split("\n") for text in mrkdwn_of(check_message(card(stage)))[:2]]


def lines_of(stage: str) -> list[str]:
    return [line for part in parts_of(stage) for line in part]


def test_what_broke_is_not_said_to_have_had_its_reminders() -> None:
    """They were about the set-up, which waits for something else."""
    waiting = STAGES["team"]
    last = Reminded(Blocker.PLAN_NOT_BUSINESS, 2, NOW, ADA.by, is_last=True)
    reminded = replace(waiting.integration, reminders=Reminders((last,)))
    waiting = replace(waiting, integration=reminded)
    assert said_on_card(waiting).count("no more reminders come about this") == 2
    ((key, status),) = waiting.observed.statuses.items()
    off = {key: replace(status, destination=DestinationState.DISABLED)}
    broken = replace(waiting, observed=replace(waiting.observed, statuses=off))
    assert first_blocker(broken) == Blocked(Blocker.DESTINATION_DISABLED, reminded.sources[0])
    said = said_on_card(broken)
    assert "about this" not in said
    assert "no more reminders come about the set-up (plan" in said


def said_on_card(situation: Situation) -> str:
    return str(card_of(situation).blocks)


@pytest.mark.parametrize("stage", STAGES)
def test_a_card_is_two_lines_without_empty_rows_below(stage: str) -> None:
    head, small = parts_of(stage)
    assert len(head) == 2
    assert head[1].startswith("*Next*: ")
    for nothing in ("not set", ": none", "not chosen ", "not chosen\n"):
        assert nothing not in "\n".join(small)


@pytest.mark.parametrize(
    ("stage", "following"),
    [
        ("replay sent", "wait; Segment answers the customer"),
        ("replay scheduled", "wait until Segment starts the Replay"),
        ("replay running", "wait until Segment has run the Replay"),
    ],
)
def test_it_waits_for_segments_answer_until_that_is_there(stage: str, following: str) -> None:
    head, _ = parts_of(stage)
    assert head[1] == f"*Next*: {following}"


def test_the_button_of_what_is_next_comes_first() -> None:
    first = {stage: buttons(check_message(card(stage)))[0]["action_id"] for stage in STAGES}
    assert first["free unverified"] == Action.CSM_CONFIRM
    assert first["free confirmed"] == Action.CSM_ARRIVING
    assert first["destination disabled"] == Action.CSM_MESSAGE, "wait, or write to the customer"


def test_the_main_button_is_that_of_what_is_next() -> None:
    unsaid = {stage for stage in STAGES if _main(STAGES[stage]) and not _decides(stage)}
    assert not unsaid
    for stage in ("free unverified", "free confirmed", "finished with history"):
        assert _main(STAGES[stage]) == [buttons(check_message(card(stage)))[0]["action_id"]]
        situation = STAGES[stage]
        asked = Matter(Need.HELP, situation.now, 7, ADA.by, "Which region?")
        csm = replace(situation.integration.csm, matters=(asked,))
        waits = replace(situation, integration=replace(situation.integration, csm=csm))
        assert _main(waits) == [Action.CSM_MESSAGE], f"{stage}: answer first"


def _main(situation: Situation) -> list[str]:
    drawn = card_message(
        situation, installation_name="Acme Inc", customer_value=VALUE, names=PEOPLE
    )
    return [b["action_id"] for b in buttons(check_message(drawn)) if b.get("style") == "primary"]


def _decides(stage: str) -> bool:
    return confirmable(STAGES[stage]) is not None


@pytest.mark.parametrize("stage", STAGES)
def test_state_and_next_do_not_say_the_same(stage: str) -> None:
    (title, following), _ = parts_of(stage)
    state, said = (re.findall(r"\w+", text.lower()) for text in (title, following))
    threes = [{tuple(words[n : n + 3]) for n in range(len(words) - 2)} for words in (state, said)]
    assert not threes[0] & threes[1]


def test_the_card_tells_where_a_customer_stands() -> None:
    (title, following), (people, known) = parts_of("destination disabled")
    assert title == "*Acme Inc* · Live sync · Toplyne destination switched off on Web app"
    owner, waiting, contact, active = people.split(" · ")
    plan, workspace = known.split(" · ")
    assert owner == "*Owner*: nobody yet"
    assert workspace == "*Segment workspace*: Web app, slug `acme-inc`, verified by Segment"
    assert plan == "*Plan*: Business (US)"
    assert waiting.startswith("*Waiting on*: the customer, since <!date^")
    assert contact.startswith("*Customer’s contact*: Ada ")
    assert active.startswith("*Last activity*: <!date^")
    assert following.startswith("*Next*: wait for the customer, or write to Ada ")


@pytest.mark.parametrize("stage", STAGES)
def test_the_spoken_card_holds_the_customer_the_state_and_what_is_next(stage: str) -> None:
    rendered = card(stage)
    assert rendered.text.startswith("Acme Inc: ")
    assert "Next: " in rendered.text
    for button in buttons(check_message(rendered))[:1]:
        assert f"“{button['text']['text']}”" in rendered.text


@pytest.mark.parametrize("stage", STAGES)
def test_csms_get_buttons_only_where_they_can_decide(stage: str) -> None:
    decisions = {
        "free unverified": [Action.CSM_CONFIRM, Action.CSM_REJECT],
        "free confirmed": [Action.CSM_ARRIVING],
        "free connected": [Action.CSM_ARRIVING],
    }
    now = STAGES[stage].integration
    if oldest_unconfirmed(now):
        decisions[stage] = [Action.CSM_HISTORY]
    owned = stage == "sources rejected"
    requested = STAGES[stage].integration.replay is not None
    found = buttons(check_message(card(stage)))
    own = [Action.CSM_UNCLAIM if owned else Action.CSM_CLAIM, Action.CSM_ASSIGN]
    blocked = first_blocker(STAGES[stage])
    writes = blocked is not None and blocked.blocker.waiting_on is WaitingOn.CUSTOMER
    assert [button["action_id"] for button in found] == [
        *decisions.get(stage, []),
        *([Action.CSM_MESSAGE, *own] if writes else [*own, Action.CSM_MESSAGE]),
        *([Action.CSM_REQUEST] if requested else []),
        Action.CSM_MORE,
    ]
    values = {button["action_id"]: button["value"] for button in found if "value" in button}
    for about in (Action.CSM_REQUEST, Action.CSM_HISTORY):
        assert values.pop(about, f"{VALUE}|2") == f"{VALUE}|2"
    shown = (Action.CSM_CONFIRM, Action.CSM_ARRIVING, Action.CSM_UNCLAIM)
    for about in shown:  # what it shows
        assert values.pop(about, f"{VALUE}|0").startswith(f"{VALUE}|")
    assert set(values.values()) == {VALUE}


def test_the_card_and_its_thread_lead_to_the_very_request() -> None:
    assert any(line.startswith("*Replay request*: version 2") for line in lines_of("replay sent"))
    asked = ReplayRequested(ADA, 1)
    rendered = thread_message(asked, names={}, customer_value=VALUE)
    (see,) = buttons(check_message(rendered))
    assert (see["action_id"], see["value"]) == (Action.CSM_REQUEST, f"{VALUE}|1")


def menu(stage: str) -> list[str]:
    """The choices in the card's menu."""
    return menu_of(card(stage))


def menu_of(drawn: Rendered) -> list[str]:
    *_, row = check_message(drawn)
    (overflow,) = [each for each in row["elements"] if each["type"] == "overflow"]
    return [str(option["value"].partition("|")[0]) for option in overflow["options"]]


def test_the_menu_offers_only_what_makes_sense() -> None:
    assert menu("no plan") == ["account", "snooze"]
    assert menu("no sources") == ["account", "snooze", "reject"]
    assert menu("replay sent") == ["account", "snooze", "replay", "reject"]
    assert menu("finished with history") == ["account", "replay", "reject"]
    left = disconnect(STAGES["replay sent"].integration, ADA).integration
    assert menu_of(card_of(at(left))) == ["account"]


def test_decisions_that_tell_the_customer_ask_first() -> None:
    confirm, *_ = buttons(check_message(card("free unverified")))
    arriving, *_ = buttons(check_message(card("free confirmed")))
    assert "is told" in confirm["confirm"]["text"]["text"]
    assert "Acme Inc" in arriving["confirm"]["text"]["text"]


def test_the_card_says_when_nothing_is_watched() -> None:
    assert "*Access token*: deleted, so nothing is watched" in lines_of("token forgotten")


def test_a_customer_who_is_stuck_is_to_be_helped() -> None:
    said = lines_of("no credentials")
    assert "*Failed tries*: 3, last problem: Segment refuses the access token" in said
    assert "offer help to Ada" in said[1]


def test_nobody_is_mentioned_across_workspaces() -> None:
    everything = [card(stage) for stage in STAGES]
    everything += [thread_message(event(kind), names=PEOPLE) for kind in THREAD_EVENTS]
    for rendered in everything:
        for text in [rendered.text, *mrkdwn_of(check_message(rendered))]:
            assert "<@" not in text


def test_somebody_without_a_known_name_is_somebody() -> None:
    line = thread_message(ReplaySent(Stamp("U0UNKNOWN", NOW)), names={}).text
    assert line == "Replay request sent to Segment, reported by somebody."


# --- the thread ---------------------------------------------------------------------------------


def without_dates(text: str) -> str:
    return re.sub(r"<!date[^>]*>", "", text)


def test_each_event_of_the_thread_has_its_line() -> None:
    assert set(THREAD_LINE) == THREAD_EVENTS
    silent = {Started, CheckFailed, ReminderSent, ReminderNotSent}
    assert set(EVENTS) - THREAD_EVENTS == silent


@pytest.mark.parametrize("kind", IN_THREAD)
def test_a_line_is_one_line_even_when_nobody_did_it(kind: type[Event]) -> None:
    for told in (event(kind), replace(event(kind), stamp=Stamp("", NOW))):
        rendered = thread_message(told, names=PEOPLE)
        assert "\n" not in rendered.text
        assert "{" not in without_dates(rendered.text)
        (shown,) = mrkdwn_of(check_message(rendered))
        assert rendered.text.startswith(shown)


def test_a_call_for_help_carries_the_step_the_last_problem_and_the_note() -> None:
    code = ErrorCode.SOURCE_IS_WRITE_KEY
    asked = HelpAsked(ADA, Screen.SOURCES, code, "Which <one> is it?")
    line = thread_message(asked, names=PEOPLE).text
    assert "the sources" in line
    assert "a write key in place of a Source ID" in line
    assert "Which &lt;one&gt; is it?" in line


@pytest.mark.parametrize("kind", [HelpAsked, CredentialsRejected])
def test_what_looks_like_a_secret_is_withheld(kind: type[Event]) -> None:
    secret = "sgp_" + "a1B2" * 16
    line = thread_message(event(kind, f"my token is {secret}"), names=PEOPLE).text
    assert secret not in line
    assert "withheld" in line


def test_each_problem_has_its_few_words() -> None:
    assert set(PROBLEM) == set(ErrorCode)


@given(st.text(), st.sampled_from(IN_THREAD))
def test_names_cannot_mention_or_break_the_line(label: str, kind: type[Event]) -> None:
    rendered = thread_message(event(kind, label), names={ADA.by: label})
    assert "<" not in without_dates(rendered.text).replace(EVERYBODY, "")
    assert "\n" not in rendered.text
