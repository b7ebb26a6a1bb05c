"""The app's own tokens expire in the middle of stories, and nobody notices."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from playground.sample import ACME
from playground.slack.faults import Cut, Fault
from playground.slack.person import Person
from tests.scenario.database import all_sent, ask
from tests.scenario.story import (
    choose_plan,
    choose_sources,
    enter_token,
    see,
    token,
    told,
)
from tests.support.template import sqlite_url
from tests.support.world import World, soon, world

HALF_A_DAY = 12 * 3600.0
PAUSED = "SELECT tenant_id FROM installations WHERE refused_at IS NOT NULL"


@pytest.fixture
async def a_world(tmp_path: Path) -> AsyncIterator[World]:
    """Slack's tokens work for twelve hours."""
    async with world(sqlite_url(tmp_path), token_rotation=True) as made:
        await made.start_bot()
        await made.install()
        yield made
        made.slack.breach_free()


def renewals(world: World) -> int:
    return sum(
        "oauth.v2.access" in each.name
        for each in world.slack.core.traffic.containing("grant_type=refresh_token")
    )


async def half_a_day_passes(world: World) -> None:
    """While nothing is under way: a call that has begun keeps its token."""
    bot = world.asgi.state.bot
    await soon(lambda: not bot.listeners.running)
    await all_sent(world)
    await world.work_off()
    await world.time_passes(HALF_A_DAY)


def current(world: World) -> str:
    return str(world.slack.installations[ACME.id].token)


async def test_a_story_goes_on_when_the_token_has_expired(
    a_world: World, ada: Person, mira: Person
) -> None:
    first = current(a_world)
    assert first.startswith("xoxe.xoxb-1-")
    await choose_plan(ada, "Business")
    await enter_token(ada, token(a_world, "acme"))
    await half_a_day_passes(a_world)
    await choose_sources(ada, "Web app")
    await see(ada, "Web app")
    assert current(a_world) != first
    await told(mira, "Sources chosen", "#customers")
    for _ in range(3):
        await half_a_day_passes(a_world)
        await ada.command("/segment status")
    await all_sent(a_world)
    seen = [first, current(a_world), a_world.slack.installations[ACME.id].refresh_token]
    stored = str(ask(a_world, "SELECT * FROM installations"))
    assert not [each for each in seen if each in stored], "they are sealed"


async def test_it_is_renewed_before_it_expires(a_world: World, ada: Person) -> None:
    await all_sent(a_world)
    first, before = current(a_world), renewals(a_world)
    await a_world.time_passes(HALF_A_DAY - 2.5 * 3600)
    await ada.command("/segment status")
    assert current(a_world) == first
    await a_world.time_passes(3600)
    a_world.asgi.state.bot.installations.forget(ACME.id)  # as after a minute
    await ada.command("/segment status")
    assert current(a_world) != first
    assert renewals(a_world) > before


@pytest.mark.parametrize(
    "fault",
    [Fault(error="invalid_refresh_token"), Fault(cut=Cut.BEFORE_HEAD)],
    ids=["refused", "the answer is lost"],
)
async def test_a_token_that_cannot_be_renewed_pauses_the_app_and_deletes_nothing(
    a_world: World, ada: Person, fault: Fault
) -> None:
    await choose_plan(ada, "Business")
    await enter_token(ada, token(a_world, "acme"))
    await ada.close()
    await all_sent(a_world)
    await a_world.stop_bot()
    await a_world.start_bot(worker=False)  # else it might renew Toplyne's token first
    a_world.slack.faults.next_calls("oauth.v2.access", fault)
    await a_world.time_passes(HALF_A_DAY)
    await ada.command("/segment", "#general")
    assert "Slack does not answer me" in ada.messages("#general")[-1].visible_text
    assert ask(a_world, PAUSED) == [(ACME.id,)]
    assert ask(a_world, "SELECT count(*) FROM vault") == [(1,)]
    a_world.slack.breaches.clear()  # there was no other token to use
    await a_world.slack.install(ACME.id, ada.user.id)
    await ada.command("/segment")
    await see(ada, "Acme Inc is connected")


async def test_one_refusal_passes(
    a_world: World, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.outbound.token_rotation.TURN", timedelta(0))
    await all_sent(a_world)
    await a_world.stop_bot()
    await a_world.start_bot(worker=False)
    a_world.slack.faults.next_calls("oauth.v2.access", Fault(error="internal_error"), times=99)
    await a_world.time_passes(HALF_A_DAY)
    await ada.command("/segment", "#general")
    assert ask(a_world, PAUSED) == [(ACME.id,)]
    a_world.slack.breaches.clear()  # there was no other token to use
    a_world.slack.faults.clear()
    assert await a_world.asgi.state.bot.removal.ask_again(ACME.id) is None
    assert ask(a_world, PAUSED) == []
    await ada.command("/segment")
    await see(ada, "Which Segment plan do you have?")
