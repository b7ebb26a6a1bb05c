"""Clients that send too much, too slowly or nothing at all, on real connections."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.inbound import protocol
from bot.inbound.protocol import (
    MAX_HEAD,
    MAX_TRAILERS,
    MOST_QUEUED,
    BoundedHttp,
    WholeAnswers,
)
from tests.support.world import soon

HEAD = b"POST / HTTP/1.1\r\nhost: bot.test\r\n"
SMALL = HEAD + b"content-length: 2\r\n\r\nhi"
PIECES = HEAD + b"transfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n"
RESET = b"reset"  # the server closed while more was on its way, which can hide its answer
OK = b"HTTP/1.1 200 OK"
SOON = 0.05  # seconds, in place of ten
LONG = 30.0  # seconds: a safety net
LARGE = 30_000_000  # bytes, more than the buffers of two sockets


class Served:
    """An app that counts bytes, on a port of this machine."""

    def __init__(self) -> None:
        self.asked = 0
        self.gone = 0
        self.server: uvicorn.Server
        self.names: list[bytes] = []  # of the headers of the last request, once its body was read

    @property
    def port(self) -> int:
        return int(self.server.servers[0].sockets[0].getsockname()[1])

    @property
    def connections(self) -> int:
        return len(self.server.server_state.connections)

    async def handle_large(self, _request: Request) -> Response:
        return PlainTextResponse("x" * LARGE)

    async def handle(self, request: Request) -> Response:
        self.asked += 1
        try:
            body = await request.body()
        except ClientDisconnect:
            self.gone += 1
            raise
        self.names = [name for name, _ in request.scope["headers"]]
        return PlainTextResponse(f"{len(body)} bytes")

    async def says(self, *parts: bytes, answers: int = 0) -> bytes:
        """Sends the parts. Returns all that comes until the server closes, or until the client
        does so after this many `answers`.
        """
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        first = b""
        try:
            for part in parts:
                writer.write(part)
                await writer.drain()
                if part is SMALL:
                    first = await reader.readuntil(b"bytes")
            while first.count(b"bytes") < answers:
                first += await asyncio.wait_for(reader.readuntil(b"bytes"), LONG)
            if answers:
                writer.write_eof()
            return first + await asyncio.wait_for(reader.read(), LONG)
        except ConnectionError:
            return RESET
        finally:
            writer.close()


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    made = Served()
    routes = [Route("/", made.handle, methods=["POST"]), Route("/large", made.handle_large)]
    async with _serving(Starlette(routes=routes)) as made.server:
        yield made


@asynccontextmanager
async def _serving(app: Starlette) -> AsyncIterator[uvicorn.Server]:
    config = uvicorn.Config(app, port=0, http=BoundedHttp, log_config=None, lifespan="off")
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    yield server
    await server.shutdown()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", SOON)
    monkeypatch.setattr(protocol, "BODY_SECONDS", SOON)


TOO_LARGE = {
    "one line in one piece": (HEAD + b"x: " + b"y" * MAX_HEAD + b"\r\n\r\n",),
    "one line without an end": (HEAD + b"x: ", *[b"y" * 1000] * 20),
    "many lines": (HEAD, *[b"x: y\r\n" * 100] * 40),
    "many lines in one piece": (HEAD + b"x: y\r\n" * 9000 + b"\r\n",),
    "an address": (b"POST /" + b"x" * MAX_HEAD + b" HTTP/1.1\r\nhost: a\r\n\r\n",),
    "the second request's": (SMALL, HEAD, *[b"x: y\r\n" * 100] * 40),
}


@pytest.mark.parametrize("name", TOO_LARGE)
async def test_a_head_that_is_too_large_is_refused(served: Served, name: str) -> None:
    answer = await served.says(*TOO_LARGE[name])
    if answer != RESET:
        assert answer.count(b"HTTP/1.1 431 ") == 1
        assert answer.count(OK) == name.startswith("the second")
    assert (await served.says(SMALL, answers=1)).startswith(OK)


TOO_MANY_TRAILERS = {
    "one line in one piece": (PIECES + b"x: " + b"y" * MAX_TRAILERS + b"\r\n\r\n",),
    "one line without an end": (PIECES + b"x: ", *[b"y" * 10_000] * 60),
    "many lines": (PIECES, *[b"x: y\r\n" * 100] * 90),
    "many lines in one piece": (PIECES + b"x: y\r\n" * 9000 + b"\r\n",),
    "what stands beside the size of a piece": (PIECES[:-3] + b"2;", *[b"y" * 10_000] * 60),
}


@pytest.mark.parametrize("name", TOO_MANY_TRAILERS)
async def test_trailers_that_are_too_many_are_refused(served: Served, name: str) -> None:
    answer = await served.says(*TOO_MANY_TRAILERS[name])
    if answer != RESET:
        assert answer.startswith(b"HTTP/1.1 431 ")
    assert (await served.says(SMALL, answers=1)).startswith(OK)


async def test_trailers_are_no_headers(served: Served) -> None:
    trailers = b"x-slack-signature: late\r\n" * 20
    answer = await served.says(PIECES + trailers + b"\r\n", PIECES, trailers, b"\r\n", answers=2)
    assert answer.count(OK) == 2
    assert served.names == [b"host", b"transfer-encoding"]


TOO_SLOW = {
    "nothing": (),
    "empty lines": (b"\r\n\r\n",),
    "half a head": (HEAD,),
    "no body": (HEAD + b"content-length: 5\r\n\r\n",),
    "half a body": (HEAD + b"content-length: 5\r\n\r\nab",),
    "half a piece of a body": (HEAD + b"transfer-encoding: chunked\r\n\r\n5\r\nab",),
    "half a second request": (SMALL, HEAD),
    "half a second request at once": (SMALL + HEAD,),
}


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("name", TOO_SLOW)
async def test_a_request_that_does_not_come_to_its_end_is_closed(served: Served, name: str) -> None:
    answer = await served.says(*TOO_SLOW[name])
    assert answer.endswith(
        b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
    )
    assert served.gone == ("body" in name)
    assert (await served.says(SMALL, answers=1)).startswith(OK)


ALLOWED = {
    "a large head": HEAD + b"x: " + b"y" * (MAX_HEAD - 100) + b"\r\ncontent-length: 2\r\n\r\nhi",
    "a large body": HEAD + b"content-length: 900000\r\n\r\n" + b"x" * 900_000,
    "pieces": PIECES + b"\r\n",
    "many small pieces": PIECES[:-3] + b"2\r\nhi\r\n" * 9000 + b"0\r\n\r\n",
}


@pytest.mark.parametrize("name", ALLOWED)
async def test_what_is_within_the_limits_is_answered(served: Served, name: str) -> None:
    answer = await served.says(ALLOWED[name], ALLOWED[name], answers=2)
    assert answer.count(OK) == 2


async def test_an_answer_without_a_body_is_sent_before_the_next(served: Served) -> None:
    answer = await served.says(b"HEAD / HTTP/1.1\r\nhost: bot.test\r\n\r\n", SMALL, answers=1)
    assert answer.index(b"HTTP/1.1 405 ") < answer.index(OK)


async def test_requests_that_wait_behind_each_other_have_a_limit(served: Served) -> None:
    answer = await served.says(SMALL * (MOST_QUEUED + 1), answers=MOST_QUEUED + 1)
    assert answer.count(OK) == MOST_QUEUED + 1
    served.asked = 0
    answer = await served.says(SMALL * 10 * MOST_QUEUED)
    assert b"HTTP/1.1 4" not in answer  # it would be taken for the answer to an earlier request
    assert served.asked <= MOST_QUEUED + 1
    assert (await served.says(SMALL, answers=1)).startswith(OK)


@pytest.mark.parametrize("ends", [b"", b"connection: close\r\n"])
async def test_a_client_that_does_not_read_is_left(
    served: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, ends: bytes
) -> None:
    monkeypatch.setattr(protocol, "WRITE_SECONDS", SOON)
    asks = b"GET /large HTTP/1.1\r\nhost: bot.test\r\n" + ends + b"\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(asks * 3)
    await reader.readexactly(1)
    await soon(lambda: not served.connections)
    writer.close()
    assert not caplog.records
    assert (await served.says(SMALL, answers=1)).startswith(OK)


async def test_who_reads_slowly_gets_everything(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time that there is room again, the deadline begins anew."""
    monkeypatch.setattr(protocol, "WRITE_SECONDS", LONG)
    answer = await served.says(b"GET /large HTTP/1.0\r\nhost: bot.test\r\n\r\n")
    assert len(answer) > LARGE


