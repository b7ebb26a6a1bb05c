"""Leaving: `/segment disconnect`, forgetting the token at the end, and coming back."""

from datetime import timedelta

from bot.cli.database import opened
from bot.outbound.render import OF_CUSTOMER
from flows.outbox.messages import Message
from playground.sample import ACME
from playground.slack.person import Person
from storage.housekeeping import SqlHousekeeping
from tests.scenario.database import all_sent
from tests.scenario.looking import answer, as_it_was, card_says, rows, thread
from tests.scenario.story import (
    choose_plan,
    choose_sources,
    enter_token,
    let_data_arrive,
    minutes_pass,
    press_plan,
    reach_live_sync,
    reach_replay,
    see,
    token,
    told,
)
from tests.support.world import World, soon
from tests.unit.views.message_cases import MESSAGES

REMAINS = "What stays in Segment until you change it there"


async def leave(person: Person) -> None:
    await person.command("/segment disconnect")
    await see(person, "from this app?")
    await person.submit()


async def test_disconnecting_asks_deletes_at_once_and_says_what_remains(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_live_sync(a_world, ada)
    await ada.close()
    assert rows(a_world, "vault") == 1
    await ada.command("/segment disconnect")
    await see(ada, "Disconnect Acme Inc from this app?", REMAINS)
    assert rows(a_world, "vault") == 1
    await ada.submit()
    assert rows(a_world, "vault") == 0
    assert ada.modal.title == "Disconnected"
    assert REMAINS in ada.modal.text
    assert "Access management → Tokens" in ada.modal.text
    assert "switch it off, or data keeps going to Toplyne" in ada.modal.text
    assert ada.modal.buttons == ["Open Tokens"]
    message = await told(ada, "Segment is disconnected")
    assert "If you made a token, remove it" in message.visible_text
    assert "switch off the Toplyne destination" in message.visible_text
    card = await card_says(mira, "disconnected")
    assert "Segment workspace" not in card.visible_text
    await told(mira, "Disconnected by ada; credentials deleted.", "#customers")


async def test_cancel_changes_nothing(a_world: World, ada: Person) -> None:
    await reach_live_sync(a_world, ada)
    await ada.close()
    before = rows(a_world, "history")
    await ada.command("/segment disconnect")
    await see(ada, "Disconnect Acme Inc")
    assert ada.modal.close_text == "Cancel"
    await ada.close()
    assert rows(a_world, "vault") == 1
    assert rows(a_world, "history") == before
    await ada.command("/segment")
    await see(ada, "Web app: no Toplyne destination")


async def test_nothing_is_asked_of_segment_after_a_disconnect(a_world: World, ada: Person) -> None:
    await reach_live_sync(a_world, ada)
    await ada.close()
    await leave(ada)
    calls = len(a_world.to_segment)
    await minutes_pass(a_world, 3 * 24 * 60)
    await ada.command("/segment status")
    assert "Segment is disconnected from Toplyne" in answer(ada).visible_text
    assert len(a_world.to_segment) == calls
    assert rows(a_world, "pending_checks") == 0


async def test_the_next_segment_begins_anew(a_world: World, ada: Person, mira: Person) -> None:
    await reach_live_sync(a_world, ada)
    await ada.close()
    await leave(ada)
    await ada.close()
    await ada.command("/segment")
    await see(ada, "Which Segment plan do you have?")
    assert "Plan: now" in ada.modal.text
    await press_plan(ada, "Team")
    assert "Beacon" not in ada.modal.text
    await enter_token(ada, token(a_world, "beacon"))  # another workspace is fine now
    await choose_sources(ada, "App")
    assert "App: no Toplyne destination" in ada.modal.text
    await card_says(mira, "Beacon", "no Toplyne destination on App")


async def test_connect_again_stands_in_the_message_and_the_status(
    a_world: World, ada: Person
) -> None:
    await reach_live_sync(a_world, ada)
    await ada.close()
    await leave(ada)
    await ada.close()
    message = await told(ada, "Segment is disconnected")
    await ada.command("/segment status")
    assert answer(ada).buttons == ["Connect again"]
    await ada.click("Connect again", message=message)
    await see(ada, "Which Segment plan do you have?")


async def test_without_anything_connected_there_is_nothing_to_disconnect(
    a_world: World, ada: Person
) -> None:
    await ada.command("/segment disconnect")
    assert "nothing to disconnect" in answer(ada).visible_text
    assert ada.modal is None
    await reach_live_sync(a_world, ada)
    await ada.close()
    await leave(ada)
    await ada.close()
    await ada.command("/segment disconnect")
    assert "nothing to disconnect" in answer(ada).visible_text
    await ada.click("Start the set-up", message=answer(ada))
    await see(ada, "Which Segment plan do you have?")


async def test_a_colleagues_open_window_ends_kindly_and_can_begin_anew(
    a_world: World, ada: Person, grace: Person
) -> None:
    await choose_plan(ada, "Business")
    await grace.command("/segment")
    await see(grace, "Create an access token in Segment")
    await ada.close()
    await leave(ada)
    await enter_token(grace, token(a_world, "acme"))
    await see(grace, "This set-up ended: Segment was disconnected by @Ada Okafor")
    assert rows(a_world, "vault") == 0
    await grace.click("Start again")
    await see(grace, "Which Segment plan do you have?")
    await press_plan(grace, "Business")
    assert "Create an access token in Segment" in grace.modal.text
    await enter_token(grace, token(a_world, "acme"))
    assert "Acme Inc is connected" in grace.modal.text


async def test_two_who_disconnect_at_once(a_world: World, ada: Person, grace: Person) -> None:
    await reach_live_sync(a_world, ada)
    await ada.close()
    for person in (ada, grace):
        await person.command("/segment disconnect")
        await see(person, "Disconnect Acme Inc")
    await ada.submit()
    await grace.submit()
    assert ada.modal.title == "Disconnected"
    assert "Segment was disconnected by @Ada Okafor" in grace.modal.text
    assert rows(a_world, "vault") == 0


async def test_from_home(a_world: World, ada: Person) -> None:
    await reach_live_sync(a_world, ada)
    await ada.close()
    await ada.open_home()
    await ada.wait_for(lambda: ada.home)
    await ada.click("Disconnect")
    await see(ada, "Disconnect Acme Inc from this app?")
    await ada.submit()
    assert rows(a_world, "vault") == 0
    await ada.close()
    await ada.wait_for(lambda: "data keeps going to Toplyne until" in ada.home.text)


async def test_a_welcome_of_before_begins_no_set_up_again(a_world: World, ada: Person) -> None:
    welcome = as_it_was(await told(ada, "is now in this Slack workspace"))
    await reach_live_sync(a_world, ada)
    await ada.close()
    await leave(ada)
    await ada.close()
    await ada.click("Start the set-up", message=welcome)
    said = await told(ada, "This set-up ended")
    assert ada.modal is None
    await ada.click("Start again", message=said)
    await see(ada, "Which Segment plan do you have?")


async def test_help_can_be_asked_for_after_the_end(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_live_sync(a_world, ada)
    await ada.close()
    await leave(ada)
    await ada.close()
    await ada.command("/segment help")
    await ada.click("Ask for help", message=answer(ada))
    await see(ada, "What is the difficulty?")
    ada.fill("What is the difficulty?", "May we come back on another plan?")
    await ada.submit()
    assert "You can go on" not in ada.modal.text
    await told(mira, "May we come back on another plan?", "#customers")
    await ada.close()
    await ada.command("/segment status")
    assert answer(ada).buttons == ["Connect again"]


async def finish(world: World, person: Person) -> None:
    """Goes on to the receipt, with history."""
    await reach_replay(world, person)
    await person.submit()
    await person.click("I’ve sent it to Segment")
    await see(person, "It’s running")
    await person.click("It’s finished")
    await see(person, "Shall I keep watching")


async def test_forgetting_the_token_stops_all_watching(
    a_world: World, ada: Person, mira: Person
) -> None:
    await finish(a_world, ada)
    await ada.click("Delete the token now")
    await see(ada, "I watch nothing")
    await ada.close()
    assert rows(a_world, "vault") == 1, "she thought better of it"
    await ada.click("Delete the token now")
    await see(ada, "I watch nothing")
    await ada.submit()
    assert rows(a_world, "vault") == 0
    await see(ada, "Nothing is watched any more", "with live data and history")
    assert "Shall I keep watching" not in ada.modal.text
    await ada.close()
    card = await card_says(mira, "finished, with history", "deleted, so nothing is watched")
    assert "Waiting on: you" in card.visible_text, "it can still say that the history is there"
    await told(mira, "Access token deleted by ada; nothing is watched from now on.", "#customers")

    calls, messages = len(a_world.to_segment), len(ada.messages())
    await minutes_pass(a_world, 10 * 24 * 60)
    await ada.command("/segment status")
    assert "The access token was deleted, so nothing is watched." in answer(ada).visible_text
    assert "Next: wait; Toplyne checks" in answer(ada).visible_text
    assert len(a_world.to_segment) == calls
    assert len(ada.messages()) == messages, "and that is no incident"
    assert "stuck" not in " ".join(thread(mira)).casefold()


async def test_a_forgotten_token_can_be_entered_again(a_world: World, ada: Person) -> None:
    await finish(a_world, ada)
    await ada.click("Delete the token now")
    await see(ada, "I watch nothing")
    await ada.submit()
    await see(ada, "Nothing is watched any more")
    await ada.click("Enter a token")
    await see(ada, "The access token is no longer here", "Acme Inc")
    await enter_token(ada, token(a_world, "acme"))
    await see(ada, "with live data and history", "Shall I keep watching")
    assert rows(a_world, "vault") == 1


async def test_keep_watching_goes_on_looking(a_world: World, ada: Person) -> None:
    await finish(a_world, ada)
    await ada.click("Keep watching")
    await see(ada, "I keep watching and tell you if data stops. Chosen by @Ada Okafor")
    await ada.close()
    calls = len(a_world.to_segment)
    await minutes_pass(a_world, 25 * 60)
    await soon(lambda: len(a_world.to_segment) > calls)
    assert rows(a_world, "vault") == 1


async def test_data_that_arrives_after_a_disconnect_is_nobodys_business(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_live_sync(a_world, ada)
    await ada.close()
    await leave(ada)
    await told(mira, "Disconnected by ada", "#customers")
    let_data_arrive(a_world, "acme", "Web app")
    await minutes_pass(a_world, 25 * 60)
    await ada.command("/segment status")
    assert "disconnected" in answer(ada).visible_text
    assert thread(mira)[-1] == "Disconnected by ada; credentials deleted."


async def test_what_waited_to_be_said_of_an_earlier_set_up_is_never_said(
    a_world: World, ada: Person, grace: Person
) -> None:
    await a_world.stop_bot()
    await a_world.start_bot(worker=False)
    await choose_plan(ada, "Business")
    await ada.close()
    async with a_world.asgi.state.bot.uow(ACME.id) as work:
        for number, body in enumerate(MESSAGES):
            to, about = f"user:{grace.user.id}", f"int_{ACME.id}"
            await work.outbox.add(Message(body, to, f"key{number}", about))
        await work.commit()
    await minutes_pass(a_world, 1)
    await leave(ada)
    await ada.close()
    await minutes_pass(a_world, 1)
    await choose_plan(ada, "Business")
    await a_world.stop_bot()
    await a_world.start_bot()
    await all_sent(a_world)
    kept = {f"key{at}" for at, body in enumerate(MESSAGES) if isinstance(body, OF_CUSTOMER)}
    sent = [each.metadata for each in a_world.slack.core.state.messages if each.metadata]
    keys = {each["event_payload"]["key"] for each in sent}
    assert {each for each in keys if each.startswith("key")} == kept


async def test_after_the_end_and_half_a_year_nothing_is_left_and_segment_begins_anew(
    a_world: World, ada: Person
) -> None:
    await reach_live_sync(a_world, ada)
    await ada.close()
    await leave(ada)
    await ada.close()
    farewell = await told(ada, "Segment is disconnected")
    await all_sent(a_world)
    async with opened(a_world.database_url) as engine:
        tomorrow = a_world.segment.now() + timedelta(days=1)
        assert await SqlHousekeeping(engine).remove_ended(tomorrow) == 1
    for table in ("integrations", "history", "overview", "cards", "observations"):
        assert rows(a_world, table) == 0, table
    await ada.click("Connect again", message=farewell)
    await see(ada, "Which Segment plan do you have?")
    await press_plan(ada, "Business")
    await enter_token(ada, token(a_world, "acme"))
    await see(ada, "Web app")
