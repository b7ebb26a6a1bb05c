"""A Slack that answers at once, in a process of its own so that its CPU is not counted."""

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

_ANSWER = b'{"ok":true,"team_id":"T1","user_id":"U0","bot_id":"B1","view":{"id":"V1","hash":"1"}}'
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
_RESPONSE = _HEAD % len(_ANSWER) + _ANSWER


async def _serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = next(
                int(line.split(b":")[1])
                for line in head.lower().split(b"\r\n")
                if line.startswith(b"content-length")
            )
            await reader.readexactly(length)
            writer.write(_RESPONSE)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def _serve(parent: Connection) -> None:
    server = await asyncio.start_server(_serve_one, "127.0.0.1", 0)
    parent.send(server.sockets[0].getsockname()[1])
    async with server:
        await server.serve_forever()


def _run(parent: Connection) -> None:
    asyncio.run(_serve(parent))


@contextmanager
def stub_slack() -> Iterator[str]:
    """Its Web API's base address."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(theirs,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}/api/"
    finally:
        process.terminate()
        process.join()
