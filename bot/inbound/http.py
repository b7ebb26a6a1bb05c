"""What operators ask over HTTP: whether the process lives, is ready, and its metrics."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Host, Match, Route
from starlette.types import ASGIApp, Scope

from bot.inbound.serving import Drain
from bot.metrics import Metrics
from flows.errors import StorageUnavailable

COUNTED_FOR = 5.0  # seconds until the database is asked for counts again
READY_FOR = 1.0  # seconds until it is asked again whether the process is ready
T = TypeVar("T")
Probe = Callable[[], Awaitable[str]]


class UnderName(Host):
    """Serves an app to requests for the host name of this address, and to no others.

    Starlette alone reads a name as a pattern, and ends one at its first colon.
    """

    def __init__(self, url: str, app: ASGIApp) -> None:
        super().__init__("", app)
        self._name = _host_name(urlsplit(url).netloc)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        asked = scope["type"] == "http" and Headers(scope=scope).get("host")
        if asked and _host_name(asked) == self._name:
            return Match.FULL, {"endpoint": self.app}
        return Match.NONE, {}


def _host_name(host: str) -> str | None:
    """Without port, case and the root's dot. None for what is no host."""
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        return None
    return name.removesuffix(".") if name else None


async def handle_healthz(_request: Request) -> Response:
    return PlainTextResponse("ok")


def readyz(drain: Drain, probes: Sequence[Probe]) -> Callable[[Request], Awaitable[Response]]:
    """Makes the handler of `/readyz`. Each probe returns what is wrong, or an empty text."""

    asked = AskedOnce(lambda: _first_problem(probes), READY_FOR)

    async def handle_readyz(_request: Request) -> Response:
        problem = "draining" if drain.begun else await asked.answer()
        return PlainTextResponse(problem or "ready", status_code=503 if problem else 200)

    return handle_readyz


async def _first_problem(probes: Sequence[Probe]) -> str:
    for probe in probes:
        if problem := await probe():
            return problem
    return ""


def metrics_app(
    metrics: Metrics,
    count: Callable[[], Awaitable[None]],
    now: Callable[[], float] = time.monotonic,
) -> Starlette:
    """`GET /metrics`. `count` asks the database. While that is away, the last counts stay."""
    count_at = now()

    async def handle(_request: Request) -> Response:
        nonlocal count_at
        if now() >= count_at:
            count_at = now() + COUNTED_FOR
            with suppress(StorageUnavailable):
                await count()
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return Starlette(routes=[Route("/metrics", handle)])


class AskedOnce(Generic[T]):
    """One question for all who ask at once. Its answer is kept for so many seconds."""

    def __init__(self, ask: Callable[[], Coroutine[Any, Any, T]], kept: float = 0.0) -> None:
        self._ask = ask
        self._kept = kept
        self._until = 0.0
        self._asking: asyncio.Task[T] | None = None

    async def answer(self, within: float | None = None) -> T:
        """Raises `StorageUnavailable` if there is none in so many seconds. The question goes on to
        its own end: to cancel one that a silent PostgreSQL has takes as long as to wait.
        """
        asking = self._asking
        if asking is None or (asking.done() and time.monotonic() >= self._until):
            asking = self._asking = asyncio.create_task(self._ask())
            asking.add_done_callback(self._note_end)
        answered, _ = await asyncio.wait({asking}, timeout=within)
        if not answered:
            raise StorageUnavailable("no answer")
        return asking.result()

    def _note_end(self, asking: asyncio.Task[T]) -> None:
        self._until = time.monotonic() + self._kept
        if not asking.cancelled():
            asking.exception()  # it is heard, even if nobody waits any more
