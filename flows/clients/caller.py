"""One call of the Segment client: its host, token and deadline; parsing and paging."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import quote

import httpx
from pydantic import SecretStr, ValidationError

from flows.clients.gate import Gate, Limit
from flows.clients.transport import Params, Question, ask
from flows.clients.wire import Envelope, Page, Wire
from flows.errors import SegmentNotFound, SegmentUnavailable

W = TypeVar("W", bound=Wire)
P = TypeVar("P", bound=Page)


@dataclass(frozen=True, slots=True)
class Caller:
    """One call of the port: its name, host, token and deadline, and the gate that it passes."""

    http: httpx.AsyncClient
    call: str
    base: str
    token: SecretStr | None
    until: float
    gate: Gate
    limits: tuple[Limit, ...]

    async def body(self, path: str, params: Params | None = None) -> bytes:
        url = self.base + path
        question = Question(self.call, url, self.until, self.token, params, self.gate, self.limits)
        return await ask(self.http, question)

    def parse(self, shape: type[W], body: bytes) -> W:
        try:
            return shape.model_validate_json(body)
        except ValidationError:
            pass  # not raised from here: it holds the answer, and with it write keys
        raise SegmentUnavailable(self.call, "unexpected answer")

    async def data(self, shape: type[W], path: str, params: Params | None = None) -> W:
        """What stands under `data` in an answer of the Public API."""
        body = await self.body(path, params)
        return self.parse(Envelope[shape], body).data  # type: ignore[valid-type]

    async def pages(
        self, shape: type[P], path: str, params: Params, per_page: int, most: int
    ) -> AsyncIterator[P]:
        """At most `most` pages; a cursor that leads nowhere new ends them too."""
        cursor: str | None = None
        for _ in range(most):
            query = {**params, "pagination[count]": str(per_page)}
            if cursor is not None:
                query["pagination[cursor]"] = cursor
            page = await self.data(shape, path, query)
            yield page
            if not page.next_cursor or page.next_cursor == cursor:
                return
            cursor = page.next_cursor


def path_segment(call: str, text: str) -> str:
    """One segment of a path. What cannot be one is no id of anything."""
    if text in {"", ".", ".."}:
        raise SegmentNotFound(call)
    return quote(text, safe="")


def window(granularity: str, start: datetime, end: datetime) -> dict[str, str]:
    return {"granularity": granularity, "startTime": _iso(start), "endTime": _iso(end)}


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
