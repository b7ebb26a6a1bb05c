"""One HTTP question to Segment: limits, safe retries, and errors as `SegmentError`s."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

import httpx
from pydantic import SecretStr, ValidationError

from flows.clients.gate import Gate, Limit, OpenGate
from flows.clients.wire import ErrorBody
from flows.errors import (
    SegmentError,
    SegmentInvalid,
    SegmentNotFound,
    SegmentRefused,
    SegmentUnavailable,
)

MAX_BODY = 8 * 1024 * 1024  # bytes; a page of destinations carries long catalogue entries
RETRY_DELAYS = (0.2, 0.6)  # seconds before the second and third try
LIMITED = 1.0  # seconds, where Segment limits us without saying for how long
LONGEST_WAIT = 1.5  # seconds that we wait for a limit to end; longer ones are for a later job
TIMEOUT = 5.0  # seconds
_CONNECT_TIMEOUT = 3.0  # seconds
_LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20)
_REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_INVALID = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY)

Params = Mapping[str, str | Sequence[str]]


def new_http_client(timeout: float = TIMEOUT) -> httpx.AsyncClient:
    """The connections of all calls that do not go to Slack; who makes it closes it.

    httpx repeats no request; the tries below are the only ones.
    """
    return httpx.AsyncClient(
        timeout=httpx.Timeout(timeout, connect=min(timeout, _CONNECT_TIMEOUT)),
        limits=_LIMITS,
        headers={"User-Agent": "connect-segment"},
        follow_redirects=False,
    )


@dataclass(frozen=True, slots=True)
class Question:
    """A GET; `call` names it in errors, `until` is its deadline on the event loop's clock.

    `limits` are those of Segment's under which it falls; each try passes the gate.
    """

    call: str
    url: str
    until: float
    token: SecretStr | None = None
    params: Params | None = None
    gate: Gate = field(default_factory=OpenGate)
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    html: bool
    retry_after: float | None


@dataclass(frozen=True, slots=True)
class _Failure:
    """What a try ended with; `again_after` seconds another one may do better, None: it will not.

    A value, not an exception: raised where it was caught it would keep httpx's error as its
    context, and with it the request and the token.
    """

    error: SegmentError
    again_after: float | None = None


async def ask(http: httpx.AsyncClient, question: Question) -> bytes:
    """The body of a successful answer. Every question is a GET, so repeating it is safe.

    Raises `SegmentError`'s children.
    """
    if question.token is not None and not _can_be_sent(question.token):
        raise SegmentRefused(question.call, HTTPStatus.UNAUTHORIZED)
    try:
        async with asyncio.timeout_at(question.until):
            return await _ask_patiently(http, question)
    except TimeoutError:
        raise SegmentUnavailable(question.call, "too slow") from None


def _can_be_sent(token: SecretStr) -> bool:
    """A header holds printable ASCII; nothing else can be a token."""
    text = token.get_secret_value()
    return text.isascii() and text.isprintable() and bool(text) and " " not in text


async def _ask_patiently(http: httpx.AsyncClient, question: Question) -> bytes:
    for delay in RETRY_DELAYS:
        outcome = await _try(http, question)
        if isinstance(outcome, bytes):
            return outcome
        left = question.until - asyncio.get_running_loop().time()
        if outcome.again_after is None or max(delay, outcome.again_after) > left:
            raise outcome.error
        await asyncio.sleep(max(delay, outcome.again_after))
    outcome = await _try(http, question)
    if isinstance(outcome, bytes):
        return outcome
    raise outcome.error


async def _try(http: httpx.AsyncClient, question: Question) -> bytes | _Failure:
    if http.is_closed:  # this process is stopping
        return _Failure(SegmentUnavailable(question.call, "closed"))
    try:
        await question.gate.enter(question.call, question.limits, question.until)
        answer = await _fetch(http, question)
    except SegmentUnavailable as error:
        return _Failure(error)
    except httpx.TimeoutException:
        return _Failure(SegmentUnavailable(question.call, "too slow"))
    except httpx.TransportError as error:
        return _Failure(SegmentUnavailable(question.call, type(error).__name__), again_after=0.0)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return _Failure(SegmentUnavailable(question.call, type(error).__name__))
    outcome = _read(question, answer)
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS and answer.retry_after is None:
        # Our address has called too often. With the header it is this one token: the calls of
        # others need not wait for it.
        await question.gate.close(question.limits, _wait_in(answer.body) or LIMITED)
    return outcome


async def _fetch(http: httpx.AsyncClient, question: Question) -> Answer:
    headers = {"Accept": "application/json"}
    if question.token is not None:
        headers["Authorization"] = f"Bearer {question.token.get_secret_value()}"
    async with http.stream(
        "GET", question.url, params=question.params, headers=headers
    ) as response:
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > MAX_BODY:
                raise SegmentUnavailable(question.call, "answer too long")
    content_type = response.headers.get("content-type", "")
    return Answer(
        status=response.status_code,
        body=bytes(body),
        html=content_type.startswith("text/html") or body.lstrip()[:1] == b"<",
        retry_after=_seconds(response.headers.get("retry-after")),
    )


def _seconds(header: str | None) -> float | None:
    """Whole seconds, as Segment sends them."""
    return float(header) if header and header.isascii() and header.isdigit() else None


def _read(question: Question, answer: Answer) -> bytes | _Failure:
    call, status = question.call, answer.status
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _limited(call, answer)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _maybe_again(call, str(status), answer.retry_after or 0.0)
    # A gateway or a proxy speaks here, not Segment's API; of the CDN the status is the answer.
    if answer.html and (status == HTTPStatus.OK or question.token is not None):
        return _Failure(SegmentUnavailable(call, f"{status} HTML"))
    if status == HTTPStatus.OK:
        return answer.body
    return _Failure(_error(call, status))


def _error(call: str, status: int) -> SegmentError:
    if status in _REFUSED:
        return SegmentRefused(call, status)
    if status == HTTPStatus.NOT_FOUND:
        return SegmentNotFound(call, str(status))
    if status in _INVALID:
        return SegmentInvalid(call, str(status))
    return SegmentUnavailable(call, str(status))


def _limited(call: str, answer: Answer) -> _Failure:
    """The header counts before the body, as Segment recommends."""
    wait = answer.retry_after if answer.retry_after is not None else _wait_in(answer.body)
    return _maybe_again(call, "limited", wait)


def _maybe_again(call: str, detail: str, wait: float | None) -> _Failure:
    """Tried again only when Segment wants no longer wait than a person would bear."""
    soon = wait is not None and wait <= LONGEST_WAIT
    return _Failure(SegmentUnavailable(call, detail, wait or None), wait if soon else None)


def _wait_in(body: bytes) -> float | None:
    try:
        errors = ErrorBody.model_validate_json(body).errors
    except ValidationError:
        return None
    waits = [item.data.wait_ms for item in errors if item.data and item.data.wait_ms is not None]
    return max(waits) / 1000 if waits else None
