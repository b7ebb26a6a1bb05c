"""What can happen during a check: a restart, a disconnect, a colleague."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from flows.checks.run import CheckPolicy
from playground.slack.faults import Fault
from playground.slack.person import Person
from tests.scenario.beside import typed
from tests.scenario.database import all_sent
from tests.scenario.hurried import QUICK, hurried_world, restarted, results, verified
from tests.scenario.looking import rows
from tests.scenario.story import (
    SOURCES,
    choose_plan,
    enter_token,
    press_plan,
    reach_live_sync,
    see,
    token,
    told,
)
from tests.scenario.test_disconnect import finish
from tests.support.backend import public_jwk
from tests.support.world import World, soon

REPLACEMENT = "New access token, only to replace the one in use"


@pytest.fixture
async def a_world(tmp_path: Path) -> AsyncIterator[World]:
    async with hurried_world(tmp_path) as made:
        yield made


async def test_a_new_process_finishes_the_stored_check_exactly_once(
    a_world: World, ada: Person, mira: Person
) -> None:
    await restarted(a_world, CheckPolicy(deadline=0.4, longest=60.0, take_over=1.5, grace=0.1))
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


@pytest.mark.parametrize("error", ["view_too_large", "channel_not_found", "access_denied"])
async def test_a_window_that_slack_refuses_is_answered_by_message(
    a_world: World, ada: Person, error: str
) -> None:
    await choose_plan(ada, "Business")
    await all_sent(a_world)
    a_world.segment.set_weather("slow", 0.4)
    a_world.slack.faults.next_calls("views.update", Fault(error=error), times=50)
    await enter_token(ada, token(a_world, "acme"))
    message = await told(ada, "Segment has accepted the access token")
    a_world.slack.faults.clear()
    a_world.segment.set_weather("fine")
    await ada.close(everything=True)
    await ada.click(message.buttons[0], message=message)
    await see(ada, SOURCES)
    assert len(results(ada)) == 1


async def test_disconnecting_meanwhile_stores_nothing(a_world: World, ada: Person) -> None:
    await restarted(a_world, CheckPolicy(deadline=0.4, grace=10.0))
    await choose_plan(ada, "Business")
    a_world.segment.set_weather("slow", 4.0)
    await enter_token(ada, token(a_world, "acme"))
    await ada.close()
    await ada.command("/segment disconnect")
    await see(ada, "Disconnect Segment from this app?")
    await ada.submit()
    a_world.segment.set_weather("fine")  # of the calls that follow
    await a_world.stop_bot()  # waits until the running check has ended
    assert rows(a_world, "vault") == 0
    assert rows(a_world, "pending_checks") == 0
    a_world.segment.set_weather("fine")
    await a_world.start_bot()
    await choose_plan(ada, "Business")
    assert ada.modal
    assert "Create an access token in Segment" in ada.modal.text
    assert results(ada) == []


async def test_a_modal_that_waits_hears_that_a_colleague_disconnected(
    a_world: World, ada: Person, grace: Person
) -> None:
    await choose_plan(ada, "Business")
    a_world.segment.set_weather("slow", 4.0)
    await enter_token(ada, token(a_world, "acme"))
    assert ada.modal
    assert ada.modal.title == "Checking"
    await grace.command("/segment disconnect")
    await see(grace, "Disconnect Segment from this app?")
    await grace.submit()
    await see(ada, "This set-up ended: Segment was disconnected by @Grace")
    a_world.segment.set_weather("fine")
    await ada.click("Start again")
    await press_plan(ada, "Business")
    await enter_token(ada, token(a_world, "acme"))
    await see(ada, "Acme Inc is connected")


async def test_a_modal_that_waits_hears_that_a_colleague_deleted_the_token(
    a_world: World, ada: Person, grace: Person
) -> None:
    await finish(a_world, ada)
    await ada.open_home()
    await ada.wait_for(lambda: ada.home and "Replace the token" in ada.home.buttons)
    await ada.click("Replace the token")
    await see(ada, "Acme Inc is connected")
    await grace.command("/segment")
    await grace.click("Delete the token now")
    await see(grace, "I watch nothing")
    a_world.segment.set_weather("slow", 4.0)
    ada.fill(REPLACEMENT, a_world.segment.add_token("acme").value)
    await ada.submit()
    assert ada.modal
    assert ada.modal.title == "Checking"
    await grace.submit()
    await see(grace, "Nothing is watched any more")
    await see(ada, "changed this while you had it open", "The access token is no longer here")
    a_world.segment.set_weather("fine")
    await enter_token(ada, token(a_world, "acme"))
    await see(ada, "Shall I keep watching")


async def test_a_colleague_waits_for_a_check_that_runs_and_overwrites_nothing(
    a_world: World, ada: Person, grace: Person
) -> None:
    await choose_plan(ada, "Business")
    await grace.command("/segment")
    await see(grace, "Create an access token in Segment")
    a_world.segment.set_weather("slow", 3.0)
    await enter_token(ada, token(a_world, "globex"))
    assert ada.modal
    assert ada.modal.title == "Checking"
    a_world.segment.set_weather("fine")  # of the calls that follow
    await enter_token(grace, token(a_world, "acme"))
    (said,) = grace.modal.errors.values()
    assert "I am still checking what was entered before" in said
    await see(ada, "Which sources feed Toplyne?")
    await grace.submit()
    await see(grace, "changed this while you had it open", "Which sources feed Toplyne?")


async def test_a_token_that_was_revoked_meanwhile_is_said_by_message(
    a_world: World, ada: Person
) -> None:
    await reach_live_sync(a_world, ada)
    a_world.segment.revoke_token(token(a_world, "acme"))
    a_world.segment.set_weather("slow", 0.5)
    await ada.click("Check again")
    await see(ada, "Now: reading the list of sources")
    await ada.close()
    message = await told(ada, "Segment no longer accepts the access token")
    a_world.segment.set_weather("fine")
    await ada.click("Enter a new token", message=message)
    await see(ada, "create a new access token in Segment")
    ada.fill(REPLACEMENT, a_world.segment.add_token("acme").value)
    await ada.submit()
    await see(ada, "Web app: no Toplyne destination")


async def test_a_slow_check_of_free_keeps_the_slug(a_world: World, ada: Person) -> None:
    await choose_plan(ada, "Free")
    a_world.segment.set_weather("slow", 0.8)
    ada.fill("Workspace slug", "beacon")
    ada.fill("Access token", token(a_world, "corner-shop", "config-api"))
    await ada.submit()
    await see(ada, "Now: asking Segment whether it accepts the token")
    assert ada.modal
    assert "sources" not in ada.modal.text
    await see(ada, "This token does not open a workspace with that slug.")
    assert (typed(ada, "field_slug"), typed(ada, "field_token")) == ("beacon", None)
    a_world.segment.set_weather("fine")
    ada.fill("Workspace slug", "corner-shop")
    ada.fill("Access token", token(a_world, "corner-shop", "config-api"))
    await ada.submit()
    await see(ada, "Segment knows your workspace Corner Shop")


async def test_who_gets_the_token_is_said_on_every_way_to_its_field(
    a_world: World, ada: Person
) -> None:
    await a_world.stop_bot()
    await a_world.start_bot(toplyne_public_key=public_jwk())
    said = "given once to Toplyne"
    await choose_plan(ada, "Business")
    assert ada.modal
    assert said in ada.modal.text
    a_world.segment.set_weather("slow", 0.5)
    await enter_token(ada, token(a_world, "acme", "revoked"))
    await see(ada, "Segment does not accept this token.", said)
    a_world.segment.set_weather("fine")
    await enter_token(ada, token(a_world, "acme"))
    await see(ada, "Acme Inc is connected")
