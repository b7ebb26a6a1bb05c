"""App Home of a customer."""

from dataclasses import replace
from typing import Any

import pytest

from bot.ids import Action, Beginning
from bot.strings.events import HOME_LINE
from bot.views.csm.card import card_message
from bot.views.kit.next_step import header_words, main_label
from bot.views.kit.wording import blocked_text
from bot.views.people.home import HISTORY_SHOWN, home_view
from bot.views.people.status import status_message
from flows.history import EVENTS, Event, StoredEvent
from flows.model import Delegation, Screen, TokenKind
from flows.setup.blockers import first_blocker, incidents
from flows.setup.events import LiveSyncStarted, PlanChosen, Reopened
from flows.setup.permissions import onlooker
from flows.vocabulary import Plan, Source
from tests.unit.views.event_cases import event
from tests.unit.views.message_cases import ADA, at, stages
from tests.unit.views.message_checks import buttons, check_home, check_message, mrkdwn_of

STAGES = dict(stages())
WORKING = [stage for stage in STAGES if stage != "disconnected"]


def header_of(stage: str) -> str:
    first = check_home(home_view(STAGES[stage], []))[0]
    assert first["type"] == "header"
    return str(first["text"]["text"])


@pytest.mark.parametrize("stage", WORKING)
def test_home_has_one_main_button_for_what_comes_next(stage: str) -> None:
    found = buttons(check_home(home_view(STAGES[stage], [])))
    main = [button for button in found if button.get("style") == "primary"]
    broken = incidents(STAGES[stage])
    opens = Action.OPEN_SCREEN if broken else Action.OPEN_SETUP
    assert [button["action_id"] for button in main] == [opens]
    assert main[0]["text"]["text"] == main_label(STAGES[stage])


def test_the_header_is_the_state_in_one_sentence() -> None:
    expected = "switch on the Toplyne destination of Web app"
    assert header_of("destination disabled") == f"A colleague was asked: {expected}"
    off = STAGES["destination disabled"]
    alone = replace(off, integration=replace(off.integration, asked=()))
    assert header_words(alone) == f"Waiting for you: {expected}"
    assert header_of("replay can be requested").startswith("Waiting for you: ")  # not asked for
    write_key = Delegation("U0CYD00001", Screen.WRITE_BACK, ADA, is_open=True)
    two = replace(off.integration, asked=(*off.integration.asked, write_key))
    assert header_words(replace(off, integration=two)) == f"A colleague was asked: {expected}"
    one = replace(off.integration, asked=(write_key,))
    assert header_words(replace(off, integration=one)) == f"Waiting for you: {expected}"
    assert header_of("finished with history") == "Segment is connected to Toplyne, with history"
    assert "Segment is running the Replay" in header_of("replay running")


def test_what_comes_next_is_said_once() -> None:
    for stage, times in {"destination disabled": 0, "replay running": 1}.items():
        said = mrkdwn_of(check_home(home_view(STAGES[stage], [])))
        assert sum(text.startswith("Next: ") for text in said) == times


@pytest.mark.parametrize("situation", [None, STAGES["disconnected"]])
def test_without_a_connection_home_welcomes_with_one_button(situation: object) -> None:
    (start,) = buttons(check_home(home_view(situation, [])))  # type: ignore[arg-type]
    begins = Beginning.AGAIN if situation else Beginning.FIRST
    assert (start["action_id"], start["value"]) == (Action.START, begins)


def managed(stage: str) -> dict[str, tuple[str, str | None]]:
    rows = [b for b in check_home(home_view(STAGES[stage], [])) if "accessory" in b]
    accessories = [row["accessory"] for row in rows]
    return {a["text"]["text"]: (a["action_id"], a.get("value")) for a in accessories}


def test_everything_can_be_managed_from_home() -> None:
    assert managed("not looked") == {
        "Replace the token": (Action.OPEN_SCREEN, Screen.CREDENTIALS),
        "Change the sources": (Action.OPEN_SCREEN, Screen.SOURCES),
        "Change who can": (Action.PEOPLE, None),
        "Who did what": (Action.WHO_DID, None),
        "Ask for help": (Action.ASK_HELP, Screen.LIVE_SYNC),
        "Disconnect": (Action.DISCONNECT, None),
    }


def pressed(blocks: list[dict[str, Any]]) -> set[str]:
    return {each["action_id"] for each in buttons(blocks)}


