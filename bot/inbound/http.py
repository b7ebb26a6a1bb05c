"""The HTTP front: signatures and shapes are checked before Bolt sees a request."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import SecretStr
from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from bot.inbound.payloads import Malformed, kind_of_body
from bot.inbound.serving import Drain
from bot.metrics import Metrics
from flows.errors import StorageUnavailable

MAX_BODY = 1_000_000  # bytes; a view is 250 kB at most
_log = structlog.get_logger(__name__)


class SlackEndpoint:
    """`POST /slack/events`: 401 for a bad signature, 400 for what Slack would not send."""

    def __init__(self, app: AsyncApp, signing_secret: SecretStr, metrics: Metrics) -> None:
        self._app = app
        self._verifier = SignatureVerifier(signing_secret.get_secret_value())
        self._metrics = metrics

    async def handle(self, request: Request) -> Response:
        try:
            body = await _read(request)
        except ClientDisconnect:
            return self._refuse("gone", 400)
        if body is None:
            return self._refuse("too large", 413)
        if not self._is_signed(request, body):
            return self._refuse("invalid signature", 401)
        try:
            kind = kind_of_body(body, request.headers.get("content-type", ""))
        except Malformed as error:
            return self._refuse(str(error), 400)
        with self._metrics.answering(kind) as answering:
            response = await self._app.async_dispatch(to_async_bolt_request(request, body))
            answering.status = response.status
        return to_starlette_response(response)

    def _refuse(self, why: str, status: int) -> Response:
        _log.warning("request_refused", problem=why, status=status)
        self._metrics.refused(status)
        return PlainTextResponse(why, status_code=status)

    def _is_signed(self, request: Request, body: bytes) -> bool:
        try:
            return self._verifier.is_valid(
                body,
                request.headers.get("x-slack-request-timestamp", ""),
                request.headers.get("x-slack-signature", ""),
            )
        except (ValueError, UnicodeDecodeError):
            return False


async def _read(request: Request) -> bytes | None:
    """The raw body; None when it is too large."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BODY:
            return None
        parts.append(part)
    return b"".join(parts)


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
