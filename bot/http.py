"""The HTTP front: signatures and shapes are checked before Bolt sees a request."""

import json
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import parse_qsl

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, SecretStr, ValidationError
from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from bot.metrics import Metrics
from bot.payloads import INTERACTIONS, Command, Event

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
            kind = kind_of(body, request.headers.get("content-type", ""))
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


class Malformed(Exception):
    """Signed, but nothing that Slack sends; the message says what is wrong."""


def kind_of(body: bytes, content_type: str) -> str:
    """What a signed request is, if it has the shape of its kind. Raises `Malformed`."""
    try:
        text = body.decode()
        if content_type.startswith("application/json"):
            return _kind_of_event(json.loads(text))
        form = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=200))
        if "payload" in form:
            return _kind_of_interaction(json.loads(form["payload"]))
    except (ValueError, RecursionError):
        raise Malformed("unreadable body") from None
    return _kind_of_command(form)


def _kind_of_command(form: Mapping[str, str]) -> str:
    if form.get("ssl_check") == "1":
        return "ssl_check"
    _validate(Command, form)
    return "command"


def _kind_of_event(event: object) -> str:
    match event:
        case {"type": "url_verification", "challenge": str()}:
            return "url_verification"
        case {"type": "event_callback"}:
            _validate(Event, event)
            return "event"
        case {"type": "app_rate_limited"}:
            return "event"
    raise Malformed("unknown event")


def _kind_of_interaction(payload: object) -> str:
    match payload:
        case {"type": str(kind)} if kind in INTERACTIONS:
            _validate(INTERACTIONS[kind], payload)
            return kind
    raise Malformed("unknown interaction")


def _validate(shape: type[BaseModel], value: object) -> None:
    try:
        shape.model_validate(value, strict=True)
    except ValidationError as error:
        where = ".".join(str(step) for step in error.errors(include_input=False)[0]["loc"])
        raise Malformed(f"malformed {where[:100]}") from None


Probe = Callable[[], Awaitable[str]]


async def handle_healthz(_request: Request) -> Response:
    return PlainTextResponse("ok")


def readyz(probe: Probe) -> Callable[[Request], Awaitable[Response]]:
    """`probe` answers with what is wrong, or nothing."""

    async def handle_readyz(_request: Request) -> Response:
        problem = await probe()
        return PlainTextResponse(problem or "ready", status_code=503 if problem else 200)

    return handle_readyz


def handle_metrics(metrics: Metrics) -> Callable[[Request], Awaitable[Response]]:
    async def handle(_request: Request) -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return handle
