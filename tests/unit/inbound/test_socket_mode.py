"""How Socket Mode opens its connections again, and what it does with odd answers."""

import asyncio
import io
import json
from collections.abc import Iterator
from typing import Any, cast

import aiohttp
import pytest
from pydantic import SecretStr
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError

from bot.inbound import socket_mode
from bot.inbound.socket_mode import PAUSES, SocketMode
from bot.metrics import Metrics
from tests.scenario.logged import logged

TRIES = 6
HELLO = json.dumps({"type": "hello"})
LEAVES = json.dumps({"type": "disconnect", "reason": "refresh_requested"})
SILENCE = object()
TOO_LARGE = aiohttp.WSMessage(aiohttp.WSMsgType.ERROR, ValueError("too large"), None)
COMMAND = {
    "command": "/segment",
    "team_id": "T1",
    "user_id": "U1",
    "channel_id": "C1",
    "trigger_id": "1.2",
    "response_url": "https://slack.test/r",
}


def envelope(id_: str, user_id: str, **about: Any) -> str:
    payload = {**COMMAND, "user_id": user_id, "type": "event_callback", "team": "x"}
    said = {"envelope_id": id_, "type": "slash_commands", "payload": payload, **about}
    return json.dumps(said)


class ScriptedSocket:
    """Says these things, then closes."""

    closed = False

    def __init__(self, said: list[Any], sent: list[str]) -> None:
        self._said = list(said)
        self._sent = sent
        self.left = asyncio.Event()

    async def __aenter__(self) -> "ScriptedSocket":
        return self

    async def __aexit__(self, *_: object) -> None:
        self.closed = True
        self.left.set()

    def __aiter__(self) -> "ScriptedSocket":
        return self

    async def __anext__(self) -> aiohttp.WSMessage:
        await asyncio.sleep(0)
        if not self._said:
            raise StopAsyncIteration
        said = self._said.pop(0)
        if said is SILENCE:
            await asyncio.Event().wait()
        return (
            aiohttp.WSMessage(aiohttp.WSMsgType.TEXT, said, None) if isinstance(said, str) else said
        )

    async def send_str(self, text: str) -> None:
        self._sent.append(text)


class ScriptedSlack:
    """Answers each try to open a connection in the same way. Counts them, and the pauses."""

    def __init__(self, said: list[Any], answer: Any) -> None:
        self.session = self
        self.opened = 0
        self.pauses: list[float] = []
        self.ended = asyncio.Event()
        self.sent: list[str] = []
        self.sockets: list[ScriptedSocket] = []
        self._said, self._answer = said, answer

    async def apps_connections_open(self, *, app_token: str) -> Any:
        assert app_token
        self.opened += 1
        if isinstance(self._answer, Exception):
            raise self._answer
        if self._answer is SILENCE:
            await asyncio.Event().wait()
        return self._answer

    async def ws_connect(self, url: Any, **_: Any) -> ScriptedSocket:
        aiohttp.client.URL(url)
        self.sockets.append(ScriptedSocket(self._said, self.sent))
        return self.sockets[-1]

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        if len(self.pauses) == TRIES:
            self.ended.set()
            await asyncio.Event().wait()

    async def answer(self, kind: str, body: Any, _request: str) -> BoltResponse:
        if body["user_id"] == "UBAD":
            raise ZeroDivisionError
        return BoltResponse(status=200, body="")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    with logged() as stream:
        yield stream


@pytest.fixture(autouse=True)
def one_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket_mode, "SOCKETS", 1)


async def tried(said: list[Any], answer: Any = None) -> ScriptedSlack:
    """What happened until there were this many pauses."""
    slack = ScriptedSlack(
        said, {"ok": True, "url": "ws://slack.test"} if answer is None else answer
    )
    anything = cast("Any", slack)
    sockets = SocketMode(anything, anything, SecretStr("xapp-1"), Metrics(), slack.pause)
    sockets.start()
    async with asyncio.timeout(30):
        await slack.ended.wait()
        for socket in slack.sockets:
            await socket.left.wait()
    assert [task for task in sockets._lives if task.done() and task.exception()] == []
    await sockets.stop()
    assert slack.opened == TRIES
    return slack


