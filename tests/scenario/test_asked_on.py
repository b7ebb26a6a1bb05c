"""Whoever was asked to do a step asks somebody else: all three know who does it now."""

from playground.slack.person import Person
from tests.scenario.passing import settled
from tests.scenario.story import SOURCES, TOKEN, choose_plan, enter_token, see, token, told
from tests.scenario.test_help_and_delegation import ask, message_of
from tests.scenario.test_news_of_colleagues import says
from tests.scenario.test_rights import grace, linus
from tests.support.world import World, soon

__all__ = ["grace", "linus"]


async def test_the_first_hears_whom_the_second_asked_and_what_became_of_it(
    a_world: World, ada: Person, grace: Person, linus: Person
) -> None:
    await choose_plan(grace, "Business")
    await ask(grace, "linus")
    await grace.close(everything=True)
    of_linus = await told(linus, "asks you to create")
    await linus.click("Show me how", message=of_linus)
    await see(linus, TOKEN)
    await ask(linus, "ada")
    await linus.close(everything=True)
    heard = await told(grace, "They have asked @Ada Okafor to do it in their place.")
    assert heard.buttons == ["Ask somebody else", "Do it myself"]
    await says(linus, of_linus, "have asked @Ada Okafor to do it in your place")
    assert message_of(linus, of_linus).buttons == []

    of_ada = await told(ada, "asks you to create")
    await ada.click("Not me", message=of_ada)
    await told(linus, "They say that this is not for them.")
    await says(linus, of_linus, "asks you to create")
    assert message_of(linus, of_linus).buttons == ["Show me how", "Not me"]

    await linus.click("Show me how", message=message_of(linus, of_linus))
    await see(linus, TOKEN)
    await enter_token(linus, token(a_world, "acme"))
    await see(linus, SOURCES)
    await told(grace, "It is done.")
    await soon(lambda: message_of(grace, heard).buttons == [])


async def test_who_is_asked_back_reads_one_message(
    a_world: World, grace: Person, linus: Person
) -> None:
    await choose_plan(grace, "Business")
    await ask(grace, "linus")
    await grace.close(everything=True)
    await linus.click("Show me how", message=await told(linus, "asks you to create"))
    await see(linus, TOKEN)
    await ask(linus, "grace")
    await linus.close(everything=True)
    back = await told(grace, "asks you to create")
    await settled(a_world)
    assert not any("in their place" in each.visible_text for each in grace.messages())
    await grace.click("Show me how", message=back)
    await see(grace, TOKEN)
    await enter_token(grace, token(a_world, "acme"))
    await see(grace, SOURCES)
