"""An HTTP server that answers its first request and cuts all later answers in one way."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from enum import StrEnum

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
LINGER_NOT = struct.pack("ii", 1, 0)  # closing with this sends RST instead of FIN


class Cut(StrEnum):
    BEFORE_THE_HEAD = "before the head"
    IN_THE_HEAD = "in the head"
    IN_THE_BODY = "in the body"
    RESET = "reset"
    RESET_IN_THE_BODY = "reset in the body"
    HALF_CLOSED = "half closed"
    TOO_LATE = "too late"


class CuttingServer:
    """`requests` counts complete requests, including the first one."""

    def __init__(self, cut: Cut, first: bytes) -> None:
        self._cut = cut
        self._first = first
        self.requests = 0
        self.address = ""
        self.under_way: set[asyncio.Task[None] | None] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.under_way.add(asyncio.current_task())
        with suppress(ConnectionError):
            while await _read_request(reader):
                self.requests += 1
                if self.requests > 1:
                    await self._cut_off(reader, writer)
                    break
                writer.write(HEAD % len(self._first) + self._first)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async def _cut_off(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        match self._cut:
            case Cut.IN_THE_HEAD:
                writer.write(HEAD[:30])
            case Cut.IN_THE_BODY:
                writer.write(HEAD % 1000 + b'{"ok"')
            case Cut.RESET:
                _reset(writer)
            case Cut.RESET_IN_THE_BODY:
                writer.write(HEAD % 1000 + b'{"ok"')
                await writer.drain()
                _reset(writer)
            case Cut.HALF_CLOSED:
                writer.write_eof()
                await reader.read()  # until the other side hangs up
            case Cut.TOO_LATE:
                await reader.read()


def _reset(writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
    writer.transport.abort()


async def _read_request(reader: asyncio.StreamReader) -> bool:
    """False if the other side has hung up."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return False
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:-2])
    await reader.readexactly(int(fields.get(b"content-length", 0)))
    return True


@asynccontextmanager
async def cutting(cut: Cut, first: bytes = b'{"ok":true}') -> AsyncIterator[CuttingServer]:
    made = CuttingServer(cut, first)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield made
    finally:
        server.close()
        await asyncio.gather(*filter(None, made.under_way))
