"""A person cannot go on alone. A colleague does one screen, or somebody at Toplyne helps."""

import pytest

from flows.checks.run import USUAL_POLICY
from playground.sample import ACME
from playground.slack.faults import Fault
from playground.slack.model import User
from playground.slack.person import Person
from playground.slack.screen import VisibleMessage
from tests.scenario.hurried import restarted
from tests.scenario.looking import answer, as_it_was, card_says, rows, thread
from tests.scenario.passing import settled
from tests.scenario.story import choose_plan, enter_token, reach_live_sync, see, token, told
from tests.support.world import World

DELEGATE = "Somebody else must do this"
COLLEAGUE = "Colleague"
NOTE = "A note for them"
DIFFICULTY = "What is the difficulty?"


async def ask(person: Person, colleague: str, note: str = "") -> None:
    await person.click(DELEGATE)
    await see(person, "They get a message from me")
    person.fill(COLLEAGUE, colleague)
    if note:
        person.fill(NOTE, note)
    await person.submit()


def colleague(world: World) -> Person:
    """Bob, who is no admin."""
    world.slack.add(User("U0ACMEBOB01", ACME.id, "bob", "Bob Hale"))
    return world.person("bob")


def message_of(person: Person, message: VisibleMessage) -> VisibleMessage:
    """The message as it stands now."""
    return next(each for each in person.messages() if each.ts == message.ts)


async def test_a_colleague_says_not_me_and_somebody_else_is_asked(
    a_world: World, ada: Person, grace: Person, mira: Person
) -> None:
    bob = colleague(a_world)
    await choose_plan(ada, "Business")
    await ask(ada, "bob", "Our workspace is <acme>, and it is *urgent*.")
    await ada.close(everything=True)
    asked = await told(bob, "asks you to create an access token in Segment and enter it")
    assert "it takes about 3 minutes" in asked.visible_text
    assert "Our workspace is <acme>, and it is *urgent*." in asked.visible_text

    await bob.click("Not me", message=asked)
    assert await bob.wait_for(lambda: message_of(bob, asked).buttons == [])
    over = message_of(bob, asked).visible_text
    assert over.startswith("You were asked to create an access token in Segment and enter it. That")
    heard = await told(ada, "You asked @Bob Hale to create an access token")
    assert "They say that this is not for them" in heard.visible_text
    assert heard.buttons == ["Ask somebody else", "Do it myself"]
    await told(mira, "says that this is not for them", "#customers")
    await settled(a_world)
    assert message_of(bob, asked).visible_text == over, "drawn again, it says the same"

    await ada.click("Ask somebody else", message=heard)
    await see(ada, "They get a message from me")
    ada.fill(COLLEAGUE, "grace")
    await ada.submit()
    await told(grace, "asks you to create an access token")
    await ada.close(everything=True)
    await ada.click("Do it myself", message=heard)
    await see(ada, "Create an access token in Segment")
    await enter_token(ada, token(a_world, "acme"))
    assert "Acme Inc is connected" in ada.modal.text
    assert not [m for m in ada.messages() if "It is done" in m.visible_text], "she did it herself"


async def test_nobody_is_asked_while_slack_does_not_say_who_they_are(
    a_world: World, ada: Person, grace: Person
) -> None:
    """A guest would get the Segment workspace, its sources and a button."""
    await choose_plan(ada, "Business")
    grace.user.is_guest = True
    a_world.slack.faults.next_calls("users.info", Fault.server_error(), 50)
    await ask(ada, "grace", "Our Q3 numbers depend on it")
    (said,) = ada.modal.errors.values()
    assert "Slack does not answer me right now. What you typed is still here" in said
    a_world.slack.faults.clear()
    a_world.asgi.state.bot.people._remembered.clear()  # as after a few seconds
    await ada.submit()
    assert "is a guest in your Slack workspace" in str(ada.modal.errors)
    await a_world.work_off()
    assert grace.messages() == []
    colleague(a_world)
    ada.fill(COLLEAGUE, "bob")
    await ada.submit()
    await told(a_world.person("bob"), "Our Q3 numbers depend on it")


async def test_a_token_in_the_note_goes_nowhere(a_world: World, ada: Person, grace: Person) -> None:
    await choose_plan(ada, "Business")
    await ask(ada, "grace", f"Take {token(a_world, 'acme')}")
    assert ada.modal.errors
    ada.fill(NOTE, "You have the token")
    await ada.submit()
    assert ada.modal.title == "Asked"
    assert "You have the token" in (await told(grace, "asks you to")).visible_text


