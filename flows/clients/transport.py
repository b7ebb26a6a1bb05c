"""Calls to Segment over HTTP: limits, safe retries, parsing, errors as `SegmentError`s."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeAlias, TypeVar
from urllib.parse import quote

from pydantic import SecretStr, ValidationError

from flows.clients.gate import Gate, Limit
from flows.clients.waits import named_wait
from flows.clients.wire import Envelope, ErrorBody, ErrorItem, PageWire, Unreadable, Wire
from flows.errors import (
    NoRoom,
    SegmentError,
    SegmentInvalid,
    SegmentLimited,
    SegmentNotFound,
    SegmentRefused,
    SegmentUnavailable,
)
from flows.vocabulary import AGENT

if TYPE_CHECKING:
    import httpx

MAX_ANSWER = 8 * 1024 * 1024  # bytes; a page of destinations carries long catalogue entries
RETRY_DELAYS = (0.2, 0.6)  # seconds before the second and third try
LIMITED = 1.0  # seconds, if Segment limits us without saying how long
LONGEST_WAIT = 1.5  # seconds that we wait for a limit to end; longer waits are left to a later job
MOST_NAMED = 900.0  # seconds; Segment limits by the minute, so a longer wait is a mistake
TRY_TIMEOUT = 5.0  # seconds
_CONNECT_TIMEOUT = 3.0  # seconds
_CONNECTIONS, _KEPT_ALIVE = 100, 20  # at most
_REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_INVALID = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY)

# JSON allows both in a name, no database takes them: NUL, and half an emoji, as JavaScript leaves
# it where it cuts a text.
_ODD = re.compile(rb"\\u(?:0000|d[89a-f])", re.IGNORECASE)
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")

Params = Mapping[str, str | Sequence[str]]
W = TypeVar("W", bound=Wire)
P = TypeVar("P", bound=PageWire)
R = TypeVar("R")
HttpClient: TypeAlias = "httpx.AsyncClient"
NoteUnreadable = Callable[[str, Sequence[str]], None]  # the call, and the ids of odd records


def _nothing() -> None:
    return


def new_http_client(
    timeout: float = TRY_TIMEOUT, before: Callable[[], None] = _nothing
) -> HttpClient:
    """The connections of all calls that do not go to Slack. The caller closes it.

    httpx repeats no request; the tries below are the only ones. `before` runs before each
    request, and may raise to stop it. httpx is imported late everywhere, because many processes
    start without a word to anybody but Slack.
    """
    import httpx

    async def hook(_request: "httpx.Request") -> None:
        before()

    return httpx.AsyncClient(
        timeout=httpx.Timeout(timeout, connect=min(timeout, _CONNECT_TIMEOUT)),
        limits=httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_KEPT_ALIVE),
        headers={"User-Agent": AGENT},
        follow_redirects=False,
        event_hooks={"request": [hook]},
    )


@dataclass(frozen=True, slots=True)
class _Received:
    status: int
    body: bytes
    html: bool
    of_token: bool  # a limit of this token, as Segment names it in a header
    retry_after: float | None


@dataclass(frozen=True, slots=True)
class _Failure:
    """How a try failed. Another one may help after `again_after` seconds; None: it will not.

    This is a value, not an exception. An exception raised where httpx's error was caught would
    keep that error as its context, and with it the request and the token.
    """

    error: SegmentError
    again_after: float | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the port, with all the GETs that it takes.

    They are safe to repeat and share one deadline. `name` stands in errors, `base` is the host, and
    `until` is the deadline on the event loop's clock. The call falls under these `limits` of
    Segment's, and each try passes the gate. Everything raises `SegmentError`'s children. `note`
    hears of records that could not be read.
    """

    http: HttpClient
    gate: Gate
    name: str
    base: str
    token: SecretStr | None
    limits: tuple[Limit, ...]
    until: float
    note: NoteUnreadable

    async def data(self, shape: type[W], path: str, params: Params | None = None) -> W:
        """The content of `data` in an answer of the Public API."""
        body = await self.body(path, params)
        return self.parse(Envelope[shape], body).data  # type: ignore[valid-type]

    async def pages(
        self, shape: type[P], path: str, params: Params, per_page: int, most: int
    ) -> AsyncIterator[P]:
        """Yields up to `most` pages. Stops early at a cursor that leads nowhere new."""
        cursor: str | None = None
        for _ in range(most):
            query = {**params, "pagination[count]": str(per_page)}
            if cursor is not None:
                query["pagination[cursor]"] = cursor
            page = await self.data(shape, path, query)
            yield page
            following = page.pagination.next
            if not following or following == cursor:
                return
            cursor = following

    def readable(self, records: Iterable[R | Unreadable]) -> list[R]:
        """Those that could be read; `note` hears of the others."""
        every = list(records)
        odd = [record.id for record in every if isinstance(record, Unreadable)]
        if odd:
            self.note(self.name, odd)
        return [record for record in every if not isinstance(record, Unreadable)]

    def parse(self, shape: type[W], body: bytes) -> W:
        try:
            return shape.model_validate_json(_mended(body) if _ODD.search(body) else body)
        except ValidationError:
            pass  # not raised here: the error holds the answer, and with it write keys
        raise SegmentUnavailable(self.name, "unexpected answer")

    async def body(self, path: str, params: Params | None = None) -> bytes:
        """The body of a successful answer."""
        if self.token is not None and not _can_be_sent(self.token):
            raise SegmentRefused(self.name, HTTPStatus.UNAUTHORIZED)
        try:
            async with asyncio.timeout_at(self.until):
                for delay in (*RETRY_DELAYS, None):
                    outcome = await self._try(path, params)
                    if isinstance(outcome, bytes):
                        return outcome
                    await self._wait_after(outcome, delay)
        except TimeoutError:
            pass
        raise SegmentUnavailable(self.name, "too slow")

    async def _wait_after(self, failure: _Failure, delay: float | None) -> None:
        """Waits until the next try. Raises the error if another try is of no use or too late."""
        left = self.until - asyncio.get_running_loop().time()
        gives_up = isinstance(failure.error, SegmentLimited) and not self.gate.waits
        if gives_up or delay is None or failure.again_after is None:
            raise failure.error
        if max(delay, failure.again_after) > left:
            raise failure.error
        await asyncio.sleep(max(delay, failure.again_after))

    async def _try(self, path: str, params: Params | None) -> bytes | _Failure:
        import httpx

        if self.http.is_closed:  # this process is stopping
            return _Failure(SegmentUnavailable(self.name, "closed"))
        headers = {"Accept": "application/json"}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token.get_secret_value()}"
        try:
            await self.gate.enter(self.name, self.limits, self.until)
            async with self.http.stream(
                "GET", self.base + path, params=params, headers=headers
            ) as response:
                answer = await _received(self.name, response)
        except SegmentUnavailable as error:
            return _Failure(error)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return _broken(self.name, error)
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS and not answer.of_token:
            # Our address has called too often. With the header it would be this one token, and
            # calls with other tokens would not have to wait.
            await self.gate.close(self.limits, _wait_in(answer.body) or LIMITED)
        return _read(self.name, answer, with_token=self.token is not None)


