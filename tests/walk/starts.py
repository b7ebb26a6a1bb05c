"""Where a walk can begin: nowhere, or at one of the stops of the walk to all standings."""

import secrets
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any

from bot.demo.samples import SampleCustomers
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
)
from tests.scenario.story import let_data_arrive, minutes_pass, reach_live_sync, see
from tests.support.backend import public_jwk
from tests.walk.house import House


class Several(StrEnum):
    """Where the walk to all standings does not come by."""

    SEVERAL = "several sources, of which one delivers"
    MANY = "so many sources that they are searched"
    CROWDED = "so many customers that the board has pages"
    KEYED = "finished, and Toplyne takes a write key"
    FIRST_OF_TWO = "finished for the first of two sources"


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
    return {"toplyne_public_key": public_jwk()} if start is Several.KEYED else {}


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


async def _crowded(house: House) -> None:
    await _go(house, Standing.ARRIVING)
    bot = house.bot
    keys, every = bot.settings.encryption_keys, bot.settings.poll_interval
    samples = SampleCustomers(house.world.database_url, keys, TOPLYNE.id, every, PAGE_SIZE + 4)
    await samples.fill(house.world.playground)


async def _keyed(house: House) -> None:
    await _go(house, Standing.FINISHED)


async def _first_of_two(house: House) -> None:
    await _several(house)
    ada = house.person("ada")
    async for stop in _to_the_end(house.world, ada):
        await house.settle()
        if stop is Standing.FINISHED:
            return


_FARTHER: dict[Several, Callable[[House], Awaitable[None]]] = {
    Several.SEVERAL: _several,
    Several.MANY: _many,
    Several.CROWDED: _crowded,
    Several.KEYED: _keyed,
    Several.FIRST_OF_TWO: _first_of_two,
}