async def test_a_colleague_gets_exactly_the_screen_and_can_do_it(
    a_world: World, ada: Person, grace: Person, mira: Person
) -> None:
    await choose_plan(ada, "Business")
    await ask(ada, "grace")
    assert "@Grace Lindqvist gets a message from me now" in ada.modal.text
    await ada.close()
    assert "Create an access token in Segment" in ada.modal.text, "she can go on herself"
    await ada.close()
    message = await told(grace, "asks you to create an access token in Segment and enter it")
    assert "@Ada Okafor is connecting Segment to Toplyne" in message.visible_text
    assert "Only a Workspace Owner" in message.visible_text
    assert "What to do in Segment\n1. In Segment, open Settings" in message.visible_text
    assert message.buttons == ["Show me how", "Not me"]
    await told(mira, "ada asked grace to create an access token", "#customers")
    await ada.command("/segment status")
    assert "@Ada Okafor asked @Grace Lindqvist to create an access token" in (
        answer(ada).visible_text
    )

    await grace.click("Show me how", message=message)
    await see(grace, "Create an access token in Segment")
    await enter_token(grace, token(a_world, "acme"))
    assert "Acme Inc is connected" in grace.modal.text
    heard = await told(ada, "You asked @Grace Lindqvist to create an access token")
    assert "It is done" in heard.visible_text
    assert await grace.wait_for(lambda: "That is over" in message_of(grace, message).visible_text)
    assert message_of(grace, message).buttons == [], "nobody waits for her any more"
    await ada.command("/segment status")
    assert "Credentials: → now. No source has been chosen yet." in answer(ada).visible_text
    assert "asked @Grace" not in answer(ada).visible_text, "it is done"
    await ada.command("/segment")
    await see(ada, "Acme Inc is connected", "Entered by @Grace Lindqvist")


async def test_delegating_to_oneself_is_refused_and_then_it_goes_on(
    a_world: World, ada: Person, grace: Person
) -> None:
    await choose_plan(ada, "Business")
    await ada.click(DELEGATE)
    await see(ada, "They get a message from me")
    ada.fill(COLLEAGUE, "ada")
    await ada.submit()
    assert list(ada.modal.errors.values()) == [
        "This is you. Choose somebody else, or go on yourself."
    ]
    ada.fill(COLLEAGUE, "grace")
    await ada.submit()
    assert ada.modal.title == "Asked"
    await told(grace, "asks you to create an access token")


async def test_somebody_who_has_left_is_refused_and_then_it_goes_on(
    a_world: World, ada: Person, grace: Person
) -> None:
    await choose_plan(ada, "Business")
    await ada.click(DELEGATE)
    await see(ada, "They get a message from me")
    grace.user.deleted = True
    ada.fill(COLLEAGUE, "grace")
    await ada.submit()
    assert list(ada.modal.errors.values()) == [
        "This person is no longer active in Slack. Choose somebody else."
    ]
    grace.user.deleted = False
    await ada.submit()
    assert ada.modal.title == "Asked"
    await told(grace, "asks you to create an access token")


@pytest.mark.parametrize(
    ("screen", "task"),
    [
        ("plan", "say which Segment plan your company has"),
        ("sources", "choose the Segment sources that Toplyne may read"),
        ("live_sync", "connect Toplyne to the chosen sources in Segment"),
    ],
)
async def test_each_step_can_be_given_to_a_colleague(
    a_world: World, ada: Person, grace: Person, screen: str, task: str
) -> None:
    if screen == "plan":
        await ada.command("/segment")
        await see(ada, "Which Segment plan do you have?")
    elif screen == "sources":
        await choose_plan(ada, "Business")
        await enter_token(ada, token(a_world, "acme"))
    else:
        await reach_live_sync(a_world, ada)
    seen = ada.modal.text
    await ask(ada, "grace")
    message = await told(grace, f"asks you to {task}")
    await grace.click("Show me how", message=message)
    await grace.wait_for(lambda: grace.modal and grace.modal.text == seen)


async def test_the_button_opens_its_screen_even_when_the_others_went_on(
    a_world: World, ada: Person, grace: Person
) -> None:
    await choose_plan(ada, "Business")
    await ask(ada, "grace")
    await ada.close()
    message = as_it_was(await told(grace, "asks you to create an access token"))
    await enter_token(ada, token(a_world, "acme"))
    await grace.click("Show me how", message=message)
    await see(grace, "Acme Inc is connected")
    await grace.submit()
    assert "Which sources feed Toplyne?" in grace.modal.text


