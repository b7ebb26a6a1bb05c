"""HTTP/1.1 with limits of size and time for each request.

uvicorn's own protocol takes a head of any size and waits for the rest of a request forever.
"""

import asyncio
from http import HTTPStatus
from typing import Any, NoReturn, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

MAX_HEAD = 16_384  # bytes of request line and headers
# Both last equally long, so a deadline only moves on, and one alarm a connection is enough.
HEAD_SECONDS = 10.0  # to the last header, from the connection or a later request's first byte on
BODY_SECONDS = HEAD_SECONDS  # from the last header to the end of the body
MAX_TRAILERS = MAX_HEAD  # bytes that may follow a body in pieces; nothing here reads them
MOST_QUEUED = 10  # requests of one connection that wait for the answer to an earlier one
WRITE_SECONDS = 20.0  # for a client to take what was written to it
HEAD_ENDS = b"\r\n\r\n"
FINAL_STATUS = tuple(f"HTTP/1.1 {hundreds}".encode() for hundreds in (2, 3, 4, 5))  # not 100: go on


class WholeAnswers:
    """A transport that sends the head of an answer with what follows.

    uvicorn writes them one after the other, and each write wakes whoever reads: a fifth of what a
    short answer takes.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if data.endswith(HEAD_ENDS) and data.startswith(FINAL_STATUS):
            self._head = data
        elif self._head or data:
            head, self._head = self._head, b""
            self._transport.write(head + data)

    def close(self) -> None:
        """A transport that is closed first waits, for ever, until all of it has left."""
        self.write(b"")
        self._transport.close()
        if self._transport.get_write_buffer_size():
            asyncio.get_running_loop().call_later(WRITE_SECONDS, self._transport.abort)


class BoundedHttp(HttpToolsProtocol):
    """Answers 431 to a head that is too large, 408 to a request that takes too long.

    uvicorn takes it by its setting `http`. It extends only what transport, parser and answers call.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._deadline = 0.0  # by the loop's clock; none while nothing of a request has come
        self._alarm: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None  # runs while the client reads too little
        self._answered: RequestResponseCycle | None = None  # the request that is being answered
        self._in_head = True
        self._head = 0  # bytes of a head that is not complete
        self._chunk = 0  # bytes that came last
        self._beside = 0  # bytes since the last ones of a body: sizes of pieces, trailers
        self._trailers = 0  # bytes of trailers that are complete
        self._refusal = HTTPStatus.BAD_REQUEST

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(cast("asyncio.Transport", WholeAnswers(transport)))
        self._wait(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._alarm, self._unread):
            if timer:
                timer.cancel()
        if self._answered:  # uvicorn tells only the request that came last
            self._answered.disconnected = True
            self._answered.message_event.set()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        if self._unread is None:
            self._unread = self.loop.call_later(WRITE_SECONDS, self.transport.abort)
        super().pause_writing()

    def resume_writing(self) -> None:
        if self._unread:
            self._unread.cancel()
            self._unread = None
        super().resume_writing()

    def data_received(self, data: bytes) -> None:
        if not self._deadline:
            self._wait(HEAD_SECONDS)
        self._chunk = len(data)
        if self._in_head:
            self._head += self._chunk
        else:
            self._beside += self._chunk
        super().data_received(data)
        if self._head > MAX_HEAD or self._beside > MAX_TRAILERS:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_message_begin(self) -> None:
        self._wait(HEAD_SECONDS)
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Drops trailers: to uvicorn they are headers, which come after a request was judged."""
        if self._in_head:
            super().on_header(name, value)
            return
        self._trailers += len(name) + len(value)
        if self._trailers > MAX_TRAILERS:
            self._end_parsing(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_headers_complete(self) -> None:
        if max(self._head, self._chunk) > MAX_HEAD and self._head_size() > MAX_HEAD:
            self._end_parsing(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        if len(self.pipeline) >= MOST_QUEUED:
            self._end_parsing(HTTPStatus.TOO_MANY_REQUESTS)
        self._in_head, self._head, self._beside, self._trailers = False, 0, 0, 0
        self._wait(BODY_SECONDS)
        super().on_headers_complete()
        if not self.pipeline:  # it is not queued behind another
            self._answered = self.cycle

    def _head_size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    def on_body(self, body: bytes) -> None:
        self._beside = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_head, self._head, self._beside = True, 0, 0
        self._deadline = 0.0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        self.transport.write(b"")  # an answer to HEAD has nothing but its head
        if self.pipeline and not self.transport.is_closing():
            self._answered, _ = self.pipeline[-1]  # uvicorn begins it now
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        self._refuse(self._refusal)

    def _end_parsing(self, refusal: HTTPStatus) -> NoReturn:
        """Raises what ends the parsing. `send_400_response` is called then."""
        self._refusal = refusal
        raise ValueError(refusal.phrase)

    def _wait(self, seconds: float) -> None:
        self._deadline = self.loop.time() + seconds
        if self._alarm is None:
            self._alarm = self.loop.call_at(self._deadline, self._look)

    def _look(self) -> None:
        self._alarm = None
        if self._deadline and self.loop.time() >= self._deadline:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)
        elif self._deadline:
            self._alarm = self.loop.call_at(self._deadline, self._look)

    def _refuse(self, status: HTTPStatus) -> None:
        """Closes the connection. Says why, unless that would stand in or for another answer."""
        if self.transport.is_closing():
            return
        now = self._answered
        begun = now and now.response_started and not now.response_complete
        if not begun and not self.pipeline:
            head = f"HTTP/1.1 {status.value} {status.phrase}\r\n"
            self.transport.write(f"{head}connection: close\r\ncontent-length: 0\r\n\r\n".encode())
        self.transport.close()
