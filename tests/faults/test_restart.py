"""J1 with a bot that is killed again and again. The story goes on and says everything once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from playground.sample import ACME
from playground.segment.weather import Weather
from playground.slack.person import Person
from tests.faults.served import Served
from tests.faults.workers import nursery_in
from tests.scenario.database import all_sent, ask, execute
from tests.scenario.looking import CUSTOMERS, cards
from tests.scenario.story import (
    PLAN,
    SOURCES,
    TOKEN,
    let_data_arrive,
    minutes_pass,
    press_plan,
    see,
    token,
    told,
)
from tests.support.template import sqlite_url
from tests.support.world import World, soon, world

# What Slack sees when a bot dies during its requests.
DEATHS = {"app_crashed", "dispatch_failed", "event_not_acknowledged", "http_service_error"}


@pytest.fixture
async def a_world(tmp_path: Path) -> AsyncIterator[World]:
    async with world(sqlite_url(tmp_path)) as made:
        yield made
        assert {breach.error for breach in made.slack.breaches} <= DEATHS


@pytest.fixture
async def served(a_world: World, tmp_path: Path) -> AsyncIterator[Served]:
    async with nursery_in(a_world, tmp_path) as nursery:
        made = Served(nursery)
        a_world.serve_with(made)
        await made.start()
        await a_world.install()
        yield made
        await made.close()


async def die_during_the_check(a_world: World, served: Served, ada: Person) -> None:
    a_world.segment.set_weather(Weather.SLOW, 20.0)
    asked = len(a_world.to_segment)
    ada.fill(TOKEN, token(a_world, "acme"))
    dying = asyncio.create_task(ada.submit())
    await soon(lambda: len(a_world.to_segment) > asked)
    await served.kill()  # in the middle of the check
    await dying
    a_world.segment.set_weather(Weather.FINE)
    await served.start()
    await ada.submit()  # the token is still in the form
    still = "I am still checking what was entered before"
    await ada.wait_for(lambda: any(still in error for error in ada.modal.errors.values()))
    await execute(a_world, "UPDATE credential_tries SET runs_until = at")  # half a minute later
    await ada.submit()


async def test_the_story_survives_every_death(a_world: World, served: Served) -> None:
    ada, mira = a_world.person("ada"), a_world.person("mira")
    await ada.command("/segment")
    await see(ada, PLAN)
    await press_plan(ada, "Business")
    await served.restart()  # messages about the plan are still under way

    await die_during_the_check(a_world, served, ada)
    await see(ada, SOURCES)

    ada.fill(SOURCES, ["Web app"])
    await ada.submit()
    await served.restart()
    let_data_arrive(a_world, "acme", "Web app")
    await minutes_pass(a_world, 10)
    await ada.click("Check again")
    await see(ada, "Web app: arriving")
    await served.restart()  # while both sides are being told
    await told(ada, "The first events of Web app have reached Toplyne")

    await ada.submit()
    await ada.submit()
    await served.restart()  # while the request is being sent
    await told(ada, "Workspace slug: acme")
    await ada.click("I’ve sent it to Segment")
    await see(ada, "reported by @Ada Okafor")
    await served.restart()
    await ada.click("It’s finished")
    await see(ada, "Shall I keep watching")
    await served.restart()

    await all_sent(a_world)  # what may already have been sent waits until that is known
    done = "finished, with history"
    await mira.wait_for(lambda: any(done in card.visible_text for card in cards(mira)))
    _everything_once(a_world)
    await soon(lambda: not _unfinished(a_world))  # others take over a dead process's jobs
    assert set(Counter(m.visible_text for m in ada.messages()).values()) == {1}
    _channel_as_promised(mira, served.deaths)


def _channel_as_promised(mira: Person, deaths: int) -> None:
    """Nothing is missing in the CSMs' channel, and what began later comes later. A death between
    Slack's answer and our commit may repeat one message there, the card or a line, never more.
    """
    top = cards(mira)
    lines = [m.visible_text for m in mira.messages(CUSTOMERS) if m.thread_ts not in ("", m.ts)]
    began = list(dict.fromkeys(line.split(" ")[0] for line in lines))
    assert began == ["Installed", "Plan", "Credentials", "Sources", "Live", "Replay", "Complete:"]
    assert len(top) >= 1
    assert (len(top) - 1) + (len(lines) - len(set(lines))) <= deaths


def _everything_once(world: World) -> None:
    count = "SELECT kind, count(*) FROM history WHERE tenant_id = ? GROUP BY kind"
    happened = dict(ask(world, count, ACME.id))
    for kind in (
        "plan_chosen",
        "credentials_verified",
        "sources_chosen",
        "live_sync_started",
        "replay_requested",
        "replay_sent",
        "replay_finished",
    ):
        assert happened[kind] == 1, kind


def _unfinished(world: World) -> list[tuple[str, str]]:
    """Work that a process is doing, or died doing."""
    open_ones = "SELECT kind, subject FROM due WHERE lease IS NOT NULL"
    return ask(world, open_ones)
