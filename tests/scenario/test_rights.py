"""Who may do what at the customer: those who manage the set-up, those who look, and guests."""

from unittest.mock import patch

import pytest

from bot.outbound import people
from playground.slack.faults import Fault
from playground.slack.person import Person
from tests.scenario.looking import answer, rows
from tests.scenario.story import (
    SOURCES,
    TOKEN,
    choose_plan,
    choose_sources,
    enter_token,
    reach_live_sync,
    see,
    token,
    told,
)
from tests.scenario.test_people_asked import asked
from tests.support.world import World

REFUSED = "Only those who manage this set-up can do that: @Ada Okafor and the admins"
REPLACE = "New access token, only to replace the one in use"
PEOPLE = "People who can manage this"


@pytest.fixture
def grace(a_world: World) -> Person:
    """A full member, and no more."""
    return a_world.person("grace")


@pytest.fixture
def linus(a_world: World) -> Person:
    return a_world.person("linus")


def another_token(world: World) -> str:
    return str(world.segment.add_token("acme").value)


def forget_who_they_are(world: World) -> None:
    """As after a minute, when Slack is asked again."""
    world.asgi.state.bot.people._remembered.clear()


async def open_manage(person: Person, button: str) -> None:
    if person.modals:
        await person.close(everything=True)
    await person.open_home()
    await person.wait_for(lambda: person.home and button in person.home.buttons)
    await person.click(button)


async def test_whoever_only_looks_sees_the_progress_and_who_can_and_asks_with_one_press(
    a_world: World, ada: Person, grace: Person
) -> None:
    await choose_plan(ada, "Business")
    await ada.close()
    await grace.command("/segment")
    refused = answer(grace)
    assert REFUSED in refused.visible_text
    assert "Plan: ✓ done by @Ada Okafor" in refused.visible_text
    assert refused.buttons == ["Ask them"]
    await grace.click("Ask them", message=refused)
    await see(grace, "@Ada Okafor got a message from me")
    asked = await told(ada, "@Grace Lindqvist asks you to go on")
    assert asked.buttons == ["Enter the token", "Let them manage it"]

    await grace.close()
    await grace.click("Ask them", message=refused)
    await see(grace, "@Ada Okafor got a message from me")
    assert sum("asks you to go on" in each.visible_text for each in ada.messages()) == 1, "a day"

    await ada.click("Let them manage it", message=asked)
    await see(ada, "@Ada Okafor started this set-up")
    await ada.submit()
    await see(ada, "Done: @Ada Okafor, @Grace Lindqvist and the admins")
    await grace.close()
    await grace.command("/segment")
    await see(grace, TOKEN)
    await enter_token(grace, token(a_world, "acme"))
    await see(grace, SOURCES)


async def test_progress_is_for_every_full_member(
    a_world: World, ada: Person, grace: Person
) -> None:
    await reach_live_sync(a_world, ada)
    await grace.command("/segment status")
    status = answer(grace)
    assert "Credentials: ✓ done by @Ada Okafor" in status.visible_text
    assert status.buttons == ["Ask them"]
    await grace.open_home()
    await grace.wait_for(lambda: grace.home and "can change the set-up" in grace.home.text)
    assert set(grace.home.buttons) == {"Ask them", "Ask for help", "Who did what"}


async def test_what_was_typed_is_refused_with_a_button_and_not_asked_about(
    a_world: World, ada: Person, grace: Person
) -> None:
    await choose_plan(ada, "Business")
    await ada.close()
    await open_manage(ada, "Change who can")
    await see(ada, PEOPLE)
    ada.fill(PEOPLE, ["grace"])
    await ada.submit()
    await ada.close()
    await grace.command("/segment")
    await see(grace, TOKEN)
    await open_manage(ada, "Change who can")
    await see(ada, PEOPLE)
    ada.fill(PEOPLE, [])
    await ada.submit()
    await see(ada, "Done: @Ada Okafor and the admins")
    calls = len(a_world.to_segment)
    await enter_token(grace, token(a_world, "acme"))
    await see(grace, REFUSED)
    assert grace.modal.buttons == ["Ask them"]
    assert len(a_world.to_segment) == calls
    assert rows(a_world, "vault") == 0


