"""A page whose right or set-up has changed asks for nothing, and the window in Slack goes on."""

import pytest

from playground.slack.person import Person
from tests.scenario.entry import Browser, asks_for_page, browser, visible
from tests.scenario.looking import as_it_was, rows
from tests.scenario.story import SOURCES, TOKEN, choose_plan, enter_token, see, token, told
from tests.scenario.test_help_and_delegation import ask, colleague
from tests.support.world import World

FORM = "Enter your Segment access token"
WAITS = "This window goes on by itself"


@pytest.fixture
def web(a_world: World) -> Browser:
    return browser(a_world)


async def test_who_is_asked_no_more_reads_it_before_typing(
    a_world: World, web: Browser, ada: Person
) -> None:
    bob, path = await asked_to_enter(a_world, ada)
    old = as_it_was(await told(bob, "asks you to create an access token"))
    page = await web.opens(path)
    assert FORM in visible(page)
    await unask(a_world, ada, keeping=[])

    over = await web.opens(path)
    assert (over.status_code, FORM in visible(over)) == (403, False)
    assert "You cannot enter this here" in visible(over)
    window = await see(bob, "Only those who manage this set-up can do that")
    assert WAITS not in window.text
    calls = len(a_world.to_segment)
    typed = await web.types(page, token(a_world, "acme"))  # on the form that was open
    assert typed.status_code == 403
    assert len(a_world.to_segment) == calls
    await bob.click("Show me how", message=old)
    await told(bob, "Only those who manage this set-up can do that")

    await bob.close(everything=True)
    await ada.command("/segment")
    await ask(ada, "bob")
    await bob.click("Show me how", message=await told(bob, "asks you to create an access token"))
    path = await asks_for_page(bob)
    assert "accepted" in visible(await web.enters(path, token(a_world, "acme")))
    await see(bob, SOURCES)


async def test_whoever_is_asked_again_hears_what_became_of_the_same_page(
    a_world: World, web: Browser, ada: Person
) -> None:
    bob, path = await asked_to_enter(a_world, ada)
    await unask(a_world, ada, keeping=[])
    assert (await web.opens(path)).status_code == 403
    await see(bob, "Only those who manage this set-up can do that")
    await ada.command("/segment")
    await ask(ada, "bob")
    await ada.close(everything=True)
    assert "accepted" in visible(await web.enters(path, token(a_world, "acme")))
    await told(bob, "Segment has accepted the access token of Acme Inc")


async def asked_to_enter(world: World, person: Person) -> tuple[Person, str]:
    """Somebody else, and the path of the page on which they can enter the token."""
    bob = colleague(world)
    await choose_plan(person, "Business")
    await ask(person, "bob")
    await person.close(everything=True)
    await bob.click("Show me how", message=await told(bob, "asks you to create an access token"))
    return bob, await asks_for_page(bob)


async def unask(world: World, person: Person, keeping: list[str]) -> None:
    await person.open_home()
    await person.wait_for(lambda: person.home and "Change who can" in person.home.buttons)
    await person.click("Change who can")
    await see(person, "Asked for one step")
    person.fill("Asked for one step", keeping)
    await person.submit()
    await person.close(everything=True)
    await world.work_off()


async def test_who_was_overtaken_reads_it_before_typing(
    a_world: World, web: Browser, ada: Person, grace: Person
) -> None:
    await choose_plan(ada, "Business")
    path = await asks_for_page(ada)
    await grace.command("/segment")
    await enter_token(grace, token(a_world, "acme"))
    await see(grace, SOURCES)
    over = await web.opens(path)
    assert (over.status_code, FORM in visible(over)) == (409, False)
    await see(ada, "Grace Lindqvist changed this", SOURCES)


async def test_who_has_left_reads_it_before_typing(
    a_world: World, web: Browser, ada: Person, grace: Person
) -> None:
    await choose_plan(ada, "Business")
    path = await asks_for_page(ada)
    await grace.command("/segment disconnect")
    await grace.submit()
    await a_world.work_off()
    over = await web.opens(path)
    assert (over.status_code, FORM in visible(over)) == (410, False)
    await see(ada, "disconnected")
    assert rows(a_world, "vault") == 0
    await ada.close(everything=True)
    await choose_plan(ada, "Business")
    path = await asks_for_page(ada)
    assert "accepted" in visible(await web.enters(path, token(a_world, "acme")))
    await see(ada, SOURCES)


async def test_another_plan_changes_the_form_and_takes_no_link(
    a_world: World, web: Browser, ada: Person, grace: Person
) -> None:
    await choose_plan(ada, "Business")
    path = await asks_for_page(ada)
    await grace.command("/segment")
    await see(grace, TOKEN)
    await grace.click("Back")
    await grace.click("Free")
    page = await web.opens(path)
    assert "Workspace slug" in visible(page)
    done = await web.types(page, token(a_world, "corner-shop"), slug="corner-shop")
    assert done.status_code == 200
    await see(ada, "corner-shop is not verified")
