"""Sends requests to the app: signed, with Slack's time limit on the acknowledgement."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
from starlette.websockets import WebSocketDisconnect

from playground.config import PlaygroundConfig
from playground.slack.faults import Faults
from playground.slack.socket_mode import NoConnection, Sockets
from playground.slack.traffic import Exchange, Traffic

LATE_LIMIT = 60.0  # after this long without an answer, the request is abandoned


@dataclass(frozen=True)
class Ack:
    """The app's answer; `status` 0 means that none came in time."""

    status: int
    body: bytes = b""
    content_type: str = ""
    no_retry: bool = False
    problem: str = ""

    @property
    def ok(self) -> bool:
        return self.status == 200


class AppLink:
    """Posts to the app. A late answer is read to its end but has no effect."""

    def __init__(
        self,
        config: PlaygroundConfig,
        http: httpx.AsyncClient | None,
        faults: Faults,
        traffic: Traffic,
        sockets: Sockets,
    ) -> None:
        self._config = config
        self._http = http
        self._owns_http = http is None
        self._faults = faults
        self._traffic = traffic
        self._sockets = sockets
        self._requests: set[asyncio.Task[Ack]] = set()

    @property
    def http(self) -> httpx.AsyncClient:
        if self._http is None:
            self._http = httpx.AsyncClient(timeout=LATE_LIMIT)
        return self._http

    async def post_form(self, url: str, form: Mapping[str, str]) -> Ack:
        if self._sockets.enabled:
            return await self._in_time(self._over_socket("slash_commands", form))
        body = urlencode(form).encode()
        return await self._post(url, body, "application/x-www-form-urlencoded", {})

    async def post_payload(self, url: str, payload: Mapping[str, Any]) -> Ack:
        if self._sockets.enabled:
            return await self._in_time(self._over_socket("interactive", payload))
        return await self.post_form(url, {"payload": json.dumps(payload)})

    async def post_json(
        self, url: str, payload: Mapping[str, Any], headers: Mapping[str, str]
    ) -> Ack:
        if self._sockets.enabled:
            retries = {
                "retry_attempt": int(headers.get("x-slack-retry-num", "0")),
                "retry_reason": headers.get("x-slack-retry-reason", ""),
            }
            return await self._in_time(self._over_socket("events_api", payload, **retries))
        return await self._post(url, json.dumps(payload).encode(), "application/json", headers)

    async def close(self) -> None:
        for request in tuple(self._requests):
            request.cancel()
        await asyncio.gather(*self._requests, return_exceptions=True)
        if self._owns_http and self._http is not None:
            await self._http.aclose()
            self._http = None

    async def _post(self, url: str, body: bytes, kind: str, extra: Mapping[str, str]) -> Ack:
        if not url:
            return Ack(0, problem="the manifest declares no address for this request")
        headers = {"content-type": kind, **self._signed(body), **extra}
        return await self._in_time(self._exchange(url, body, headers))

    async def _over_socket(self, kind: str, payload: Mapping[str, Any], **about: Any) -> Ack:
        try:
            answer = await self._sockets.deliver(kind, payload, **about)
        except (NoConnection, TimeoutError, WebSocketDisconnect, RuntimeError) as error:
            return Ack(0, problem=f"the app could not be reached: {type(error).__name__}")
        body = json.dumps(answer).encode() if answer else b""
        return await self._arrived(Ack(200, body, "application/json"))

    async def _in_time(self, exchange: Coroutine[Any, Any, Ack]) -> Ack:
        request = asyncio.create_task(exchange)
        self._requests.add(request)
        request.add_done_callback(self._requests.discard)
        # Do not cancel a late request: Slack hangs up, but the app keeps working.
        done, _ = await asyncio.wait({request}, timeout=self._config.ack_limit)
        return request.result() if done else self._too_late()

    def _too_late(self) -> Ack:
        return Ack(0, problem=f"no acknowledgement within {self._config.ack_limit:g} s")

    async def _exchange(self, url: str, body: bytes, headers: Mapping[str, str]) -> Ack:
        try:
            answer = await self.http.post(url, content=body, headers=headers, timeout=LATE_LIMIT)
        except httpx.HTTPError as error:
            self._traffic.add(Exchange("to_app", url, body, 0, b""))
            return Ack(0, problem=f"the app could not be reached: {type(error).__name__}")
        self._traffic.add(Exchange("to_app", url, body, answer.status_code, answer.content))
        ack = Ack(
            answer.status_code,
            answer.content,
            answer.headers.get("content-type", ""),
            answer.headers.get("x-slack-no-retry") == "1",
        )
        return await self._arrived(ack)

    async def _arrived(self, ack: Ack) -> Ack:
        """The answer, after what tests want to happen to it on its way."""
        if self._faults.ack_delay:
            await asyncio.sleep(self._faults.ack_delay)
        # As if it had waited: nobody wants to.
        return self._too_late() if self._faults.take_lost_ack() else ack

    def _signed(self, body: bytes) -> dict[str, str]:
        # The signature uses real time, because the app checks it against its own clock.
        timestamp = str(int(time.time()))
        base = b"v0:" + timestamp.encode() + b":" + body
        digest = hmac.new(self._config.signing_secret.encode(), base, hashlib.sha256).hexdigest()
        return {
            "x-slack-request-timestamp": timestamp,
            "x-slack-signature": f"v0={digest}",
            "user-agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        }
