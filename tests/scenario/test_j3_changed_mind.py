"""J3: on Free, somebody means another workspace or plan after all, and what was said is over."""

import pytest

from playground.segment.weather import Weather
from playground.slack.person import Person
from tests.scenario.looking import card_says, decisions, rows
from tests.scenario.story import (
    PLAN,
    SOURCES,
    choose_plan,
    choose_sources,
    days_ahead,
    enter_token,
    minutes_pass,
    press_plan,
    see,
    token,
    told,
)
from tests.scenario.test_disconnect import finish
from tests.scenario.test_j3_free import (
    NO_TOKEN,
    SLUG,
    TOKEN,
    enter_both,
    reach_arrival,
    reach_confirming,
)
from tests.scenario.test_j8_csm_and_customer import REASON, more
from tests.scenario.test_write_back import OFFER, enter, takes_keys, write_key
from tests.support.world import World

OTHER = "other-shop"
CONNECTED = "I’ve connected it"


async def reach_receipt(person: Person, csm: Person) -> None:
    """The CSM has seen data of corner-shop arrive; Home shows that all is done."""
    await reach_arrival(person, csm)
    await person.close(everything=True)
    await csm.click("Data is arriving")
    await card_says(csm, "finished, with live data only")
    await person.open_home()


async def enter_other(person: Person, csm: Person) -> None:
    """Another slug on the open form, without a token, which a CSM confirms."""
    await see(person, SLUG)
    person.fill(SLUG, OTHER)
    await person.click(NO_TOKEN)
    await csm.click("Confirm", message=await card_says(csm, f"{OTHER}, not verified"))
    await told(person, f"Toplyne has confirmed your Segment workspace {OTHER}")


