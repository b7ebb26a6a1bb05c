"""What was told earlier and is drawn anew: for whom, which of two alike it is, in what order."""

import json
from typing import Any

import pytest

from playground.slack.faults import Fault
from playground.slack.person import Person
from playground.slack.screen import VisibleMessage
from tests.scenario.database import all_sent, ask, execute
from tests.scenario.looking import card_says
from tests.scenario.passing import settled
from tests.scenario.polling import a_poll
from tests.scenario.story import (
    SOURCES,
    choose_sources,
    reach_live_sync,
    reach_replay,
    see,
    told,
)
from tests.scenario.test_help_and_delegation import ask as ask_colleague
from tests.scenario.test_help_and_delegation import colleague, message_of
from tests.scenario.test_j3_free import reach_arrival
from tests.scenario.test_j8_csm_and_customer import report, requested
from tests.scenario.test_j11_things_break import (
    finished,
    other_settings,
    switch_off_destination,
    switch_on_destination,
)
from tests.scenario.test_rejected import CORRECT_REPLAY, reject
from tests.scenario.test_rights import forget_who_they_are, open_manage
from tests.support.world import World

__all__ = ["finished", "other_settings"]

CORRECT_SOURCES = "Toplyne asks you to correct which sources you chose."
NONE_ARRIVES = "Toplyne looked again: no data of"
ARRIVES = "“Data is arriving”, which was a mistake"
CALLS = ("chat.postMessage", "chat.update")
KEPT = "This is over: what stood here is about the set-up of Segment"


def said(person: Person, *texts: str) -> list[VisibleMessage]:
    return [m for m in person.messages() if all(text in m.visible_text for text in texts)]


# --- who reads it now -----------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["is_guest", "is_stranger", "deleted"])
async def test_who_may_not_look_any_more_reads_no_new_names_in_what_they_were_asked(
    a_world: World, ada: Person, state: str
) -> None:
    bob = colleague(a_world)
    await reach_live_sync(a_world, ada)
    await ask_colleague(ada, "bob", "Please.")
    await ada.close(everything=True)
    asked = await told(bob, "asks you to")
    setattr(bob.user, state, True)
    forget_who_they_are(a_world)
    await open_manage(ada, "Change the sources")
    await see(ada, SOURCES)
    await choose_sources(ada, "Web app", "Backend")
    await settled(a_world)
    now = message_of(bob, asked)
    assert now.visible_text.startswith(KEPT)
    assert (now.buttons, "Acme" in now.visible_text) == ([], False)

    setattr(bob.user, state, False)
    forget_who_they_are(a_world)
    await ada.close(everything=True)
    await open_manage(ada, "Change the sources")
    await see(ada, SOURCES)
    await choose_sources(ada, "Web app")
    await settled(a_world)
    assert "Not me" in message_of(bob, asked).buttons
    await bob.click("Show me how", message=message_of(bob, asked))
    await see(bob, "Web app: no Toplyne destination")


async def test_who_wrote_the_request_and_is_a_guest_now_reads_nothing_of_how_it_goes(
    a_world: World, ada: Person, grace: Person
) -> None:
    await reach_replay(a_world, grace)
    await grace.submit()
    request = await told(grace, "is ready to be sent")
    await grace.close(everything=True)
    grace.user.is_guest, grace.user.is_admin, ada.user.is_admin = True, False, True
    forget_who_they_are(a_world)
    await ada.command("/segment")
    await see(ada, "I’ve sent it to Segment")
    await ada.click("I’ve sent it to Segment")
    await see(ada, "It’s running")
    await settled(a_world)
    now = message_of(grace, request)
    assert (now.visible_text.startswith(KEPT), now.buttons) == (True, [])


# --- which of two alike it is ---------------------------------------------------------------------


