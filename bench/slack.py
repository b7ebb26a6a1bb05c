"""A Slack, and the Segment of polls, that answers every call at once and counts them, in a process
of its own.
"""

import asyncio
import json
import multiprocessing
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

from bench.processes import BESIDE, read_body

_ANSWER = {
    "ok": True, "url": "https://acme.slack.com/", "team": "Acme",
    "team_id": "T1", "user_id": "U0BOT", "bot_id": "B1", "channel": "D1", "ts": "1.000100",
    "view": {"id": "V1", "hash": "1"}, "messages": [],
    "user": {"id": "U1", "name": "ada", "tz": "UTC", "locale": "en-US", "profile": {}},
}  # fmt: skip
_SOURCE = {"id": "srcweb", "slug": "web", "name": "Web app", "enabled": True}
_SEGMENT = {
    "sources": {"data": {"sources": [_SOURCE], "pagination": {}}},
    "connected-destinations": {"data": {"destinations": [], "pagination": {}}},
}
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: %d"


def _response(answer: object) -> bytes:
    body = json.dumps(answer).encode()
    return _HEAD % len(body) + b"\r\n\r\n" + body


_RESPONSE = _response(_ANSWER)
_RESPONSES = {method: _response(answer) for method, answer in _SEGMENT.items()}


class Slack:
    """What runs in this process: the address, and what was asked there."""

    def __init__(self, port: int, pipe: Connection) -> None:
        self.url = f"http://127.0.0.1:{port}/api/"
        self._pipe = pipe

    def take_counts(self) -> Counter[str]:
        """Calls by method, and `bytes` for all their bodies, since it was asked last."""
        self._pipe.send("counts")
        counts: Counter[str] = self._pipe.recv()
        return counts


class _Server:
    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    async def serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                method = head.split(b" ", 2)[1].rpartition(b"/")[2].partition(b"?")[0].decode()
                self.counts["bytes"] += len(await read_body(reader, head.lower()))
                self.counts[method] += 1
                writer.write(_RESPONSES.get(method, _RESPONSE))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def hand_out(self, pipe: Connection) -> None:
        if pipe.poll():
            pipe.recv()
            pipe.send(self.counts)
            self.counts = Counter()


async def _serve(pipe: Connection) -> None:
    here = _Server()
    server = await asyncio.start_server(here.serve_one, "127.0.0.1", 0)
    asyncio.get_running_loop().add_reader(pipe.fileno(), here.hand_out, pipe)
    pipe.send(server.sockets[0].getsockname()[1])
    async with server:
        await server.serve_forever()


def _run(pipe: Connection) -> None:
    os.sched_setaffinity(0, BESIDE)
    asyncio.run(_serve(pipe))


@contextmanager
def slack() -> Iterator[Slack]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(theirs,), daemon=True)
    process.start()
    try:
        yield Slack(ours.recv(), ours)
    finally:
        process.terminate()
        process.join()
