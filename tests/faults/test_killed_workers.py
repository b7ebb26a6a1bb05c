"""Two worker processes, killed while Slack has a message and the database does not know it."""

import asyncio
import random
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.database import migrate
from playground.slack.faults import Fault
from tests.faults.posted import Post, post_in
from tests.faults.workers import Workers
from tests.world import World, soon, world

PEOPLE, EACH, KILLS = 20, 3, 5
WORKERS = 2


@pytest.fixture
async def a_world(database_url: str) -> AsyncIterator[World]:
    """The app is installed, and nobody works."""
    await migrate(database_url)
    async with world(database_url) as made:
        await made.start_bot()
        await made.install()
        async with post_in(made) as post:
            await post.delivered()
        await made.stop_bot()
        made.slack.traffic.clear()
        yield made
        # Nobody serves here, so the events that Slack sends about the messages find no one.
        assert {breach.error for breach in made.slack.breaches} <= {"app_crashed"}


@pytest.fixture
async def post(a_world: World) -> AsyncIterator[Post]:
    async with post_in(a_world) as made:
        yield made


@pytest.fixture
async def workers(a_world: World, tmp_path: Path) -> AsyncIterator[Workers]:
    made = Workers(a_world, tmp_path)
    yield made
    await made.stop()
    sys.stdout.write((tmp_path / "workers.log").read_text()[-5000:])


async def test_killed_between_slacks_answer_and_our_commit(
    a_world: World, post: Post, workers: Workers
) -> None:
    chance = random.Random(20)  # noqa: S311 - repeatable, not secret
    a_world.slack.faults.next_calls("chat.postMessage", Fault(late=1.0), times=10_000)
    await post.give(PEOPLE, EACH)
    await workers.start(WORKERS)
    for number in range(KILLS):
        before = post.figures().sent
        await soon(lambda before=before: post.figures().sent > before, 60)
        await asyncio.sleep(chance.uniform(0.0, 0.9))  # while Slack's answers are on their way
        await workers.kill(number % WORKERS)
    figures = await post.delivered()
    figures.print(f"{workers.killed} kills of {WORKERS} workers")
    assert figures.are_exact(PEOPLE * EACH)
    assert figures.searches > 0  # some were killed at the wrong moment indeed


async def test_two_workers_never_send_the_same_message(
    a_world: World, post: Post, workers: Workers
) -> None:
    a_world.slack.faults.next_calls("chat.postMessage", Fault(cut=True), times=5)
    a_world.slack.faults.next_calls("chat.postMessage", Fault.rate_limited(1), times=5)
    await post.give(PEOPLE, EACH)
    await workers.start(WORKERS)
    figures = await post.delivered()
    figures.print(f"{WORKERS} workers")
    assert figures.are_exact(PEOPLE * EACH)
