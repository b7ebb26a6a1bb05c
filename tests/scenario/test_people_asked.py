"""Counts how often Slack is asked about people, in the stories of a customer and of CSMs."""

from playground.slack.person import Person
from tests.scenario.looking import card_says
from tests.scenario.story import choose_plan, enter_token, see, token
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
