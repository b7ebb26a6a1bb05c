"""A poll that is slow to tell what it saw, while somebody else looks."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot.inbound.press import Press
from flows.checks import poll
from flows.setup.service import SetUp
from playground.slack.person import Person
from tests.scenario.database import all_sent
from tests.scenario.polling import a_poll, looked, poll_at_once
from tests.scenario.story import (
    let_data_arrive,
    minutes_pass,
    reach_live_sync,
    see,
    source_id,
    told,
)
from tests.support.world import World, soon

ARRIVED, OFF = "The first events of Web app have reached Toplyne", "Web app is switched off"


@asynccontextmanager
async def slow_poll(world: World) -> AsyncIterator[None]:
    """A poll has asked Segment before the block, and stores what it saw after it."""
    has_asked, may_go_on = asyncio.Event(), asyncio.Event()
    ask_segment = poll.observe_sources

    async def observe(*asked: Any, **options: Any) -> Any:
        found = await ask_segment(*asked, **options)
        has_asked.set()
        await may_go_on.wait()
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(poll, "observe_sources", observe)
        await poll_at_once(world)
        await has_asked.wait()
    before = looked(world)
    yield
    await soon(lambda: looked(world) != before)  # what somebody else saw is stored
    between = looked(world)
    may_go_on.set()
    await soon(lambda: looked(world) != between)


def times(person: Person, text: str) -> int:
    return sum(text in message.visible_text for message in person.messages())


@pytest.mark.parametrize("goes_on", [Person.submit, lambda ada: ada.click("Back")])
async def test_who_went_on_while_a_look_took_long_is_not_thrown_back(
    a_world: World,
    ada: Person,
    monkeypatch: pytest.MonkeyPatch,
    goes_on: Callable[[Person], Awaitable[object]],
) -> None:
    look, may_answer, answered = SetUp.check_live, asyncio.Event(), asyncio.Event()
    update = Press.update_late

    async def slow(*asked: Any) -> Any:
        result = await look(*asked)
        await may_answer.wait()
        return result

    async def drawn(*about: Any) -> None:
        await update(*about)
        answered.set()

    await reach_live_sync(a_world, ada)
    let_data_arrive(a_world, "acme", "Web app")
    await minutes_pass(a_world, 10)
    await ada.click("Check again")
    await see(ada, "events delivered")
    monkeypatch.setattr(SetUp, "check_live", slow)
    monkeypatch.setattr(Press, "update_late", drawn)
    await ada.click("Check again")
    await goes_on(ada)
    await soon(
        lambda: "events delivered" not in ada.modal.text and "Measuring" not in ada.modal.text
    )
    went_to = ada.modal.text
    may_answer.set()
    await answered.wait()
    assert ada.modal.text == went_to
    await ada.close()
    monkeypatch.setattr(SetUp, "check_live", look)
    await ada.command("/segment")
    await ada.wait_for(lambda: ada.modal)


async def test_the_first_events_are_announced_once(a_world: World, ada: Person) -> None:
    await reach_live_sync(a_world, ada)
    async with slow_poll(a_world):
        let_data_arrive(a_world, "acme", "Web app")
        await minutes_pass(a_world, 10)
        await ada.click("Check again")
        await see(ada, "events delivered")
    await see(ada, "events delivered")
    await a_poll(a_world)
    await told(ada, ARRIVED)
    await all_sent(a_world)
    assert times(ada, ARRIVED) == 1
    await ada.submit()
    await see(ada, "word for word")


async def test_what_was_mended_meanwhile_is_not_said_to_be_broken(
    a_world: World, ada: Person
) -> None:
    await reach_live_sync(a_world, ada)
    let_data_arrive(a_world, "acme", "Web app")
    await minutes_pass(a_world, 10)
    await ada.click("Check again")
    await see(ada, "events delivered")
    web = source_id(a_world, "acme", "Web app")
    a_world.segment.set_destination_enabled(web, False)
    async with slow_poll(a_world):
        a_world.segment.set_destination_enabled(web, True)
        await minutes_pass(a_world, 1)
        await ada.click("Check again")
        await see(ada, "events delivered")
    await all_sent(a_world)
    assert times(ada, OFF) == 0
    a_world.segment.set_destination_enabled(web, False)
    await minutes_pass(a_world, 1)
    await a_poll(a_world)
    await told(ada, OFF)
