"""Buttons and forms are pressed twice, late and in another order. Each counts once."""

import asyncio
import copy

from playground.slack.person import Person
from playground.slack.screen import VisibleMessage
from tests.faults.figures import Show
from tests.faults.repeating import Payload, Repeating, happened, heard
from tests.scenario.looking import card_says, cards
from tests.scenario.passing import Days, reminders
from tests.scenario.story import choose_plan, enter_token, reach_replay, see, token, told
from tests.support.world import World, soon

FORMS = ("credentials", "sources", "live_sync", "replay_preview")
DONE_ONCE = ("plan_chosen", "credentials_verified", "sources_chosen", "replay_requested")
MARKS = {
    "I’ve sent it to Segment": "replay_sent",
    "It’s running": "replay_running",
    "It’s finished": "replay_finished",
}


async def twice(
    person: Person, button: str, message: VisibleMessage | None = None, option: str | None = None
) -> None:
    """Two clicks before the first is answered."""
    clicks = (person.click(button, message=message, option=option) for _ in range(2))
    await asyncio.gather(*clicks)


def as_now(person: Person, message: VisibleMessage, channel: str | None = None) -> VisibleMessage:
    return next(m for m in person.messages(channel) if m.ts == message.ts)


async def requested(world: World, ada: Person) -> VisibleMessage:
    """The message with the text to send to Segment."""
    await reach_replay(world, ada)
    await ada.submit()
    request: VisibleMessage = await told(ada, "Workspace slug: acme")
    await ada.close()
    return request


def with_plan(press: Payload, plan: str) -> Payload:
    """The press of another button in the same modal."""
    made = copy.deepcopy(press)
    made["actions"][0]["value"] = plan
    return made


async def test_every_form_and_report_of_a_whole_set_up(
    a_world: World, ada: Person, repeating: Repeating, show: Show
) -> None:
    request = await requested(a_world, ada)
    forms = [repeating.newest("view_submission", f'"setup_{name}"') for name in FORMS]
    chosen = repeating.newest("block_actions", '"pick_plan"')
    await repeating.remember()
    answers = await repeating.in_any_order(forms)
    await repeating.nothing_new()
    assert all("sent it to Segment" in answer.text for answer in answers), "the newest state"
    presses = [chosen, with_plan(chosen, "free")]
    for button in MARKS:
        await ada.wait_for(lambda b=button: b in as_now(ada, request).buttons)
        await twice(ada, button, as_now(ada, request))
        presses.append(repeating.newest("block_actions"))
    await told(ada, "with live data and history")
    await repeating.remember()
    await repeating.in_any_order([*presses, *forms])
    show("a set-up again", await repeating.nothing_new())
    assert happened(a_world, *DONE_ONCE, *MARKS.values()) == [1] * 7
    assert "finished" in as_now(ada, request).visible_text


async def test_the_buttons_of_a_reminder(
    empty_world: World, ada: Person, mira: Person, repeating: Repeating, show: Show
) -> None:
    days = Days(empty_world)
    await days.install(0, 11)
    await choose_plan(ada, "Business")
    await ada.close()
    await days.reach(1, 12)
    (reminder,) = reminders(ada)
    await twice(ada, "Somebody else must do this", reminder)
    await see(ada, "They get a message from me")
    ada.fill("Colleague", "grace")
    await ada.submit()
    delegated = repeating.newest("view_submission", '"delegate"')
    await ada.close(everything=True)
    await twice(ada, "reminder_snooze", reminder, "1 week")
    snoozed = repeating.newest("block_actions")
    await ada.wait_for(lambda: "Snoozed by" in as_now(ada, reminder).visible_text)
    await repeating.remember()
    await repeating.in_any_order([snoozed, delegated])
    await repeating.nothing_new()
    await twice(ada, "Remind me again", as_now(ada, reminder))
    await ada.wait_for(lambda: "reminder_stop" in str(as_now(ada, reminder).blocks))
    await twice(ada, "reminder_stop", as_now(ada, reminder), "Stop this reminder")
    stopped = repeating.newest("block_actions")
    await ada.wait_for(lambda: "stopped this" in as_now(ada, reminder).visible_text)
    await ada.command("/segment")
    await see(ada, "Create an access token")
    await enter_token(ada, token(empty_world, "acme"))
    await ada.wait_for(lambda: "Done: " in as_now(ada, reminder).visible_text)
    await repeating.remember()
    await repeating.in_any_order([stopped, delegated])
    show("a reminder again", await repeating.nothing_new())
    kinds = ("delegated", "snoozed", "reminders_resumed", "asked_for_quiet")
    assert happened(empty_world, *kinds) == [1, 1, 1, 1]


