"""J7: the app reminds the right people at the right hours of what the customer must do."""

from collections.abc import Awaitable, Callable

import pytest

from playground.slack.faults import Fault
from playground.slack.person import Person
from tests.scenario.database import ask
from tests.scenario.looking import card_says, thread
from tests.scenario.passing import Days, local, reminders, settled
from tests.scenario.story import (
    choose_plan,
    choose_sources,
    enter_token,
    let_data_arrive,
    minutes_pass,
    reach_live_sync,
    reach_replay,
    see,
    source_id,
    token,
    told,
)
from tests.support.world import World, soon

QUEUED = "SELECT count(*) FROM outbox WHERE kind = 'reminder' AND state = 'pending'"
Stage = Callable[[World, Person], Awaitable[None]]


@pytest.fixture
def a_world(empty_world: World) -> World:
    """Each story installs the app on its first day."""
    return empty_world


@pytest.fixture
def days(a_world: World) -> Days:
    return Days(a_world)


async def no_token(world: World, person: Person) -> None:
    await choose_plan(person, "Business")


async def to_live_sync(world: World, person: Person) -> None:
    """Goes on from the screen that asks for the token."""
    await enter_token(person, token(world, "acme"))
    await choose_sources(person, "Web app")
    await see(person, "Web app: ")


async def no_destination(world: World, person: Person) -> None:
    await reach_live_sync(world, person)


async def destination_off(world: World, person: Person) -> None:
    world.segment.connect_destination(source_id(world, "acme", "Web app"))
    await reach_live_sync(world, person)
    await see(person, "the Toplyne destination is switched off")


async def no_events(world: World, person: Person) -> None:
    wanted = source_id(world, "acme", "Web app")
    world.segment.connect_destination(wanted)
    world.segment.set_destination_enabled(wanted, True)
    await reach_live_sync(world, person)
    await see(person, "waiting for the first events")


async def team(world: World, person: Person) -> None:
    await reach_live_sync(world, person, plan="Team")
    let_data_arrive(world, "beacon", "App")
    await minutes_pass(world, 10)
    await person.click("Check again")
    await see(person, "App: arriving")


async def not_requested(world: World, person: Person) -> None:
    await reach_replay(world, person)


async def not_sent(world: World, person: Person) -> None:
    await reach_replay(world, person)
    await person.submit()
    await told(person, "ready to be sent to Segment")


async def sent(world: World, person: Person) -> None:
    await not_sent(world, person)
    await person.click("I’ve sent it to Segment", message=await told(person, "ready to be sent"))
    await told(person, "was sent to Segment")


# Day 0 is a Monday. What falls on a weekend comes on the next Monday.
SERIES: dict[str, tuple[Stage, list[int], str]] = {
    "no token": (no_token, [1, 3, 7, 14], "Next: create an access token"),
    "no destination": (no_destination, [1, 3, 7, 14], "Next: connect Toplyne"),
    "destination off": (destination_off, [1, 3, 7, 14], "Next: switch on the Toplyne destination"),
    "no events": (no_events, [1, 3, 7, 14], "Next: use your product once"),
    "plan": (team, [7, 28], "Next: upgrade to Business"),
    "not requested": (not_requested, [2, 7, 10], "Next: prepare the request for the Replay"),
    "not sent": (not_sent, [2, 7, 10], "Next: send the request to Segment"),
    "sent": (sent, [7], "Next: look into the ticket or your mails from Segment, and say here"),
}


@pytest.mark.parametrize("name", SERIES)
async def test_the_series_of_each_thing_and_then_the_csm(
    a_world: World, ada: Person, mira: Person, days: Days, name: str
) -> None:
    stage, when, next_step = SERIES[name]
    await days.install(0, 11)
    await stage(a_world, ada)
    for count, day in enumerate(when):
        await days.reach(day, 9, 59)
        assert len(reminders(ada)) == count
        assert not [line for line in thread(mira) if line.startswith("Stuck")]
        await days.reach(day, *((12, 10) if day < 3 else (15, 59)))
        assert len(reminders(ada)) == count + 1
    newest = reminders(ada)[-1]
    assert next_step in newest.text
    assert "about " in newest.text
    assert "my last reminder" in newest.text
    # No events come, so that what worked is broken by then. The card says what each is about.
    await card_says(mira, "Stuck: no more reminders come about", "write to ada")
    await days.reach(when[-1] + 30, 12)
    assert len(reminders(ada)) == len(when)
    assert (
        len([line for line in thread(mira) if line.startswith("Stuck, and no more reminders")]) == 1
    )
    for message in reminders(ada):
        assert 10 <= local(message).hour < 16
        assert local(message).weekday() < 5


