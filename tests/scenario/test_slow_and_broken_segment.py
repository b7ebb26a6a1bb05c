"""Segment is slow, down, limiting or sends HTML. Nothing is lost and nobody is blamed."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from flows.checks.run import USUAL_POLICY, CheckPolicy
from playground.segment.state import random_text
from playground.segment.weather import Limiting
from playground.slack.person import Person
from tests.scenario.beside import typed
from tests.scenario.hurried import SLACKS_LIMIT, hurried_world, restarted, results, verified
from tests.scenario.looking import rows
from tests.scenario.story import (
    SOURCES,
    choose_plan,
    choose_sources,
    enter_token,
    reach_live_sync,
    see,
    source_id,
    token,
    told,
    type_source_ids,
)
from tests.support.world import World, soon

KEPT = "What you entered is kept, and I try again by myself"
NOT_YOURS = "Segment does not answer at the moment. This is not your mistake."


@pytest.fixture
async def a_world(tmp_path: Path) -> AsyncIterator[World]:
    async with hurried_world(tmp_path) as made:
        yield made


# --- slow ---------------------------------------------------------------------------------------


async def test_with_the_usual_pace_slack_is_answered_in_time_and_the_rest_fills_in(
    tmp_path: Path,
) -> None:
    """An answer after Slack's three seconds would be a breach."""
    async with hurried_world(tmp_path, USUAL_POLICY, SLACKS_LIMIT) as usual:
        ada, mira = usual.person("ada"), usual.person("mira")
        await choose_plan(ada, "Business")
        usual.segment.set_weather("slow", 0.9)
        await enter_token(ada, token(usual, "acme"))
        assert ada.modal
        assert ada.modal.title == "Checking"
        assert "Done: token accepted" in ada.modal.text
        assert "Done: workspace Acme Inc" in ada.modal.text
        assert "You can close this, I will message you." in ada.modal.text
        await see(ada, "Acme Inc is connected", "Which sources feed Toplyne?")
        await soon(lambda: verified(mira) == 1)
        assert results(ada) == []


async def test_the_waiting_modal_says_line_by_line_what_is_found(
    a_world: World, ada: Person
) -> None:
    await choose_plan(ada, "Business")
    a_world.segment.set_weather("slow", 1.2)
    await enter_token(ada, token(a_world, "acme"))
    assert ada.modal
    assert "Now: asking Segment whether it accepts the token" in ada.modal.text
    assert "Then: asking which workspace the token opens" in ada.modal.text
    await see(ada, "Done: token accepted", "Done: workspace Acme Inc", "Now: reading the list")
    await see(ada, "Acme Inc is connected")


async def test_the_modal_was_closed_so_the_result_comes_by_message(
    a_world: World, ada: Person
) -> None:
    await choose_plan(ada, "Business")
    a_world.segment.set_weather("slow", 0.5)
    await enter_token(ada, token(a_world, "acme"))
    await ada.close()
    message = await told(ada, "Segment has accepted the access token")
    assert "choose" in message.text
    await ada.click(message.buttons[0], message=message)
    await see(ada, "Acme Inc is connected", "Which sources feed Toplyne?")
    assert len(results(ada)) == 1


async def test_who_comes_back_meanwhile_sees_the_check_and_then_its_end(
    a_world: World, ada: Person
) -> None:
    await choose_plan(ada, "Business")
    a_world.segment.set_weather("slow", 1.2)
    await enter_token(ada, token(a_world, "acme"))
    await ada.close()
    await ada.command("/segment")
    await see(ada, "asking which workspace the token opens", "You can close this")
    assert ada.modal.title == "Checking", "no empty field for a token"
    a_world.segment.set_weather("fine")
    await see(ada, "Acme Inc is connected", "Which sources feed Toplyne?")
    assert results(ada) == [], "it fills in, so no message is needed"


async def test_a_colleague_does_not_wait_for_somebody_elses_check(
    a_world: World, ada: Person, grace: Person
) -> None:
    await choose_plan(ada, "Business")
    a_world.segment.set_weather("slow", 1.2)
    await enter_token(ada, token(a_world, "acme"))
    await grace.command("/segment")
    await see(grace, "Create an access token in Segment")


