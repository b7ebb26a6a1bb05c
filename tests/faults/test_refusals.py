"""A message that Slack refuses for good is not retried forever. Operators see and retry it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.views.kit.blocks import section
from bot.views.kit.message import Rendered
from bot.views.kit.text import SECTION_LIMIT
from flows.history import Event
from playground.sample import ACME
from playground.slack.faults import Fault
from playground.slack.model import User
from playground.slack.person import Person
from storage.given_up import SqlDeadLetters
from tests.faults.figures import Show
from tests.faults.posted import Post, post_in
from tests.scenario.looking import card_says, cards, left_of, thread
from tests.scenario.story import choose_plan, choose_sources, enter_token, token, told
from tests.support.template import sqlite_url
from tests.support.world import CUSTOMERS, World, soon, world


@pytest.fixture
async def a_world(tmp_path: Path) -> AsyncIterator[World]:
    async with world(sqlite_url(tmp_path)) as made:
        await made.start_bot()
        await made.install()
        yield made
        made.slack.breach_free()


@pytest.fixture
async def post(a_world: World) -> AsyncIterator[Post]:
    async with post_in(a_world) as made:
        await made.delivered()
        a_world.slack.traffic.clear()
        yield made


@pytest.fixture
def ada(a_world: World) -> Person:
    return a_world.person("ada")


@pytest.fixture
def mira(a_world: World) -> Person:
    return a_world.person("mira")


def calls(world: World, method: str) -> int:
    return sum(exchange.name == method for exchange in world.slack.traffic)


@pytest.mark.parametrize("error", ["edit_window_closed", "cant_update_message"])
async def test_a_card_that_cannot_be_edited_any_more_is_posted_anew_and_linked(
    a_world: World, post: Post, ada: Person, mira: Person, error: str
) -> None:
    await choose_plan(ada, "Business")
    former = await card_says(mira, "no access token yet")
    await post.delivered()  # the welcome was edited, too: the set-up has begun
    a_world.slack.faults.next_calls("chat.update", Fault(error=error))
    await enter_token(ada, token(a_world, "acme"))
    await soon(lambda: len(cards(mira)) == 2 and "verified" in cards(mira)[-1].visible_text)
    newest = cards(mira)[-1]
    await choose_sources(ada, "Web app")
    await told(mira, "Sources", "#customers")
    await post.delivered()
    lines = [m for m in mira.messages("#customers") if m.thread_ts == newest.ts != m.ts]
    link, *others = [m.visible_text for m in lines]
    assert "the former card" in link
    assert f"/p{former.ts.replace('.', '')}" in str([m.blocks for m in lines[:1]])
    assert any("Sources" in text for text in others)
    assert calls(a_world, "chat.getPermalink") == 1


async def test_a_channel_that_was_archived_gets_everything_in_order_once_it_is_open(
    a_world: World, post: Post, ada: Person, mira: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.outbound.deliver.CHANNEL_CLOSED", 1.0)
    a_world.slack.channels[CUSTOMERS].is_archived = True
    await choose_plan(ada, "Business")
    await enter_token(ada, token(a_world, "acme"))
    await soon(lambda: calls(a_world, "chat.postMessage") + calls(a_world, "chat.update") > 1)
    assert await post.count("dead") == 0
    a_world.slack.channels[CUSTOMERS].is_archived = False
    await post.delivered()
    assert [line.split(" ")[0] for line in thread(mira)] == ["Installed", "Plan", "Credentials"]
    await card_says(mira, "no source chosen")


async def test_somebody_who_left_gets_nothing_and_holds_up_nobody(
    a_world: World, post: Post
) -> None:
    a_world.slack.add(User("U0CROWD0000", ACME.id, "gone", "Gone", deleted=True))
    await post.give(2, 2)
    figures = await post.delivered()
    dead = await SqlDeadLetters(post.engine).letters(10)
    assert [letter.key for letter in reversed(dead)] == post.expected["U0CROWD0000"]
    assert {(letter.error, letter.attempts) for letter in dead} == {("user_disabled", 1)}
    assert (figures.sent, figures.repeated, figures.retries) == (2, 0, 2)


async def test_a_removal_that_nobody_told_us_about_is_noticed_and_all_is_erased(
    a_world: World, post: Post, mira: Person
) -> None:
    installation = a_world.slack.installations[ACME.id]
    installation.active = False
    a_world.slack.core.state.dead_tokens[installation.token] = "token_revoked"
    await post.give(1, 2)
    await told(mira, "app uninstalled, data deleted", "#customers")
    await post.delivered()
    assert left_of(a_world, ACME.id) == {"teams"}
    assert calls(a_world, "chat.postMessage") <= 4  # one to notice; the card and two lines

    await a_world.slack.install(ACME.id, a_world.person("ada").user.id)
    post.expected.clear()
    await post.give(1, 2)
    figures = await post.delivered()
    assert figures.are_exact(2)


async def test_slacks_limits_are_kept_before_slack_says_so(tmp_path: Path, show: Show) -> None:
    async with world(sqlite_url(tmp_path), strict_rate_limits=True) as made:
        await made.start_bot()
        await made.install()
        async with post_in(made) as post:
            await post.delivered()
            made.slack.traffic.clear()
            await post.give(4, 3)
            figures = await post.delivered()
        show("strict limits", figures)
        assert figures.are_exact(12)
        assert figures.retries <= 3  # calls overtake each other on a busy machine
        made.slack.breach_free()


async def test_a_line_beyond_slacks_limits_is_given_up_at_once_and_operators_send_it_again(
    a_world: World, post: Post, ada: Person, mira: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(event: Event, **_: object) -> Rendered:
        return Rendered("line", [section("x" * (SECTION_LIMIT + 1))])

    with monkeypatch.context() as patch:
        patch.setattr("bot.outbound.channel.thread_message", endless)
        await choose_plan(ada, "Business")
        await card_says(mira, "no access token yet")
        await post.delivered()  # all else
    (dead,) = await SqlDeadLetters(post.engine).letters(10)
    assert (dead.error, dead.attempts) == ("SlackObjectFormationError", 1)
    await enter_token(ada, token(a_world, "acme"))
    await told(mira, "Credentials verified", "#customers")
    assert await SqlDeadLetters(post.engine).revive(dead.sequence)  # with a program that can
    await told(mira, "Plan Business", "#customers")


async def test_a_message_that_cannot_be_made_is_given_up_in_the_end(
    a_world: World, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.outbound.deliver.MESSAGE_BACKOFF", (0.0,))
    monkeypatch.setattr("bot.outbound.deliver.ENOUGH_ATTEMPTS", 3)
    monkeypatch.setattr("bot.outbound.deliver.LONG_ENOUGH", timedelta())
    monkeypatch.setattr("bot.outbound.deliver.ATTEMPT", timedelta(seconds=1))

    def broken(*_: object) -> Rendered:
        raise KeyError("missing")

    with monkeypatch.context() as patch:
        patch.setattr("bot.outbound.render.answer", broken)
        await post.give(1, 1)
        await post.delivered()
    (dead,) = await SqlDeadLetters(post.engine).letters(10)
    assert (dead.error, dead.attempts) == ("KeyError", 3)
    assert await SqlDeadLetters(post.engine).revive(dead.sequence)
    assert (await post.delivered()).are_exact(1)