async def test_a_request_that_was_sent_already_is_said_so_on_the_reminder(
    a_world: World, ada: Person, days: Days
) -> None:
    await days.install(0, 11)
    await not_sent(a_world, ada)
    await days.reach(2, 15)
    (only,) = reminders(ada)
    await ada.click("I’ve sent it already", message=only)
    await told(ada, "was sent to Segment, as @Ada Okafor reported")
    await ada.command("/segment")
    await see(ada, "Sent to Segment: reported by")


async def test_never_two_within_two_days(a_world: World, ada: Person, days: Days) -> None:
    await days.install(0, 11)
    await no_token(a_world, ada)
    await days.reach(1, 12)
    (first,) = reminders(ada)
    await to_live_sync(a_world, ada)  # something else has been outstanding since Tuesday noon
    await days.reach(2, 15)
    assert len(reminders(ada)) == 1
    await days.reach(3, 13)
    _, second = reminders(ada)
    assert local(second) - local(first) >= 2 * (days.moment(1, 0) - days.moment(0, 0))
    assert "not connected to a Toplyne destination" in second.text


async def test_hours_are_those_of_the_person(a_world: World, grace: Person, days: Days) -> None:
    berlin = "Europe/Berlin"
    await days.install(0, 20, zone=berlin)
    await no_token(a_world, grace)
    await days.reach(1, 23, zone=berlin)
    await days.reach(2, 9, 55, zone=berlin)
    assert reminders(grace) == []
    await days.reach(2, 15, 59, zone=berlin)
    (only,) = reminders(grace)
    assert 10 <= local(only, berlin).hour < 16


async def test_the_weekend_is_that_of_the_locale(a_world: World, ada: Person, days: Days) -> None:
    ada.user.locale, ada.user.tz = "he-IL", "Asia/Jerusalem"
    await days.install(3, 11, zone=ada.user.tz)  # a Thursday
    await no_token(a_world, ada)
    await days.reach(5, 20, zone=ada.user.tz)
    assert reminders(ada) == []  # Friday and Saturday
    await days.reach(6, 15, 59, zone=ada.user.tz)
    (only,) = reminders(ada)
    assert local(only, ada.user.tz).strftime("%A") == "Sunday"


async def test_where_somebody_lives_is_asked_when_a_reminder_is_due(
    a_world: World, ada: Person, days: Days
) -> None:
    await days.install(0, 14)
    await no_token(a_world, ada)
    ada.user.tz = "Asia/Kolkata"
    await days.reach(1, 15)  # half past midnight there
    assert reminders(ada) == []
    await days.reach(2, 15, 59, zone=ada.user.tz)
    (only,) = reminders(ada)
    assert 10 <= local(only, ada.user.tz).hour < 16


async def test_nobody_is_disturbed_on_quiet_dates(a_world: World, ada: Person, days: Days) -> None:
    first, last = days.moment(1, 0), days.moment(4, 0)
    await a_world.stop_bot()
    await a_world.start_bot(quiet_dates=f"{first:%m-%d}/{last:%m-%d}")
    await days.install(0, 11)
    await no_token(a_world, ada)
    await days.reach(6, 23)
    assert reminders(ada) == []
    await days.reach(7, 15, 59)
    assert len(reminders(ada)) == 1


async def test_own_delays_at_any_hour(a_world: World, ada: Person, mira: Person) -> None:
    await a_world.stop_bot()
    await a_world.start_bot(reminder_delays="1s,2s,3s", reminder_hours="always")
    await a_world.install()
    await no_token(a_world, ada)
    await ada.wait_for(lambda: len(reminders(ada)) == 3)
    await card_says(mira, "Stuck: no more reminders come about this")
    assert len(reminders(ada)) == 3


