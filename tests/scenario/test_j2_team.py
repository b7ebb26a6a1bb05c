"""J2: a customer on Team has live data, and history only after an upgrade."""

from playground.slack.person import Person
from tests.scenario.looking import card_says, thread
from tests.scenario.story import (
    PLAN,
    SOURCES,
    change_request,
    choose_plan,
    days_ahead,
    enter_token,
    in_words,
    let_data_arrive,
    minutes_pass,
    press_plan,
    reach_live_sync,
    reach_replay,
    see,
    source_id,
    token,
    told,
)
from tests.scenario.test_j8_csm_and_customer import report, requested
from tests.support.world import World

UPGRADED_WHEN = "When did you upgrade?"
FINISHED = "Segment is connected to Toplyne, with live data only"


async def reach_the_choice(world: World, person: Person) -> None:
    """On Team, connected, with data arriving. Only history is left."""
    await reach_live_sync(world, person, plan="Team")
    let_data_arrive(world, "beacon", "App")
    await minutes_pass(world, 10)
    await person.click("Check again")
    await see(person, "App: arriving")
    await person.submit()


async def back_to_plan(person: Person) -> None:
    """From Home, by going back to the first screen."""
    await person.close(everything=True)
    await person.open_home()
    await person.wait_for(lambda: person.home and "Change the sources" in person.home.buttons)
    await person.click("Change the sources")
    await see(person, SOURCES)
    await person.click("Back")
    await see(person, "is connected")
    await person.click("Back")
    await see(person, PLAN)


async def change_plan(person: Person, plan: str, *, leave: bool = True) -> None:
    await back_to_plan(person)
    await press_plan(person, plan)
    if leave:
        await person.close(everything=True)


async def test_team_goes_the_same_way_up_to_live_sync(a_world: World, ada: Person) -> None:
    await choose_plan(ada, "Team")
    assert "Create an access token in Segment" in ada.modal.text
    ada.fill("Access token", token(a_world, "beacon"))
    await ada.submit()
    assert "Beacon is connected" in ada.modal.text
    ada.fill("Which sources feed Toplyne?", ["App"])
    await ada.submit()
    assert "App: no Toplyne destination" in ada.modal.text
    let_data_arrive(a_world, "beacon", "App")
    await minutes_pass(a_world, 10)
    await ada.click("Check again")
    await see(ada, "Live sync has started", "choose whether Toplyne also gets your history")
    first = await told(ada, "The first events of App have reached Toplyne")
    assert "upgrade to Business, or finish with live data only" in first.visible_text


