"""J7: who gets reminders, and what people can do about them."""

from datetime import timedelta

import pytest

from playground.slack.person import Person
from playground.slack.screen import VisibleMessage
from tests.scenario.looking import card_says, thread
from tests.scenario.passing import Days, reminders
from tests.scenario.story import (
    SOURCES,
    choose_plan,
    enter_token,
    reach_live_sync,
    see,
    token,
    told,
)
from tests.scenario.test_pressed_in_order import slow_answer
from tests.support.world import World

SNOOZE = "reminder_snooze"
STOP = "reminder_stop"
CHANGE = "reminders_change"


@pytest.fixture
async def days(empty_world: World) -> Days:
    """Monday, eleven in the morning in Ada's time zone. The app was just installed."""
    found = Days(empty_world)
    await found.install(0, 11)
    return found


@pytest.fixture
def a_world(empty_world: World, days: Days) -> World:
    return empty_world


async def first_reminder(ada: Person, days: Days) -> VisibleMessage:
    """Ada chose the plan on Monday, and it is Tuesday noon."""
    await choose_plan(ada, "Business")
    await ada.close()
    await days.reach(1, 12)
    (found,) = reminders(ada)
    return found


async def newest_says(person: Person, text: str) -> VisibleMessage:
    def found() -> VisibleMessage | None:
        newest = reminders(person)[-1]
        return newest if text in newest.visible_text else None

    message: VisibleMessage = await person.wait_for(found)
    return message


# --- what a reminder offers ---------------------------------------------------------------------


async def test_the_main_button_opens_the_right_place(
    a_world: World, ada: Person, days: Days
) -> None:
    reminder = await first_reminder(ada, days)
    assert reminder.text.startswith("There is no access token yet. Without it, I cannot tell")
    assert "it takes about 3 minutes" in reminder.text
    assert reminder.buttons[0] == "Enter the token"
    await ada.click("Enter the token", message=reminder)
    await see(ada, "Create an access token in Segment")
    await enter_token(ada, token(a_world, "acme"))
    assert "Acme Inc is connected" in ada.modal.text


async def test_help_can_be_asked_for_in_every_reminder(
    a_world: World, ada: Person, mira: Person, days: Days
) -> None:
    reminder = await first_reminder(ada, days)
    await ada.click("Ask for help", message=reminder)
    await see(ada, "the access token")
    ada.fill("What is the difficulty?", "I am no owner")
    await ada.submit()
    await told(mira, "ada asks for help at the access token", "#customers")


# --- snooze -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("choice", "comes"), [("1 day", 3), ("3 days", 4), ("1 week", 8)])
async def test_a_snooze_puts_the_next_one_off(
    a_world: World, ada: Person, mira: Person, days: Days, choice: str, comes: int
) -> None:
    reminder = await first_reminder(ada, days)
    await ada.click(SNOOZE, message=reminder, option=choice)
    put_off = await newest_says(ada, "Snoozed by @Ada Okafor: no reminder before")
    assert put_off.buttons == ["Enter the token", "Remind me again"]
    await told(mira, "Reminders snoozed until", "#customers")
    await card_says(mira, "Reminders: snoozed until")
    await days.reach(comes, 9, 59)
    assert len(reminders(ada)) == 1
    await days.reach(comes, 15, 59)
    assert len(reminders(ada)) == 2


async def test_a_snooze_until_a_date(a_world: World, ada: Person, days: Days) -> None:
    reminder = await first_reminder(ada, days)
    await ada.click(SNOOZE, message=reminder, option="Pick a date…")
    await see(ada, "Until which day should I be quiet?")
    ada.fill("Remind me on", f"{days.moment(1, 0):%Y-%m-%d}")
    await ada.submit()
    assert list(ada.modal.errors.values()) == ["Choose a day from tomorrow on, within a year."]
    ada.fill("Remind me on", f"{days.moment(16, 0):%Y-%m-%d}")
    await ada.submit()
    assert "No reminder before" in ada.modal.text
    await newest_says(ada, "Snoozed by @Ada Okafor")
    await days.reach(15, 23)
    assert len(reminders(ada)) == 1
    await days.reach(16, 15, 59)
    assert len(reminders(ada)) == 2