async def test_one_of_them_who_has_left_keeps_nobody_from_adding_another(
    a_world: World, ada: Person, grace: Person
) -> None:
    await choose_plan(ada, "Business")
    await open_manage(ada, "Change who can")
    await see(ada, PEOPLE)
    ada.fill(PEOPLE, ["grace"])
    await ada.submit()
    await ada.close(everything=True)
    grace.user.deleted = True
    await open_manage(ada, "Change who can")
    await see(ada, PEOPLE)
    ada.fill(PEOPLE, ["grace", "linus"])
    await ada.submit()
    await see(ada, "Done: ")
    await ada.close(everything=True)
    linus = a_world.person("linus")
    await linus.command("/segment")
    await see(linus, "Create an access token in Segment")


@pytest.mark.parametrize("kind", ["is_guest", "is_single_channel_guest", "is_stranger"])
async def test_a_guest_sees_and_does_nothing(
    a_world: World, ada: Person, grace: Person, kind: str
) -> None:
    await reach_live_sync(a_world, ada)
    setattr(grace.user, kind, True)
    for words in ("/segment", "/segment status", "/segment replay", "/segment disconnect"):
        await grace.command(words)
        assert "is for full members of this Slack workspace" in answer(grace).visible_text
        assert not answer(grace).buttons
    await grace.open_home()
    await grace.wait_for(lambda: grace.home and "for full members" in grace.home.text)
    assert "Acme Inc" not in grace.home.text
    assert rows(a_world, "vault") == 1


async def test_a_guest_begins_nothing(a_world: World, grace: Person) -> None:
    grace.user.is_guest = True
    await grace.command("/segment")
    assert "is for full members" in answer(grace).visible_text
    grace.user.is_guest = False
    forget_who_they_are(a_world)
    await grace.command("/segment")
    await see(grace, "Which Segment plan do you have?")


async def test_while_slack_does_not_say_who_somebody_is_they_are_asked_to_try_again(
    a_world: World, ada: Person
) -> None:
    await choose_plan(ada, "Business")
    forget_who_they_are(a_world)
    a_world.slack.faults.next_calls("users.info", Fault.server_error(), 50)
    await enter_token(ada, token(a_world, "acme"))
    (said,) = ada.modal.errors.values()
    assert "Slack does not answer me right now. What you typed is still here" in said
    a_world.slack.faults.clear()
    forget_who_they_are(a_world)
    await ada.submit()
    await see(ada, SOURCES)


@pytest.mark.parametrize("by_command", [True, False])
async def test_while_slack_is_slow_to_say_who_somebody_is_they_are_told_in_time(
    a_world: World, ada: Person, *, by_command: bool
) -> None:
    """Nothing has begun by then. What Slack says in the end is there for the next try."""

    async def begin() -> None:
        await (ada.command("/segment") if by_command else ada.shortcut("connect_segment"))

    before = rows(a_world, "history")
    a_world.slack.faults.next_calls("users.info", Fault(hang=0.2))
    with patch.object(people, "ANSWERED_WITHIN", 0.0):
        await begin()
    slow = "Slack does not answer me right now"
    if by_command:
        assert slow in answer(ada).visible_text
    else:
        await told(ada, slow)
    assert rows(a_world, "history") == before
    await begin()
    await see(ada, "Which Segment plan do you have?")
    assert asked(a_world, ada) == 1


async def test_the_starter_and_the_installer_hear_what_somebody_else_did(
    a_world: World, ada: Person, grace: Person, linus: Person
) -> None:
    """Ada installed the app, Grace started the set-up, and Linus may manage it."""
    await reach_live_sync(a_world, grace)
    await open_manage(grace, "Change who can")
    await see(grace, PEOPLE)
    grace.fill(PEOPLE, ["linus"])
    await grace.submit()
    await grace.close()

    await open_manage(linus, "Replace the token")
    await see(linus, REPLACE)
    linus.fill(REPLACE, another_token(a_world))
    await linus.submit()
    await see(linus, "Web app")
    for each in (ada, grace):
        await told(each, "@Linus Haddad replaced the access token of Acme Inc")
    await open_manage(linus, "Change the sources")
    await see(linus, SOURCES)
    await choose_sources(linus, "Web app", "Backend")
    for each in (ada, grace):
        await told(each, "@Linus Haddad changed the sources that feed Toplyne. They are now:")
    await linus.close(everything=True)
    await linus.command("/segment disconnect")
    await see(linus, "from this app?")
    await linus.submit()
    for each in (ada, grace):
        await told(each, "@Linus Haddad disconnected Segment from Toplyne")
    own = [each.visible_text for each in linus.messages()]
    assert not [text for text in own if "@Linus Haddad" in text]


