"""A personal message goes to whoever can still act on it; what only informs goes to nobody else."""

import pytest

from playground.slack.faults import Fault
from playground.slack.person import Person
from playground.slack.screen import VisibleMessage
from tests.scenario.database import all_sent
from tests.scenario.passing import days_pass, reminders, settled
from tests.scenario.story import (
    SOURCES,
    choose_plan,
    choose_sources,
    enter_token,
    reach_live_sync,
    see,
    token,
    told,
)
from tests.scenario.test_help_and_delegation import ask, colleague
from tests.scenario.test_j8_csm_and_customer import thread
from tests.scenario.test_j8_passed_on import OFFER, PASS_ON, csm_writes
from tests.scenario.test_rights import (
    PEOPLE,
    REPLACE,
    another_token,
    forget_who_they_are,
    linus,
    open_manage,
)
from tests.support.world import World

__all__ = ["linus"]
GONE = ("is_guest", "is_stranger", "deleted")


async def grace_hands_over(world: World, grace: Person, kind: str) -> None:
    """Grace starts, lets Linus manage, asks for help, and is then no full member any more."""
    await reach_live_sync(world, grace)
    await open_manage(grace, "Change who can")
    await see(grace, PEOPLE)
    grace.fill(PEOPLE, ["linus"])
    await grace.submit()
    await see(grace, "Done:")
    await grace.close(everything=True)
    await settled(world)
    setattr(grace.user, kind, True)
    forget_who_they_are(world)


@pytest.mark.parametrize("kind", GONE)
async def test_what_a_colleague_changed_is_not_told_to_whoever_is_gone(
    a_world: World, grace: Person, linus: Person, mira: Person, kind: str
) -> None:
    await grace_hands_over(a_world, grace, kind)
    before = len(grace.messages())
    await open_manage(linus, "Replace the token")
    await see(linus, REPLACE)
    linus.fill(REPLACE, another_token(a_world))
    await linus.submit()
    await see(linus, "Web app")
    await open_manage(linus, "Change the sources")
    await see(linus, SOURCES)
    await choose_sources(linus, "Web app", "Backend")
    await see(linus, "no Toplyne destination")
    await settled(a_world)
    assert grace.messages()[before:] == []
    assert [line for line in thread(mira) if "Could not be reached" in line] == []


async def stands_in(world: World, mira: Person, text: str) -> tuple[Person, VisibleMessage]:
    """Mira writes to whoever is gone. Returns who gets it, and what they get."""
    await csm_writes(mira, text)
    await settled(world)
    people = [world.person(name) for name in ("ada", "linus")]
    found = [(each, m) for each in people for m in each.messages() if text in m.visible_text]
    (heard,) = found
    return heard


@pytest.mark.parametrize("kind", GONE)
async def test_what_a_csm_writes_goes_to_the_next_who_can_answer(
    a_world: World, grace: Person, mira: Person, kind: str
) -> None:
    await grace_hands_over(a_world, grace, kind)
    before = len(grace.messages())
    reader, message = await stands_in(a_world, mira, "Please look at it.")
    assert grace.messages()[before:] == []
    assert "@Grace Lindqvist, who cannot answer in this Slack any more" in message.visible_text
    assert any("cannot answer any more, so this went to" in line for line in thread(mira))

    await reader.click("Reply", message=message)
    reader.fill("input_text", "Done.")
    await reader.submit()
    await settled(a_world)
    assert any("Done." in line for line in thread(mira))


@pytest.mark.parametrize("kind", GONE)
async def test_whoever_gets_it_instead_may_type_the_answer(
    a_world: World, grace: Person, mira: Person, kind: str
) -> None:
    await grace_hands_over(a_world, grace, kind)
    reader, message = await stands_in(a_world, mira, "Please look at it.")
    await reader.say(None, "It is done, thanks.")
    await reader.click(PASS_ON, message=await told(reader, OFFER))
    await told(mira, "It is done, thanks.", "#customers")
    await settled(a_world)
    (answered,) = [each for each in reader.messages() if each.ts == message.ts]
    assert "You have answered" in answered.visible_text


@pytest.mark.parametrize("kind", GONE)
async def test_what_became_of_a_request_is_not_told_to_whoever_was_asked(
    a_world: World, ada: Person, grace: Person, kind: str
) -> None:
    bob = colleague(a_world)
    await choose_plan(grace, "Business")
    await ask(grace, "bob")
    await grace.close(everything=True)
    await told(bob, "asks you to create an access token")
    setattr(grace.user, kind, True)
    forget_who_they_are(a_world)
    await days_pass(a_world, 2)
    assert len(reminders(bob)) == 1
    assert not [each for each in bob.messages() if "asked @Bob Hale" in each.visible_text]
    heard = await told(ada, "@Grace Lindqvist asked @Bob Hale to create an access token")
    assert "It is not done yet" in heard.visible_text

    await ada.click("Do it myself", message=heard)
    await enter_token(ada, token(a_world, "acme"))
    await see(ada, "Acme Inc is connected")


async def test_a_request_reaches_nobody_who_is_a_guest_when_slack_lets_it_through(
    a_world: World, ada: Person
) -> None:
    """Whoever asked hears that they are gone when it is time for a reminder."""
    bob = colleague(a_world)
    await choose_plan(ada, "Business")
    await all_sent(a_world)
    a_world.slack.faults.next_calls("chat.postMessage", Fault.rate_limited(2), 4)
    await ask(ada, "bob", "Our workspace is acme.")
    await ada.close(everything=True)
    bob.user.is_guest = True
    forget_who_they_are(a_world)
    await days_pass(a_world, 2)
    assert bob.messages() == []
    heard = await told(ada, "They are no longer a full member of this Slack, so they cannot")
    await ada.click("Do it myself", message=heard)
    await enter_token(ada, token(a_world, "acme"))
    await see(ada, "Acme Inc is connected")