async def test_sources_sent_back_twice_are_asked_for_by_the_second_message_alone(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_replay(a_world, ada)
    await ada.submit()
    await card_says(mira, "Replay request written, not sent to Segment")
    await reject(mira, "The chosen sources", "Please add Backend.")
    await ada.click("Correct it", message=await told(ada, CORRECT_SOURCES))
    await see(ada, SOURCES)
    await choose_sources(ada, "Web app", "Backend")
    await settled(a_world)
    await ada.close(everything=True)
    await reject(mira, "The chosen sources", "Please take Backend out again.")
    second = await told(ada, "Please take Backend out again.")
    await settled(a_world)
    (first,) = said(ada, "Please add Backend.")
    assert (first.visible_text.startswith("This is over:"), first.buttons) == (True, [])
    assert second.buttons == ["Correct it", "Ask for help"]
    await ada.click("Correct it", message=second)
    await see(ada, "Toplyne asks you to correct this: Please take Backend out again.")
    await choose_sources(ada, "Web app")
    await settled(a_world)
    assert [m.buttons for m in said(ada, CORRECT_SOURCES)] == [[], []]


async def test_a_request_sent_back_twice_is_asked_for_by_the_second_message_alone(
    a_world: World, ada: Person, mira: Person
) -> None:
    await requested(a_world, ada, mira)
    for reason in ("All events, please.", "Only the last year, please."):
        await reject(mira, "The Replay request", reason)
        await ada.click("Correct it", message=await told(ada, reason))
        await settled(a_world)
        assert [m.visible_text for m in said(ada, CORRECT_REPLAY) if m.buttons] == [
            m.visible_text for m in said(ada, reason)
        ]
        await see(ada, f"Toplyne asks you to correct this: {reason}")
        await ada.submit()
        await see(ada, "word for word")
        await ada.submit()
        await see(ada, "Sent to Segment: not reported yet")
        await ada.close(everything=True)
    await settled(a_world)
    assert [m.buttons for m in said(ada, CORRECT_REPLAY)] == [[], []]


async def test_that_no_data_arrives_is_over_once_the_customer_has_connected_it_again(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_arrival(ada, mira)
    await ada.close(everything=True)
    for reason in ("Look at the write key.", "It is the staging site."):
        await mira.click("Data is arriving", message=await card_says(mira, "Data is arriving"))
        await card_says(mira, "finished, with live data only")
        await reject(mira, ARRIVES, reason)
        heard = await told(ada, reason)
        await settled(a_world)
        assert [m.ts for m in said(ada, NONE_ARRIVES) if m.buttons] == [heard.ts]
        await ada.click("Correct it", message=heard)
        await see(ada, f"Toplyne asks you to correct this: {reason}")
        await ada.submit()
        await see(ada, "Next: wait; a person at Toplyne checks whether data arrives")
        await settled(a_world)
        assert not [m for m in said(ada, NONE_ARRIVES) if m.buttons]
        await ada.close(everything=True)


# --- what is true again ---------------------------------------------------------------------------


async def test_what_broke_twice_while_no_edit_came_through_is_over_twice(
    finished: World, ada: Person
) -> None:
    await switch_off_destination(finished)
    await a_poll(finished, 3)
    await told(ada, "App is switched off")
    await all_sent(finished)
    finished.slack.faults.next_calls("chat.update", Fault.server_error(), 1000)
    await switch_on_destination(finished)
    await a_poll(finished, 3)
    await switch_off_destination(finished)
    await a_poll(finished, 3)
    finished.slack.faults.clear()
    await all_sent(finished)
    await switch_on_destination(finished)
    await a_poll(finished, 3)
    await all_sent(finished)
    news = said(ada, "App is switched off")
    assert [(m.visible_text[:13], m.buttons) for m in news] == [("This is over:", [])] * 2


# --- how much, and in what order ------------------------------------------------------------------


async def older_news(world: World, count: int, **values: Any) -> None:
    """As a destination leaves them that is switched off and on for months."""
    (names,) = [[row[1] for row in ask(world, "PRAGMA table_info(outbox)")]]
    own = {"key", "kind", "params", "sequence", *values}
    kept = ", ".join(name for name in names if name not in own)
    (row,) = ask(world, "SELECT sequence FROM outbox WHERE kind = 'welcome' AND ts <> '' LIMIT 1")
    more = "".join(f", {name}" for name in values)
    given = "".join(f", '{value}'" for value in values.values())
    body = json.dumps({"blocker": "destination_disabled"})
    await execute(
        world,
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
        f" INSERT INTO outbox (key, kind, params, {kept}{more})"
        f" SELECT 'incident_over:x:' || i, 'incident_over', '{body}', {kept}{given}"
        f" FROM outbox, n WHERE sequence = {row[0]}",
    )


@pytest.mark.parametrize("went", ["somewhere", "nowhere"])
async def test_however_much_was_said_since_a_request_says_that_it_has_run(
    a_world: World, ada: Person, mira: Person, went: str
) -> None:
    await requested(a_world, ada, mira)
    await ada.close(everything=True)
    await all_sent(a_world)
    request = await told(ada, "is ready to be sent")
    later = {"created_at": "2099-01-01 00:00:00.000000"}
    count = 300 if went == "somewhere" else 600
    await older_news(a_world, count, **later, **({} if went == "somewhere" else {"ts": ""}))
    await report(mira, "Finished, as Segment says")
    await card_says(mira, "finished, with history")
    await settled(a_world)
    assert "I’ve sent it to Segment" not in message_of(ada, request).buttons


async def test_who_leaves_reads_the_farewell_before_what_was_told_earlier_is_drawn_anew(
    a_world: World, ada: Person
) -> None:
    await reach_live_sync(a_world, ada)
    await ada.close(everything=True)
    await all_sent(a_world)
    await older_news(a_world, 60)
    await ada.command("/segment disconnect")
    a_world.slack.traffic.clear()
    await ada.submit()
    farewell = await told(ada, "Segment is disconnected")
    await all_sent(a_world)
    calls = [each for each in a_world.slack.traffic if each.name in CALLS]
    edits = [each.name == "chat.update" for each in calls]
    sent = next(i for i, each in enumerate(calls) if farewell.ts.encode() in each.answer)
    assert sum(edits) > 60
    assert sum(edits[:sent]) < 10  # the cards