async def test_help_from_a_modal_reaches_the_thread_with_step_and_last_error(
    a_world: World, ada: Person, mira: Person
) -> None:
    await choose_plan(ada, "Business")
    await enter_token(ada, token(a_world, "acme", "revoked"))
    assert ada.modal.errors
    await ada.click("Ask for help")
    await see(ada, "the last error")
    ada.fill(DIFFICULTY, "Our admin is away until Monday.")
    await ada.submit()
    assert ada.modal.title == "Sent"
    await ada.close()
    await told(
        mira,
        "ada asks for help at the access token. Last problem: Segment refuses the access token."
        " Note: “Our admin is away until Monday.”",
        "#customers",
    )
    received = await told(ada, "Toplyne’s team")
    assert received.buttons == ["Go on with the set-up"]
    await enter_token(ada, token(a_world, "acme"))
    assert "Acme Inc is connected" in ada.modal.text


async def test_a_note_that_holds_a_secret_is_withheld(
    a_world: World, ada: Person, mira: Person
) -> None:
    secret = token(a_world, "acme")
    await choose_plan(ada, "Business")
    await ada.click("Ask for help")
    await see(ada, DIFFICULTY)
    ada.fill(DIFFICULTY, f"It does not take {secret} at all")
    await ada.submit()
    (message,) = ada.modal.errors.values()
    assert "token or a key" in message
    ada.fill(DIFFICULTY, "It does not take my token at all")
    await ada.submit()
    await told(mira, "It does not take my token at all", "#customers")
    assert not [line for line in thread(mira) if secret in line]


async def test_a_note_may_be_left_out(a_world: World, ada: Person, mira: Person) -> None:
    await ada.command("/segment help")
    await ada.click("Ask for help", message=answer(ada))
    await see(ada, DIFFICULTY)
    await ada.submit()
    assert ada.modal.title == "Sent"
    await told(mira, "ada asks for help at the Segment plan.", "#customers")


async def test_help_from_home_and_from_an_error_message(
    a_world: World, ada: Person, mira: Person
) -> None:
    await restarted(a_world, USUAL_POLICY)
    await reach_live_sync(a_world, ada)
    await ada.close()
    await ada.open_home()
    await ada.wait_for(lambda: ada.home)
    await ada.click("Ask for help")
    await see(ada, DIFFICULTY)
    ada.fill(DIFFICULTY, "Where is the catalog?")
    await ada.submit()
    await ada.close()
    await told(mira, "ada asks for help at live sync. Note: “Where is the catalog?”", "#customers")

    await ada.click("Replace the token")
    await see(ada, "Acme Inc is connected")
    a_world.segment.set_weather("slow", 2.5)
    ada.fill("New access token, only to replace the one in use", token(a_world, "beacon"))
    await ada.submit()
    assert ada.modal.title == "Checking"
    await ada.close()
    refused = await ada.wait_for(
        lambda: next((m for m in ada.messages() if "could not be used" in m.visible_text), None)
    )
    a_world.segment.set_weather("fine")
    assert refused.buttons == ["Correct it", "Use Beacon instead", "Ask for help"]
    await ada.click("Ask for help", message=refused)
    await see(ada, DIFFICULTY)
    await ada.submit()
    await told(
        mira,
        "ada asks for help at the access token."
        " Last problem: the access token belongs to another Segment workspace.",
        "#customers",
    )
    await ada.close()
    await ada.click("Correct it", message=refused)
    await see(ada, "Acme Inc is connected")
    await ada.submit()
    await see(ada, "Which sources feed Toplyne?")
    assert rows(a_world, "vault") == 1


async def test_help_after_a_rejection(a_world: World, ada: Person, mira: Person) -> None:
    await choose_plan(ada, "Free")
    ada.fill("Workspace slug", "corner-shop")
    await ada.click("I cannot create a token")
    await see(ada, "A person at Toplyne confirms")
    await ada.close()
    await mira.click("Reject…", message=await card_says(mira, "confirm or reject it"))
    await see(mira, "What should the customer correct?")
    mira.fill("Reason", "We do not find this workspace.")
    await mira.submit()
    rejected = await told(ada, "could not confirm")
    await ada.click("Ask for help", message=rejected)
    await see(ada, DIFFICULTY)
    ada.fill(DIFFICULTY, "It is the right one.")
    await ada.submit()
    await told(mira, "Note: “It is the right one.”", "#customers")
