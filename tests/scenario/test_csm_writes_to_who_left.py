"""Before a CSM writes, the window says whom it will reach."""

from playground.slack.person import Person
from tests.scenario.looking import card_says
from tests.scenario.passing import settled
from tests.scenario.story import choose_plan, see, told
from tests.scenario.test_rights import forget_who_they_are, grace
from tests.support.world import World

__all__ = ["grace"]
WRITE = "Message the customer"


async def leave(world: World, person: Person) -> None:
    await settled(world)
    person.user.deleted = True
    forget_who_they_are(world)


async def asks_for_help_and_leaves(world: World, grace: Person) -> None:
    await choose_plan(grace, "Business")
    await grace.click("Ask for help")
    await see(grace, "What is the difficulty?")
    grace.fill("What is the difficulty?", "Which plan do we have?")
    await grace.submit()
    await grace.close(everything=True)
    await leave(world, grace)


async def test_the_window_names_who_gets_it_in_the_place_of_who_left(
    a_world: World, ada: Person, grace: Person, mira: Person
) -> None:
    await asks_for_help_and_leaves(a_world, grace)
    await mira.click("Answer", message=await card_says(mira, "Which plan"))
    await see(mira, "cannot answer in their Slack any more, so the app sends this to ada")
    mira.fill("Message", "You have Business.")
    await mira.submit()
    answer = await told(ada, "You have Business.")
    await ada.click("Reply", message=answer)
    ada.fill("input_text", "Thank you.")
    await ada.submit()
    await card_says(mira, "Thank you.")


async def test_the_window_says_that_nobody_is_left(
    a_world: World, ada: Person, grace: Person, mira: Person
) -> None:
    await asks_for_help_and_leaves(a_world, grace)
    await leave(a_world, ada)
    card = await card_says(mira, "Which plan")
    await mira.click(WRITE, message=card)
    await see(mira, "nobody else whom the app knows is there", "reach them outside of Slack")
    assert "Send" not in mira.modal.buttons
    await mira.close(everything=True)

    grace.user.deleted = False
    forget_who_they_are(a_world)
    await mira.click(WRITE, message=await card_says(mira, "Which plan"))
    await see(mira, "The app sends this to grace")
    mira.fill("input_text", "You have Business.")
    await mira.submit()
    await told(grace, "You have Business.")
