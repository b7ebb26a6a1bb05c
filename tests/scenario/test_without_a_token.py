"""The token was deleted at the end: what needs one asks for it first, and nothing else does."""

import pytest

from playground.slack.person import Person
from tests.scenario.looking import answer, card_says
from tests.scenario.passing import reminders
from tests.scenario.story import (
    PLAN,
    SOURCES,
    choose_sources,
    days_ahead,
    enter_token,
    let_data_arrive,
    minutes_pass,
    press_plan,
    reach_live_sync,
    see,
    token,
    told,
)
from tests.scenario.test_disconnect import finish
from tests.scenario.test_j2_team import FINISHED, UPGRADED_WHEN
from tests.scenario.test_rejected import reject
from tests.support.world import World

GONE = "The access token is no longer here"
AFTER_ALL = "Get the history after all"
ONLY = "Finish with live data only"


async def delete(person: Person) -> None:
    await person.command("/segment")
    await person.click("Delete the token now")
    await see(person, "Delete the access token here now?")
    await person.submit()
    await see(person, "No access token: it was deleted by")


async def finish_on_team(world: World, person: Person) -> None:
    await reach_live_sync(world, person, plan="Team")
    let_data_arrive(world, "beacon", "App")
    await minutes_pass(world, 10)
    await person.click("Check again")
    await see(person, "App: arriving")
    await person.submit()
    await person.click(ONLY)
    await see(person, FINISHED)
    await person.close(everything=True)


async def test_another_choice_of_sources_asks_for_the_token_first(
    a_world: World, ada: Person, grace: Person, mira: Person
) -> None:
    await finish(a_world, ada)
    await ada.close(everything=True)
    await grace.open_home()
    await grace.wait_for(lambda: grace.home and "Change the sources" in grace.home.buttons)
    await grace.click("Change the sources")
    await see(grace, SOURCES)
    await delete(ada)
    await choose_sources(grace, "Web app", "Backend")  # in a window from before
    await see(grace, GONE)
    await grace.close(everything=True)
    await reject(mira, "The chosen sources", "Please add Backend.")
    await grace.click("Correct it", message=await told(grace, "correct which sources"))
    await see(grace, GONE)
    await enter_token(grace, token(a_world, "acme"))
    await see(grace, SOURCES)
    await choose_sources(grace, "Web app", "Backend")
    await see(grace, "Backend: no Toplyne destination")
    card = await card_says(mira, "acme, verified by Segment")
    assert "Failed tries" not in card.visible_text


async def test_who_wants_the_history_after_all_is_asked_for_the_plan_first(
    a_world: World, ada: Person, mira: Person
) -> None:
    await finish_on_team(a_world, ada)
    await delete(ada)
    for _ in range(39):
        await a_world.time_passes(86400)
        await a_world.work_off()
    await ada.click(AFTER_ALL)
    await see(ada, "History needs", "We upgraded to Business", ONLY)
    await ada.close(everything=True)
    for _ in range(12):
        await a_world.time_passes(3600)
        await a_world.work_off()
    assert not reminders(ada), "it has been open for hours, not for weeks"
    await ada.command("/segment replay")
    window = await see(ada, "upgrade to Business, or finish with live data only")
    assert window.submit_text != "Enter the token"
    await ada.submit()
    await see(ada, "We upgraded to Business", ONLY)
    await ada.click(ONLY)  # and back: it was only a look
    await see(ada, FINISHED)
    await ada.close(everything=True)
    await card_says(mira, "finished, with live data only")


@pytest.mark.parametrize("changes_mind", [True, False])
async def test_with_business_the_token_comes_next_and_there_is_a_way_back(
    a_world: World, ada: Person, mira: Person, changes_mind: bool
) -> None:
    await finish_on_team(a_world, ada)
    await delete(ada)
    await ada.click(AFTER_ALL)
    await ada.click("We upgraded to Business")
    ada.fill(UPGRADED_WHEN, days_ahead(a_world, 0))
    await ada.submit()
    await see(ada, GONE)
    await card_says(mira, "no access token yet", "Waiting on: the customer")
    if changes_mind:
        await ada.click("Back")
        await see(ada, PLAN)
        await press_plan(ada, "Team")
        await see(ada, "We upgraded to Business", ONLY)
        await ada.click(ONLY)
        await see(ada, FINISHED)
        return
    await enter_token(ada, token(a_world, "beacon"))
    await see(ada, "word for word")
    await ada.close(everything=True)
    await ada.command("/segment status")
    assert "Credentials: ✓ done" in answer(ada).visible_text
