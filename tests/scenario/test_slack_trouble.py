"""Slack is slow, limiting, broken, or repeats itself. Everything is said once, in order."""

import asyncio
import json
import time
from datetime import timedelta
from typing import Any

import pytest

from bot.settings import LogLevel
from playground.sample import ACME
from playground.slack.faults import Cut, Fault
from playground.slack.person import Person
from tests.scenario.database import all_sent, ask
from tests.scenario.logged import logged
from tests.scenario.looking import card_says, thread
from tests.scenario.posting import JSON, post, sent_payloads
from tests.scenario.story import (
    PLAN,
    SOURCES,
    choose_plan,
    choose_sources,
    days_ahead,
    enter_token,
    press_plan,
    reach_live_sync,
    reach_replay,
    see,
    token,
    told,
)
from tests.scenario.test_disconnect import finish
from tests.scenario.test_j2_team import UPGRADED_WHEN, reach_the_choice
from tests.support.world import World, soon

TOO_LATE = "Slack no longer lets me open a window"
BROKEN = {
    "an error page": Fault.server_error(),
    "unavailable": Fault.server_error(503),
    "limiting": Fault.rate_limited(1),
    "an error that passes": Fault(error="internal_error"),
}


@pytest.mark.parametrize(
    "error", ["expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"]
)
async def test_a_trigger_that_came_too_late_is_explained_with_a_button_that_works(
    a_world: World, ada: Person, error: str
) -> None:
    a_world.slack.faults.next_calls("views.open", Fault(error=error))
    await ada.command("/segment", "#general")
    explained = await told(ada, TOO_LATE, "#general")
    assert explained.is_ephemeral
    await ada.click("Open it again", message=explained)
    await see(ada, PLAN)


NOT_TAKEN = {
    "an error page": Fault.server_error(),
    "an address that is too old": Fault(error="expired_url", status=404),
    "limiting": Fault.rate_limited(5),
    "a refusal that looks like success": Fault(error="no_text"),
    "no answer": Fault(cut=Cut.BEFORE_HEAD),
}


@pytest.mark.parametrize("name", NOT_TAKEN)
async def test_what_slack_does_not_take_where_it_was_typed_comes_by_direct_message(
    a_world: World, ada: Person, name: str
) -> None:
    a_world.slack.faults.next_calls("views.open", Fault(error="expired_trigger_id"))
    a_world.slack.faults.next_calls("response_url", NOT_TAKEN[name])
    with logged(LogLevel.WARNING) as log:
        await ada.command("/segment", "#general")
        explained = await told(ada, TOO_LATE)
    assert "answer_not_sent" in log.getvalue()
    await ada.click("Open it again", message=explained)
    await see(ada, PLAN)
    await ada.close()
    a_world.slack.faults.next_calls("views.open", Fault(error="internal_error"))
    a_world.slack.faults.next_calls("response_url", NOT_TAKEN[name])
    await ada.command("/segment", "#general")
    await told(ada, "Slack did not accept my answer")
    await choose_plan(ada, "Business")
    await see(ada, "Create an access token in Segment")


async def test_where_there_is_no_conversation_it_is_explained_by_direct_message(
    a_world: World, ada: Person
) -> None:
    a_world.slack.faults.next_calls("views.open", Fault(error="expired_trigger_id"))
    await ada.shortcut("connect_segment")
    explained = await told(ada, TOO_LATE)
    await ada.click("Open it again", message=explained)
    await see(ada, PLAN)


async def test_a_second_modal_that_came_too_late_is_explained_too(
    a_world: World, ada: Person
) -> None:
    await choose_plan(ada, "Business")
    a_world.slack.faults.next_calls("views.push", Fault(error="expired_trigger_id"))
    await ada.click("Somebody else must do this")
    await told(ada, TOO_LATE)
    await ada.click("Somebody else must do this")
    await ada.wait_for(lambda: len(ada.modals) == 2)


@pytest.mark.parametrize("name", BROKEN)
async def test_a_modal_that_slack_cannot_open_is_said_and_opens_the_next_time(
    a_world: World, ada: Person, name: str
) -> None:
    a_world.slack.faults.next_calls("views.open", BROKEN[name])
    await ada.command("/segment", "#general")
    await told(ada, "Slack did not accept my answer", "#general")
    await choose_plan(ada, "Business")
    await see(ada, "Create an access token in Segment")


