"""What operators ask over HTTP: whether the process lives, is ready, and its metrics."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.inbound.serving import Drain
from bot.metrics import Metrics
from flows.errors import StorageUnavailable

Probe = Callable[[], Awaitable[str]]


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


def handle_metrics(
    metrics: Metrics, count: Callable[[], Awaitable[None]]
) -> Callable[[Request], Awaitable[Response]]:
    """`count` asks the database. While that is away, the last counts stay."""

    async def handle(_request: Request) -> Response:
        with suppress(StorageUnavailable):
            await count()
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return handle
