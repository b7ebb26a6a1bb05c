"""Polls that learn nothing draw nothing, and people keep their open menus."""

from collections.abc import Callable

import pytest

from bot.outbound import home
from playground.slack.person import Person
from tests.scenario.database import all_sent, ask, execute
from tests.scenario.looking import card_says, cards
from tests.scenario.polling import a_poll, looked, poll_at_once
from tests.scenario.story import (
    let_data_arrive,
    minutes_pass,
    reach_live_sync,
    see,
    source_id,
    token,
)
from tests.support.world import World, soon

QUEUED = "SELECT count(*) FROM outbox"
VIEWERS = "SELECT user_id FROM home_viewers ORDER BY user_id"
DRAWN = ("chat.update", "views.publish", "chat.postMessage")


@pytest.fixture
async def watched(a_world: World) -> World:
    """A set-up with data arriving. Two people have opened Home."""
    ada, grace = a_world.person("ada"), a_world.person("grace")
    await reach_live_sync(a_world, ada)
    let_data_arrive(a_world, "acme", "Web app")
    await minutes_pass(a_world, 10)
    await ada.click("Check again")
    await see(ada, "events delivered")
    await ada.close(everything=True)
    for person in (ada, grace):
        await person.open_home()
    await soon(lambda: not a_world.asgi.state.bot.filling._windows)  # all are remembered
    await all_sent(a_world)
    await a_poll(a_world)  # it may be another day in Segment
    await all_sent(a_world)
    return a_world


def drawn(world: World) -> list[str]:
    return [exchange.name for exchange in world.slack.traffic if exchange.name in DRAWN]


async def test_ten_polls_that_learn_nothing_queue_and_draw_nothing(watched: World) -> None:
    watched.slack.traffic.clear()
    queued = ask(watched, QUEUED)
    for _ in range(10):
        watched.segment.send_events(source_id(watched, "acme", "Web app"), 3)  # more of the same
        await a_poll(watched)
    assert ask(watched, QUEUED) == queued
    await all_sent(watched)
    assert drawn(watched) == []


def no_figures(world: World, status: int) -> None:
    web = world.segment.source(source_id(world, "acme", "Web app"))
    web.odd.statuses = {"delivery": status}


def deleted(world: World) -> None:
    workspace, web = world.segment.workspace("acme"), source_id(world, "acme", "Web app")
    workspace.sources = [each for each in workspace.sources if each.id != web]


TROUBLES: dict[str, Callable[[World], None]] = {
    "Segment is down": lambda world: world.segment.set_weather("down"),
    "the token is revoked": lambda world: world.segment.revoke_token(token(world, "acme")),
    "no figures": lambda world: no_figures(world, 404),
    "figures are refused": lambda world: no_figures(world, 403),
    "no usable answer": lambda world: no_figures(world, 503),
    "the source is deleted": deleted,
    "the source is off": lambda world: world.segment.set_source_enabled(
        source_id(world, "acme", "Web app"), False
    ),
}


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_what_is_broken_is_said_once_and_no_later_poll_queues_anything(
    watched: World, trouble: str
) -> None:
    TROUBLES[trouble](watched)
    await a_poll(watched)
    await all_sent(watched)
    watched.slack.traffic.clear()
    queued = ask(watched, QUEUED)
    for _ in range(5):
        await a_poll(watched)
    assert ask(watched, QUEUED) == queued
    await all_sent(watched)
    assert drawn(watched) == []


async def test_a_poll_that_learned_something_edits_the_card_once_and_each_home_once(
    watched: World, mira: Person
) -> None:
    watched.slack.traffic.clear()
    watched.segment.set_destination_enabled(source_id(watched, "acme", "Web app"), False)
    await a_poll(watched)
    await card_says(mira, "switched off")
    await all_sent(watched)
    assert drawn(watched).count("chat.update") == 1
    assert drawn(watched).count("views.publish") == 2


async def test_what_is_queued_but_looks_the_same_is_not_sent(watched: World) -> None:
    """As after the daily redraw, or after a change that cards do not show."""
    watched.slack.traffic.clear()
    await execute(watched, "DELETE FROM observations WHERE kind = 'looked'")
    await poll_at_once(watched)
    await soon(lambda: looked(watched))
    await all_sent(watched)
    assert drawn(watched) == []


async def test_blocks_keep_their_ids_when_card_and_home_are_drawn_again(
    watched: World, ada: Person, mira: Person
) -> None:
    (card,) = cards(mira)
    ids = [block["block_id"] for block in card.blocks]
    home = [block["block_id"] for block in ada.home.blocks]
    watched.segment.set_destination_enabled(source_id(watched, "acme", "Web app"), False)
    await a_poll(watched)
    again = await card_says(mira, "switched off")
    await all_sent(watched)
    assert [block["block_id"] for block in again.blocks] == ids
    assert set(home) & {block["block_id"] for block in ada.home.blocks} >= {"header_0", "actions_0"}


async def test_who_opens_home_gets_it_drawn_even_if_nothing_has_changed(
    watched: World, ada: Person
) -> None:
    watched.slack.traffic.clear()
    await ada.open_home()
    await soon(lambda: drawn(watched) == ["views.publish"])


async def test_who_has_left_is_no_viewer_any_more(
    watched: World, grace: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home, "ASKED_ANEW", 0.0)  # Slack was asked about her a moment ago
    assert len(ask(watched, VIEWERS)) == 2
    grace.user.deleted = True
    watched.slack.traffic.clear()
    watched.segment.set_destination_enabled(source_id(watched, "acme", "Web app"), False)
    await a_poll(watched)
    await soon(lambda: len(ask(watched, VIEWERS)) == 1)
    await all_sent(watched)
    assert drawn(watched).count("views.publish") == 1