@pytest.mark.parametrize("name", BROKEN)
async def test_a_view_that_slack_cannot_update_is_said_and_nothing_is_lost(
    a_world: World, ada: Person, name: str
) -> None:
    await reach_live_sync(a_world, ada)
    a_world.slack.faults.next_calls("views.update", BROKEN[name])
    await ada.click("Back")
    await see(ada, "Slack did not accept my answer", "reference")
    await ada.close()
    await ada.click("Back")
    await see(ada, SOURCES)
    await ada.submit()  # with the sources that were chosen before
    await see(ada, "Web app: no Toplyne destination")


REDRAWN = 9  # the window below and, at the same time, others by the worker


async def read(person: Person, *texts: str) -> str:
    """Waits until the window or a message says so: the worker may take any of the faults."""

    def shown() -> str | None:
        modal = [person.modal.text] if person.modal else []
        places = [*modal, *(each.visible_text for each in person.messages(None))]
        return next((each for each in places if all(text in each for text in texts)), None)

    return await person.wait_for(shown)


async def test_a_deed_stands_whatever_becomes_of_the_window_below(
    a_world: World, ada: Person
) -> None:
    await finish(a_world, ada)
    await ada.click("Delete the token now")
    await see(ada, "I watch nothing")
    a_world.slack.faults.next_calls("views.update", Fault.server_error(), times=REDRAWN)
    await ada.submit()
    said = await read(ada, "Slack did not accept my answer", "may be saved already")
    assert "kept" not in said
    await ada.close(everything=True)
    await ada.command("/segment")
    await see(ada, "No access token: it was deleted by")


async def test_an_upgrade_counts_at_once_and_does_not_look_refused(
    a_world: World, ada: Person
) -> None:
    await reach_the_choice(a_world, ada)
    await ada.click("We upgraded to Business")
    await see(ada, UPGRADED_WHEN)
    ada.fill(UPGRADED_WHEN, days_ahead(a_world, -1))
    refused = Fault(error="internal_error")
    a_world.slack.faults.next_calls("views.update", refused, times=REDRAWN)
    await ada.submit()
    await read(ada, "Slack did not accept my answer", "may be saved already")
    await ada.close(everything=True)
    await ada.command("/segment")
    await see(ada, "word for word")


