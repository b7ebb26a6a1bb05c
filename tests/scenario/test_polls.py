"""How many calls to Segment one poll takes, counted at Segment."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from playground.slack.person import Person
from tests.scenario.database import ask, execute
from tests.scenario.looking import segment_calls
from tests.scenario.story import let_data_arrive, minutes_pass, reach_live_sync, see
from tests.support.world import World, soon

LONG_AGO = "2020-01-01 00:00:00.000000"
UNDER_WAY = "SELECT count(*) FROM due WHERE kind = 'poll' AND lease IS NOT NULL"
LOOKS = "SELECT document FROM observations WHERE kind = 'looked'"


Due = Callable[[World], Awaitable[None]]


async def at_once(world: World) -> None:
    now = f"UPDATE due SET due_at = '{LONG_AGO}' WHERE kind = 'poll'"
    await execute(world, now)


async def after_days(world: World) -> None:
    await minutes_pass(world, 4.5 * 24 * 60)


async def at_rest(world: World) -> None:
    """Waits until no poll is due or under way. A person who waits has caused some."""

    def is_at_rest() -> bool:
        ((due,),) = ask(world, "SELECT next_poll_at FROM overview")
        is_due = datetime.fromisoformat(due).replace(tzinfo=UTC) <= world.segment.now()
        return not is_due and ask(world, UNDER_WAY) == [(0,)]

    asked = -1
    while asked != len(world.to_segment):
        asked = len(world.to_segment)
        await soon(is_at_rest)
        await asyncio.sleep(1.5)  # a worker may still have seen a poll that was due before


async def a_look(world: World, is_due: Due = at_once) -> list[str]:
    """What the next poll asks Segment, oldest first."""
    await at_rest(world)
    before, seen = ask(world, LOOKS), len(world.to_segment)
    await is_due(world)
    await soon(lambda: ask(world, LOOKS) != before)
    count = len(world.to_segment) - seen
    return [str(call["path"]) for call in segment_calls(world)[:count]][::-1]


async def test_a_look_takes_one_call_and_two_for_each_source(a_world: World, ada: Person) -> None:
    await reach_live_sync(a_world, ada, "Web app", "Backend")
    for name in ("Web app", "Backend"):
        let_data_arrive(a_world, "acme", name)
    await minutes_pass(a_world, 10)
    await ada.click("Check again")
    await see(ada, "Backend: arriving")
    asked = await a_look(a_world)
    assert sorted(asked) == sorted(
        [
            "/sources",
            *["/sources/{source_id}/connected-destinations"] * 2,
            *["/delivery-overview/successful-delivery"] * 2,
        ]
    )


async def test_a_source_without_destination_takes_one(a_world: World, ada: Person) -> None:
    await reach_live_sync(a_world, ada)
    asked = await a_look(a_world)
    assert asked == ["/sources", "/sources/{source_id}/connected-destinations"]


async def test_where_events_seem_to_have_stopped_it_takes_one_more(
    a_world: World, ada: Person
) -> None:
    await reach_live_sync(a_world, ada)
    let_data_arrive(a_world, "acme", "Web app")
    await minutes_pass(a_world, 10)
    await ada.click("Check again")
    await see(ada, "Web app: arriving")
    asked = await a_look(a_world, after_days)
    assert asked[-1] == "/delivery-overview/successfully-received"
    assert len(asked) == 4
