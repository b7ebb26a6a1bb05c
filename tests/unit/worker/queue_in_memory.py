"""A queue in memory in place of the database's, and a worker on it."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import cast

from bot.worker.loop import Worker, WorkHandler
from flows.errors import StorageUnavailable
from flows.outbox.jobs import JobKind
from storage.leases import LeasedWork, Leases, WorkEnd
from tests.support.fake_tables import FakeClock

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
LIMIT = 120  # seconds; a bound for a busy machine


@dataclass
class Queue:
    """Stands in for `storage.leases.Leases`. `away` makes it fail like a lost database."""

    rows: dict[tuple[JobKind, str], datetime] = field(default_factory=dict)
    held: dict[tuple[JobKind, str], LeasedWork] = field(default_factory=dict)
    ended: list[WorkEnd] = field(default_factory=list)
    looks: int = 0
    away: bool = False
    lost: bool = False
    renewed: list[LeasedWork] = field(default_factory=list)
    given_back: list[LeasedWork] = field(default_factory=list)
    attempts: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, kind: JobKind, subject: str, at: datetime = NOW) -> None:
        self.rows[kind, subject] = at

    async def look(self) -> Mapping[JobKind, datetime]:
        self.looks += 1
        self._check()
        free = [
            (kind, at) for (kind, name), at in self.rows.items() if (kind, name) not in self.held
        ]
        return {kind: min(at for k, at in free if k is kind) for kind, _ in free}

    async def turn(
        self,
        ended: Sequence[WorkEnd],
        wanted: Mapping[JobKind, tuple[datetime, int]],
        lease: str,
        seconds: float,
    ) -> Sequence[LeasedWork]:
        self._check()
        for one in ended:
            key = (one.claimed.kind, one.claimed.subject)
            self.held.pop(key)
            if one.again_at is None:
                self.rows.pop(key)
            else:
                self.rows[key] = one.again_at
            self.ended.append(one)
        claimed = []
        for kind, (now, limit) in wanted.items():
            due = [key for key, at in self.rows.items() if key[0] is kind and at <= now]
            due.sort(key=lambda key: self.rows[key])
            for key in [key for key in due if key not in self.held][:limit]:
                self.attempts += 1
                one = LeasedWork(kind, "T1", key[1], self.rows[key], 1, self.attempts, lease)
                self.held[key] = one
                claimed.append(one)
        self.changed.set()
        return claimed

    async def renew(self, claimed: Sequence[LeasedWork], seconds: float) -> Collection[LeasedWork]:
        self._check()
        self.renewed += claimed
        return [] if self.lost else claimed

    async def give_back(self, claimed: Sequence[LeasedWork]) -> None:
        self._check()
        self.given_back += claimed

    def _check(self) -> None:
        if self.away:
            raise StorageUnavailable("away")

    async def has_ended(self, count: int = 1) -> WorkEnd:
        async with asyncio.timeout(LIMIT):
            while len(self.ended) < count:
                self.changed.clear()
                await self.changed.wait()
        return self.ended[-1]


@dataclass
class Bench:
    queue: Queue = field(default_factory=Queue)
    clock: FakeClock = field(default_factory=lambda: FakeClock(NOW))
    real: FakeClock = field(default_factory=lambda: FakeClock(NOW))
    news: asyncio.Event = field(default_factory=asyncio.Event)
    counted: list[tuple[str, str]] = field(default_factory=list)

    @asynccontextmanager
    async def working(self, handlers: Mapping[JobKind, WorkHandler]) -> AsyncIterator[Worker]:
        leases = cast("Leases", self.queue)
        count = lambda kind, outcome: self.counted.append((kind, outcome))  # noqa: E731
        worker = Worker(leases, handlers, self.clock, self.real, self.news, count)
        worker.start()
        yield worker
        await worker.rest()
        await worker.stop()


async def done(_tenant: str, _subject: str) -> None:
    return None


def raises(error: Exception) -> WorkHandler:
    async def run(_tenant: str, _subject: str) -> None:
        raise error

    return run
