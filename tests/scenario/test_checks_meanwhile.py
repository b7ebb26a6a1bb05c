"""What else happens while a check is under way: a restart, a disconnect, a colleague."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from flows.checking import Pace
from playground.slack.person import Person
from tests.scenario.hurried import QUICK, hurried_world, restarted, results, verified
from tests.scenario.looking import rows
from tests.scenario.story import choose_plan, enter_token, see, token, told
from tests.world import World, soon


@pytest.fixture
async def a_world(tmp_path: Path) -> AsyncIterator[World]:
    async with hurried_world(tmp_path) as made:
        yield made


async def test_a_new_process_finishes_the_stored_check_exactly_once(
    a_world: World, ada: Person, mira: Person
) -> None:
    await restarted(a_world, Pace(deadline=0.4, longest=60.0, take_over=1.5, grace=0.1))
    await choose_plan(ada, "Business")
    a_world.segment.set_weather("timeout")
    await enter_token(ada, token(a_world, "acme"))
    assert ada.modal
    assert ada.modal.title == "Checking"
    await ada.close()
    await a_world.stop_bot()
    assert rows(a_world, "pending_checks") == 1
    a_world.segment.set_weather("fine")
    await a_world.start_bot()
    await told(ada, "Segment has accepted the access token")
    await soon(lambda: verified(mira) == 1)
    await restarted(a_world, QUICK)
    assert (rows(a_world, "pending_checks"), verified(mira), len(results(ada))) == (0, 1, 1)


async def test_disconnecting_meanwhile_stores_nothing(a_world: World, ada: Person) -> None:
    await restarted(a_world, Pace(deadline=0.4, grace=10.0))
    await choose_plan(ada, "Business")
    a_world.segment.set_weather("slow", 1.0)
    await enter_token(ada, token(a_world, "acme"))
    await ada.close()
    await ada.command("/segment disconnect")
    await see(ada, "Disconnect Segment from this app?")
    await ada.submit()
    await a_world.stop_bot()  # waits until the running check has ended
    assert rows(a_world, "vault") == 0
    assert rows(a_world, "pending_checks") == 0
    a_world.segment.set_weather("fine")
    await a_world.start_bot()
    await choose_plan(ada, "Business")
    assert ada.modal
    assert "Create an access token in Segment" in ada.modal.text
    assert results(ada) == []


async def test_a_colleague_who_was_quicker_is_not_overwritten(
    a_world: World, ada: Person, grace: Person
) -> None:
    await choose_plan(ada, "Business")
    await grace.command("/segment")
    await see(grace, "Create an access token in Segment")
    a_world.segment.set_weather("slow", 0.8)
    await enter_token(ada, token(a_world, "globex"))
    assert ada.modal
    assert ada.modal.title == "Checking"
    a_world.segment.set_weather("fine")
    await enter_token(grace, token(a_world, "acme"))
    assert grace.modal
    assert "Acme Inc is connected" in grace.modal.text
    await see(ada, "A colleague changed this", "Acme Inc is connected")
