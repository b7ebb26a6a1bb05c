"""What operators ask over HTTP: whether the process lives, is ready, and its metrics."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any, TypeVar
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

    async def handle_readyz(_request: Request) -> Response:
        problem = "draining" if drain.begun else await _first_problem(probes)
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


async def answered_within(question: Coroutine[Any, Any, T], seconds: float) -> T:
    """Raises `StorageUnavailable` if the database has not answered by then. The question goes on to
    its own end: to cancel one that a silent PostgreSQL has takes as long as to wait.
    """
    asking = asyncio.create_task(question)
    asking.add_done_callback(lambda task: task.cancelled() or task.exception())  # it is heard
    answered, _ = await asyncio.wait({asking}, timeout=seconds)
    if not answered:
        raise StorageUnavailable("no answer")
    return asking.result()