def _mended(body: bytes) -> bytes:
    """The body without NUL, and with a question mark for half an emoji."""
    try:
        whole = json.dumps(json.loads(body), ensure_ascii=False).encode(errors="replace")
    except (ValueError, RecursionError):
        return body
    return _NUL.sub(rb"\1", whole)


def path_segment(call: str, text: str) -> str:
    """One segment of a path. Text that cannot be one is nobody's id."""
    if text in {"", ".", ".."}:
        raise SegmentNotFound(call)
    return quote(text, safe="")


def _can_be_sent(token: SecretStr) -> bool:
    """Whether the token fits a header, which holds only printable ASCII. Real tokens do."""
    text = token.get_secret_value()
    return text.isascii() and text.isprintable() and bool(text) and " " not in text


async def _received(call: str, response: "httpx.Response") -> _Received:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > MAX_ANSWER:
            raise SegmentUnavailable(call, "answer too long")
    content_type = response.headers.get("content-type", "")
    wait = response.headers.get("retry-after", "")
    return _Received(
        status=response.status_code,
        body=bytes(body),
        html=content_type.startswith("text/html") or body.lstrip()[:1] == b"<",
        of_token=bool(wait.strip()),
        retry_after=_named_by(wait) if wait else None,
    )


def _named_by(header: str) -> float | None:
    wait = named_wait(header)
    return None if wait is None else min(wait, MOST_NAMED)


def _broken(call: str, error: "httpx.HTTPError | httpx.InvalidURL") -> _Failure:
    """No answer came. After a cut connection, another try may help, and at once."""
    import httpx

    if isinstance(error, httpx.TimeoutException):
        return _Failure(SegmentUnavailable(call, "too slow"))
    again_after = 0.0 if isinstance(error, httpx.TransportError) else None
    return _Failure(SegmentUnavailable(call, type(error).__name__), again_after)


def _read(call: str, answer: _Received, *, with_token: bool) -> bytes | _Failure:
    status = answer.status
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _limited(call, answer)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        wait = answer.retry_after or 0.0
        return _maybe_again(SegmentUnavailable(call, str(status), wait or None), wait)
    # A gateway or proxy answers here, not Segment's API. For the CDN, the status is the answer.
    if answer.html and (status == HTTPStatus.OK or with_token):
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


def _limited(call: str, answer: _Received) -> _Failure:
    """The header takes precedence over the body, as Segment recommends."""
    wait = _wait_in(answer.body) if answer.retry_after is None else answer.retry_after
    kind = SegmentLimited if answer.of_token else NoRoom
    return _maybe_again(kind(call, "limited", wait or None), wait)


def _maybe_again(error: SegmentUnavailable, wait: float | None) -> _Failure:
    """Allows another try only if Segment asks for no longer a wait than a person would bear."""
    soon = wait is not None and wait <= LONGEST_WAIT
    return _Failure(error, wait if soon else None)


def _wait_in(body: bytes) -> float | None:
    try:
        errors = ErrorBody.model_validate_json(body).errors
    except ValidationError:
        return None
    limits = (item.data for item in errors if isinstance(item, ErrorItem) and item.data)
    waits = [limit.wait_ms / 1000 for limit in limits if limit.wait_ms is not None]
    return min(MOST_NAMED, max(0.0, *waits)) if waits else None
