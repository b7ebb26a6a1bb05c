"""Where a walk can begin: nowhere, or at one of the stops of the walk to all standings."""

from tests.combinations.standings import (
    Standing,
    _to_live_sync,
    _to_the_end,
    _without_credentials,
    _without_history,
)
from tests.walk.house import House

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
STARTS = [standing for stops in _WAYS.values() for standing in stops]


async def go_to(house: House, start: Standing) -> None:
    """Walks to this standing, with Ada and as fast as it goes."""
    ways = next(ways for ways, stops in _WAYS.items() if start in stops)
    ada = house.person("ada")
    for way in ways:
        async for stop in way(house.world, ada):
            await house.settle()
            if stop is start:
                return
