"""Two people, or one impatient person, at the same screen. The app shows the newest state."""

import asyncio

import pytest

from playground.segment.weather import Weather
from playground.slack.faults import Fault
from playground.slack.person import Person
from tests.scenario.database import ask
from tests.scenario.looking import answer, card_says, rows
from tests.scenario.posting import post_payload, sent_payloads
from tests.scenario.story import (
    PLAN,
    SOURCES,
    TOKEN,
    change_request,
    choose_plan,
    choose_sources,
    days_ahead,
    enter_token,
    let_data_arrive,
    press_plan,
    reach_live_sync,
    reach_replay,
    see,
    token,
    told,
)
from tests.support.world import NEVER_SO_LONG, World

NEWER = "changed this while you had it open"


async def reopen(person: Person) -> None:
    """`/segment` from a person who had nothing open."""
    await person.command("/segment")
    await person.wait_for(lambda: person.modal)


async def submit_twice(person: Person, world: World) -> None:
    """Clicks twice before the first click is answered. Slack sends both."""
    await person.submit()
    payload = next(p for p in reversed(sent_payloads(world)) if p.get("type") == "view_submission")
    answers = await asyncio.gather(*(post_payload(world, payload) for _ in range(2)))
    assert [answer.status_code for answer in answers] == [200, 200]


async def press_twice(person: Person, button: str, *, message: object = None) -> None:
    await asyncio.gather(
        person.click(button, message=message), person.click(button, message=message)
    )


def happened(world: World, kind: str) -> int:
    """How often the history has this event."""
    ((count,),) = ask(world, "SELECT count(*) FROM history WHERE kind = ?", kind)
    return int(count)


async def test_two_first_commands_at_the_same_instant_begin_one_set_up(
    a_world: World, ada: Person, grace: Person
) -> None:
    await asyncio.gather(ada.command("/segment"), grace.command("/segment"))
    for person in (ada, grace):
        await see(person, PLAN)
    assert rows(a_world, "integrations") == 1
    await press_plan(ada, "Business")
    assert "Create an access token in Segment" in ada.modal.text


async def test_of_two_plans_the_first_counts_and_the_second_person_sees_it(
    a_world: World, ada: Person, grace: Person
) -> None:
    await reopen(grace)
    await choose_plan(ada, "Business")
    await press_plan(grace, "Free")
    await see(grace, NEWER)
    assert "Create an access token in Segment" in grace.modal.text
    await enter_token(grace, token(a_world, "acme"))
    assert "Acme Inc is connected" in grace.modal.text
    assert happened(a_world, "plan_chosen") == 1


async def test_of_two_tokens_the_first_counts_and_the_second_is_not_kept(
    a_world: World, ada: Person, grace: Person
) -> None:
    await choose_plan(ada, "Business")
    await reopen(grace)
    await enter_token(ada, token(a_world, "acme"))
    await enter_token(grace, token(a_world, "beacon"))
    assert NEWER in grace.modal.text
    assert "Acme Inc" in grace.modal.text
    assert happened(a_world, "credentials_verified") == 1
    await choose_sources(grace, "Web app")
    assert "Web app: no Toplyne destination" in grace.modal.text


async def test_of_two_tokens_at_the_same_instant_one_is_kept(
    a_world: World, ada: Person, grace: Person
) -> None:
    await choose_plan(ada, "Business")
    await reopen(grace)
    for person in (ada, grace):
        person.fill(TOKEN, token(a_world, "acme"))
    await asyncio.gather(ada.submit(), grace.submit())
    second = ada if ada.modal.errors else grace
    (said,) = second.modal.errors.values()
    assert "I am still checking what was entered before" in said
    await second.submit()
    assert NEWER in second.modal.text
    assert happened(a_world, "credentials_verified") == 1
    assert rows(a_world, "vault") == 1
    for person in (ada, grace):
        await see(person, SOURCES)


async def test_of_two_choices_of_sources_the_first_counts(
    a_world: World, ada: Person, grace: Person
) -> None:
    await choose_plan(ada, "Business")
    await enter_token(ada, token(a_world, "acme"))
    await reopen(grace)
    await choose_sources(ada, "Web app")
    linus = a_world.person("linus")  # who has no rights, and only asks
    await linus.command("/segment help")
    await linus.click("Ask for help", message=answer(linus))
    await see(linus, "What is the difficulty?")
    await linus.submit()
    await choose_sources(grace, "Backend")
    assert f"@Ada Okafor {NEWER}" in grace.modal.text
    assert "Web app: no Toplyne destination" in grace.modal.text
    assert "Backend" not in grace.modal.text
    assert happened(a_world, "sources_chosen") == 1
    let_data_arrive(a_world, "acme", "Web app")
    await grace.click("Check again")
    await see(grace, "Web app")


async def test_of_two_previews_sent_one_request_is_made(
    a_world: World, ada: Person, grace: Person
) -> None:
    await reach_replay(a_world, ada)
    assert "Start (UTC)" in ada.modal.text
    await reopen(grace)
    await see(grace, "word for word")
    await change_request(grace)
    await ada.submit()
    await see(ada, "I’ve sent it to Segment")
    await grace.submit()  # her form is older than the request
    assert NEWER in grace.modal.text
    assert grace.modal.submit_text == "I’ve sent it to Segment"
    assert happened(a_world, "replay_requested") == 1
    await told(ada, "Workspace slug: acme")


