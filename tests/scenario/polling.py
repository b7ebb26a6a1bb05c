"""Has the bot ask Segment as if it were time."""

from typing import Any

from tests.scenario.database import ask, execute
from tests.support.world import World, soon

_AT_ONCE = "UPDATE due SET due_at = '2020-01-01 00:00:00.000000' WHERE kind = 'poll'"
_UNDER_WAY = "SELECT 1 FROM due WHERE kind = 'poll' AND lease IS NOT NULL"
_LOOKED = "SELECT document FROM observations WHERE kind = 'looked'"


def looked(world: World) -> list[Any]:
    """When Segment was asked last."""
    return ask(world, _LOOKED)


async def poll_at_once(world: World) -> None:
    """After a poll that is under way, which would put the next one off again."""
    await soon(lambda: not ask(world, _UNDER_WAY))
    await execute(world, _AT_ONCE)


async def a_poll(world: World, times: int = 1) -> None:
    """Returns once it is stored what Segment said."""
    for _ in range(times):
        before = looked(world)
        await poll_at_once(world)
        await soon(lambda: looked(world) != before)  # noqa: B023 - awaited at once