async def test_history_says_that_it_needs_business_and_what_can_be_done(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_the_choice(a_world, ada)
    assert "History needs the Business plan" in ada.modal.text
    assert "You are on Team" in ada.modal.text
    assert "upgrade in Segment" in ada.modal.text
    assert "talk to Toplyne about it" in ada.modal.text
    await card_says(mira, "plan is not Business", "Plan: Team")
    await ada.close()
    await ada.command("/segment replay")
    await see(ada, "The Replay cannot be requested yet")
    assert "The Segment plan must be Business." in ada.modal.text
    assert "Live sync has started." in ada.modal.text
    await ada.click("Choose how to go on")
    await see(ada, "History needs the Business plan")


async def test_an_upgrade_with_its_day_opens_the_replay(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_the_choice(a_world, ada)
    await ada.click("We upgraded to Business")
    await see(ada, "365 days")
    ada.fill(UPGRADED_WHEN, days_ahead(a_world, 30))
    await ada.submit()
    assert list(ada.modal.errors.values()) == [
        "This day has not come yet. Choose today or an earlier day."
    ]
    upgraded_on = days_ahead(a_world, -40)
    ada.fill(UPGRADED_WHEN, upgraded_on)
    await ada.submit()
    await see(ada, "word for word")
    assert "older than" not in ada.modal.text  # Team keeps a year, which is what is asked for
    assert len(ada.modals) == 1
    await told(mira, f"reports an upgrade to Business on {in_words(upgraded_on)}", "#customers")
    await told(mira, "Replay ready to be requested", "#customers")

    await change_request(ada)
    ada.fill("From", days_ahead(a_world, -500))
    await ada.submit()
    oldest = in_words(days_ahead(a_world, -40 - 365))
    await see(ada, f"You have been on Business since {in_words(upgraded_on)}", oldest)
    await ada.submit()
    request = await told(ada, "Source ID: " + source_id(a_world, "beacon", "App"))
    assert "Workspace slug: beacon" in request.visible_text


async def test_the_upgrade_can_be_left_without_an_answer(a_world: World, ada: Person) -> None:
    await reach_the_choice(a_world, ada)
    await ada.click("We upgraded to Business")
    await see(ada, UPGRADED_WHEN)
    await ada.close()
    assert "History needs the Business plan" in ada.modal.text
    await ada.click("Back")
    await see(ada, "App: arriving")
    await ada.submit()
    assert "History needs the Business plan" in ada.modal.text


async def test_finishing_with_live_data_only_is_an_end_that_can_be_taken_back(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_the_choice(a_world, ada)
    await ada.click("Finish with live data only")
    await see(ada, FINISHED)
    assert "History: not included" in ada.modal.text
    assert "Plan Team" in ada.modal.text
    await told(ada, "Segment is connected to Toplyne, with live data only.")
    await card_says(mira, "finished, with live data only")
    await ada.close()

    a_world.playground.clock.advance(2 * 86400)
    await minutes_pass(a_world, 1)
    await ada.command("/segment")
    await ada.wait_for(lambda: ada.modal)
    await ada.click("Get the history after all")
    await see(ada, "History needs the Business plan")
    await card_says(mira, "plan is not Business")
    await ada.click("Finish with live data only")
    await see(ada, "connected to Toplyne, with live data only")
    finished, reopened = "Finished with live data only by ada.", "Set-up reopened by ada."
    await mira.wait_for(lambda: thread(mira)[-3:] == [finished, reopened, finished])


async def test_finished_reopened_upgraded(a_world: World, ada: Person, mira: Person) -> None:
    await reach_the_choice(a_world, ada)
    await ada.click("Finish with live data only")
    await see(ada, "connected to Toplyne, with live data only")
    await ada.click("Get the history after all")
    await see(ada, "History needs the Business plan")
    await ada.click("We upgraded to Business")
    await see(ada, UPGRADED_WHEN)
    ada.fill(UPGRADED_WHEN, days_ahead(a_world, 0))
    await ada.submit()
    await see(ada, "word for word")
    await card_says(mira, "Replay not requested yet", "Plan: Business (US)")


async def test_reopening_after_the_token_was_deleted_asks_for_the_plan_and_then_for_one(
    a_world: World, ada: Person
) -> None:
    await reach_the_choice(a_world, ada)
    await ada.click("Finish with live data only")
    await see(ada, FINISHED)
    await ada.click("Delete the token now")
    await see(ada, "I watch nothing")
    await ada.submit()
    await see(ada, "Nothing is watched any more")
    await ada.click("Get the history after all")
    await see(ada, "History needs the Business plan")
    await ada.click("We upgraded to Business")
    ada.fill(UPGRADED_WHEN, days_ahead(a_world, 0))
    await ada.submit()
    await see(ada, "The access token is no longer here")
    await enter_token(ada, token(a_world, "beacon"))
    await see(ada, "word for word")


async def test_finishing_twice_at_once_is_finishing_once(
    a_world: World, ada: Person, grace: Person, mira: Person
) -> None:
    await reach_the_choice(a_world, ada)
    await grace.command("/segment")
    await see(grace, "History needs the Business plan")
    await ada.click("Finish with live data only")
    await grace.click("Finish with live data only")
    await see(ada, "connected to Toplyne, with live data only")
    await see(grace, "connected to Toplyne, with live data only")
    await told(mira, "Finished with live data only by ada", "#customers")
    assert len([line for line in thread(mira) if "Finished" in line]) == 1


async def test_what_segment_has_already_is_followed_on_another_plan(
    a_world: World, ada: Person, mira: Person
) -> None:
    await requested(a_world, ada, mira)
    await ada.click("I’ve sent it to Segment")
    await see(ada, "Sent to Segment: reported by")
    await report(mira, "Scheduled", day=days_ahead(a_world, 2), ticket="4711")
    await card_says(mira, "ticket 4711")
    await change_plan(ada, "Team")
    await card_says(mira, "sent to Segment, not running yet", "Plan: Team", "ticket 4711")
    await ada.command("/segment")
    await see(ada, "Scheduled for", "ticket 4711", "You are on Team now, and Segment runs Replays")
    await ada.click("Finish with live data only")
    await see(ada, FINISHED)
    await ada.close(everything=True)

    await report(mira, "Running")
    letter = await told(ada, "is running, as")
    await ada.click("It’s finished", message=letter)
    await card_says(mira, "finished, with history")
    await ada.command("/segment")
    await see(ada, "is connected to Toplyne, with live data and history")


async def test_an_upgrade_that_is_said_on_the_first_screen_is_asked_for_its_day_too(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_the_choice(a_world, ada)
    await change_plan(ada, "Business", leave=False)
    await see(ada, UPGRADED_WHEN, "365 days", "on Business all along")
    await ada.close()
    await card_says(mira, "Plan: Team")
    await press_plan(ada, "Business")
    await see(ada, UPGRADED_WHEN)
    upgraded_on = days_ahead(a_world, -10)
    ada.fill(UPGRADED_WHEN, upgraded_on)
    await ada.submit()
    await see(ada, "word for word")
    assert len(ada.modals) == 1
    await told(mira, f"reports an upgrade to Business on {in_words(upgraded_on)}", "#customers")
    await change_request(ada)
    ada.fill("From", days_ahead(a_world, -500))
    await ada.submit()
    oldest = in_words(days_ahead(a_world, -10 - 365))
    await see(ada, f"You have been on Business since {in_words(upgraded_on)}", oldest)
    await change_plan(ada, "Team")
    await ada.command("/segment")
    await change_plan(ada, "Business")  # it was a slip, and the day is known
    await card_says(mira, "Plan: Business", "Replay not requested yet")


async def test_a_wrong_choice_is_corrected_without_a_question(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_replay(a_world, ada)
    await change_plan(ada, "Team")
    await card_says(mira, "Plan: Team")
    await ada.command("/segment")
    await change_plan(ada, "Business")
    await card_says(mira, "Plan: Business", "Replay not requested yet")
