"""Counts how often Slack is asked about people, and tells who among them was asked for what."""

from playground.slack.person import Person
from tests.scenario.looking import answer, card_says
from tests.scenario.story import (
    SOURCES,
    choose_plan,
    choose_sources,
    enter_token,
    let_data_arrive,
    minutes_pass,
    reach_live_sync,
    see,
    token,
    told,
)
from tests.scenario.test_help_and_delegation import ask, colleague
from tests.support.world import World


def asked(world: World, person: Person) -> int:
    """The number of `users.info` calls about these people."""
    calls = [exchange for exchange in world.slack.traffic if exchange.name == "users.info"]
    return sum(person.user.id.encode() in exchange.request for exchange in calls)


async def test_a_customer_at_work_is_asked_about_once_for_all_their_cards(
    a_world: World, ada: Person, mira: Person
) -> None:
    await choose_plan(ada, "Business")
    await card_says(mira, "no access token yet")
    await enter_token(ada, token(a_world, "acme"))
    await card_says(mira, "verified by Segment")
    assert asked(a_world, ada) == 1
    assert asked(a_world, mira) == 1  # whose working days count in the channel


async def test_a_board_that_is_opened_often_asks_about_nobody_again(
    a_world: World, ada: Person, mira: Person
) -> None:
    await choose_plan(ada, "Team")
    await card_says(mira, "no access token yet")
    await mira.command("/segment-csm")
    await see(mira, "Owner: nobody yet")
    await mira.click("Claim")
    await see(mira, "Owner: @")
    await card_says(mira, "Owner: mira")
    before = asked(a_world, ada), asked(a_world, mira)
    for _ in range(3):
        await mira.close()
        await mira.command("/segment-csm")
        await see(mira, "Owner: @")
    assert (asked(a_world, ada), asked(a_world, mira)) == before
    assert before[0] == 1


async def test_each_colleague_who_was_asked_is_named_until_they_have_done_it(
    a_world: World, ada: Person, grace: Person
) -> None:
    bob = colleague(a_world)
    await reach_live_sync(a_world, ada)
    await ask(ada, "bob")
    await ada.close()
    await ada.click("Back")
    await see(ada, SOURCES)
    await ask(ada, "grace")
    await ada.close(everything=True)
    to_bob = "@Bob Hale to connect Toplyne to the chosen sources in Segment."
    to_grace = "@Grace Lindqvist to choose the Segment sources that Toplyne may read."
    await status_says(ada, to_bob, to_grace)
    await ada.open_home()
    await ada.wait_for(lambda: ada.home and "A colleague was asked" in ada.home.text)
    assert to_bob in ada.home.text
    assert to_grace in ada.home.text

    await grace.click("Show me how", message=await told(grace, "asks you to choose"))
    await see(grace, SOURCES)
    await choose_sources(grace, "Web app", "Backend")
    await told(ada, "You asked @Grace Lindqvist")
    assert to_grace not in await status_says(ada, to_bob)
    await ada.wait_for(lambda: to_grace not in ada.home.text)
    assert "A colleague was asked" in ada.home.text
    assert to_bob in ada.home.text

    await bob.click("Show me how", message=await told(bob, "asks you to connect"))
    await see(bob, "Web app")
    for name in ("Web app", "Backend"):
        let_data_arrive(a_world, "acme", name)
    await minutes_pass(a_world, 30)
    await told(ada, "You asked @Bob Hale")
    assert to_bob not in await status_says(ada, "Next:")


async def status_says(person: Person, *texts: str) -> str:
    await person.command("/segment status")
    said = answer(person).visible_text
    assert all(text in said for text in texts), said
    return said
