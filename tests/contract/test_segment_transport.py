"""Answers that Segment should never give, and attempts that may be repeated."""

import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from pydantic import SecretStr

from flows.clients.gate import Gate, Limit, OpenGate
from flows.clients.segment import SegmentClient, SegmentUrls
from flows.clients.transport import LIMITED, MAX_ANSWER, MOST_NAMED, new_http_client
from flows.errors import (
    NoRoom,
    SegmentError,
    SegmentLimited,
    SegmentNotFound,
    SegmentRefused,
    SegmentUnavailable,
)
from flows.vocabulary import Region

URLS = SegmentUrls(
    us="https://us.test", eu="https://eu.test", config="https://config.test", cdn="https://cdn.test"
)
WORKSPACE = {"data": {"workspace": {"id": "w1", "slug": "acme", "name": "Acme"}}}
Reply = httpx.Response | type[httpx.HTTPError]


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.clients.transport.RETRY_DELAYS", (0.0, 0.0))


class Script:
    """Gives its replies in turn, and repeats the last one. `asked` has the requests."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if isinstance(reply, httpx.Response):
            return httpx.Response(reply.status_code, headers=reply.headers, content=reply.content)
        raise reply("broken")

    @property
    def client(self) -> SegmentClient:
        return self.behind(OpenGate())

    def behind(self, gate: Gate) -> SegmentClient:
        http = httpx.AsyncClient(transport=httpx.MockTransport(self))
        return SegmentClient(lambda: http, URLS, deadline=5.0, gate=gate)


def token() -> SecretStr:
    return SecretStr(secrets.token_hex(32))


async def slug_from(script: Script) -> str:
    return (await script.client.access(token(), Region.US).workspace()).slug


OK = httpx.Response(200, json=WORKSPACE)


@pytest.mark.parametrize(
    "trouble",
    [
        httpx.ConnectError,
        httpx.RemoteProtocolError,
        httpx.ReadError,
        httpx.Response(500),
        httpx.Response(503, text="<html>"),
        httpx.Response(429, headers={"Retry-After": "0"}),
        httpx.Response(429, json={"errors": [{"type": "limit", "data": {"msBeforeNext": 1}}]}),
    ],
)
async def test_passing_trouble_is_got_over(trouble: Reply) -> None:
    script = Script(trouble, trouble, OK)
    assert await slug_from(script) == "acme"
    assert len(script.asked) == 3


@pytest.mark.parametrize("trouble", [httpx.ConnectError, httpx.Response(502)])
async def test_three_tries_are_enough(trouble: Reply) -> None:
    script = Script(trouble)
    with pytest.raises(SegmentUnavailable):
        await slug_from(script)
    assert len(script.asked) == 3


@pytest.mark.parametrize(
    "reply",
    [
        httpx.ReadTimeout,
        httpx.ConnectTimeout,
        httpx.Response(429, headers={"Retry-After": "30"}),
        httpx.Response(503, headers={"Retry-After": "30"}),
        httpx.Response(429),
        httpx.Response(429, text="not JSON"),
        httpx.Response(200, text="not JSON"),
        httpx.Response(200, json={"data": {}}),
        httpx.Response(200, json=[]),
        httpx.Response(200, text="<html>", headers={"Content-Type": "text/html"}),
        httpx.Response(403, text="<html>", headers={"Content-Type": "text/html"}),
        httpx.Response(200, content=b"x" * (MAX_ANSWER + 1)),
        httpx.Response(302, headers={"Location": "https://elsewhere.test"}),
        httpx.Response(418),
    ],
)
async def test_what_helps_not_is_not_repeated(reply: Reply) -> None:
    script = Script(reply)
    with pytest.raises(SegmentUnavailable):
        await slug_from(script)
    assert len(script.asked) == 1


@pytest.mark.parametrize(
    ("status", "kind"), [(401, SegmentRefused), (403, SegmentRefused), (404, SegmentNotFound)]
)
async def test_a_refusal_stands_whatever_its_body(status: int, kind: type[SegmentError]) -> None:
    script = Script(httpx.Response(status, json={"unexpected": True}))
    with pytest.raises(kind):
        await slug_from(script)
    assert len(script.asked) == 1


async def test_of_the_cdn_the_status_is_the_answer() -> None:
    missing = Script(httpx.Response(404, text="<Error>no such key</Error>"))
    assert await missing.client.is_write_key(SecretStr("a" * 32)) is False
    page = Script(httpx.Response(200, text="<html>"))
    with pytest.raises(SegmentUnavailable):
        await page.client.is_write_key(SecretStr("a" * 32))


async def test_a_question_carries_what_segment_wants_and_no_more() -> None:
    script, secret = Script(OK), token()
    await script.client.access(secret, Region.EU).workspace()
    await script.client.is_write_key(SecretStr("a" * 32))
    public, cdn = script.asked
    assert str(public.url) == "https://eu.test/"
    assert public.headers["authorization"] == f"Bearer {secret.get_secret_value()}"
    assert public.headers["accept"] == "application/json"
    assert str(cdn.url) == f"https://cdn.test/v1/projects/{'a' * 32}/settings"
    assert "authorization" not in cdn.headers


class NotedGate(OpenGate):
    """Notes for how long calls were to be held back."""

    def __init__(self) -> None:
        self.closed: list[float] = []

    async def close(self, limits: tuple[Limit, ...], seconds: float) -> None:
        self.closed.append(seconds)


def waits(*milliseconds: str) -> str:
    items = ", ".join(f'{{"data": {{"msBeforeNext": {each}}}}}' for each in milliseconds)
    return f'{{"errors": [{items}]}}'


TOMORROW = f"{datetime.now(UTC) + timedelta(days=1):%a, %d %b %Y %H:%M:%S GMT}"
IN_HEADER: dict[str, tuple[float, float] | None] = {
    "30": (30, 30),
    " 30 ": (30, 30),
    "2.5": (2.5, 2.5),
    TOMORROW: (MOST_NAMED, MOST_NAMED),
    "Sun, 06 Nov 1994 08:49:37 GMT": None,
    "-7": None,
    "soon": None,
    "9" * 400: (MOST_NAMED, MOST_NAMED),
    "99999999": (MOST_NAMED, MOST_NAMED),
}


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("header", IN_HEADER, ids=[f"header{each}" for each in range(9)])
async def test_a_header_names_the_moment_in_any_form_and_never_one_far_away(
    status: int, header: str
) -> None:
    reply = httpx.Response(status, headers={"Retry-After": header}, text=waits("40000"))
    script, gate = Script(reply), NotedGate()
    with pytest.raises(SegmentUnavailable) as limited:
        await script.behind(gate).access(token(), Region.US).workspace()
    named = limited.value.retry_after
    if header == "soon" and status == 429:
        assert named == 40
    elif IN_HEADER[header] is None:
        assert named is None
    else:
        least, most = IN_HEADER[header] or (0, 0)
        assert named is not None
        assert least <= named <= most
    assert type(limited.value) is (SegmentLimited if status == 429 else SegmentUnavailable)
    assert gate.closed == []  # it is this token's own limit


@pytest.mark.parametrize(
    ("body", "closed"),
    [
        (waits("40000"), 40),
        (waits('"40000"'), 40),
        (waits("3000", "40000", "2000"), 40),
        ('{"errors": [null, 7, {"data": "x"}, {"data": {"msBeforeNext": 40000}}]}', 40),
        (waits("null", "40000"), 40),
        (waits("1e400"), LIMITED),
        (waits("NaN", "40000"), 40),
        (waits("1e15"), MOST_NAMED),
        (waits("-5"), LIMITED),
        (waits(), LIMITED),
        ('{"errors": null}', LIMITED),
        ("[]", LIMITED),
        ("", LIMITED),
    ],
)
async def test_a_body_names_the_moment_and_what_is_odd_in_it_holds_nobody_back_for_ever(
    body: str, closed: float
) -> None:
    script, gate = Script(httpx.Response(429, text=body)), NotedGate()
    with pytest.raises(NoRoom) as limited:
        await script.behind(gate).access(token(), Region.US).workspace()
    assert set(gate.closed) == {closed}
    assert limited.value.retry_after in (closed, None)


def everything_about(error: BaseException | None) -> str:
    """The text of an error, of its content and of all its causes."""
    told = ""
    while error is not None:
        told += f"{error!r} {vars(error)!r} {getattr(error, 'request', '')!r}"
        error = error.__cause__ or error.__context__
    return told


@pytest.mark.parametrize(
    "reply",
    [
        httpx.ConnectError,
        httpx.ReadTimeout,
        httpx.Response(401),
        httpx.Response(200, json={"data": {"workspace": {"id": "secret-in-answer"}}}),
    ],
)
async def test_no_error_leads_back_to_a_secret(reply: Reply) -> None:
    secret = token()
    with pytest.raises(SegmentError) as caught:
        await Script(reply).client.access(secret, Region.US).workspace()
    assert caught.value.__context__ is None
    told = everything_about(caught.value)
    assert secret.get_secret_value() not in told
    assert "secret-in-answer" not in told


async def test_a_cursor_that_goes_round_ends_the_pages() -> None:
    page = {"sources": [], "pagination": {"current": "a", "next": "a"}}
    script = Script(httpx.Response(200, json={"data": page}))
    assert await script.client.access(token(), Region.US).sources() == []
    assert len(script.asked) == 2


def by_granularity(answer: Callable[[str], httpx.Response]) -> SegmentClient:
    transport = httpx.MockTransport(lambda request: answer(request.url.params["granularity"]))
    return SegmentClient(lambda: httpx.AsyncClient(transport=transport), URLS)


def delivery(time: str, count: float) -> httpx.Response:
    series = [{"time": time, "count": count}]
    data = {"total": count, "dataset": [{"total": count, "series": series}]}
    return httpx.Response(200, content=json.dumps({"data": data}))


@pytest.mark.parametrize(
    ("closer", "expected"),
    [
        (httpx.Response(422), "2026-03-17T00:00:00+00:00"),
        (httpx.Response(403), "2026-03-17T00:00:00+00:00"),
        (delivery("2026-01-01T00:00:00Z", 3), "2026-03-17T00:00:00+00:00"),
        (delivery("2026-03-17T09:00:00.000000000Z", 3), "2026-03-17T09:00:00+00:00"),
        (delivery("2026-03-17T09:00:00", 3), "2026-03-17T09:00:00+00:00"),
    ],
)
async def test_closer_figures_only_sharpen_the_answer(
    closer: httpx.Response, expected: str
) -> None:
    day = delivery("2026-03-17T00:00:00Z", 3)
    client = by_granularity(
        lambda granularity: {"DAY": day, "HOUR": closer}.get(granularity, httpx.Response(422))
    )
    end = datetime(2026, 3, 17, 12, 0, tzinfo=UTC)
    found = await client.access(token(), Region.US).delivered(
        "s", "d", end - timedelta(days=30), end
    )
    assert (found.total, str(found.first_at).replace(" ", "T")) == (3, expected)


@pytest.mark.parametrize("count", ["-1", "1e400", "NaN", '"many"', "1e18"])
async def test_numbers_that_cannot_be_are_no_answer(count: str) -> None:
    body = f'{{"data": {{"total": {count}, "dataset": []}}}}'
    client = by_granularity(lambda _: httpx.Response(200, content=body))
    end = datetime(2026, 3, 17, tzinfo=UTC)
    with pytest.raises(SegmentUnavailable):
        await client.access(token(), Region.US).delivered("s", "d", end - timedelta(days=1), end)


async def test_connections_have_timeouts_and_follow_nobody() -> None:
    async with new_http_client() as http:
        assert None not in http.timeout.as_dict().values()
        assert http.follow_redirects is False


async def test_a_client_that_was_closed_asks_nobody() -> None:
    script = Script(OK)
    http = httpx.AsyncClient(transport=httpx.MockTransport(script))
    await http.aclose()
    with pytest.raises(SegmentUnavailable, match="closed"):
        await SegmentClient(lambda: http, URLS).access(token(), Region.US).workspace()
    assert script.asked == []
