"""Where a walk can begin: nowhere, or at one of the stops of the walk to all standings."""

import secrets
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any

from bot.demo.samples import SampleCustomers
from bot.ids import Action
from bot.views.setup.sources import CHECKBOXES_UP_TO
from flows.csm.board import PAGE_SIZE
from playground.sample import TOPLYNE
from playground.segment.state import Source
from tests.combinations.standings import (
    Standing,
    _to_live_sync,
    _to_the_end,
    _without_credentials,
    _without_history,
    disconnect,
)
from tests.scenario.story import let_data_arrive, minutes_pass, press_plan, reach_live_sync, see
from tests.support.backend import public_jwk
from tests.walk.house import House


class Several(StrEnum):
    """Where the walk to all standings does not come by."""

    SEVERAL = "several sources, of which one delivers"
    MANY = "so many sources that they are searched"
    MANY_WAITING = "the same, chosen, and to be chosen anew"
    MANY_ARRIVING = "the same, and events arrive"
    CROWDED = "so many customers that the board has pages"
    CROWDED_EARLY = "the same, while the plan is to be chosen"
    CROWDED_LATE = "the same, while a request is to be sent"
    KEYED = "finished, and Toplyne takes a write key"
    KEYED_LEFT = "the same, disconnected while an admin was about to enter one"
    FREE = "Free, confirmed, and events are to arrive"
    FIRST_OF_TWO = "finished for the first of two sources"
    PAGED = "a token is to be entered, and only on a page of our own"


Start = Standing | Several

_WAYS = {
    (_to_live_sync,): (
        Standing.INSTALLED, Standing.PLAN, Standing.CREDENTIALS, Standing.SOURCES,
        Standing.WAITING, Standing.ARRIVING, Standing.BROKEN,
    ),
    (_to_live_sync, _to_the_end): (
        Standing.PREPARED, Standing.SENT, Standing.RUNNING, Standing.FINISHED, Standing.FORGOTTEN,
        Standing.DISCONNECTED,
    ),
    (_without_history,): (Standing.UPGRADE, Standing.LIVE_ONLY),
    (_without_credentials,): (Standing.UNCONFIRMED,),
}  # fmt: skip
STARTS: list[Start] = [*(stop for stops in _WAYS.values() for stop in stops), *Several]


def start_named(name: str) -> Start:
    return Several[name] if name in Several.__members__ else Standing[name]


def settings_of(start: Start) -> dict[str, Any]:
    """What this start needs of the bot's settings."""
    if start is Several.PAGED:
        return {"credentials_entry": "page"}
    keyed = start in (Several.KEYED, Several.KEYED_LEFT)
    return {"toplyne_public_key": public_jwk()} if keyed else {}


async def go_to(house: House, start: Start) -> None:
    """Walks there, with Ada and as fast as it goes."""
    if isinstance(start, Several):
        await _FARTHER[start](house)
        await house.settle()
        return
    await _go(house, start)


async def _go(house: House, standing: Standing) -> None:
    ways, ada = (
        next(ways for ways, stops in _WAYS.items() if standing in stops),
        house.person("ada"),
    )
    for way in ways:
        async for stop in way(house.world, ada):
            await house.settle()
            if stop is standing:
                return


async def _several(house: House) -> None:
    ada = house.person("ada")
    await reach_live_sync(house.world, ada, "Web app", "Backend")
    let_data_arrive(house.world, "acme", "Web app")
    await minutes_pass(house.world, 10)
    await ada.click("Check again")
    await see(ada, "events delivered")


async def _many(house: House) -> None:
    acme = house.world.segment.workspace("acme")
    like = house.world.segment.source("acme/ios-app")
    for number in range(CHECKBOXES_UP_TO):
        slug = f"store-{number}"
        keys = [secrets.token_hex(16)]
        acme.sources.append(Source(secrets.token_hex(11), slug, like.kind, keys, f"Store {number}"))
    await _go(house, Standing.SOURCES)


async def _many_waiting(house: House) -> None:
    await _many(house)
    await _choose_web_app(house)
    await _press(house, "ada", "Back")


async def _many_arriving(house: House) -> None:
    await _many(house)
    await _choose_web_app(house)
    let_data_arrive(house.world, "acme", "Web app")
    await minutes_pass(house.world, 10)
    await _press(house, "ada", "Check again")
    await see(house.person("ada"), "events delivered")
    await _press(house, "ada", "Back")


async def _choose_web_app(house: House) -> None:
    ada = house.person("ada")
    found = await ada.search(Action.SEARCH_SOURCES, "web")
    await ada.fill(Action.SEARCH_SOURCES, found[:1])
    await ada.submit()
    await see(ada, "no Toplyne destination")
    await house.settle()


async def _crowded(house: House) -> None:
    await _crowd(house, Standing.ARRIVING)


async def _crowded_early(house: House) -> None:
    await _crowd(house, Standing.PLAN)


async def _crowded_late(house: House) -> None:
    await _crowd(house, Standing.PREPARED)


async def _crowd(house: House, standing: Standing) -> None:
    """Tom looks at the board's first page, Mira at its second."""
    await _go(house, standing)
    bot = house.bot
    keys, every = bot.settings.encryption_keys, bot.settings.poll_interval
    samples = SampleCustomers(house.world.database_url, keys, TOPLYNE.id, every, PAGE_SIZE + 4)
    await samples.fill(house.world.playground)
    for name in ("tom", "mira"):
        await house.person(name).command("/segment-csm")
        await house.settle()
    await _press(house, "mira", "Next")


async def _keyed(house: House) -> None:
    await _go(house, Standing.FINISHED)
    await _press(house, "ada", "Show me how")


async def _keyed_left(house: House) -> None:
    await _go(house, Standing.FINISHED)
    await _open(house, "linus")
    await _press(house, "linus", "Show me how")
    await disconnect(house.person("ada"))


async def _free(house: House) -> None:
    await _go(house, Standing.UNCONFIRMED)
    await house.settle()
    await _press(house, "mira", "Confirm")
    await house.person("ada").close(everything=True)
    await _open(house, "ada")


async def _open(house: House, name: str) -> None:
    await house.person(name).command("/segment")
    await house.settle()


async def _press(house: House, name: str, button: str) -> None:
    await house.person(name).click(button)
    await house.settle()


async def _first_of_two(house: House) -> None:
    await _several(house)
    ada = house.person("ada")
    async for stop in _to_the_end(house.world, ada):
        await house.settle()
        if stop is Standing.FINISHED:
            return


async def _paged(house: House) -> None:
    await _go(house, Standing.PLAN)
    await press_plan(house.person("ada"), "Business")


_FARTHER: dict[Several, Callable[[House], Awaitable[None]]] = {
    Several.SEVERAL: _several,
    Several.MANY: _many,
    Several.MANY_WAITING: _many_waiting,
    Several.MANY_ARRIVING: _many_arriving,
    Several.CROWDED: _crowded,
    Several.CROWDED_EARLY: _crowded_early,
    Several.CROWDED_LATE: _crowded_late,
    Several.KEYED: _keyed,
    Several.KEYED_LEFT: _keyed_left,
    Several.FREE: _free,
    Several.FIRST_OF_TWO: _first_of_two,
    Several.PAGED: _paged,
}
