"""Signed payloads that Slack would never send, made at random from those that it did send."""

import json
import random
import time
from collections.abc import Callable
from copy import deepcopy
from typing import Any
from urllib.parse import quote_plus, urlencode

from tests.scenario.posting import EVENTS, FORM, JSON, sent_payloads, signature
from tests.support.world import World

# Values that stand where Slack has others. Some name rows of a tenant that sent nothing.
VALUES: tuple[Callable[[], Any], ...] = (
    lambda: None,
    lambda: True,
    lambda: -1,
    lambda: 10**400,
    lambda: 1.5,
    lambda: "",
    lambda: "\x00",
    lambda: "\ud800",
    lambda: "\u202e<!channel> <@U1> *`",
    lambda: "' OR 1=1; --",
    lambda: "../../etc/passwd",
    lambda: "{}",
    lambda: "[" * 500,
    lambda: "x" * 5000,
    list,
    dict,
    lambda: [None],
    lambda: [[]],
    lambda: {"": {}},
    lambda: {"id": "T0INITECH01"},
    lambda: {"type": "home"},
    lambda: "int_T0INITECH01",
    lambda: '{"i":"int_T0INITECH01","r":1}',
    lambda: "T0INITECH01:int_T0INITECH01",
    lambda: nested(40),
    lambda: nested(300),
)
# `urlencode` takes longer than the bot's answer. The first two signs stand in what is quoted.
SIGNS = ("%", "+", *(chr(code) for code in range(128) if chr(code) not in "%+"))
QUOTED = {sign: quote_plus(sign) for sign in SIGNS if quote_plus(sign) != sign}
KINDS = (FORM, JSON, "text/plain", "", "application/json; charset=utf-16", "multipart/form-data")


def nested(depth: int) -> Any:
    found: Any = 0
    for level in range(depth):
        found = [found] if level % 2 else {"a": found}
    return found


def places(node: Any) -> list[tuple[Any, Any]]:
    """All objects and lists inside, each with one of its keys or positions."""
    found: list[tuple[Any, Any]] = []
    inside = [node]
    while inside:
        node = inside.pop()
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            found.append((node, key))
            if isinstance(value, dict | list):
                inside.append(value)
    return found


class Hostile:
    """`seed` decides everything but the signatures' time."""

    def __init__(self, world: World, seed: int) -> None:
        self._world = world
        self._chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
        seen = {json.dumps(each): each for each in sent_payloads(world)}
        self._sent = [(text, places(each)) for text, each in seen.items()]

    def body(self) -> tuple[bytes, str]:
        chance = self._chance
        payload = json.loads(chance.choice(self._sent)[0])
        for _ in range(chance.choice((0, 1, 1, 1, 2, 4))):
            self._spoil(payload)
        raw = self._written(payload)
        if chance.random() < 0.05:
            cut = chance.randrange(len(raw) + 1)
            raw = raw[:cut] + chance.choice((b"", b"\xff", b"\x00", raw[: cut // 2]))
        kind = JSON if raw.startswith(b"{") else FORM
        return raw, kind if chance.random() < 0.9 else chance.choice(KINDS)

    def _spoil(self, payload: dict[str, Any]) -> None:
        chance = self._chance
        node, key = chance.choice(places(payload) or [(payload, "type")])
        match chance.randrange(6):
            case 0:
                del node[key]
            case 1 if isinstance(node, dict):
                node[chance.choice(("type", "view", "user", "team", "actions", "x"))] = node[key]
            case 2:
                other, place = chance.choice(chance.choice(self._sent)[1])
                node[key] = deepcopy(other[place])
            case _:
                node[key] = chance.choice(VALUES)()

    def _written(self, payload: dict[str, Any]) -> bytes:
        text = json.dumps(payload)
        if "event" in payload or "challenge" in payload:
            return text.encode()
        match self._chance.randrange(12):
            case 0:
                return json.dumps({"payload": text}).encode()
            case 1:
                return text.encode()
        if "command" in payload:
            words = {str(k): str(v) for k, v in payload.items()}
            return urlencode(words, errors="replace").encode()
        for sign, quoted in QUOTED.items():
            text = text.replace(sign, quoted)
        return f"payload={text}".encode()


async def status_of(world: World, body: bytes, kind: str) -> int:
    """Posts it without a client between. An exception is what would reset the connection."""
    at = int(time.time())
    headers = {
        "content-type": kind,
        "x-slack-request-timestamp": str(at),
        "x-slack-signature": signature(world, body, at),
    }
    scope = {
        "type": "http",
        "method": "POST",
        "path": EVENTS,
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
    }
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await world.asgi(scope, receive, send)
    return statuses[0]
