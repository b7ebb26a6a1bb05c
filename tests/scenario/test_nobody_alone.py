"""Nobody is left alone: windows fill in, and what others must know reaches them."""

import pytest

from playground.slack.faults import Fault
from playground.slack.person import Person
from tests.scenario.database import all_sent, ask
from tests.scenario.looking import card_says, decisions, rows, thread
from tests.scenario.polling import a_poll
from tests.scenario.story import (
    SOURCES,
    choose_plan,
    let_data_arrive,
    minutes_pass,
    reach_live_sync,
    see,
    source_id,
    told,
)
from tests.scenario.test_over import loses_its_buttons
from tests.support.world import World, soon

WINDOWS = "SELECT subject FROM observations WHERE kind = 'window'"
FILLED_IN = "SELECT count(*) FROM outbox WHERE kind = 'window' AND state = 'sent'"
WAITS = "Web app: connected, waiting for the first events"
ARRIVES = "Web app: arriving"
CONNECTED = "I’ve connected it"


@pytest.fixture
def other_settings() -> dict[str, str]:
    return {"reminder_hours": "always"}


def drawn(world: World) -> int:
    return [exchange.name for exchange in world.slack.traffic].count("views.update")


async def windows(world: World, count: int) -> None:
    """Waits until so many windows are remembered."""
    await soon(lambda: len(ask(world, WINDOWS)) == count)


async def waits_at_live_sync(world: World, person: Person) -> None:
    await reach_live_sync(world, person)
    await see(person, "Web app: no Toplyne destination")
    await windows(world, 1)


async def test_an_open_window_fills_in_with_each_thing_that_a_look_learns(
    a_world: World, ada: Person
) -> None:
    await waits_at_live_sync(a_world, ada)
    web_app = source_id(a_world, "acme", "Web app")
    a_world.segment.connect_destination(web_app)
    await a_poll(a_world)
    await see(ada, "Web app: the Toplyne destination is switched off")
    a_world.segment.set_destination_enabled(web_app, True)
    await a_poll(a_world)
    await see(ada, WAITS)
    a_world.segment.send_events(web_app, 50)
    await minutes_pass(a_world, 10)
    await a_poll(a_world)
    await see(ada, ARRIVES, "Live sync has started")
    await ada.submit()  # the window is as good as one that was just opened
    await see(ada, "word for word")


async def test_a_window_of_free_fills_in_when_a_csm_sees_the_data(
    a_world: World, ada: Person, mira: Person
) -> None:
    await choose_plan(ada, "Free")
    ada.fill("Workspace slug", "corner-shop")
    await ada.click("I cannot create a token")
    await see(ada, "corner-shop is not verified yet")
    await windows(a_world, 1)
    await card_says(mira, "confirm or reject it")
    await mira.click("Confirm")
    await see(ada, "Your workspace corner-shop is confirmed")
    await card_says(mira, "check in Toplyne whether their data arrives")
    await mira.click("Data is arriving")
    await see(ada, "Toplyne sees your data arrive: live sync has started")


async def test_a_look_that_learns_nothing_draws_nothing(a_world: World, ada: Person) -> None:
    await waits_at_live_sync(a_world, ada)
    let_data_arrive(a_world, "acme", "Web app")
    await minutes_pass(a_world, 10)
    await a_poll(a_world)
    await see(ada, ARRIVES)
    await all_sent(a_world)
    a_world.slack.traffic.clear()
    for _ in range(5):
        a_world.segment.send_events(source_id(a_world, "acme", "Web app"), 3)
        await a_poll(a_world)
    await all_sent(a_world)
    assert drawn(a_world) == 0


async def test_a_look_that_learns_much_draws_each_window_once(
    a_world: World, ada: Person, grace: Person
) -> None:
    await reach_live_sync(a_world, ada, "Web app", "Backend")
    await grace.command("/segment")
    await windows(a_world, 2)
    await all_sent(a_world)
    a_world.slack.traffic.clear()
    for name in ("Web app", "Backend"):
        let_data_arrive(a_world, "acme", name)
    await minutes_pass(a_world, 10)
    await a_poll(a_world)
    for person in (ada, grace):
        await see(person, ARRIVES, "Backend: arriving")
    await all_sent(a_world)
    assert drawn(a_world) == 2


async def test_somebody_who_went_on_is_not_thrown_back(a_world: World, ada: Person) -> None:
    await waits_at_live_sync(a_world, ada)
    await ada.click("Back")
    await see(ada, SOURCES)
    let_data_arrive(a_world, "acme", "Web app")
    await minutes_pass(a_world, 10)
    await a_poll(a_world)
    await told(ada, "The first events of Web app have reached Toplyne")
    await windows(a_world, 0)  # it is not tried again
    await all_sent(a_world)
    assert ada.modal
    assert SOURCES in ada.modal.text