async def test_another_workspace_is_not_live_before_a_csm_sees_its_data(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_receipt(ada, mira)
    await ada.wait_for(lambda: "Enter a token" in ada.home.buttons)
    await ada.click("Enter a token")
    await enter_other(ada, mira)
    card = await card_says(
        mira, f"{OTHER}, confirmed by a CSM", "check in Toplyne whether their data arrives"
    )
    assert "finished" not in card.visible_text
    assert decisions(card) == ["Data is arriving"]

    await mira.click("Data is arriving", message=card)
    await card_says(mira, "finished, with live data only")
    await ada.close(everything=True)
    await ada.command("/segment")
    await see(ada, "Segment is connected to Toplyne, with live data only", OTHER)


async def test_who_connected_one_workspace_has_not_connected_another(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_confirming(ada)
    await see(ada, CONNECTED)
    await ada.submit()
    await see(ada, "Toplyne is connected in Segment, says")
    await ada.click("Back")
    await enter_other(ada, mira)
    await ada.close(everything=True)
    await ada.command("/segment")
    form = await see(ada, f"Your workspace {OTHER} is confirmed", CONNECTED)
    assert "Toplyne is connected in Segment, says" not in form.text
    await ada.submit()
    await see(ada, "Toplyne is connected in Segment, says")
    await card_says(mira, "ada says that Toplyne is connected")


@pytest.mark.parametrize("slug", [OTHER, "corner-shop"])
async def test_who_came_back_from_another_plan_has_connected_only_the_workspace_before(
    a_world: World, ada: Person, mira: Person, slug: str
) -> None:
    await reach_confirming(ada)
    await ada.submit()
    await see(ada, "Toplyne is connected in Segment, says")
    await ada.click("Back")
    await ada.click("Back")
    await press_plan(ada, "Business")
    await see(ada, "Create an access token in Segment")
    await ada.click("Back")
    await press_plan(ada, "Free")
    await see(ada, SLUG)
    ada.fill(SLUG, slug)
    await ada.click(NO_TOKEN)
    await card_says(mira, f"{slug}, not verified")
    form = await see(ada, "A person at Toplyne confirms")
    assert ("Toplyne is connected in Segment, says" in form.text) is (slug == "corner-shop")
    assert (CONNECTED in form.submit_text) is (slug == OTHER)


async def test_another_workspace_takes_the_write_key_along(
    a_world: World, ada: Person, mira: Person
) -> None:
    await takes_keys(a_world)
    await reach_receipt(ada, mira)
    await ada.wait_for(lambda: OFFER in ada.home.text)
    await ada.click("Show me how")
    await see(ada, "Make the source in Segment")
    await enter(ada, write_key(a_world, "corner-shop", "website"))
    await see(ada, "Toplyne can write to your source")
    await card_says(mira, "Scores back to Segment: to ")
    await ada.close(everything=True)

    await more(mira, "Reject…")
    await see(mira, "What should the customer correct?")
    mira.fill(REASON, "The credentials")
    mira.fill("Reason", "That is not your workspace.")
    await mira.submit()
    heard = await told(ada, "That is not your workspace.")
    await ada.click("Correct it", message=heard)
    await enter_other(ada, mira)
    card = await card_says(mira, "check in Toplyne whether their data arrives")
    assert "Scores back to Segment" not in card.visible_text
    assert rows(a_world, "write_keys") == 0

    await mira.click("Data is arriving", message=card)
    await card_says(mira, "finished, with live data only")
    await ada.close(everything=True)
    await ada.open_home()
    await ada.wait_for(lambda: OFFER in ada.home.text)
    await ada.click("Show me how")
    await enter(ada, write_key(a_world, "corner-shop", "website"))
    await see(ada, "Toplyne can write to your source")


@pytest.mark.parametrize("slug", ["corner-shop", "acme"])
async def test_an_upgrade_keeps_the_write_key_of_the_same_workspace_alone(
    a_world: World, ada: Person, mira: Person, slug: str
) -> None:
    await takes_keys(a_world)
    await reach_confirming(ada, slug)
    await ada.close(everything=True)
    await mira.click("Confirm", message=await card_says(mira, "confirm or reject it"))
    await mira.click("Data is arriving", message=await card_says(mira, "whether their data"))
    arrived = await told(ada, "Toplyne sees your data arrive")
    await ada.click("Open the set-up", message=arrived)
    await ada.click("Show me how")
    await enter(ada, write_key(a_world, "acme", "billing-events"))
    await see(ada, "Toplyne can write to your source")
    await ada.close(everything=True)
    await ada.command("/segment")
    await ada.click("Get the history after all")
    await ada.click("We upgraded to Business")
    await see(ada, "The write key for scores stays if that token is of the same workspace")
    ada.fill("When did you upgrade?", days_ahead(a_world, 0))
    await ada.submit()
    await see(ada, "Access token")
    await enter_token(ada, token(a_world, "acme"))
    await see(ada, SOURCES)
    await choose_sources(ada, "Web app")
    await see(ada, "Web app: no Toplyne destination")
    stays = slug == "acme"
    card = await card_says(mira, "acme, verified by Segment")
    assert ("Scores back to Segment: to your source" in card.visible_text) is stays
    assert rows(a_world, "write_keys") == stays

    for _ in range(3):
        await ada.click("Back")
    await see(ada, PLAN)
    await press_plan(ada, "Free")
    await ada.close(everything=True)
    await ada.open_home()
    await ada.wait_for(lambda: ada.home and "Plan: ✓ done" in ada.home.text)
    assert ("Live sync: ✓ done" in ada.home.text) is stays, "what nobody saw of acme is not done"


async def test_a_check_of_free_is_dropped_once_the_plan_is_another(
    a_world: World, ada: Person, grace: Person, mira: Person
) -> None:
    await choose_plan(ada, "Free")
    await grace.command("/segment")
    await see(grace, SLUG)
    await grace.click("Back")
    await see(grace, PLAN)
    a_world.segment.set_weather(Weather.DOWN)
    ada.fill(SLUG, "corner-shop")
    ada.fill(TOKEN, token(a_world, "corner-shop"))
    await ada.submit()
    await see(ada, "What you entered is kept")
    await press_plan(grace, "Business")
    await see(grace, "Create an access token in Segment")
    a_world.segment.set_weather(Weather.FINE)
    await minutes_pass(a_world, 60)
    await see(ada, "The plan was changed while I checked", "Create an access token in Segment")
    card = await card_says(mira, "Plan: Business", "no access token yet")
    assert "Free workspace" not in card.visible_text
    assert rows(a_world, "vault") == 0

    await enter_token(ada, token(a_world, "acme"))
    await see(ada, "Acme Inc is connected", SOURCES)


async def test_nobody_is_promised_that_free_is_watched(
    a_world: World, ada: Person, mira: Person
) -> None:
    await enter_both(a_world, ada, "corner-shop")
    await ada.close(everything=True)
    await mira.click("Confirm", message=await card_says(mira, "confirm or reject it"))
    await mira.click("Data is arriving", message=await card_says(mira, "whether their data"))
    await card_says(mira, "finished, with live data only")
    await ada.command("/segment")
    receipt = await see(ada, "I cannot tell you if data stops")
    assert "keep watching" not in receipt.text
    assert not receipt.submit_text

    await ada.click("Delete the token now")
    asked = await see(ada, "Data goes on to Toplyne, and nothing else changes")
    assert "I watch nothing" not in asked.text
    await ada.submit()
    await see(ada, "No access token: it was deleted by")
    assert rows(a_world, "vault") == 0


async def test_what_was_watched_on_business_is_not_on_free(
    a_world: World, ada: Person, mira: Person
) -> None:
    await finish(a_world, ada)
    await see(ada, "Shall I keep watching")
    await ada.submit()
    await ada.close(everything=True)
    await ada.command("/segment")
    await see(ada, "I keep watching and tell you if data stops")
    await change_plan(ada, "Free")
    receipt = await see(ada, "I cannot tell you if data stops")
    assert "keep watching" not in receipt.text
    await change_plan(ada, "Business")
    await see(ada, "I keep watching and tell you if data stops")


async def change_plan(person: Person, plan: str) -> None:
    """From the receipt back to the first screen, and forward again."""
    await person.click("Replace the token")
    await see(person, "is connected")
    await person.click("Back")
    await see(person, PLAN)
    await press_plan(person, plan)
    await person.close(everything=True)
    await person.command("/segment")
