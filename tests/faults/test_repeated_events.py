"""Events and clicks come twice, late and in another order. Each counts once."""

import uuid

import pytest

from playground.sample import ACME
from playground.slack.person import Person
from tests.faults.figures import Show
from tests.faults.repeating import Repeating, happened, heard
from tests.scenario.looking import cards
from tests.scenario.story import (
    choose_plan,
    minutes_pass,
    see,
    told,
)
from tests.scenario.test_install import revoke
from tests.support.world import World

NEWER = "changed this while you had it open"


async def test_an_event_counts_once_however_often_and_late_it_comes(
    a_world: World, ada: Person, repeating: Repeating, show: Show
) -> None:
    await ada.open_home()
    await ada.say(None, "hello")
    await told(ada, "/segment")
    events = [repeating.event(kind) for kind in ("app_home_opened", "message")]
    await repeating.remember()
    drawn = calls(a_world, "views.publish")
    for event in events:
        await repeating.at_once(event, 3)
    await minutes_pass(a_world, 30)
    await repeating.in_any_order(events)
    show("events again", await repeating.nothing_new())
    assert calls(a_world, "views.publish") == drawn
    await ada.say(None, "hello?")
    await ada.wait_for(lambda: len([m for m in ada.messages() if m.is_app]) == 3)


def calls(world: World, method: str) -> int:
    return sum(exchange.name == method for exchange in world.slack.traffic)


@pytest.mark.parametrize("first", ["app_uninstalled", "tokens_revoked"])
async def test_what_says_that_the_app_was_removed_counts_once_and_not_for_the_next(
    a_world: World, ada: Person, mira: Person, repeating: Repeating, show: Show, first: str
) -> None:
    await choose_plan(ada, "Business")
    await ada.close()
    await minutes_pass(a_world, 10)
    await revoke(a_world, first)
    both = [repeating.event(kind) for kind in ("app_uninstalled", "tokens_revoked")]
    await told(mira, "Uninstalled", "#customers")
    await repeating.remember()
    await repeating.in_any_order(both)
    await repeating.nothing_new()
    await minutes_pass(a_world, 10)
    await a_world.slack.install(ACME.id, ada.user.id)
    await told(ada, "you start from the beginning")
    await mira.wait_for(lambda: len(cards(mira)) == 2)
    await repeating.remember()
    others = [{**event, "event_id": f"Ev{uuid.uuid4().hex}"} for event in both]
    await repeating.in_any_order([*both, *others])
    show("a removal again", await repeating.nothing_new())
    assert happened(a_world, "uninstalled", "installed") == [0, 1]
    assert heard(mira, "Uninstalled", "#customers") == 1
    await choose_plan(ada, "Business")
    await see(ada, "Create an access token in Segment")