async def test_the_buttons_of_a_card_and_what_is_written_through_it(
    a_world: World, ada: Person, mira: Person, repeating: Repeating, show: Show
) -> None:
    await requested(a_world, ada)
    await card_says(mira, "Replay request written")
    await repeating.settled()
    (card,) = cards(mira)
    await twice(mira, "Claim", card)
    claim = repeating.newest("block_actions")
    written = await fill(mira, repeating, "Message the customer", "Message", "Shall I help?")
    heard_by_ada = await told(ada, "Shall I help?")
    replied = await fill(ada, repeating, "Reply", "Answer", "Yes, please.", heard_by_ada)
    await ada.close()
    marked = await mark(mira, repeating, "Running")
    forms = [written, replied, marked]
    await told(ada, "your Replay for Acme Inc is running")
    await repeating.remember()
    await repeating.in_any_order([claim, *forms])
    await repeating.nothing_new()
    finished = await mark(mira, repeating, "Finished, and Toplyne has the history")
    await card_says(mira, "finished, with history")
    await repeating.remember()
    await repeating.in_any_order([claim, *forms, finished])
    show("a card again", await repeating.nothing_new())
    kinds = ("claimed", "csm_wrote", "customer_replied", "replay_running", "replay_confirmed")
    assert happened(a_world, *kinds) == [1] * 5
    assert [heard(ada, "Shall I help?"), heard(mira, "ada answers:", "#customers")] == [1, 1]


async def fill(
    person: Person,
    repeating: Repeating,
    button: str,
    label: str,
    text: str,
    message: VisibleMessage | None = None,
) -> Payload:
    """Opens a small modal and submits it twice at once."""
    await person.click(button, message=message)
    await person.wait_for(lambda: person.modal)
    person.fill(label, text)
    await person.submit()
    form = repeating.newest("view_submission")
    await repeating.at_once(form)
    return form


async def mark(csm: Person, repeating: Repeating, what: str) -> Payload:
    """What a CSM heard of the Replay, twice."""
    await csm.click("csm_more", message=cards(csm)[0], option="Mark the Replay as…")
    await see(csm, "What does Segment say?")
    csm.fill("The Replay is", what)
    await csm.submit()
    await soon(lambda: csm.modal is None)
    form = repeating.newest("view_submission")
    await repeating.at_once(form)
    return form


async def test_two_confirm_twice_and_one_sends_back_late(
    a_world: World, ada: Person, mira: Person, repeating: Repeating, show: Show
) -> None:
    await choose_plan(ada, "Free")
    ada.fill("Workspace slug", "corner-shop")
    await ada.click("I cannot create a token")
    await card_says(mira, "confirm or reject it")
    await repeating.settled()
    (card,) = cards(mira)
    await mira.click("csm_more", message=card, option="Reject…")
    await see(mira, "What should the customer correct?")
    mira.fill("Reason", "There is no such workspace.")
    tom = a_world.person("tom")
    await asyncio.gather(twice(mira, "Confirm", card), twice(tom, "Confirm", card))
    confirm = repeating.newest("block_actions")
    await told(ada, "Toplyne has confirmed your Segment workspace corner-shop")
    await mira.submit()
    late = repeating.newest("view_submission", "csm_reject")
    await repeating.remember()
    await repeating.in_any_order([confirm, late])
    show("a decision again", await repeating.nothing_new())
    assert happened(a_world, "credentials_confirmed", "credentials_rejected") == [1, 0]
    assert heard(ada, "Toplyne has confirmed") == 1
    await card_says(mira, "check in Toplyne whether their data arrives")
