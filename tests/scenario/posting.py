"""Requests to the bot from a sender who is not quite Slack."""

import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import httpx

from bot.inbound.http import metrics_app
from tests.support.world import APP_URL, World

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
EVENTS = "/slack/events"


@asynccontextmanager
async def door(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """A client that calls the bot directly. An exception that leaves the app fails the test."""
    transport = httpx.ASGITransport(app=world)
    async with httpx.AsyncClient(transport=transport, base_url=APP_URL) as http:
        yield http


async def scraped(world: World) -> str:
    """The metrics, with fresh counts."""
    bot = world.asgi.state.bot
    transport = httpx.ASGITransport(app=metrics_app(bot.metrics, bot.count))
    async with httpx.AsyncClient(transport=transport, base_url=APP_URL) as http:
        return (await http.get("/metrics")).text


def signature(world: World, body: bytes, at: int) -> str:
    secret = world.playground.config.signing_secret.encode()
    base = f"v0:{at}:".encode() + body
    return "v0=" + hmac.new(secret, base, hashlib.sha256).hexdigest()


async def post(
    world: World,
    body: bytes,
    kind: str = FORM,
    *,
    age: int = 0,
    signed: str | None = None,
    retry: int = 0,
) -> httpx.Response:
    """`age` is in seconds. `retry` counts the deliveries of an event after the first."""
    at = int(time.time()) - age
    headers = {
        "content-type": kind,
        "x-slack-request-timestamp": str(at),
        "x-slack-signature": signature(world, body, at) if signed is None else signed,
        **({"x-slack-retry-num": str(retry)} if retry else {}),
    }
    async with door(world) as http:
        return await http.post(EVENTS, content=body, headers=headers)


async def post_payload(world: World, payload: object) -> httpx.Response:
    return await post(world, urlencode({"payload": json.dumps(payload)}).encode())


def sent_payloads(world: World) -> list[dict[str, Any]]:
    """Everything that Slack has posted to the bot so far, as objects."""
    found: list[dict[str, Any]] = []
    for exchange in world.slack.traffic:
        if exchange.direction != "to_app":
            continue
        if exchange.request.startswith(b"{"):
            found.append(json.loads(exchange.request))
        else:
            form = dict(httpx.QueryParams(exchange.request.decode()))
            found.append(json.loads(form["payload"]) if "payload" in form else form)
    return found
