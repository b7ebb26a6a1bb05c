"""Socket Mode: requests go to the app over connections that the app opened.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import itertools
import json
import secrets
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from playground.config import PlaygroundConfig
from playground.slack.breaches import SlackError
from playground.slack.model import Json
from playground.slack.traffic import Exchange, Traffic

SCOPE = "connections:write"
TICKET_LIFE = 30.0  # seconds
TICKETS_KEPT = 100
MOST_CONNECTIONS = 10
LATE_LIMIT = 60.0  # seconds; a later acknowledgement matches nothing
POLICY_VIOLATION, INTERNAL_ERROR = 1008, 1011  # WebSocket close codes
# Interactions whose acknowledgement may carry a payload.
ANSWERED = frozenset({"view_submission", "block_suggestion"})

Breach = Callable[[str, str, str], None]


class Sockets:
    """The app's open connections. Each envelope goes to one of them, in turn."""

    def __init__(
        self, config: PlaygroundConfig, *, enabled: bool, traffic: Traffic, breach: Breach
    ) -> None:
        self.enabled = enabled
        self.says_hello = True
        self._config = config
        self._traffic = traffic
        self._breach = breach
        self._tickets: OrderedDict[str, float] = OrderedDict()
        self._open: list[WebSocket] = []
        self._leaving: list[WebSocket] = []
        self._turn = itertools.count()
        self._waiting: dict[str, asyncio.Future[Json]] = {}

    @property
    def connections(self) -> int:
        """The number of connections that are open and not about to end."""
        return len(self._open)

    def routes(self) -> list[WebSocketRoute]:
        return [WebSocketRoute("/link/", self._serve)]

    def open_connection(self, token: str) -> Json:
        """`apps.connections.open`: an address that works for one connection."""
        self._check(token)
        ticket = secrets.token_urlsafe(24)
        self._tickets[ticket] = time.monotonic()
        while len(self._tickets) > TICKETS_KEPT:
            self._tickets.popitem(last=False)
        base = self._config.base_url.replace("http", "ws", 1)
        return {"url": f"{base}/link/?ticket={ticket}&app_id={self._config.app_id}"}

    async def deliver(self, kind: str, payload: Mapping[str, Any], **about: Any) -> Json:
        """Sends one envelope and returns the app's acknowledgement.

        Raises `NoConnection`, or `TimeoutError` if nothing comes for a long time.
        """
        accepts = kind == "slash_commands" or payload.get("type") in ANSWERED
        envelope = {
            "envelope_id": str(uuid.uuid4()),
            "type": kind,
            "accepts_response_payload": accepts,
            "payload": payload,
            **about,
        }
        text = json.dumps(envelope)
        said = await self._exchange(str(envelope["envelope_id"]), text)
        answer = said.get("payload") or {}
        self._traffic.add(
            Exchange("to_app", f"socket {kind}", text.encode(), 200, json.dumps(said).encode())
        )
        if answer and not accepts:
            self._breach(f"socket {kind}", "payload_not_accepted", json.dumps(answer)[:200])
        return dict(answer)

    async def refresh(self, grace: float = 1.0) -> None:
        """Announces the end of the oldest connection, and ends it after `grace` seconds."""
        socket = self._open.pop(0)
        self._leaving.append(socket)
        await self._say_goodbye(socket, "refresh_requested")
        await asyncio.sleep(grace)
        await socket.close()

    async def drop(self) -> None:
        """Breaks the oldest connection without warning."""
        await self._open.pop(0).close(INTERNAL_ERROR)

    async def send_raw(self, text: str) -> None:
        """Sends any text on each connection, for tests that expect a refusal."""
        for socket in self._open:
            await socket.send_text(text)

    def _check(self, token: str) -> None:
        if not token:
            raise SlackError("not_authed")
        if not token.startswith("xapp-"):
            raise SlackError("not_allowed_token_type")
        if not secrets.compare_digest(token.encode(), self._config.app_token.encode()):
            raise SlackError("invalid_auth")
        if SCOPE not in self._config.app_token_scopes:
            provided = ",".join(self._config.app_token_scopes)
            raise SlackError("missing_scope", f"needed {SCOPE}", needed=SCOPE, provided=provided)

    async def _exchange(self, envelope_id: str, text: str) -> Json:
        acknowledged: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = acknowledged
        try:
            await self._next().send_text(text)
            async with asyncio.timeout(LATE_LIMIT):
                return await acknowledged
        finally:
            del self._waiting[envelope_id]

    def _next(self) -> WebSocket:
        among = self._open or self._leaving
        if not among:
            raise NoConnection
        return among[next(self._turn) % len(among)]

    async def _serve(self, socket: WebSocket) -> None:
        born = self._tickets.pop(socket.query_params.get("ticket", ""), None)
        if born is None or time.monotonic() - born > TICKET_LIFE:
            self._breach("socket", "invalid_ticket", "an address is good for one connection")
            await socket.close(POLICY_VIOLATION)
            return
        await socket.accept()
        refusal = self._refusal()
        if refusal:
            self._breach("socket", refusal, "")
            await self._say_goodbye(socket, refusal)
            await socket.close()
            return
        try:
            if self.says_hello:
                self._open.append(socket)
                await socket.send_json(self._hello())
            await self._listen(socket)
        except WebSocketDisconnect:
            pass
        finally:
            for group in (self._open, self._leaving):
                if socket in group:
                    group.remove(socket)

    def _refusal(self) -> str:
        if not self.enabled:
            return "link_disabled"
        return "too_many_websockets" if len(self._open) >= MOST_CONNECTIONS else ""

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self._open),
            "debug_info": {"host": "applink-playground", "approximate_connection_time": 3600},
            "connection_info": {"app_id": self._config.app_id},
        }

    async def _say_goodbye(self, socket: WebSocket, reason: str) -> None:
        host = {"host": "applink-playground"}
        await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": host})

    async def _listen(self, socket: WebSocket) -> None:
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            self._acknowledged(message.get("text") or "")

    def _acknowledged(self, text: str) -> None:
        """Takes an acknowledgement on any connection."""
        try:
            said = json.loads(text)
        except ValueError:
            said = None
        if not isinstance(said, dict) or not isinstance(said.get("payload", {}), dict):
            self._breach("socket", "invalid_acknowledgement", text[:200])
            return
        waiting = self._waiting.get(str(said.get("envelope_id")))
        if waiting is None or waiting.done():
            self._breach("socket", "unknown_envelope", text[:200])
            return
        waiting.set_result(said)


class NoConnection(Exception):
    """The app has no open connection."""
