"""Periodic tasks. Each runs on its own, so one that fails or hangs does not hold up the others."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from flows.errors import StorageUnavailable
from flows.ports import Clock
from storage.housekeeping import BATCH, SqlHousekeeping

KEEP_MESSAGES = timedelta(days=30)
KEEP_DEAD = timedelta(days=90)
KEEP_DELIVERIES = timedelta(days=90)
KEEP_GATES = timedelta(hours=2)  # longer than we ever wait for Slack
KEEP_REQUESTS = timedelta(minutes=30)  # a signature is good for five minutes around its time
KEEP_TRIES = timedelta(days=2)  # a day counts
KEEP_EVENTS = timedelta(days=30)
KEEP_LINKS = timedelta(days=1)  # after they expired, so that they can say so
KEEP_INCIDENTS = timedelta(days=90)  # after their end
KEEP_LINES = timedelta(days=30)  # of histories, even of very long ones: weeks are counted
KEEP_FINISHED = timedelta(days=180)  # without a token and without anybody's press
MAX_BATCHES = 20

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PeriodicTask:
    """Runs at once, then `every` so many seconds, until `work` returns True: done for good."""

    name: str
    every: float
    work: Callable[[], Awaitable[object]]

    async def repeat(self) -> None:
        while True:
            if await self._done():
                return
            await asyncio.sleep(self.every)

    async def _done(self) -> bool:
        try:
            return await self.work() is True
        except StorageUnavailable as error:
            _log.warning("task_without_database", job=self.name, problem=error.trouble)
        except Exception:  # noqa: BLE001 - the edge of the task: the next time may go better
            _log.exception("task_failed", job=self.name)
        return False


class Upkeep:
    """Runs the tasks until it is stopped."""

    def __init__(self, tasks: Sequence[PeriodicTask]) -> None:
        self._tasks = tasks
        self._running: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._running = [asyncio.create_task(one.repeat(), name=one.name) for one in self._tasks]

    async def stop(self) -> None:
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)


class Housekeeping:
    """Removes old rows in batches, so that nobody waits long for it. `clock` is the time that all
    machines share: what one with a wrong clock removed would be lost.
    """

    def __init__(
        self, rows: SqlHousekeeping, clock: Clock, keep_finished: timedelta = KEEP_FINISHED
    ) -> None:
        self._rows = rows
        self._clock = clock
        self._keep_finished = keep_finished

    async def tidy(self) -> None:
        now, rows = self._clock.now(), self._rows
        await _in_batches(rows.remove_sent, now - KEEP_MESSAGES)
        await _in_batches(rows.remove_places, now - KEEP_MESSAGES)
        if gone := await _in_batches(rows.remove_dead, now - KEEP_DEAD):
            _log.warning("dead_letters_removed", count=gone)
        await _in_batches(rows.remove_deliveries, now - KEEP_DELIVERIES)
        await _in_batches(rows.remove_rate_gates, now - KEEP_GATES)
        await _in_batches(rows.remove_events, now - KEEP_EVENTS)
        await _in_batches(rows.remove_requests, now - KEEP_REQUESTS)
        await _in_batches(rows.remove_tries, now - KEEP_TRIES)
        await _in_batches(rows.remove_invitations, now)
        await _in_batches(rows.remove_entry_links, now - KEEP_LINKS)
        await _in_batches(rows.remove_incidents, now - KEEP_INCIDENTS)
        await _in_batches(rows.remove_history, now - KEEP_LINES)
        if ended := await _in_batches(rows.remove_ended, now - self._keep_finished):
            _log.info("ended_set_ups_removed", count=ended)
        await rows.add_up_counts()


async def _in_batches(remove: Callable[[datetime], Awaitable[int]], before: datetime) -> int:
    """Returns how many were removed."""
    total = 0
    for _ in range(MAX_BATCHES):
        removed = await remove(before)
        total += removed
        if removed < BATCH:
            break
    return total
