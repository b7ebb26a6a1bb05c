"""Socket Mode: what Slack would post over HTTP arrives on connections that we opened.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import hashlib
import json
import math
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import structlog
from pydantic import SecretStr
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.inbound.dispatch import Dispatch
from bot.inbound.payloads import Malformed, parse_envelope, read_json
from bot.inbound.serving import ANSWERING, NOTICE
from bot.metrics import Metrics
from bot.outbound.errors import ODD_ANSWER, UNREACHABLE, error_name, retry_after

SOCKETS = 2  # per process; Slack allows an app ten in all
HEARTBEAT = 5.0  # seconds between pings; a connection that does not answer is given up
CONNECT_LIMIT = 10.0  # seconds until a connection is open, and as many until Slack says hello
READ_ON = 15.0  # seconds that we go on reading after Slack has announced a connection's end
PAUSES = (0.2, 1.0, 5.0, 15.0, 30.0)  # seconds before the next try; the last one repeats
BRIEF = 10.0  # seconds after hello; what ends sooner is a failure, or we would never pause
MOST_AT_ONCE = 1000  # requests beyond that are not acknowledged

_CLOSING = aiohttp.ClientWSTimeout(ws_close=1.0)
_Socket = aiohttp.ClientWebSocketResponse
_log = structlog.get_logger(__name__)


@dataclass
class _Life:
    """What its keeper wants to know of one connection."""

    leaves: asyncio.Event = field(default_factory=asyncio.Event)
    hello_at: float = math.inf  # by the loop's clock
    is_over: bool = False
    wait: float = 0.0  # seconds until the next may be opened, if Slack says so

    @property
    def prospects(self) -> tuple[bool, float]:
        """Grows with how surely it can still carry answers."""
        return not self.leaves.is_set(), -self.hello_at


class SocketMode:
    """Keeps connections to Slack open, and replaces one as soon as Slack announces its end."""

    def __init__(
        self,
        dispatch: Dispatch,
        slack: AsyncWebClient,
        app_token: SecretStr,
        metrics: Metrics,
        pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._pause = pause
        self._dispatch = dispatch
        self._slack = slack
        self._token = app_token
        self._metrics = metrics
        self._keepers: set[asyncio.Task[None]] = set()
        self._lives: dict[asyncio.Task[None], _Life] = {}
        self._answers: dict[asyncio.Task[None], _Life] = {}  # and what brought the request
        self._open: set[_Socket] = set()
        self._takes = True

    @property
    def connected(self) -> bool:
        """Whether Slack has said hello on a connection that lives, even if its end is announced."""
        return bool(self._open)

    def start(self) -> None:
        for _ in range(SOCKETS):
            self._keepers.add(asyncio.create_task(self._keep()))

    async def stop(self) -> None:
        """Opens nothing new, answers what comes, and hangs up, so Slack uses the other processes.

        One connection after the other: answers that are late for theirs go out on the next. If
        requests never pause, the last one takes none any more, and is left when those before are
        answered. What was not taken is not acknowledged, so Slack knows that nobody has it.
        """
        await _cancelled(self._keepers)
        lives = sorted(self._lives.items(), key=lambda each: each[1].prospects)
        began = asyncio.get_running_loop().time()
        for place, (living, life) in enumerate(lives, 1):
            await self._answered(life, began + NOTICE * place / len(lives))
            if place == len(lives):
                self._takes = False
                await self._answered(life, began + ANSWERING)
            await _cancelled([living])
        await _cancelled(self._answers)

    async def _answered(self, life: _Life, until: float) -> None:
        """Waits for the answers to what came on this connection, and on those that are over."""
        with suppress(TimeoutError):
            async with asyncio.timeout_at(until):
                while waiting := self._waiting(life):
                    await asyncio.wait(waiting)

    def _waiting(self, life: _Life) -> list["asyncio.Task[None]"]:
        return [task for task, of in self._answers.items() if of is life or of.is_over]

    async def _keep(self) -> None:
        failures = 0
        while True:
            life = _Life()
            living = _spawn(self._live(life), self._lives, life)
            announced = asyncio.create_task(life.leaves.wait())
            try:
                await asyncio.wait({living, announced}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                announced.cancel()
            lived = asyncio.get_running_loop().time() - life.hello_at
            failures = 0 if lived >= BRIEF else failures + 1
            seconds = max(PAUSES[min(failures, len(PAUSES) - 1)], life.wait)
            if failures:
                _log.warning("socket_waits", delay=seconds, attempts=failures)
            await self._pause(seconds)

    async def _live(self, life: _Life) -> None:
        """Opens one connection and reads it to its end."""
        try:
            async with asyncio.timeout(CONNECT_LIMIT):
                answer = await self._slack.apps_connections_open(
                    app_token=self._token.get_secret_value()
                )
                socket = await self._session.ws_connect(
                    answer["url"], heartbeat=HEARTBEAT, timeout=_CLOSING
                )
        except UNREACHABLE as error:
            life.wait = retry_after(error) or 0.0
            _log.warning("socket_not_opened", error=error_name(error))
            return
        except (KeyError, *ODD_ANSWER):
            _log.warning("socket_not_opened", error="incomplete_answer")
            return
        async with socket:
            try:
                async with asyncio.timeout(CONNECT_LIMIT) as limit:
                    await self._read(socket, life, limit)
            except TimeoutError:
                if life.hello_at == math.inf:
                    _log.warning("socket_not_opened", error="no_hello")
                else:
                    _log.info("socket_left")
            finally:
                life.is_over = True
                self._open.discard(socket)

    async def _read(self, socket: _Socket, life: _Life, limit: asyncio.Timeout) -> None:
        async for message in socket:
            if message.type is aiohttp.WSMsgType.ERROR:  # a frame that is too large, for example
                _log.warning("socket_broken", error=type(message.data).__name__)
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue  # after an error, the connection closes
            envelope = _parsed(message.data)
            match envelope.get("type"):
                case "hello":
                    self._open.add(socket)
                    life.hello_at = min(life.hello_at, asyncio.get_running_loop().time())
                    if not life.leaves.is_set():
                        limit.reschedule(None)
                    _log.info("socket_opened")
                case "disconnect":
                    life.leaves.set()
                    limit.reschedule(asyncio.get_running_loop().time() + READ_ON)
                    _log.info("socket_ends", reason=str(envelope.get("reason")))
                case _ if not self._takes:
                    self._refuse("draining", 503)
                case _ if len(self._answers) < MOST_AT_ONCE:
                    _spawn(self._answer(socket, envelope), self._answers, life)
                case _:
                    self._refuse("too many at once", 503)

    async def _answer(self, socket: _Socket, envelope: Mapping[str, Any]) -> None:
        try:
            kind, body = parse_envelope(envelope)
        except Malformed as error:
            self._refuse(str(error), 400)
            return
        began, status = time.perf_counter(), 500
        try:
            request = hashlib.sha256(envelope["envelope_id"].encode()).hexdigest()
            response = await self._dispatch.answer(kind, body, request)
            status = response.status
        except Exception as error:  # noqa: BLE001 - the edge of Socket Mode
            _log.error("request_failed", kind=kind, exc_info=error)
            return
        finally:
            self._metrics.answered(kind, status, began)
        if response.status == 200:  # otherwise it stays unacknowledged, and Slack resends events
            payload = _payload(response) if envelope.get("accepts_response_payload", True) else {}
            await self._acknowledge(socket, {"envelope_id": envelope["envelope_id"], **payload})

    async def _acknowledge(self, socket: _Socket, answer: Mapping[str, Any]) -> None:
        """Answers on the request's connection, or on another if that one is closed by now."""
        acknowledgement = json.dumps(answer)
        for each in (socket, *self._open):
            if each.closed:
                continue
            try:
                await each.send_str(acknowledgement)
            except (ConnectionError, aiohttp.ClientError):
                continue
            return
        _log.warning("answer_not_sent")

    def _refuse(self, why: str, status: int) -> None:
        _log.warning("request_refused", problem=why, status=status)
        self._metrics.refused(status)

    @property
    def _session(self) -> aiohttp.ClientSession:
        session = self._slack.session
        if session is None:
            raise ValueError("Socket Mode needs a client with a session")
        return session


def _spawn(
    work: Coroutine[Any, Any, None], group: dict[asyncio.Task[None], _Life], life: _Life
) -> "asyncio.Task[None]":
    task = asyncio.create_task(work)
    group[task] = life
    task.add_done_callback(group.pop)
    return task


async def _cancelled(tasks: Iterable["asyncio.Task[None]"]) -> None:
    ending = tuple(tasks)
    for task in ending:
        task.cancel()
    await asyncio.gather(*ending, return_exceptions=True)


def _parsed(text: str) -> dict[str, Any]:
    """Parses a JSON object. Anything else gives an empty one."""
    try:
        parsed = read_json(text)
    except (ValueError, RecursionError):
        parsed = {}
    return parsed if isinstance(parsed, dict) else {}


def _payload(answer: BoltResponse) -> dict[str, Any]:
    if not answer.body:
        return {}
    if answer.first_headers().get("content-type", "").startswith("application/json"):
        return {"payload": json.loads(answer.body)}
    return {"payload": {"text": answer.body}}