async def test_a_window_that_was_closed_ends_quietly(a_world: World, ada: Person) -> None:
    await waits_at_live_sync(a_world, ada)
    await ada.close()
    let_data_arrive(a_world, "acme", "Web app")
    await minutes_pass(a_world, 10)
    await a_poll(a_world)
    await told(ada, "The first events of Web app have reached Toplyne")
    await windows(a_world, 0)
    assert ask(a_world, "SELECT count(*) FROM outbox WHERE state = 'dead'") == [(0,)]
    assert ada.modal is None


async def test_a_window_below_another_fills_in(a_world: World, ada: Person) -> None:
    await waits_at_live_sync(a_world, ada)
    await ada.click("Ask for help")
    let_data_arrive(a_world, "acme", "Web app")
    await minutes_pass(a_world, 10)
    await a_poll(a_world)
    await soon(lambda: ask(a_world, FILLED_IN) == [(1,)])
    await ada.close()
    await see(ada, ARRIVES)


async def test_a_window_that_slack_does_not_draw_at_once_is_drawn_later(
    a_world: World, ada: Person
) -> None:
    await waits_at_live_sync(a_world, ada)
    a_world.slack.faults.next_calls("views.update", Fault.rate_limited(1))
    let_data_arrive(a_world, "acme", "Web app")
    await minutes_pass(a_world, 10)
    await a_poll(a_world)
    await see(ada, ARRIVES)


async def test_a_look_that_ends_while_a_window_is_being_drawn_is_not_missed(
    a_world: World, ada: Person
) -> None:
    await reach_live_sync(a_world, ada)
    await windows(a_world, 1)
    await ada.close()
    await ada.command("/segment")
    await see(ada, "Web app: no Toplyne destination")
    a_world.segment.connect_destination(source_id(a_world, "acme", "Web app"))
    await a_poll(a_world)  # perhaps before the window is remembered
    await see(ada, "Web app: the Toplyne destination is switched off")


async def test_an_open_window_says_that_a_colleague_disconnected(
    a_world: World, ada: Person, grace: Person
) -> None:
    await waits_at_live_sync(a_world, ada)
    await grace.command("/segment disconnect")
    await see(grace, "from this app?")
    await grace.submit()
    await see(ada, "This set-up ended: Segment was disconnected by @Grace")
    assert rows(a_world, "observations") == 0


async def test_no_more_windows_are_remembered_than_can_be_of_use(
    a_world: World, ada: Person
) -> None:
    await waits_at_live_sync(a_world, ada)
    for _ in range(12):
        await ada.close()
        await ada.command("/segment")
        await see(ada, "Web app: no Toplyne destination")
    await windows(a_world, 10)
    await minutes_pass(a_world, 13 * 60)
    await ada.command("/segment")
    await windows(a_world, 1)


# --- Free: "I’ve connected it" ------------------------------------------------------------------


async def test_on_free_the_customer_says_that_it_is_connected_and_the_csm_looks(
    a_world: World, ada: Person, mira: Person
) -> None:
    await choose_plan(ada, "Free")
    ada.fill("Workspace slug", "corner-shop")
    await ada.click("I cannot create a token")
    await see(ada, "corner-shop is not verified yet")
    await card_says(mira, "confirm or reject it")
    await mira.click("Confirm")
    confirmed = await told(ada, "Toplyne has confirmed your Segment workspace corner-shop")
    assert confirmed.buttons == ["Show me how", CONNECTED]
    await ada.close()
    await ada.click("Show me how", message=confirmed)
    await see(ada, "Your workspace corner-shop is confirmed")
    await ada.click(CONNECTED)
    await see(ada, "Toplyne is connected in Segment, says @Ada Okafor")
    assert ada.modal.submit_text == ""
    await told(mira, "Connected in Segment, says ada. Look in Toplyne", "#customers")
    card = await card_says(mira, "ada says that Toplyne is connected in Segment")
    assert decisions(card) == ["Data is arriving"]
    await mira.command("/segment-csm")
    await see(mira, "Says that Toplyne is connected, check whether data arrives")
    await mira.close()

    confirmed = await told(ada, "Toplyne is connected in Segment, says @Ada Okafor")
    assert CONNECTED not in confirmed.buttons
    await mira.click("Data is arriving")
    await told(ada, "Toplyne sees your data arrive: live sync has started")
    await loses_its_buttons(ada, "Toplyne has confirmed your Segment workspace corner-shop")
    said = [each for each in thread(mira) if each.startswith("Connected in Segment")]
    assert len(said) == 1
