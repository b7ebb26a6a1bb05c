"""`POST /slack/events` as plain ASGI: signatures and shapes are checked first.

No framework stands around it: it would cost a quarter of a whole answer (docs/performance.md).
"""

from collections.abc import Mapping

import structlog
from pydantic import SecretStr
from slack_sdk.signature import SignatureVerifier
from starlette.types import Receive, Scope, Send

from bot.inbound.dispatch import Dispatch
from bot.inbound.payloads import Malformed, parse_body
from bot.metrics import Metrics

EVENTS_PATH = "/slack/events"
MAX_BODY = 1_000_000  # bytes; a view is 250 kB at most
MOST_AT_WORK = 1000  # requests; above that 503, and Slack tries again
TEXT = "text/plain; charset=utf-8"
_log = structlog.get_logger(__name__)

Headers = Mapping[bytes, bytes]
Answer = tuple[int, str, str]  # status, body, content type


class SlackEndpoint:
    """401 for a bad signature, 400 for what Slack would not send."""

    def __init__(self, dispatch: Dispatch, signing_secret: SecretStr, metrics: Metrics) -> None:
        self._dispatch = dispatch
        self._verifier = SignatureVerifier(signing_secret.get_secret_value())
        self._metrics = metrics
        self._at_work = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":
            answer: Answer = (405, "Method Not Allowed", TEXT)
        else:
            answer = await self._answer(dict(scope["headers"]), receive)
        status, text, content_type = answer
        body = text.encode()
        headers = [
            (b"content-type", content_type.encode()),
            (b"content-length", str(len(body)).encode()),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, headers: Headers, receive: Receive) -> Answer:
        try:
            body = await _read(receive)
        except _Gone:
            return self._refuse("gone", 400)
        if body is None:
            return self._refuse("too large", 413)
        if not self._is_signed(headers, body):
            return self._refuse("invalid signature", 401)
        try:
            kind, payload = parse_body(body, headers.get(b"content-type", b"").decode("latin-1"))
        except Malformed as error:
            return self._refuse(str(error), 400)
        if self._at_work >= MOST_AT_WORK:
            return self._refuse("busy", 503)
        self._at_work += 1
        try:
            with self._metrics.answering(kind) as answering:
                response = await self._dispatch.answer(kind, payload)
                answering.status = response.status
        finally:
            self._at_work -= 1
        return response.status, response.body, response.headers["content-type"][0]

    def _refuse(self, why: str, status: int) -> Answer:
        _log.warning("request_refused", problem=why, status=status)
        self._metrics.refused(status)
        return status, why, TEXT

    def _is_signed(self, headers: Headers, body: bytes) -> bool:
        timestamp = headers.get(b"x-slack-request-timestamp", b"").decode("latin-1")
        signature = headers.get(b"x-slack-signature", b"").decode("latin-1")
        try:
            return self._verifier.is_valid(body, timestamp, signature)
        except (ValueError, TypeError):
            return False


class _Gone(Exception):
    """Whoever asked has hung up."""


async def _read(receive: Receive) -> bytes | None:
    """The raw body; None when it is too large. Raises `_Gone`."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        body += message.get("body", b"")
        if len(body) > MAX_BODY:
            return None
        more = message.get("more_body", False)
    return body
