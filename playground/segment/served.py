"""The last calls that were answered, as the control panel lists them."""

from collections import deque
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from playground.segment.traffic import wire_time

_REMEMBERED = 50


@dataclass(frozen=True)
class Served:
    """A request that was answered. It holds the path's pattern, and so no secret."""

    at: datetime
    api: str
    path: str
    status: int
    token: str


class ServedCalls:
    """As many as the panel shows. The oldest are dropped."""

    def __init__(self) -> None:
        self._calls: deque[Served] = deque(maxlen=_REMEMBERED)

    def add(self, call: Served) -> None:
        self._calls.append(call)

    def newest_first(self) -> list[dict[str, Any]]:
        return [{**asdict(call), "at": wire_time(call.at)} for call in reversed(self._calls)]