async def test_a_snooze_can_be_taken_back(
    a_world: World, ada: Person, mira: Person, days: Days
) -> None:
    reminder = await first_reminder(ada, days)
    await ada.click(SNOOZE, message=reminder, option="1 week")
    put_off = await newest_says(ada, "Snoozed by")
    await ada.click("Remind me again", message=put_off)
    await ada.wait_for(lambda: "Snoozed" not in reminders(ada)[-1].text)
    assert "Enter the token" in reminders(ada)[-1].buttons
    await told(mira, "Reminders resumed by ada", "#customers")
    await days.reach(3, 15, 30)
    assert len(reminders(ada)) == 2


async def test_who_snoozes_the_last_one_is_reminded_once_more(
    a_world: World, ada: Person, mira: Person, days: Days
) -> None:
    await first_reminder(ada, days)
    for day in (3, 7, 14):
        await days.reach(day, 15)
    await card_says(mira, "Stuck: no more reminders come about this")
    await ada.click(SNOOZE, message=reminders(ada)[-1], option="1 week")
    await newest_says(ada, "Snoozed by")
    card = await card_says(mira, "snoozed until", "Next: wait for the customer")
    assert "Stuck" not in card.visible_text, "one more comes"
    await days.reach(21, 15, 59)
    assert len(reminders(ada)) == 5
    assert "This was my last reminder about it" in reminders(ada)[-1].visible_text
    await days.reach(60, 15)
    assert len(reminders(ada)) == 5
    assert len([line for line in thread(mira) if line.startswith("Stuck")]) == 2, "each is true"
    await card_says(mira, "Stuck: no more reminders come about this")


# --- stop ---------------------------------------------------------------------------------------


async def test_stop_this_is_about_this_alone(
    a_world: World, ada: Person, mira: Person, days: Days
) -> None:
    reminder = await first_reminder(ada, days)
    await ada.click(STOP, message=reminder, option="Stop this reminder")
    stopped = await newest_says(ada, "@Ada Okafor stopped this reminder")
    assert stopped.buttons == ["Enter the token", "Remind me again"]
    await told(mira, "ada asked for quiet: reminders about one thing", "#customers")
    await card_says(mira, "the customer asked for quiet")
    await days.reach(20, 15)
    assert len(reminders(ada)) == 1
    await ada.click("Enter the token", message=stopped)
    await see(ada, "Create an access token")
    await enter_token(ada, token(a_world, "acme"))
    await days.reach(21, 15, 59)
    assert "No source has been chosen yet" in reminders(ada)[-1].text


async def test_stop_all_lasts_until_it_is_taken_back_on_home(
    a_world: World, ada: Person, mira: Person, days: Days
) -> None:
    reminder = await first_reminder(ada, days)
    await ada.click(STOP, message=reminder, option="Stop all reminders")
    await newest_says(ada, "@Ada Okafor stopped all reminders")
    await told(mira, "ada asked for quiet: all reminders stopped", "#customers")
    await days.reach(5, 15)
    assert len(reminders(ada)) == 1
    await ada.open_home()
    await ada.wait_for(lambda: ada.home and "@Ada Okafor stopped all of them" in ada.home.text)
    await ada.click("Remind me again")
    # It was due, and at the weekend the worker puts it off at once: Home names no time until then.
    await ada.wait_for(lambda: "Reminders: the next one " in ada.home.text)
    await days.reach(9, 15, 59)
    assert len(reminders(ada)) == 2


async def test_home_shows_the_next_one_and_puts_it_off(
    a_world: World, ada: Person, days: Days
) -> None:
    reminder = await first_reminder(ada, days)
    assert reminder.buttons
    await ada.open_home()
    await ada.wait_for(lambda: ada.home and "the next one not before" in ada.home.text)
    await ada.click(CHANGE, option="Snooze for 1 week")
    await ada.wait_for(lambda: "snoozed by @Ada Okafor until" in ada.home.text)
    await newest_says(ada, "Snoozed by")
    await ada.click("Remind me again")
    await ada.wait_for(lambda: "the next one not before" in ada.home.text)
    await ada.click(CHANGE, option="Stop all")
    await ada.wait_for(lambda: "stopped all of them" in ada.home.text)