# --- exactly one, and none for what is done -----------------------------------------------------


async def test_a_restart_in_between_makes_none_more_and_none_less(
    a_world: World, ada: Person, days: Days
) -> None:
    await days.install(0, 11)
    await no_token(a_world, ada)
    await a_world.stop_bot()
    await days.begin(1, 12)
    await a_world.start_bot()
    await days.reach(1, 13)
    assert len(reminders(ada)) == 1
    await a_world.stop_bot()
    await a_world.start_bot()
    await days.reach(3, 15)
    assert len(reminders(ada)) == 2


def hold_up(world: World) -> None:
    """Slack takes no message until its faults are cleared, however long that is."""
    world.slack.faults.next_calls("chat.postMessage", Fault.rate_limited(1), 10_000)


async def test_none_about_what_is_done_though_it_was_due_or_queued(
    a_world: World, ada: Person, days: Days
) -> None:
    await days.install(0, 11)
    await no_token(a_world, ada)
    await settled(a_world)  # the CSMs have been told of the plan
    hold_up(a_world)
    await days.begin(1, 12)
    await soon(lambda: ask(a_world, QUEUED) == [(1,)])
    await to_live_sync(a_world, ada)
    a_world.slack.faults.clear()
    await settled(a_world)
    assert reminders(ada) == []
    await ada.open_home()
    await ada.wait_for(lambda: ada.home and "was not reminded after all" in ada.home.text)
    await days.reach(3, 15)
    (only,) = reminders(ada)
    assert "not connected to a Toplyne destination" in only.text


async def test_one_that_slack_held_up_after_hours_comes_on_the_next_day(
    a_world: World, ada: Person, days: Days
) -> None:
    await days.install(0, 11)
    await no_token(a_world, ada)
    await settled(a_world)  # the CSMs have been told of the plan
    hold_up(a_world)
    await days.begin(1, 15, 30)
    await soon(lambda: ask(a_world, QUEUED) == [(1,)])
    await days.begin(1, 20)
    await soon(lambda: ask(a_world, QUEUED) == [(0,)])  # also the try that was under way
    a_world.slack.faults.clear()
    await settled(a_world)
    assert reminders(ada) == []
    await days.reach(2, 15, 59)
    (only,) = reminders(ada)
    assert 10 <= local(only).hour < 16


async def test_older_ones_lose_their_buttons_when_it_is_done(
    a_world: World, ada: Person, days: Days
) -> None:
    await days.install(0, 11)
    await reach_live_sync(a_world, ada)
    await ada.close()
    await days.reach(1, 15)
    await days.reach(3, 15, 30)  # two whole days after the first one
    assert [bool(each.buttons) for each in reminders(ada)] == [False, True]  # the newest alone
    let_data_arrive(a_world, "acme", "Web app")
    await days.begin(5, 15)  # a poll a day
    await ada.wait_for(lambda: all(not each.buttons for each in reminders(ada)))
    newest = reminders(ada)[-1]
    assert newest.text.startswith("Done: connect Toplyne")
    assert len(reminders(ada)) == 2


async def test_after_a_disconnect_nobody_is_reminded(
    a_world: World, ada: Person, days: Days
) -> None:
    await days.install(0, 11)
    await no_token(a_world, ada)
    await ada.close()
    await days.reach(1, 15)
    await ada.command("/segment disconnect")
    await see(ada, "Disconnect")
    await ada.submit()
    await ada.wait_for(lambda: "No longer needed" in reminders(ada)[0].text)
    assert reminders(ada)[0].buttons == []
    await days.reach(20, 15)
    assert len(reminders(ada)) == 1


async def test_after_an_uninstall_nobody_is_reminded(
    a_world: World, ada: Person, mira: Person, days: Days
) -> None:
    await days.install(0, 11)
    await no_token(a_world, ada)
    await a_world.slack.uninstall(ada.user.team_id)
    await told(mira, "Uninstalled", "#customers")
    await days.begin(20, 15)
    assert reminders(ada) == []
