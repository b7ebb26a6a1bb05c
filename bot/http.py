"""The HTTP front: signatures and shapes are checked before Bolt sees a request."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from pydantic import SecretStr
from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

MAX_BODY = 1_000_000  # bytes; a view is 250 kB at most
_INTERACTIONS = frozenset(
    {
        "block_actions",
        "view_submission",
        "view_closed",
        "block_suggestion",
        "shortcut",
        "message_action",
    }
)

_log = structlog.get_logger(__name__)


class SlackEndpoint:
    """`POST /slack/events`: 401 for a bad signature, 400 for what Slack would not send."""

    def __init__(self, app: AsyncApp, signing_secret: SecretStr) -> None:
        self._app = app
        self._verifier = SignatureVerifier(signing_secret.get_secret_value())

    async def handle(self, request: Request) -> Response:
        try:
            body = await _read(request)
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            return PlainTextResponse("too large", status_code=413)
        if not self._is_signed(request, body):
            return PlainTextResponse("invalid signature", status_code=401)
        problem = problem_with(body, request.headers.get("content-type", ""))
        if problem:
            _log.warning("malformed_request", problem=problem)
            return PlainTextResponse(problem, status_code=400)
        response = await self._app.async_dispatch(to_async_bolt_request(request, body))
        return to_starlette_response(response)

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


def problem_with(body: bytes, content_type: str) -> str:
    """What keeps a signed body from being one of Slack's; empty when nothing does."""
    try:
        text = body.decode()
        if content_type.startswith("application/json"):
            return _problem_with_event(json.loads(text))
        form = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=200))
        if "payload" in form:
            return _problem_with_interaction(json.loads(form["payload"]))
    except (ValueError, RecursionError):
        return "unreadable body"
    return _problem_with_command(form)


def _problem_with_command(form: Mapping[str, str]) -> str:
    if form.get("ssl_check") == "1":
        return ""
    needed = ("command", "team_id", "user_id", "channel_id", "trigger_id", "response_url")
    missing = [name for name in needed if not form.get(name)]
    return f"missing {missing[0]}" if missing else ""


def _problem_with_event(event: object) -> str:
    match event:
        case {"type": "url_verification", "challenge": str()}:
            return ""
        case {"type": "event_callback", "event_id": str(), "event": {"type": str()}, **rest}:
            return "" if _has_team(rest) else "missing team_id"
        case {"type": "app_rate_limited"}:
            return ""
    return "unknown event"


def _has_team(event: Mapping[Any, Any]) -> bool:
    return isinstance(event.get("team_id") or event.get("enterprise_id"), str)


def _problem_with_interaction(payload: object) -> str:
    match payload:
        case {"type": str(kind), "user": {"id": str()}, **rest} if kind in _INTERACTIONS:
            return _problem_with_parts(kind, rest)
    return "unknown interaction"


def _problem_with_parts(kind: str, payload: Mapping[Any, Any]) -> str:
    team = payload.get("team") or payload.get("enterprise") or {}
    if not isinstance(team, dict) or not isinstance(team.get("id"), str):
        return "missing team"
    if kind == "block_actions":
        actions = payload.get("actions")
        if not isinstance(actions, list) or not actions:
            return "missing actions"
        whole = all(isinstance(a, dict) and isinstance(a.get("action_id"), str) for a in actions)
        return "" if whole else "missing action_id"
    if kind in ("view_submission", "view_closed"):
        match payload.get("view"):
            case {"id": str(), "callback_id": str(), "state": {"values": dict()}}:
                return ""
            case {"id": str(), "callback_id": str()} if kind == "view_closed":
                return ""
        return "missing view"
    return ""


Probe = Callable[[], Awaitable[str]]


async def handle_healthz(_request: Request) -> Response:
    return PlainTextResponse("ok")


def readyz(probe: Probe) -> Callable[[Request], Awaitable[Response]]:
    """`probe` answers with what is wrong, or nothing."""

    async def handle_readyz(_request: Request) -> Response:
        problem = await probe()
        return PlainTextResponse(problem or "ready", status_code=503 if problem else 200)

    return handle_readyz


def metrics(registry: CollectorRegistry) -> Callable[[Request], Awaitable[Response]]:
    async def handle_metrics(_request: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return handle_metrics
