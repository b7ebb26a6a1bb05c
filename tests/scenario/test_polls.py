"""How many calls to Segment one poll takes, counted at Segment."""

from collections.abc import Awaitable, Callable

from playground.slack.person import Person
from tests.scenario.looking import segment_calls
from tests.scenario.polling import looked, poll_at_once
from tests.scenario.story import let_data_arrive, minutes_pass, reach_live_sync, see
from tests.support.world import World, soon

LONG_AGO = "2020-01-01 00:00:00.000000"


Due = Callable[[World], Awaitable[None]]


async def after_days(world: World) -> None:
    await minutes_pass(world, 4.5 * 24 * 60)


async def a_look(world: World, is_due: Due = poll_at_once) -> list[str]:
    """What the next poll asks Segment, oldest first."""
    await world.work_off()
    before, seen = looked(world), len(world.to_segment)
    await is_due(world)
    await soon(lambda: looked(world) != before)
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