def test_somebody_who_only_looks_sees_the_progress_and_can_ask() -> None:
    situation = STAGES["not looked"]
    looks = onlooker(situation, Screen.LIVE_SYNC)
    looking = home_view(situation, [], onlooker=looks, manages=False)
    blocks = check_home(looking)
    assert pressed(blocks) == {Action.ASK_MANAGERS, Action.ASK_HELP, Action.WHO_DID}
    assert any("*Credentials*" in text for text in mrkdwn_of(blocks))
    assert any("can change the set-up" in text for text in mrkdwn_of(blocks))


def test_whoever_was_asked_for_a_step_can_do_it_and_not_the_rest() -> None:
    blocks = check_home(home_view(STAGES["not looked"], [], manages=False))
    assert pressed(blocks) == {Action.OPEN_SETUP, Action.ASK_HELP, Action.WHO_DID}


def test_only_what_is_there_can_be_managed() -> None:
    assert set(managed("no credentials")) == {
        "Change who can",
        "Who did what",
        "Ask for help",
        "Disconnect",
    }
    assert "Change the sources" not in managed("free unverified")
    assert "Enter a token" in managed("token forgotten")


def test_a_set_up_without_a_token_says_so() -> None:
    situation = STAGES["free unverified"]
    found = situation.integration.credentials
    assert found is not None
    without = replace(situation.integration, credentials=replace(found, kind=TokenKind.NONE))
    said = mrkdwn_of(check_home(home_view(at(without), [])))
    assert any("none could be created" in text for text in said)


@pytest.mark.parametrize("stage", STAGES)
def test_nothing_is_said_twice(stage: str) -> None:
    blocks = check_home(home_view(STAGES[stage], []))
    titles = [b["text"]["text"] for b in blocks if b["type"] == "header"]
    whole = " ".join([*titles, *mrkdwn_of(blocks)])
    blocked = first_blocker(STAGES[stage])
    state = blocked_text(blocked).state if blocked else ""
    assert not state or whole.count(state) <= 1


def test_what_is_open_after_the_end_is_said_once() -> None:
    ended = STAGES["finished with history"]
    sources = (*ended.integration.sources, Source("src_late", "late", "Late one"))
    left = replace(ended, integration=replace(ended.integration, sources=sources))
    blocks = check_home(home_view(left, []))
    assert blocks[0]["text"]["text"].startswith("Still open: ")
    assert not [text for text in mrkdwn_of(blocks) if text.startswith("Next: ")]


@pytest.mark.parametrize("stage", ["replay can be requested", "replay sent", "replay running"])
def test_a_source_that_does_not_deliver_is_named_while_history_is_on_its_way(stage: str) -> None:
    known = STAGES[stage]
    sources = (*known.integration.sources, Source("src_late", "late", "Late & one"))
    late = replace(known, integration=replace(known.integration, sources=sources))
    card = card_message(late, installation_name="Acme", customer_value="T1|int_1", names={})
    for blocks in (
        check_home(home_view(late, [])),
        check_message(status_message(late)),
        check_message(card),
    ):
        assert "*Nothing arrives yet from*: Late &amp; one" in "\n".join(mrkdwn_of(blocks))
    assert "Nothing arrives" not in str(check_home(home_view(known, [])))


def test_after_a_disconnect_home_says_what_goes_on_in_segment() -> None:
    said = str(check_home(home_view(STAGES["disconnected"], [])))
    assert "Segment is disconnected from Toplyne" in said
    assert "data keeps going to Toplyne until" in said
    assert "Nothing is connected" not in said


def test_many_sources_are_named_in_short() -> None:
    (_, situation), *_ = [s for s in stages("Web app", 100) if s[0] == "not looked"]
    said = mrkdwn_of(check_home(home_view(situation, [])))
    assert any("and 95 more" in text for text in said)


def test_a_short_history_stands_in_words_newest_first() -> None:
    kinds: list[type[Event]] = [LiveSyncStarted, PlanChosen]
    events = [StoredEvent(9 - n, event(kind)) for n, kind in enumerate(kinds)]
    told = mrkdwn_of(check_home(home_view(STAGES["team"], events)))[-1].split("\n")
    assert told[0].endswith(": Live sync started with Web app")
    assert told[1].endswith(f": <@{ADA.by}> chose the plan Business")


def test_only_the_newest_of_a_long_history_are_shown() -> None:
    events = [StoredEvent(n, event(Reopened)) for n in range(50)]
    told = mrkdwn_of(check_home(home_view(STAGES["team"], events)))[-1]
    assert len(told.split("\n")) == HISTORY_SHOWN


def test_every_event_has_its_words_for_the_customer() -> None:
    assert set(HOME_LINE) == set(EVENTS)
    assert STAGES["team"].integration.plan is Plan.TEAM