@pytest.mark.parametrize("name", [*BROKEN, "hanging"])
async def test_messages_wait_for_slack_and_arrive_once_and_in_order(
    a_world: World, ada: Person, mira: Person, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.outbound.clients.SLACK_TIMEOUT", 1)
    monkeypatch.setattr("bot.outbound.deliver.ATTEMPT", timedelta(seconds=2))
    await told(mira, "Installed", "#customers")
    fault = BROKEN.get(name, Fault(error="internal_error", hang=2.0))
    a_world.slack.faults.next_calls("chat.postMessage", fault, times=2)
    a_world.slack.faults.next_calls("chat.update", fault, times=2)  # the welcome and the card
    await choose_plan(ada, "Business")
    await enter_token(ada, token(a_world, "acme"))
    await choose_sources(ada, "Web app")

    def said() -> list[str]:
        return [line.split(" ")[0] for line in thread(mira)]

    expected = ["Installed", "Plan", "Credentials", "Sources"]
    await mira.wait_for(lambda: said() == expected)
    await card_says(mira, "Live sync")
    await all_sent(a_world)
    assert said() == expected


async def test_an_answer_without_its_most_important_part_is_none(
    a_world: World, ada: Person, mira: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.outbound.deliver.ATTEMPT", timedelta(seconds=1))
    await told(mira, "Installed", "#customers")
    await all_sent(a_world)
    before = len(ada.messages())
    a_world.slack.faults.next_calls("chat.postMessage", Fault(lacks=("ts",)))
    await ada.say(None, "hello")
    await soon(lambda: len(ada.messages()) > before + 1)
    await all_sent(a_world)
    assert len(ada.messages()) == before + 2, "it was found, and not sent again"
    assert ask(a_world, "SELECT count(*) FROM outbox WHERE ts = 'None'") == [(0,)]
    a_world.slack.faults.next_calls("views.open", Fault(lacks=("view",)))
    await choose_plan(ada, "Business")
    await card_says(mira, "no access token yet")
    assert not any("Something went wrong" in m.visible_text for m in ada.messages("#general"))


async def test_a_limit_without_a_readable_time_is_a_short_one(
    a_world: World, ada: Person, mira: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.outbound.calls.RETRY_AFTER", 0.1)
    await told(mira, "Installed", "#customers")
    for odd in ("nan", "-5", "soon"):
        a_world.slack.faults.next_calls("chat.postMessage", Fault.rate_limited(odd))
    with logged(LogLevel.ERROR) as log:
        await choose_plan(ada, "Business")
        await told(mira, "Plan Business", "#customers")
    assert log.getvalue() == ""


async def test_a_message_that_slack_never_takes_does_not_hold_up_those_behind_it(
    a_world: World, ada: Person, mira: Person
) -> None:
    await told(mira, "Installed", "#customers")
    await all_sent(a_world)
    a_world.slack.faults.next_calls("chat.postMessage", Fault(error="msg_too_long"))
    await choose_plan(ada, "Business")
    await enter_token(ada, token(a_world, "acme"))
    await told(mira, "Credentials", "#customers")
    await all_sent(a_world)
    lines = [line.split(" ")[0] for line in thread(mira)]
    assert lines == ["Installed", "Credentials"]
    gone = "SELECT kind, error FROM outbox WHERE state = 'dead'"
    assert ask(a_world, gone) == [("thread", "msg_too_long")]


async def test_an_acknowledgement_that_gets_lost_loses_nothing(a_world: World, ada: Person) -> None:
    await ada.command("/segment")
    await see(ada, PLAN)
    await press_plan(ada, "Business")
    await all_sent(a_world)
    await a_world.slack.events.settle()  # Slack tells of the edited welcome, which is acknowledged
    a_world.slack.faults.lost_acks = 1
    await enter_token(ada, token(a_world, "acme"))
    assert "operation_timeout" in str(ada.notices)
    await ada.submit()  # Slack asks people to try again
    assert "Acme Inc is connected" in ada.modal.text
    a_world.slack.breaches.clear()  # the lost acknowledgement was Slack's doing


def message_event(person: Person, event_id: str, text: str, age: int = 0) -> bytes:
    """Slack's event about a person who writes to the app."""
    payload: dict[str, Any] = {
        "type": "event_callback",
        "event_id": event_id,
        "event_time": int(time.time()) - age,
        "team_id": ACME.id,
        "authorizations": [{"team_id": ACME.id, "is_enterprise_install": False}],
        "event": {"type": "message", "channel_type": "im", "user": person.user.id, "text": text},
    }
    return json.dumps(payload).encode()


async def test_an_event_that_comes_twice_is_worked_on_once(a_world: World, ada: Person) -> None:
    body = message_event(ada, "Ev0TWICE", "hello")
    answers = await asyncio.gather(*(post(a_world, body, JSON) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {200}
    answer = await post(a_world, body, JSON, age=100)  # late, but the signature is still valid
    assert answer.status_code == 200
    await post(a_world, message_event(ada, "Ev0OTHER", "hello again"), JSON)
    await soon(lambda: len(_hints(ada)) == 2)
    await all_sent(a_world)
    assert len(_hints(ada)) == 2


def _hints(person: Person) -> list[str]:
    return [m.visible_text for m in person.messages() if "/segment" in m.visible_text][1:]


async def test_slack_delivers_events_twice_itself(a_world: World, ada: Person) -> None:
    a_world.slack.faults.duplicate_events = 2
    await ada.open_home()
    await ada.wait_for(lambda: ada.home)
    await ada.say(None, "hello")
    await soon(lambda: _hints(ada))
    await a_world.slack.events.settle()
    await all_sent(a_world)
    assert len(_hints(ada)) == 1


async def test_home_shows_the_newest_state_whatever_comes_first(
    a_world: World, ada: Person
) -> None:
    await ada.open_home()
    await ada.wait_for(lambda: ada.home)
    opened = next(p for p in sent_payloads(a_world) if p.get("event", {}).get("tab") == "home")
    await choose_plan(ada, "Team")
    await ada.close()
    opened["event_id"] = "Ev0LATE"
    assert (await post(a_world, json.dumps(opened).encode(), JSON)).status_code == 200
    await all_sent(a_world)
    await ada.wait_for(lambda: "chose the plan Team" in ada.home.text)


async def test_the_answer_of_slack_is_cut_after_it_took_the_request(
    a_world: World, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.outbound.deliver.ATTEMPT", timedelta(seconds=2))
    await reach_replay(a_world, ada)
    await all_sent(a_world)
    a_world.slack.faults.next_calls("chat.update", Fault(cut=Cut.BEFORE_HEAD))
    a_world.slack.faults.next_calls("views.update", Fault(cut=Cut.BEFORE_HEAD))
    await ada.submit()
    await told(ada, "Workspace slug: acme")
    await all_sent(a_world)
    assert len([m for m in ada.messages() if "Workspace slug: acme" in m.visible_text]) == 1
