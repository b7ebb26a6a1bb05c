"""Where a walk can begin: nowhere, or at one of the stops of the walk to all standings."""

from enum import StrEnum

from tests.combinations.standings import (
    Standing,
    _to_live_sync,
    _to_the_end,
    _without_credentials,
    _without_history,
)
from tests.scenario.story import let_data_arrive, minutes_pass, reach_live_sync, see
from tests.walk.house import House


class Several(StrEnum):
    """Where the walk to all standings does not come by."""

    SEVERAL = "several sources, of which one delivers"


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


async def go_to(house: House, start: Start) -> None:
    """Walks there, with Ada and as fast as it goes."""
    if isinstance(start, Several):
        await _several(house)
        return
    ways = next(ways for ways, stops in _WAYS.items() if start in stops)
    ada = house.person("ada")
    for way in ways:
        async for stop in way(house.world, ada):
            await house.settle()
            if stop is start:
                return


async def _several(house: House) -> None:
    ada = house.person("ada")
    await reach_live_sync(house.world, ada, "Web app", "Backend")
    let_data_arrive(house.world, "acme", "Web app")
    await minutes_pass(house.world, 10)
    await ada.click("Check again")
    await see(ada, "events delivered")
    await house.settle()
