"""All traffic between Slack and the app, newest last, bounded in bytes."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Direction = Literal["from_app", "to_app"]


@dataclass(frozen=True)
class Exchange:
    """One request with its answer. Nothing is left out or masked."""

    direction: Direction
    name: str
    request: bytes
    status: int
    answer: bytes

    @property
    def size(self) -> int:
        return len(self.name) + len(self.request) + len(self.answer)


class Traffic:
    """Forgets the oldest exchanges above `limit` bytes."""

    def __init__(self, limit: int = 16_000_000) -> None:
        self._limit = limit
        self._size = 0
        self._exchanges: deque[Exchange] = deque()

    def add(self, exchange: Exchange) -> None:
        self._exchanges.append(exchange)
        self._size += exchange.size
        while self._size > self._limit and len(self._exchanges) > 1:
            self._size -= self._exchanges.popleft().size

    def __iter__(self) -> Iterator[Exchange]:
        return iter(tuple(self._exchanges))

    def containing(self, needle: str) -> list[Exchange]:
        """Exchanges whose request or answer contains this text."""
        raw = needle.encode()
        return [e for e in self if raw in e.request or raw in e.answer]

    def clear(self) -> None:
        self._exchanges.clear()
        self._size = 0
