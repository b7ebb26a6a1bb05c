"""Direct messages under every fault between us and Slack: none lost, none twice, all in order."""

import random
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.outbound.deliver import MESSAGE_BACKOFF
from flows.errors import StorageUnavailable
from playground.slack.faults import Cut, Fault
from storage.repositories.messages import SqlOutbox
from tests.faults.figures import Show
from tests.faults.posted import Post, post_in
from tests.scenario.logged import logged
from tests.scenario.looking import thread
from tests.scenario.story import choose_plan, enter_token, token, told
from tests.support.installed_world import installed_world
from tests.support.world import World

PEOPLE, EACH = 8, 3
ALL = PEOPLE * EACH
POST = "chat.postMessage"
SOONER = tuple(seconds / 10 for seconds in MESSAGE_BACKOFF)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """An attempt has two seconds, so that a test need not wait long for doubts to clear."""
    monkeypatch.setattr("bot.outbound.deliver.ATTEMPT", timedelta(seconds=2))
    monkeypatch.setattr("bot.outbound.deliver.CLOCK_SKEW", timedelta(seconds=0.5))
    monkeypatch.setattr("bot.outbound.deliver.MESSAGE_BACKOFF", SOONER)


@pytest.fixture
def unhurried(hurried: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """An attempt has its full time, so that a busy machine causes no doubts of its own."""
    monkeypatch.setattr("bot.outbound.deliver.ATTEMPT", timedelta(seconds=30))


@pytest.fixture
async def a_world(tmp_path: Path, hurried: None) -> AsyncIterator[World]:
    async with installed_world(tmp_path) as made:
        yield made


@pytest.fixture
async def post(a_world: World) -> AsyncIterator[Post]:
    async with post_in(a_world) as made:
        await made.delivered()  # the welcome and the card
        a_world.slack.traffic.clear()
        yield made


def scatter(world: World, faults: list[Fault], seed: int) -> None:
    """Mixes the faults with as many calls that succeed, in random order."""
    mixed = [*faults, *[Fault()] * len(faults)]
    random.Random(seed).shuffle(mixed)  # noqa: S311 - repeatable, not secret
    for fault in mixed:
        world.slack.faults.next_calls(POST, fault)


FAULTS = {
    **{f"cut {cut} after it was taken": Fault(cut=cut) for cut in Cut},
    "an error page after it was taken": Fault.server_error(taken=True),
    "an error page": Fault.server_error(),
    "an error that passes": Fault(error="internal_error"),
    "an error that passes after it was taken": Fault(error="fatal_error", taken=True),
    "an answer after the deadline": Fault(late=4.0),
    "unavailable": Fault(error="service_unavailable"),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_each_message_arrives_once_whatever_slack_answers(
    a_world: World, post: Post, show: Show, name: str
) -> None:
    scatter(a_world, [FAULTS[name]] * 6, seed=len(name))
    await post.give(PEOPLE, EACH)
    figures = await post.delivered()
    show(name, figures)
    assert figures.are_exact(ALL)


async def test_only_a_doubtful_message_makes_slack_search(a_world: World, post: Post) -> None:
    scatter(a_world, [Fault(cut=Cut.BEFORE_HEAD)] * 2, seed=1)
    with logged() as log:
        await post.give(PEOPLE, EACH)
        figures = await post.delivered()
    doubts = log.getvalue().count("message_not_sent")  # a busy machine causes some too
    assert figures.are_exact(ALL)
    assert 2 <= figures.searches <= doubts


async def test_a_search_that_is_limited_waits_and_the_message_still_arrives_once(
    a_world: World, post: Post, show: Show
) -> None:
    a_world.slack.faults.next_calls(POST, Fault(cut=Cut.BEFORE_HEAD), times=3)
    a_world.slack.faults.next_calls("conversations.history", Fault.rate_limited(1), times=4)
    a_world.slack.faults.next_calls("conversations.history", Fault.server_error(), times=2)
    await post.give(3, 2)
    figures = await post.delivered()
    show("limited searches", figures)
    assert figures.are_exact(6)


@pytest.mark.usefixtures("unhurried")
async def test_a_storm_of_limits_is_waited_out(a_world: World, post: Post, show: Show) -> None:
    a_world.slack.faults.next_calls(POST, Fault.rate_limited(1), times=15)
    await post.give(PEOPLE, EACH)
    figures = await post.delivered()
    show("429 storm", figures)
    assert figures.are_exact(ALL)
    assert figures.searches == 0  # a limit leaves no doubt
    assert figures.retries <= 15


async def test_the_database_goes_between_slacks_answer_and_our_commit(
    a_world: World, post: Post, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = iter(range(5))
    original = SqlOutbox.mark_sent

    async def mark_sent(self: SqlOutbox, *arguments: Any) -> None:
        if next(failures, None) is not None:
            raise StorageUnavailable("gone")
        await original(self, *arguments)

    monkeypatch.setattr(SqlOutbox, "mark_sent", mark_sent)
    monkeypatch.setattr("bot.outbound.deliver.SAVE_AGAIN", ())
    await post.give(PEOPLE, EACH)
    figures = await post.delivered()
    show("database gone before the commit", figures)
    assert figures.are_exact(ALL)
    assert figures.searches >= 5


@pytest.mark.usefixtures("unhurried")
async def test_a_short_loss_of_the_database_needs_no_search(
    a_world: World, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = iter(range(2))
    original = SqlOutbox.mark_sent

    async def mark_sent(self: SqlOutbox, *arguments: Any) -> None:
        if next(failures, None) is not None:
            raise StorageUnavailable("gone")
        await original(self, *arguments)

    monkeypatch.setattr(SqlOutbox, "mark_sent", mark_sent)
    await post.give(2, 2)
    figures = await post.delivered()
    assert figures.are_exact(4)
    assert figures.searches == 0


async def test_lines_in_the_channel_are_never_lost_and_at_worst_repeated(
    a_world: World, post: Post
) -> None:
    ada, mira = a_world.person("ada"), a_world.person("mira")
    await told(mira, "Installed", "#customers")
    a_world.slack.faults.next_calls(POST, Fault(cut=Cut.BEFORE_HEAD), times=2)
    await choose_plan(ada, "Business")
    await enter_token(ada, token(a_world, "acme"))
    await told(mira, "Credentials", "#customers")
    await post.delivered()
    lines = [line.split(" ")[0] for line in thread(mira)]
    assert list(dict.fromkeys(lines)) == ["Installed", "Plan", "Credentials"]
    assert lines == sorted(lines, key=["Installed", "Plan", "Credentials"].index)
