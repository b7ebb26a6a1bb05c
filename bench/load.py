"""Requests as Slack signs and posts them, over connections that stay open."""

import asyncio
import hashlib
import hmac
import time
from collections.abc import Iterator
from contextlib import suppress

from bench.processes import read_body
from bench.rows import SECRET, Request, Row

AT_ONCE = 4
Answer = tuple[int, bytes]


def _posted(request: Request) -> bytes:
    """The bytes of one POST, signed now."""
    timestamp = str(int(time.time()))
    mac = hmac.new(SECRET.encode(), f"v0:{timestamp}:".encode() + request.body, hashlib.sha256)
    head = (
        "POST /slack/events HTTP/1.1\r\n"
        "Host: bot.example.com\r\n"
        "User-Agent: Slackbot 1.0 (+https://api.slack.com/robots)\r\n"
        "Accept-Encoding: gzip,deflate\r\n"
        "Accept: application/json,*/*\r\n"
        f"Content-Type: {request.content_type}\r\n"
        f"X-Slack-Request-Timestamp: {timestamp}\r\n"
        f"X-Slack-Signature: v0={mac.hexdigest()}\r\n"
        f"Content-Length: {len(request.body)}\r\n\r\n"
    )
    return head.encode() + request.body


async def ask(port: int, row: Row, count: int, numbers: Iterator[int]) -> None:
    """Posts so many requests over some connections. Raises `RuntimeError` for a wrong answer."""
    turns = iter(range(count))

    async def one_after_another() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in turns:
            writer.write(_posted(row.request(next(numbers))))
            _check(row, await _answer(reader))
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(one_after_another())


def _check(row: Row, answer: Answer) -> None:
    status, body = answer
    if status not in row.statuses or row.answered not in body:
        raise RuntimeError(f"{row.name}: answered {status} {body[:500]!r}")


async def _answer(reader: asyncio.StreamReader) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    status = int(head.split(b" ", 2)[1])
    return status, await read_body(reader, head)