async def test_whoever_was_asked_for_a_step_does_that_and_no_other(
    a_world: World, ada: Person, grace: Person
) -> None:
    await choose_plan(ada, "Business")
    await ada.click("Somebody else must do this")
    await see(ada, "They get a message from me")
    ada.fill("Colleague", "grace")
    await ada.submit()
    await ada.close(everything=True)
    message = await told(grace, "asks you to create an access token")
    await grace.click("Show me how", message=message)
    await see(grace, TOKEN)
    await enter_token(grace, token(a_world, "acme"))
    await see(grace, SOURCES)
    await choose_sources(grace, "Web app")
    await see(grace, "no Toplyne destination")
    await grace.click("Check again")
    await see(grace, REFUSED)
    await grace.close(everything=True)
    await grace.command("/segment disconnect")
    assert REFUSED in answer(grace).visible_text
    assert rows(a_world, "vault") == 1

    await open_manage(ada, "Change who can")
    await see(ada, "Asked for one step", "@Grace Lindqvist: the access token")
    ada.fill("Asked for one step", [])
    await ada.submit()
    await see(ada, "Done:")
    await grace.command("/segment")
    assert REFUSED in answer(grace).visible_text


async def test_a_window_that_was_open_changes_only_what_is_changed_in_it(
    a_world: World, ada: Person, grace: Person
) -> None:
    linus = a_world.person("linus")
    grace.user.is_admin = True
    await choose_plan(ada, "Business")
    await ada.close(everything=True)
    await open_manage(ada, "Change who can")
    await see(ada, PEOPLE)
    await grace.command("/segment")
    await see(grace, "Access token")
    await grace.click("Somebody else must do this")
    await see(grace, "They get a message")
    grace.fill("Colleague", "linus")
    await grace.submit()
    asked = await told(linus, "asks you to create an access token")

    await ada.submit()  # changes nothing
    await see(ada, "Done:")
    await ada.close(everything=True)
    assert "That is over" not in asked.visible_text
    await linus.click("Show me how", message=asked)
    await see(linus, "Access token")
    await linus.close(everything=True)

    await open_manage(ada, "Change who can")
    await see(ada, "Asked for one step")
    ada.fill("Asked for one step", [])
    await ada.submit()
    await linus.wait_for(lambda: "That is over" in linus.messages()[-1].visible_text)


async def test_guests_and_apps_cannot_be_named_as_managers(
    a_world: World, ada: Person, grace: Person
) -> None:
    await choose_plan(ada, "Business")
    await ada.close()
    grace.user.is_guest = True
    await open_manage(ada, "Change who can")
    await see(ada, PEOPLE)
    ada.fill(PEOPLE, ["grace"])
    await ada.submit()
    assert list(ada.modal.errors.values()) == [
        "This person is a guest in your Slack workspace. Choose a full member."
    ]
    ada.fill(PEOPLE, ["linus"])
    await ada.submit()
    await see(ada, "@Linus Haddad")


async def test_who_did_what_stands_on_home(a_world: World, ada: Person, grace: Person) -> None:
    await reach_live_sync(a_world, ada)
    await open_manage(ada, "Replace the token")
    await see(ada, REPLACE)
    ada.fill(REPLACE, another_token(a_world))
    await ada.submit()
    await open_manage(grace, "Who did what")
    await see(grace, "entered the access token", "replaced the access token")
    assert "@Ada Okafor saw what is stored about the access token" in grace.modal.text
    assert "sgp_" not in grace.modal.text
