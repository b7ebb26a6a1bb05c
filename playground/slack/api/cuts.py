"""Responses that break off on their way."""

import socket
import struct
from asyncio import Transport

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from playground.slack.faults import Cut

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n"
PART = b'{"ok"'
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends RST instead of FIN


class CutAnswer(Response):
    """Needs a server that puts its transport into the scope, as `playground.server` does.

    Behind any other server, every cut breaks off in the body.
    """

    def __init__(self, request: Request, cut: Cut) -> None:
        super().__init__()
        self._transport: Transport | None = request.scope.get("transport")
        self._cut = cut

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._transport is None or self._cut is Cut.IN_BODY:
            headers = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": PART, "more_body": True})
            return
        self._break_off(self._transport)
        while (await receive())["type"] != "http.disconnect":
            pass

    def _break_off(self, transport: Transport) -> None:
        match self._cut:
            case Cut.IN_HEAD:
                transport.write(HEAD[:30])
            case Cut.RESET:
                connection = transport.get_extra_info("socket")
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                transport.abort()
            case Cut.HALF_CLOSED:
                transport.write_eof()
                return
        transport.close()