async def test_nobody_sends_a_preview_that_a_colleague_has_changed(
    a_world: World, ada: Person, grace: Person
) -> None:
    await reach_replay(a_world, ada)
    await reopen(grace)
    await see(grace, "word for word")
    await change_request(grace)
    other_day = days_ahead(a_world, -200)
    grace.fill("From", other_day)
    await grace.submit()
    await see(grace, other_day)
    await ada.submit()
    assert NEWER in ada.modal.text
    assert happened(a_world, "replay_requested") == 0
    await grace.submit()
    await see(grace, "I’ve sent it to Segment")
    request = await told(grace, "Workspace slug: acme")
    assert other_day in request.visible_text


async def test_submitting_twice_does_everything_once(a_world: World, ada: Person) -> None:
    await ada.command("/segment")
    await see(ada, PLAN)
    await press_twice(ada, "Business")
    assert happened(a_world, "plan_chosen") == 1
    ada.fill(TOKEN, token(a_world, "acme"))
    await submit_twice(ada, a_world)
    assert happened(a_world, "credentials_verified") == 1
    ada.fill(SOURCES, ["Web app"])
    await submit_twice(ada, a_world)
    assert happened(a_world, "sources_chosen") == 1
    await see(ada, "Web app: no Toplyne destination")


async def test_a_replay_that_is_sent_twice_is_one_request_and_one_message(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_replay(a_world, ada)
    await submit_twice(ada, a_world)
    request = await told(ada, "Workspace slug: acme")
    await submit_twice(ada, a_world)
    await see(ada, "reported by @Ada Okafor")
    await told(mira, "sent to Segment", "#customers")
    assert happened(a_world, "replay_requested") == happened(a_world, "replay_sent") == 1
    # Reporting redraws that message, so its first words identify the request.
    requests = [m.ts for m in ada.messages() if "Your Replay request for" in m.visible_text]
    assert requests == [request.ts]


async def test_an_old_button_in_a_message_shows_the_newer_state(
    a_world: World, ada: Person, grace: Person
) -> None:
    await reach_replay(a_world, ada)
    await ada.submit()
    request = await told(ada, "Workspace slug: acme")
    # The message is redrawn only after the press.
    a_world.slack.faults.next_calls("chat.update", Fault(error="service_unavailable"), times=1000)
    await reopen(grace)
    await grace.click("I’ve sent it to Segment")
    await see(grace, "reported by @Grace Lindqvist")
    await grace.click("It’s running")
    await grace.click("It’s finished")
    await see(grace, "Shall I keep watching")
    await ada.close()
    await ada.click("I’ve sent it to Segment", message=request)
    a_world.slack.faults.clear()
    await told(ada, "has finished, as @Grace Lindqvist reported")
    assert happened(a_world, "replay_sent") == happened(a_world, "replay_finished") == 1


async def test_two_csms_confirm_at_the_same_instant(
    a_world: World, ada: Person, mira: Person
) -> None:
    tom = a_world.person("tom")
    await choose_plan(ada, "Free")
    ada.fill("Workspace slug", "corner-shop")
    await ada.click("I cannot create a token")
    await card_says(mira, "confirm or reject it")
    await asyncio.gather(mira.click("Confirm"), tom.click("Confirm"))
    await told(ada, "Toplyne has confirmed your Segment workspace corner-shop")
    await card_says(mira, "check in Toplyne whether their data arrives")
    assert happened(a_world, "credentials_confirmed") == 1
    confirmed = [m for m in ada.messages() if "Toplyne has confirmed" in m.visible_text]
    assert len(confirmed) == 1


async def test_a_modal_from_before_a_disconnect_begins_anew(
    a_world: World, ada: Person, grace: Person
) -> None:
    await choose_plan(ada, "Business")
    await enter_token(ada, token(a_world, "acme"))
    await reopen(grace)
    await see(grace, SOURCES)
    await ada.close()
    await ada.command("/segment disconnect")
    await ada.wait_for(lambda: ada.modal)
    await ada.submit()
    await choose_sources(grace, "Web app")
    assert "This set-up ended: Segment was disconnected by @Ada Okafor" in grace.modal.text
    assert rows(a_world, "vault") == 0
    assert happened(a_world, "sources_chosen") == 0
    await grace.click("Start again")
    await see(grace, "Which Segment plan do you have?")
    await press_plan(grace, "Business")
    await see(grace, "Create an access token in Segment")


@pytest.mark.parametrize("button", ["Somebody else must do this", "Ask for help"])
async def test_closing_before_a_second_modal_opens_is_no_failure(
    a_world: World, ada: Person, button: str
) -> None:
    await choose_plan(ada, "Business")
    a_world.slack.faults.ack_delay = 0.3
    pressing = asyncio.create_task(ada.click(button))
    await asyncio.sleep(0)
    a_world.slack.core.views.clear(ada.user.id)
    await pressing
    a_world.slack.faults.ack_delay = 0.0
    await a_world.asgi.state.bot.listeners.ended(NEVER_SO_LONG)
    assert ada.modal is None
    assert not [m for m in ada.messages() if "went wrong" in m.visible_text]
    await reopen(ada)
    await ada.click(button)
    await ada.wait_for(lambda: len(ada.modals) == 2)


async def test_closing_while_segment_is_asked_is_no_failure(a_world: World, ada: Person) -> None:
    await reach_live_sync(a_world, ada)
    a_world.segment.set_weather(Weather.SLOW, 0.5)
    await ada.click("Check again")
    await ada.close()
    await a_world.asgi.state.bot.listeners.ended(NEVER_SO_LONG)
    a_world.segment.set_weather(Weather.FINE)
    assert ada.modal is None
    assert not [m for m in ada.messages() if "went wrong" in m.visible_text]
    await reopen(ada)
    await ada.click("Check again")
    await see(ada, "Web app: no Toplyne destination")
