"""Customers whose Slack workspaces have one name, or none that can be seen, as CSMs see them."""

from playground.slack.model import Channel, Team, User
from playground.slack.person import Person
from tests.scenario.passing import settled
from tests.scenario.story import choose_plan, enter_token, see, token
from tests.support.world import World


async def another_acme(world: World, number: int, called: str = "Acme") -> Person:
    team = Team(f"T0TWIN{number:05d}", called, f"twin{number}")
    user = User(f"U0TWIN{number:05d}", team.id, f"twin{number}", "Ann", is_admin=True)
    general = Channel(
        f"C0TWIN{number:05d}", team.id, "general", members=[user.id], invites_app=True
    )
    world.slack.add(team, user)
    world.slack.add(general)
    await world.slack.install(team.id, user.id)
    person: Person = world.person(user.name)
    await choose_plan(person, "Business")
    return person


async def test_the_board_and_windows_say_which_one(
    a_world: World, ada: Person, mira: Person
) -> None:
    await choose_plan(ada, "Business")
    await ada.close()
    first, second = await another_acme(a_world, 1), await another_acme(a_world, 2)
    await enter_token(second, token(a_world, "beacon"))
    await see(second, "Which sources")
    await second.close(everything=True)
    await first.close()
    await settled(a_world)
    for command in ("/segment-csm", "/segment-csm find acme"):
        await mira.command(command)
        shown = mira.modal.text
        assert "Acme (Slack workspace T0TWIN00001)" in shown
        assert "Acme (Segment workspace beacon)" in shown
        assert "Acme (Slack workspace T0ACME00001)" in shown
        await mira.close(everything=True)

    (card,) = [each for each in mira.messages("#customers") if "beacon" in each.visible_text]
    await mira.click("Message the customer", message=card)
    await see(mira, "Segment workspace beacon")
    mira.fill("Message", "Which one are you?")
    await mira.submit()
    await settled(a_world)
    assert [each for each in second.messages() if "Which one are you?" in each.visible_text]
    a_world.slack.breach_free()


async def test_a_name_that_nobody_can_see_gives_way_to_slacks_id(
    a_world: World, mira: Person
) -> None:
    unseen = await another_acme(a_world, 1, "\u200b\u200b")
    await unseen.close()
    await another_acme(a_world, 2, "Two\nlines")
    await settled(a_world)
    on_cards = "\n".join(each.visible_text for each in mira.messages("#customers"))
    assert "T0TWIN00001 · Credentials" in on_cards
    assert "Two lines · Credentials" in on_cards
    await mira.command("/segment-csm find T0TWIN00001")
    await see(mira, "T0TWIN00001")
    await mira.click("Claim")
    await see(mira, "Owner: @Mira")
    a_world.slack.breach_free()
