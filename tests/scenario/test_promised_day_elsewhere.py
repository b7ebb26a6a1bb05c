"""The day that Segment named, for people in different time zones: each door says the same."""

from datetime import datetime
from zoneinfo import ZoneInfo

from playground.slack.person import Person
from tests.scenario.looking import card_says, thread
from tests.scenario.story import days_ahead, in_words, minutes_pass, see, told
from tests.scenario.test_promised_day import DID_IT_START, other_settings, scheduled
from tests.support.world import World

__all__ = ["other_settings"]  # the fixture


async def reach(world: World, person: Person, on: str, minutes: int) -> None:
    """So many minutes after this day begins where that person lives."""
    begins = datetime.fromisoformat(on).replace(tzinfo=ZoneInfo(person.user.tz))
    left = (begins - world.segment.now()).total_seconds() // 60
    await minutes_pass(world, left + minutes)


async def test_in_new_zealand_the_day_is_that_day_and_comes_when_it_begins_there(
    a_world: World, ada: Person
) -> None:
    ada.user.tz = "Pacific/Auckland"
    message = await scheduled(a_world, ada, 7)
    on = days_ahead(a_world, 7)
    assert f"for Acme Inc for {in_words(on)}" in message.visible_text
    await reach(a_world, ada, on, -30)
    await ada.click("Change the day", message=message)
    await see(ada, "What did Segment say?")
    await ada.close(everything=True)
    assert DID_IT_START not in " ".join(each.visible_text for each in ada.messages())
    await minutes_pass(a_world, 40)
    await ada.click("Not yet", message=await told(ada, DID_IT_START))
    await see(ada, f"Segment named {in_words(on)} for the Replay, and it has not started.")
    ada.fill("The day on which they run it", days_ahead(a_world, 5))
    await ada.submit()
    await told(ada, "The new day is")


async def test_the_window_asks_on_the_day_of_whoever_looks(
    a_world: World, ada: Person, mira: Person
) -> None:
    """In Auckland it is the day, and not yet in most of the world. Nobody was asked."""
    ada.user.tz = "Pacific/Auckland"
    await scheduled(a_world, ada, 7)
    on = days_ahead(a_world, 7)
    await ada.open_home()
    await ada.wait_for(lambda: ada.home and f"not before {in_words(on)}" in ada.home.text)
    await ada.click("Change", option="Stop all")
    await ada.wait_for(lambda: "stopped all of them" in ada.home.text)
    await reach(a_world, ada, on, 15 * 60)
    await ada.command("/segment")
    await see(ada, DID_IT_START)
    await ada.click("Not yet")
    await see(ada, f"Segment named {in_words(on)} for the Replay, and it has not started.")
    ada.fill("The day on which they run it", days_ahead(a_world, 5))
    await ada.submit()
    await see(ada, "Scheduled for", "Change the day")
    await card_says(mira, "it had not started on")


async def test_not_yet_is_an_answer_where_the_day_is_still_ahead(
    a_world: World, ada: Person, grace: Person, mira: Person
) -> None:
    ada.user.tz, grace.user.tz = "Pacific/Auckland", "America/Los_Angeles"
    await scheduled(a_world, ada, 7)
    on = days_ahead(a_world, 7)
    await reach(a_world, ada, on, 20)
    await told(ada, DID_IT_START)
    await grace.command("/segment")
    await see(grace, DID_IT_START)
    await grace.click("Not yet")
    await see(grace, f"Segment named {in_words(on)} for the Replay, and it has not started.")
    await grace.submit()  # Segment named no new one
    await see(grace, "Name the day")
    assert DID_IT_START not in grace.modal.text
    await card_says(mira, "it had not started on")
    assert in_words(on) in " ".join(thread(mira))
