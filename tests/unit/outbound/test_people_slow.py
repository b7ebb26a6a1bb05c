"""Slack takes long to say who somebody is: whoever pressed hears so in time, and presses again."""

import asyncio

import pytest

from bot.outbound import people as module
from bot.outbound.people import FAILURE_AGE
from flows.errors import DirectoryUnavailable
from flows.ports import PRESSED_AT
from flows.setup.permissions import MEMBER_AGE, Members
from flows.vocabulary import Actor
from tests.unit.outbound.test_people import ADA, FakeSlack, people


async def test_who_pressed_hears_soon_that_slack_is_slow_and_then_presses_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The question goes on behind, and what it brings is what the next press needs."""
    monkeypatch.setattr(module, "ANSWERED_WITHIN", 0.0)
    slack = FakeSlack(ADA)
    slack.answering.clear()
    directory = people(slack)
    members, ada = Members(directory), Actor("T1", "T1", "U1")

    async def press() -> object:
        PRESSED_AT.set(asyncio.get_running_loop().time())
        return await members.require(ada)

    with pytest.raises(DirectoryUnavailable):
        await asyncio.create_task(press())
    behind = asyncio.create_task(directory.person("T1", "U1", max_age=MEMBER_AGE))
    await slack.reached.wait()
    with pytest.raises(DirectoryUnavailable):
        await asyncio.create_task(press())
    assert not behind.done(), "nobody waits at the screen for background work"
    slack.answering.set()
    assert await behind
    assert await asyncio.create_task(press())
    assert slack.asked == ["U1"]
    await directory.stop()


async def test_what_fails_behind_is_remembered_for_a_moment_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slack = FakeSlack(TimeoutError())
    slack.answering.clear()
    known = people(slack)
    PRESSED_AT.set(asyncio.get_running_loop().time())
    monkeypatch.setattr(module, "ANSWERED_WITHIN", 0.0)
    with pytest.raises(DirectoryUnavailable, match="slow"):
        await known.person("T1", "U1")
    await slack.reached.wait()
    slack.answering.set()
    monkeypatch.setattr(module, "ANSWERED_WITHIN", 60.0)
    with pytest.raises(DirectoryUnavailable, match="TimeoutError"):
        await known.person("T1", "U1")
    slack.answer, slack.now = ADA, slack.now + FAILURE_AGE
    assert await known.person("T1", "U1") is not None
    assert slack.asked == ["U1", "U1"]


async def test_what_goes_on_behind_a_press_may_take_its_time() -> None:
    """A check, say, that ends after its window was acknowledged."""
    slack = FakeSlack(ADA)
    slack.answering.clear()
    known = people(slack)
    PRESSED_AT.set(asyncio.get_running_loop().time() - module.SLACK_WAITS - 1)
    asking = asyncio.create_task(known.person("T1", "U1"))
    await slack.reached.wait()
    slack.answering.set()
    assert await asking
    assert not known._behind


async def test_a_question_that_goes_on_is_dropped_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slack = FakeSlack(ADA)
    slack.answering.clear()
    known = people(slack)
    PRESSED_AT.set(asyncio.get_running_loop().time())
    monkeypatch.setattr(module, "ANSWERED_WITHIN", 0.0)
    with pytest.raises(DirectoryUnavailable):
        await known.person("T1", "U1")
    await slack.reached.wait()
    await known.stop()
    assert not known._behind
