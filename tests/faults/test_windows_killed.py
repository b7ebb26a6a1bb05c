"""A worker dies between what it records and what it draws. Another one draws it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cli.database import migrate
from flows.checks.run import CheckPolicy
from playground.slack.faults import Fault
from playground.slack.person import Person
from tests.faults.workers import workers_in
from tests.scenario.database import ask
from tests.scenario.story import (
    choose_plan,
    enter_token,
    let_data_arrive,
    minutes_pass,
    reach_live_sync,
    see,
    token,
)
from tests.support.template import sqlite_url
from tests.support.world import World, soon, world

HOLD = 30.0  # seconds for which Slack keeps a drawing without applying it
# A check outlives its acknowledgement, and is taken over soon.
DYING = CheckPolicy(deadline=0.4, longest=60.0, take_over=1.0, grace=0.1)
WINDOWS = "SELECT count(*) FROM observations WHERE kind = 'window'"
DRAWING = "SELECT count(*) FROM outbox WHERE kind = 'window' AND attempts = 1"
CHECKS = "SELECT count(*) FROM pending_checks"


@pytest.fixture
async def a_world(tmp_path: Path) -> AsyncIterator[World]:
    """The bot answers people. Somebody else has to do the work."""
    address = sqlite_url(tmp_path)
    await migrate(address)
    async with world(address, poll_interval="1s") as made:
        made.check_policy = DYING
        await made.start_bot(worker=False)
        await made.install()
        yield made


async def test_a_window_is_filled_in_although_the_worker_died_while_drawing(
    a_world: World, tmp_path: Path
) -> None:
    ada = a_world.person("ada")
    await reach_live_sync(a_world, ada)
    await see(ada, "Web app: no Toplyne destination")
    await soon(lambda: ask(a_world, WINDOWS) == [(1,)])
    a_world.slack.faults.next_calls("views.update", Fault(hang=HOLD))
    let_data_arrive(a_world, "acme", "Web app")
    await minutes_pass(a_world, 10)
    async with workers_in(a_world, tmp_path) as workers:
        await workers.start(1)
        await soon(lambda: ask(a_world, DRAWING) == [(1,)], HOLD)
        await workers.kill(0)
        await see(ada, "Web app: arriving", "Live sync has started")
    a_world.slack.breach_free()


async def test_a_window_that_waits_for_a_check_gets_its_result_although_the_process_died(
    a_world: World, tmp_path: Path
) -> None:
    ada = a_world.person("ada")
    await choose_plan(ada, "Business")
    a_world.segment.set_weather("timeout")
    await enter_token(ada, token(a_world, "acme"))
    await _is_checking(ada)
    await a_world.stop_bot()  # its check dies with it
    assert ask(a_world, CHECKS) == [(1,)]
    a_world.segment.set_weather("fine")
    await a_world.start_bot(worker=False)
    async with workers_in(a_world, tmp_path) as workers:
        await workers.start(1)
        await see(ada, "Acme Inc is connected", "Which sources feed Toplyne?")
    a_world.slack.breach_free()


async def _is_checking(person: Person) -> None:
    await person.wait_for(lambda: person.modal and person.modal.title == "Checking")