async def test_the_modal_was_closed_and_the_token_is_wrong(a_world: World, ada: Person) -> None:
    await choose_plan(ada, "Business")
    a_world.segment.set_weather("slow", 0.5)
    await enter_token(ada, token(a_world, "acme", "revoked"))
    await ada.close()
    message = await told(ada, "The access token could not be used")
    assert "Segment does not accept this token." in message.visible_text
    assert message.buttons[-1] == "Ask for help"
    a_world.segment.set_weather("fine")
    await ada.click("Correct it", message=message)
    await see(ada, "Create an access token in Segment")
    await enter_token(ada, token(a_world, "acme"))
    await see(ada, "Acme Inc is connected")


async def test_the_result_is_there_before_the_acknowledgement(a_world: World, ada: Person) -> None:
    await choose_plan(ada, "Business")
    a_world.segment.set_weather("slow", 0.2)
    a_world.slack.faults.ack_delay = 1.5
    await enter_token(ada, token(a_world, "acme"))
    a_world.slack.faults.ack_delay = 0.0
    await see(ada, "Acme Inc is connected")
    assert results(ada) == []


async def test_an_error_found_behind_the_modal_asks_again_with_an_empty_field(
    a_world: World, ada: Person
) -> None:
    await choose_plan(ada, "Business")
    assert ada.modal
    before = {block for block, _ in ada.modal.typed}
    a_world.segment.set_weather("slow", 0.5)
    await enter_token(ada, token(a_world, "acme", "config-api"))
    await see(ada, "older Config API", "Create an access token in Segment")
    assert ada.modal.errors == {}
    assert typed(ada, "field_token") is None
    assert {block for block, _ in ada.modal.typed}.isdisjoint(before)
    assert "alert" in [block["type"] for block in ada.modal.blocks]
    a_world.segment.set_weather("fine")
    await enter_token(ada, token(a_world, "acme"))
    await see(ada, "Acme Inc is connected")


async def test_an_error_about_sources_behind_the_modal_keeps_what_was_chosen(
    a_world: World, ada: Person
) -> None:
    await choose_plan(ada, "Business")
    await enter_token(ada, token(a_world, "acme"))
    a_world.segment.set_weather("slow", 0.5)
    right, key = source_id(a_world, "acme", "iOS app"), a_world.segment.source("acme/ios-app")
    ada.fill(SOURCES, ["Web app"])
    await type_source_ids(ada, f"{right}\n{key.write_keys[0]}")
    await ada.submit()
    await see(ada, "You pasted the write key of iOS app", "I chose iOS app for you")
    a_world.segment.set_weather("fine")
    await ada.submit()
    await see(ada, "Web app: no Toplyne destination", "iOS app: no Toplyne destination")


async def test_slow_sources_fill_in_too(a_world: World, ada: Person) -> None:
    await choose_plan(ada, "Business")
    await enter_token(ada, token(a_world, "acme"))
    a_world.segment.set_weather("slow", 0.5)
    await choose_sources(ada, "Web app", "Backend")
    assert ada.modal
    assert "sources found: Web app, Backend" in ada.modal.text
    await see(ada, "Web app: no Toplyne destination", "Backend: no Toplyne destination")


async def test_a_slow_second_look_fills_in_too(a_world: World, ada: Person) -> None:
    await reach_live_sync(a_world, ada)
    a_world.segment.connect_destination(source_id(a_world, "acme", "Web app"))
    a_world.segment.set_weather("slow", 0.5)
    await ada.click("Check again")
    await see(ada, "Now: reading the list of sources")
    await see(ada, "Web app: the Toplyne destination is switched off")


# --- broken -------------------------------------------------------------------------------------


@pytest.mark.parametrize("weather", ["down", "html", "limiting"])
async def test_a_broken_segment_is_asked_again_and_the_modal_fills_in(
    a_world: World, ada: Person, mira: Person, weather: str
) -> None:
    await restarted(a_world, CheckPolicy(deadline=2.5, backoff=(0.3,) * 20))
    a_world.segment.limiting = Limiting(2.0)
    await choose_plan(ada, "Business")
    a_world.segment.set_weather(weather)
    await enter_token(ada, token(a_world, "acme"))
    await see(ada, KEPT, "This is not your mistake")
    a_world.segment.set_weather("fine")
    await see(ada, "Acme Inc is connected")
    await soon(lambda: verified(mira) == 1)
    assert a_world.slack.breaches == []


async def test_a_limit_without_the_header_is_read_from_the_body(
    a_world: World, ada: Person
) -> None:
    await restarted(a_world, CheckPolicy(deadline=2.5, backoff=(0.1,) * 3))
    a_world.segment.limiting = Limiting(2.0, with_header=False)
    await choose_plan(ada, "Business")
    a_world.segment.set_weather("limiting")
    await enter_token(ada, token(a_world, "acme"))
    await see(ada, KEPT)
    asked = len(a_world.to_segment)
    a_world.segment.set_weather("fine")
    await see(ada, "Acme Inc is connected")
    assert asked < len(a_world.to_segment)