# --- to whom ------------------------------------------------------------------------------------


async def test_reminders_follow_whom_a_colleague_asked(
    a_world: World, ada: Person, grace: Person, days: Days
) -> None:
    reminder = await first_reminder(ada, days)
    await ada.click("Somebody else must do this", message=reminder)
    await see(ada, "They get a message from me")
    ada.fill("Colleague", "grace")
    await ada.submit()
    await told(grace, "asks you to create an access token")
    await days.reach(3, 14, 30, zone="Europe/Berlin")
    await days.reach(4, 15, 59, zone="Europe/Berlin")
    (only,) = reminders(grace)
    assert "a colleague asked you to do it" in only.text
    assert len(reminders(ada)) == 1
    heard = await told(ada, "You asked @Grace Lindqvist to create an access token")
    assert "It is not done yet, and I have reminded them." in heard.visible_text
    await days.reach(8, 15, 59, zone="Europe/Berlin")
    assert len(reminders(grace)) == 2
    assert len([m for m in ada.messages() if "It is not done yet" in m.visible_text]) == 1, "once"
    await ada.click("Do it myself", message=heard)
    await see(ada, "Create an access token")


async def test_whoever_did_the_last_step_is_reminded(
    a_world: World, ada: Person, grace: Person, days: Days
) -> None:
    await choose_plan(ada, "Business")
    await ada.close()
    await grace.command("/segment")
    await see(grace, "Create an access token")
    await enter_token(grace, token(a_world, "acme"))
    await days.reach(2, 15, 59, zone="Europe/Berlin")
    assert len(reminders(grace)) == 1
    assert reminders(ada) == []


async def test_who_has_left_is_passed_over(
    a_world: World, ada: Person, grace: Person, mira: Person, days: Days
) -> None:
    linus = a_world.person("linus")
    linus.user.is_admin = True
    await choose_plan(grace, "Business")
    await grace.close()
    await linus.command("/segment")
    await see(linus, "Create an access token")
    await enter_token(linus, token(a_world, "acme"))
    linus.user.deleted = True
    await days.reach(2, 15, 59, zone="Europe/Berlin")
    (found,) = reminders(grace)
    assert "@Linus Haddad did the last step and cannot be reached any more" in found.text
    grace.user.deleted = True
    await days.reach(4, 15, 59)
    (found,) = reminders(ada)
    assert "@Linus Haddad started this; you installed the app." in found.text
    ada.user.deleted = True
    await days.reach(8, 15, 59)
    await told(mira, "none of their people gets my reminders", "#customers")
    await days.reach(30, 11)
    assert len(reminders(ada)) == 1
    await card_says(mira, "Could not be reached")

    ada.user.deleted = False
    await days.reach(32, 15, 59)
    assert len(reminders(ada)) == 2, "whoever is back is reminded"
    card = await card_says(mira, "no source chosen", "Next: wait for the customer")
    assert "Could not be reached" not in card.visible_text


async def test_check_again_in_the_message_asks_segment(
    a_world: World, ada: Person, days: Days
) -> None:
    await reach_live_sync(a_world, ada)
    await ada.close()
    await days.reach(1, 15)
    (reminder,) = reminders(ada)
    before = a_world.playground.clock.now()
    await ada.click("Check again", message=reminder)
    await see(ada, "Web app: no Toplyne destination", "last looked")
    assert a_world.segment.panel()["calls"], "Segment was asked"
    assert a_world.playground.clock.now() - before < timedelta(hours=1).total_seconds()


async def test_who_goes_on_while_that_look_takes_long_is_not_thrown_back(
    a_world: World, ada: Person, days: Days
) -> None:
    await reach_live_sync(a_world, ada)
    await ada.close()
    await days.reach(1, 15)
    (reminder,) = reminders(ada)
    async with slow_answer(ada.click("Check again", message=reminder)):
        await see(ada, "no Toplyne destination")
        await ada.click("Back")
        await see(ada, SOURCES)
    assert ada.modal
    assert SOURCES in ada.modal.text
    await ada.submit()
    await see(ada, "no Toplyne destination")