async def test_a_closed_connection_whose_client_does_not_read_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(protocol, "WRITE_SECONDS", 0.0)
    for unread, ends in ((5, [b"closed", b"aborted"]), (0, [b"closed"])):
        sent = Sent(unread)
        WholeAnswers(cast("asyncio.Transport", sent)).close()
        await asyncio.sleep(SOON)
        assert sent.pieces == ends


class Sent:
    """A transport that keeps what it was given, piece by piece."""

    def __init__(self, unread: int = 0) -> None:
        self.pieces: list[bytes] = []
        self._unread = unread

    def get_write_buffer_size(self) -> int:
        return self._unread

    def abort(self) -> None:
        self.pieces.append(b"aborted")

    def write(self, data: bytes) -> None:
        self.pieces.append(data)

    def close(self) -> None:
        self.pieces.append(b"closed")


def test_head_and_body_of_an_answer_leave_together() -> None:
    sent = Sent()
    whole = WholeAnswers(cast("asyncio.Transport", sent))
    for piece in (
        b"HTTP/1.1 100 Continue\r\n\r\n",
        OK + b"\r\n\r\n",
        b"hi",
        b"more",
        OK + b"\r\n\r\n",
    ):
        whole.write(piece)
    whole.close()
    assert sent.pieces == [
        b"HTTP/1.1 100 Continue\r\n\r\n",
        OK + b"\r\n\r\nhi",
        b"more",
        OK + b"\r\n\r\n",
        b"closed",
    ]


async def test_what_is_no_http_is_refused(served: Served) -> None:
    assert (await served.says(b"hello\r\n\r\n")).startswith(b"HTTP/1.1 400 ")


async def test_silent_clients_take_nobody_the_place(served: Served) -> None:
    silent = [await asyncio.open_connection("127.0.0.1", served.port) for _ in range(1100)]
    try:
        for _, writer in silent[::2]:
            writer.write(HEAD)
        assert (await served.says(SMALL, answers=1)).startswith(OK)
    finally:
        for _, writer in silent:
            writer.close()