async def test_a_short_limit_is_waited_for_inside_the_acknowledgement(
    a_world: World, ada: Person
) -> None:
    await restarted(a_world, CheckPolicy(deadline=2.5))
    a_world.segment.limiting = Limiting(0.2, with_header=False)
    await choose_plan(ada, "Business")
    a_world.segment.set_weather("limiting")
    entering = asyncio.create_task(enter_token(ada, token(a_world, "acme")))
    await soon(lambda: a_world.to_segment)
    a_world.segment.set_weather("fine")
    await entering
    await see(ada, "Acme Inc is connected")


async def test_a_check_that_breaks_behind_the_modal_says_so_and_goes_on(
    a_world: World, ada: Person
) -> None:
    """Segment is slow first, then broken. The running check fails, and is soon tried again."""
    await choose_plan(ada, "Business")
    a_world.segment.set_weather("timeout")
    await enter_token(ada, token(a_world, "acme"))
    assert ada.modal
    assert ada.modal.title == "Checking"
    await see(ada, KEPT)
    a_world.segment.set_weather("fine")
    await see(ada, "Acme Inc is connected")


async def test_after_the_last_try_it_is_said_and_nobody_is_blamed(
    a_world: World, ada: Person, mira: Person
) -> None:
    await restarted(a_world, CheckPolicy(deadline=1.5, backoff=(0.1, 0.1)))
    await choose_plan(ada, "Business")
    a_world.segment.set_weather("html")
    for _ in range(3):
        await enter_token(ada, token(a_world, "acme"))
        await see(ada, NOT_YOURS, "Create an access token in Segment")
        assert typed(ada, "field_token") is None
    assert not [m for m in mira.messages("#customers") if "Stuck" in m.visible_text]
    assert rows(a_world, "pending_checks") == 0
    a_world.segment.set_weather("fine")
    await enter_token(ada, token(a_world, "acme"))
    await see(ada, "Acme Inc is connected")


async def test_after_the_last_try_a_closed_modal_gets_a_message(
    a_world: World, ada: Person
) -> None:
    await restarted(a_world, CheckPolicy(deadline=1.5, backoff=(0.8,)))
    await choose_plan(ada, "Business")
    a_world.segment.set_weather("html")
    await enter_token(ada, token(a_world, "acme"))
    await ada.close()
    message = await told(ada, NOT_YOURS)
    a_world.segment.set_weather("fine")
    await ada.click("Try again", message=message)
    await see(ada, "Create an access token in Segment")
    await enter_token(ada, token(a_world, "acme"))
    await see(ada, "Acme Inc is connected")


async def test_broken_sources_are_kept_and_saved_once_segment_answers(
    a_world: World, ada: Person
) -> None:
    await restarted(a_world, CheckPolicy(deadline=1.5, backoff=(0.3,) * 20))
    await choose_plan(ada, "Business")
    await enter_token(ada, token(a_world, "acme"))
    a_world.segment.set_weather("html")
    await type_source_ids(ada, "  web-app ")
    await ada.submit()
    await see(ada, KEPT)
    a_world.segment.set_weather("fine")
    await see(ada, "You pasted the slug of Web app", "I chose Web app for you")
    await ada.submit()
    await see(ada, "Web app: no Toplyne destination")


async def test_known_sources_are_saved_although_segment_is_down(
    a_world: World, ada: Person
) -> None:
    await restarted(a_world, CheckPolicy(deadline=1.5, backoff=(30.0,)))
    await choose_plan(ada, "Business")
    await enter_token(ada, token(a_world, "acme"))
    a_world.segment.set_weather("html")
    await choose_sources(ada, "Web app")
    await see(ada, "Segment does not answer at the moment", "Web app: nothing heard from Segment")


async def test_a_wrong_token_is_wrong_in_the_background_whoever_waits(
    a_world: World, ada: Person, mira: Person
) -> None:
    """Three wrong tokens count as three failed attempts, as they do in the foreground."""
    await choose_plan(ada, "Business")
    a_world.segment.set_weather("slow", 0.3)
    for _ in range(3):
        await enter_token(ada, "sgp_" + random_text(64))
        await see(ada, "Segment does not accept this token.")
    await told(mira, "Stuck after several tries", "#customers")