def waits(log: io.StringIO) -> list[dict[str, Any]]:
    """The log's lines that say how long it will take until the next try."""
    lines = map(json.loads, log.getvalue().splitlines())
    return [line for line in lines if line["event"] == "socket_waits"]


BACKING_OFF = [*PAUSES[1:], *[PAUSES[-1]] * TRIES][:TRIES]
SHORT = {
    "closes at once": [],
    "hello, then closes": [HELLO],
    "hello, then leaves": [HELLO, LEAVES],
    "hello, then a frame that is too large": [HELLO, TOO_LARGE],
    "leaves without hello": [LEAVES],
}


@pytest.mark.parametrize("name", SHORT)
async def test_connections_that_live_only_moments_are_opened_less_and_less_often(
    log: io.StringIO, name: str
) -> None:
    slack = await tried(SHORT[name])
    assert slack.pauses == BACKING_OFF
    assert [each["delay"] for each in waits(log)] == BACKING_OFF
    assert ("socket_broken" in log.getvalue()) == ("large" in name)


NO_HELLO, LEFT = '"error": "no_hello"', "socket_left"
MUTE: dict[str, tuple[list[Any], Any, str]] = {
    "no answer to the wish to open one": ([], SILENCE, "socket_not_opened"),
    "no hello": ([SILENCE], None, NO_HELLO),
    "no hello, but a request": ([envelope("1", "U1"), SILENCE], None, NO_HELLO),
    "leaves, then nothing": ([LEAVES, SILENCE], None, NO_HELLO),
    "leaves, then hello": ([LEAVES, HELLO, SILENCE], None, LEFT),
    "hello, leaves, then nothing": ([HELLO, LEAVES, SILENCE], None, LEFT),
}


@pytest.mark.parametrize("name", MUTE)
async def test_every_state_of_a_connection_ends(
    log: io.StringIO, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for bound in ("CONNECT_LIMIT", "READ_ON"):
        monkeypatch.setattr(socket_mode, bound, 0.01)
    said, answer, logged_as = MUTE[name]
    slack = await tried(said, answer)
    assert slack.pauses == BACKING_OFF
    assert log.getvalue().count(logged_as) >= TRIES - 1


async def test_one_that_has_lived_is_replaced_at_once(
    log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_mode, "BRIEF", 0.0)
    slack = await tried([HELLO, LEAVES])
    assert slack.pauses == [PAUSES[0]] * TRIES
    assert "socket_waits" not in log.getvalue()


@pytest.mark.parametrize(
    "answer", [{"ok": True}, {"ok": True, "url": 5}, {"ok": True, "url": "http://[x"}, [1]]
)
async def test_an_answer_without_a_usable_address_is_a_failure_like_others(
    log: io.StringIO, answer: Any
) -> None:
    slack = await tried([HELLO], answer)
    assert slack.pauses == BACKING_OFF
    assert log.getvalue().count("socket_not_opened") == TRIES


async def test_slack_says_how_long_to_wait(log: io.StringIO) -> None:
    limited: Any = type("Answer", (dict,), {"status_code": 429, "headers": {"Retry-After": "60"}})
    slack = await tried([], SlackApiError("no", limited({"ok": False, "error": "ratelimited"})))
    assert slack.pauses == [60.0] * TRIES
    assert "ratelimited" in log.getvalue()


async def test_a_request_that_fails_is_logged_and_the_next_is_answered(log: io.StringIO) -> None:
    slack = await tried([HELLO, envelope("1", "UBAD"), envelope("2", "U1"), HELLO, HELLO])
    assert {json.loads(text)["envelope_id"] for text in slack.sent} == {"2"}
    assert "request_failed" in log.getvalue()
