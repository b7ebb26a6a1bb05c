"""Whoever Slack refused once is there again: for what a CSM writes to them, and once they act."""

import pytest

from playground.slack.person import Person
from tests.scenario.passing import Days, reminders, settled
from tests.scenario.story import SOURCES, choose_plan, choose_sources, enter_token, see, token, told
from tests.scenario.test_j8_csm_and_customer import REASON, more, thread
from tests.scenario.test_j8_passed_on import OFFER, PASS_ON, csm_writes
from tests.support.world import World


@pytest.fixture
async def grace(empty_world: World) -> Person:
    """Slack took no reminder for her that day, so that Ada got it. Now it takes them again."""
    days, grace, ada = Days(empty_world), empty_world.person("grace"), empty_world.person("ada")
    grace.user.tz = ada.user.tz
    await days.install(0, 11)  # by Ada
    await choose_plan(grace, "Business")
    await grace.close(everything=True)
    await settled(empty_world)
    grace.user.refusal = "messages_tab_disabled"
    await days.reach(1, 15, 59)
    assert (len(reminders(grace)), len(reminders(ada))) == (0, 1)
    grace.user.refusal = ""
    return grace


async def test_what_a_csm_writes_is_tried_at_its_reader(empty_world: World, grace: Person) -> None:
    mira = empty_world.person("mira")
    await csm_writes(mira, "Who is your Workspace Owner?")
    message = await told(grace, "Who is your Workspace Owner?")
    assert "cannot answer" not in message.visible_text
    await grace.say(None, "It is me.")
    await grace.click(PASS_ON, message=await told(grace, OFFER))
    await told(mira, "It is me.", "#customers")
    assert not [line for line in thread(mira) if "cannot answer" in line]


async def test_what_asks_for_something_is_for_whoever_has_acted_since(
    empty_world: World, grace: Person
) -> None:
    ada, mira = empty_world.person("ada"), empty_world.person("mira")
    await grace.command("/segment")
    await enter_token(grace, token(empty_world, "acme"))
    await see(grace, SOURCES)
    await choose_sources(grace, "Web app")
    await grace.close(everything=True)
    await more(mira, "Reject…")
    await see(mira, "What should the customer correct?")
    mira.fill(REASON, "The chosen sources")
    mira.fill("Reason", "Backend is missing")
    await mira.submit()
    heard = await told(grace, "Backend is missing")
    assert not [each for each in ada.messages() if "Backend is missing" in each.visible_text]
    await grace.click("Correct it", message=heard)
    await see(grace, SOURCES)
    await choose_sources(grace, "Web app", "Backend")
    await see(grace, "no Toplyne destination")
