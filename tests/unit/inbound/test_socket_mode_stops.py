"""Socket Mode at the end of a process, and what it acknowledges."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from itertools import count
from typing import Any, cast

import aiohttp
import pytest
from pydantic import SecretStr
from slack_bolt.response import BoltResponse

from bot.inbound import socket_mode
from bot.inbound.socket_mode import SocketMode
from bot.metrics import Metrics
from tests.support.world import soon
from tests.unit.inbound.test_socket_mode import HELLO, LEAVES, envelope


class Link:
    """One connection, on which Slack says what a test lets it say."""

    def __init__(self) -> None:
        self.closed = False
        self.sent: list[str] = []
        self._said: asyncio.Queue[str | None] = asyncio.Queue()
        self.say(HELLO)

    def say(self, text: str | None) -> None:
        """None: Slack cuts it."""
        self._said.put_nowait(text)

    @property
    def acknowledged(self) -> list[str]:
        return [json.loads(text)["envelope_id"] for text in self.sent]

    async def __aenter__(self) -> "Link":
        return self

    async def __aexit__(self, *_: object) -> None:
        self.closed = True

    def __aiter__(self) -> "Link":
        return self

    async def __anext__(self) -> aiohttp.WSMessage:
        if (text := await self._said.get()) is None:
            raise StopAsyncIteration
        return aiohttp.WSMessage(aiohttp.WSMsgType.TEXT, text, None)

    async def send_str(self, text: str) -> None:
        assert not self.closed
        self.sent.append(text)


class Slack:
    """Answers each person's request once the test says so."""

    def __init__(self) -> None:
        self.session = self
        self.links: list[Link] = []
        self.taken: dict[str, asyncio.Event] = {}
        self.is_quick = False  # answers what comes from now on at once

    async def apps_connections_open(self, *, app_token: str) -> Any:
        return {"ok": bool(app_token), "url": "ws://slack.test"}

    async def ws_connect(self, _url: Any, **_: Any) -> Link:
        self.links.append(Link())
        return self.links[-1]

    async def answer(self, _kind: str, body: Any, _request: str) -> BoltResponse:
        go_on = self.taken[body["user_id"]] = asyncio.Event()
        if not self.is_quick:
            await go_on.wait()
        return BoltResponse(status=200, body="a text")


@pytest.fixture
def slack() -> Slack:
    return Slack()


@pytest.fixture
async def sockets(slack: Slack) -> AsyncIterator[SocketMode]:
    anything = cast("Any", slack)
    made = SocketMode(anything, anything, SecretStr("xapp-1"), Metrics())
    made.start()
    await soon(lambda: len(made._open) == socket_mode.SOCKETS)
    yield made
    await made.stop()


@pytest.fixture
def _much_time(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NOTICE", "ANSWERING"):
        monkeypatch.setattr(socket_mode, name, 60.0)


async def take(slack: Slack, link: Link, *names: str, **about: Any) -> None:
    for name in names:
        link.say(envelope(name, name, **about))
    await soon(lambda: slack.taken.keys() >= set(names))


async def answered(slack: Slack, name: str) -> None:
    await soon(lambda: any(name in link.acknowledged for link in slack.links))


@pytest.mark.usefixtures("_much_time")
async def test_what_comes_while_it_stops_is_answered_too(slack: Slack, sockets: SocketMode) -> None:
    first, second = slack.links
    await take(slack, first, "before")
    await take(slack, second, "other")
    stopping = asyncio.create_task(sockets.stop())
    await take(slack, first, "meanwhile")
    await take(slack, second, "last")
    for name in ("before", "other", "meanwhile", "last"):
        assert not stopping.done()
        slack.taken[name].set()
        await answered(slack, name)
    await stopping
    assert first.closed
    assert second.closed
    assert len(slack.links) == socket_mode.SOCKETS, "none was opened in place of one that was left"


@pytest.mark.usefixtures("_much_time")
@pytest.mark.parametrize(
    "ends", [lambda link: link.say(None), lambda link: link.say(LEAVES)], ids=["cut", "announced"]
)
async def test_none_is_opened_any_more_and_a_late_answer_goes_out_on_another(
    slack: Slack, sockets: SocketMode, ends: Callable[[Link], None]
) -> None:
    first, second = slack.links
    await take(slack, first, "late")
    await take(slack, second, "other")
    stopping = asyncio.create_task(sockets.stop())
    ends(first)
    await asyncio.sleep(0)
    slack.taken["late"].set()
    await answered(slack, "late")
    slack.taken["other"].set()
    await stopping
    assert second.acknowledged[-1] == "other"
    assert len(slack.links) == socket_mode.SOCKETS


async def test_an_answer_that_takes_long_is_still_sent_on_the_last_connection(
    slack: Slack, sockets: SocketMode
) -> None:
    first, second = slack.links
    for link, name in ((first, "one"), (second, "two")):
        await take(slack, link, name)
    stopping = asyncio.create_task(sockets.stop())
    await soon(lambda: first.closed or second.closed)
    for name in ("one", "two"):
        slack.taken[name].set()
    await stopping
    assert sorted(first.acknowledged + second.acknowledged) == ["one", "two"]


async def test_an_answer_that_never_comes_does_not_hold_it_up(
    slack: Slack, sockets: SocketMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_mode, "ANSWERING", 0.01)
    for link, name in zip(slack.links, ("one", "two"), strict=True):
        await take(slack, link, name)
    await sockets.stop()
    assert all(link.closed for link in slack.links)


async def test_what_was_taken_is_acknowledged_and_nothing_else_while_requests_never_pause(
    slack: Slack, sockets: SocketMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_mode, "NOTICE", 0.02)
    monkeypatch.setattr(socket_mode, "ANSWERING", 60.0)
    for link, name in zip(slack.links, ("one", "two"), strict=True):
        await take(slack, link, name)
    slack.is_quick = True
    stopping = asyncio.create_task(sockets.stop())
    numbers, said = count(), list[str]()

    def is_left() -> bool:
        """More comes with each look. At the end, nobody takes it."""
        for link in slack.links:
            said.append(str(next(numbers)))
            link.say(envelope(said[-1], said[-1]))
        return not slack.taken.keys() & {*said[-20:]} and len(said) > 20

    await soon(is_left)
    assert not stopping.done()
    for name in ("one", "two"):
        slack.taken[name].set()
    await stopping
    assert all(link.closed for link in slack.links)
    acknowledged = [name for link in slack.links for name in link.acknowledged]
    assert sorted(acknowledged) == sorted(slack.taken), "each once, and all"


async def test_connections_whose_end_is_announced_count_until_they_end(
    slack: Slack, sockets: SocketMode
) -> None:
    first, second = slack.links
    for link in (first, second):
        link.say(LEAVES)
    await take(slack, first, "one")
    assert sockets.connected
    slack.taken["one"].set()
    await soon(lambda: first.acknowledged == ["one"])
    for link in (first, second):
        link.say(None)
    await soon(lambda: first.closed and second.closed)


@pytest.mark.parametrize("accepts", [True, False])
async def test_only_what_slack_takes_is_said_in_the_acknowledgement(
    slack: Slack, sockets: SocketMode, *, accepts: bool
) -> None:
    (link, _) = slack.links
    await take(slack, link, "one", accepts_response_payload=accepts)
    slack.taken["one"].set()
    await soon(lambda: link.sent)
    said = {"envelope_id": "one"}
    expected = {**said, "payload": {"text": "a text"}} if accepts else said
    assert json.loads(link.sent[0]) == expected
    assert sockets.connected
