"""A personal message goes to whoever can still act on it; what only informs goes to nobody else."""

import pytest

from playground.slack.person import Person
from tests.scenario.passing import settled
from tests.scenario.story import SOURCES, choose_sources, reach_live_sync, see
from tests.scenario.test_j8_csm_and_customer import thread
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


@pytest.mark.parametrize("kind", GONE)
async def test_what_a_csm_writes_goes_to_the_next_who_can_answer(
    a_world: World, ada: Person, grace: Person, linus: Person, mira: Person, kind: str
) -> None:
    await grace_hands_over(a_world, grace, kind)
    before = len(grace.messages())
    (card,) = [each for each in mira.messages("#customers") if "Claim" in each.buttons]
    await mira.click("Message the customer", message=card)
    mira.fill("input_text", "Please look at it.")
    await mira.submit()
    await settled(a_world)
    assert grace.messages()[before:] == []
    heard = [
        (person, each)
        for person in (ada, linus)
        for each in person.messages()
        if "Please look at it." in each.visible_text
    ]
    ((reader, message),) = heard
    assert "@Grace Lindqvist, who cannot answer in this Slack any more" in message.visible_text
    assert any("cannot answer any more, so this went to" in line for line in thread(mira))

    await reader.click("Reply", message=message)
    reader.fill("input_text", "Done.")
    await reader.submit()
    await settled(a_world)
    assert any("Done." in line for line in thread(mira))
