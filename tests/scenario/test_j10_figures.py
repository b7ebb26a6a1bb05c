"""J10: whatever door opens the Replay request, it says that it measures, and fills in."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from playground.slack.person import Person
from tests.scenario.story import (
    change_request,
    let_data_arrive,
    minutes_pass,
    reach_live_sync,
    see,
    told,
)
from tests.support.world import World

Door = Callable[[Person], Awaitable[Any]]


async def _by_command(ada: Person) -> None:
    await ada.command("/segment")


async def _by_word(ada: Person) -> None:
    await ada.command("/segment replay")


async def _by_shortcut(ada: Person) -> None:
    await ada.shortcut("connect_segment")


async def _by_message(ada: Person) -> None:
    news = await told(ada, "The first events of Web app have reached Toplyne")
    await ada.click("Prepare the request", message=news)


async def _by_home(ada: Person) -> None:
    await ada.open_home()
    await ada.wait_for(lambda: ada.home and "Prepare the request" in ada.home.text)
    await ada.click("Prepare the request")


async def _by_live_sync(ada: Person) -> None:
    await _by_command(ada)
    await ada.click("Back")
    await see(ada, "Live sync has started")
    await ada.submit()


DOORS: list[Door] = [_by_command, _by_word, _by_shortcut, _by_message, _by_home, _by_live_sync]


async def _ready(world: World, ada: Person) -> None:
    """Live sync has started, and nobody has opened the request."""
    await reach_live_sync(world, ada)
    let_data_arrive(world, "acme", "Web app")
    await minutes_pass(world, 10)
    await ada.click("Check again")
    await see(ada, "events delivered")
    await ada.close(everything=True)


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
async def test_every_door_measures(a_world: World, ada: Person, door: Door) -> None:
    await _ready(a_world, ada)
    await door(ada)
    await see(ada, "word for word", "Calls in the last 30 days: Identify", "like the last 30")
    assert "could not measure" not in ada.modal.text
    assert "Page calls come along only if you add a mapping" in ada.modal.text
    await change_request(ada)
    await see(ada, "In 30 days: Identify", "Page calls do not reach Toplyne yet")
    await ada.submit()
    await see(ada, "word for word", "Calls in the last 30 days")
    assert "could not measure" not in ada.modal.text


async def test_what_could_not_be_measured_is_said_after_it_was_tried(
    a_world: World, ada: Person
) -> None:
    await _ready(a_world, ada)
    a_world.segment.set_weather("down")
    await ada.command("/segment replay")
    await see(ada, "I could not measure which calls these sources send: Web app")
    assert "Measuring" not in ada.modal.text
    a_world.segment.set_weather("fine")
    await change_request(ada)
    await ada.submit()
    await see(ada, "word for word", "Calls in the last 30 days")


async def test_a_preview_says_that_it_measures_and_the_request_waits_for_the_same_figures(
    a_world: World, ada: Person
) -> None:
    await _ready(a_world, ada)
    asked = len(a_world.to_segment)
    a_world.segment.set_weather("slow", 1.5)
    await ada.command("/segment")
    await see(ada, "word for word", "Measuring: I ask Segment")
    assert "could not measure" not in ada.modal.text
    await ada.submit()
    await told(ada, "Calls in the last 30 days")
    volumes = [each for each in a_world.to_segment[asked:] if "/events/volume" in each.path]
    assert len(volumes) == 2, "calls and names, once: both wait for the same answer"
    a_world.segment.set_weather("fine")
    await ada.settle()
    await see(ada, "Sent to Segment: not reported yet")
