"""Whoever goes on before a slow press is answered is not thrown back by its answer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot.inbound.press import Press
from playground.slack.person import Person
from tests.scenario.story import (
    CHANGE,
    NOT_LISTED,
    PLAN,
    SOURCES,
    TOKEN,
    choose_plan,
    enter_token,
    reach_replay,
    see,
    token,
)
from tests.support.world import World, soon

Act = Callable[[World, Person], Awaitable[Any]]


async def at_plan(_world: World, ada: Person) -> None:
    await ada.command("/segment")
    await see(ada, PLAN)


async def at_token(_world: World, ada: Person) -> None:
    await choose_plan(ada, "Business")
    await see(ada, TOKEN)


async def at_sources(world: World, ada: Person) -> None:
    await at_token(world, ada)
    await enter_token(ada, token(world, "acme"))
    await see(ada, SOURCES)


async def send_token(world: World, ada: Person) -> None:
    await enter_token(ada, token(world, "acme"))


async def send_sources(_world: World, ada: Person) -> None:
    ada.fill(SOURCES, ["Web app"])
    await ada.submit()


def presses(button: str) -> Act:
    async def press(_world: World, ada: Person) -> None:
        await ada.click(button)

    return press


async def submits(_world: World, ada: Person) -> None:
    await ada.submit()


# Where somebody stands, what they press there that is slow, and how they go on meanwhile.
GOING_ON: dict[str, tuple[Act, Act, Act]] = {
    "another plan": (at_plan, presses("Team"), presses("Business")),
    "a token after Back": (at_token, presses("Back"), send_token),
    "sources after one was not listed": (at_sources, presses(NOT_LISTED), send_sources),
    "sources after Back": (at_sources, presses("Back"), send_sources),
    "the request after a change": (reach_replay, presses(CHANGE), submits),
}


@asynccontextmanager
async def slow_answer(press: Awaitable[Any]) -> AsyncIterator[None]:
    """The answer to the press is made before the block, and drawn after it."""
    draw, is_made, may_leave, is_over = Press._update, asyncio.Event(), asyncio.Event(), []

    async def slow(*about: Any) -> None:
        is_first = not is_made.is_set()
        if is_first:
            is_made.set()
            await may_leave.wait()
        await draw(*about)
        if is_first:
            is_over.append(True)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Press, "_update", slow)
        await press
        await is_made.wait()
        yield
        may_leave.set()
        await soon(lambda: is_over)


def went_to(person: Person) -> str:
    """What stands in their modal, once nothing is filled in any more."""
    text = person.modal.text if person.modal else ""
    return "" if "Measuring" in text else text


@pytest.mark.parametrize(("stands", "slow", "goes_on"), GOING_ON.values(), ids=GOING_ON)
async def test_a_late_answer_throws_nobody_back(
    a_world: World, ada: Person, stands: Act, slow: Act, goes_on: Act
) -> None:
    await stands(a_world, ada)
    before = went_to(ada)
    async with slow_answer(slow(a_world, ada)):
        await goes_on(a_world, ada)
        shown = await ada.wait_for(lambda: went_to(ada) not in ("", before) and went_to(ada))
    assert went_to(ada) == shown
    await ada.close(everything=True)
    await ada.command("/segment")
    await ada.wait_for(lambda: ada.modal)
