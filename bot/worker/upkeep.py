"""What is done now and then so that nothing is left lying: dead workers' jobs, old rows."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog
from dbos import DBOSClient, WorkflowStatus

from storage.housekeeping import BATCH, SqlHousekeeping
from storage.life_locks import LifeLocks

KEEP_MESSAGES = timedelta(days=30)
KEEP_DEAD = timedelta(days=90)
KEEP_DELIVERIES = timedelta(days=90)
KEEP_GATES = timedelta(hours=2)  # longer than Slack ever asks us to wait
KEEP_EVENTS = timedelta(days=30)
KEEP_INCIDENTS = timedelta(days=90)  # after their end
KEEP_JOBS = timedelta(days=7)
MAX_BATCHES = 20
ENDED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
LOST_LIMIT = 200  # jobs that are looked at in one go

Work = Callable[[], Awaitable[None]]

_log = structlog.get_logger(__name__)


@dataclass
class Chore:
    """Work that is due every so many seconds of real time, the first time at once."""

    every: float
    work: Work
    _due: float = field(default=0.0, init=False)

    async def when_due(self) -> None:
        if time.monotonic() >= self._due:
            self._due = time.monotonic() + self.every
            await self.work()


class Reaper:
    """Takes over the jobs of workers that died: the engine itself would leave them for good.

    A lock that is free may be one that its owner has lost and not yet missed, so it has to be
    found free again when the owner must have stopped.
    """

    def __init__(self, client: DBOSClient, locks: LifeLocks) -> None:
        self._client = client
        self._locks = locks
        self._missed: dict[str, float] = {}  # since when, in monotonic seconds

    async def reap(self) -> None:
        started = await self._started(None)
        executors = {job.executor_id for job in started if job.executor_id}
        self._missed = {id: since for id, since in self._missed.items() if id in executors}
        for executor_id in executors:
            await self._reap(executor_id)

    async def _reap(self, executor_id: str) -> None:
        async with self._locks.taken(executor_id) as dead:
            if not dead:
                self._missed.pop(executor_id, None)
                return
            since = self._missed.setdefault(executor_id, time.monotonic())
            if time.monotonic() - since < self._locks.patience:
                return
            # Asked again under the lock: another worker may have been quicker.
            for job in await self._started(executor_id):
                await self._client.resume_workflow_async(job.workflow_id, queue_name=job.queue_name)
                _log.info("job_taken_over", job=job.name)

    async def _started(self, executor_id: str | None) -> Sequence[WorkflowStatus]:
        return await self._client.list_workflows_async(
            status="PENDING",
            executor_id=executor_id,
            limit=LOST_LIMIT,
            load_input=False,
            load_output=False,
        )


class Housekeeping:
    """Removes old rows in batches, so that nobody waits for it long."""

    def __init__(self, rows: SqlHousekeeping, client: DBOSClient) -> None:
        self._rows = rows
        self._client = client

    async def tidy(self) -> None:
        now = datetime.now(UTC)
        await _in_batches(lambda: self._rows.remove_sent(now - KEEP_MESSAGES))
        gone = await _in_batches(lambda: self._rows.remove_dead(now - KEEP_DEAD))
        if gone:
            _log.warning("dead_letters_removed", count=gone)
        await _in_batches(lambda: self._rows.remove_deliveries(now - KEEP_DELIVERIES))
        await _in_batches(lambda: self._rows.remove_rate_gates(now - KEEP_GATES))
        await _in_batches(lambda: self._rows.remove_events(now - KEEP_EVENTS))
        await _in_batches(lambda: self._rows.remove_incidents(now - KEEP_INCIDENTS))
        await _in_batches(lambda: self._remove_jobs(now - KEEP_JOBS))

    async def _remove_jobs(self, before: datetime) -> int:
        ended = await self._client.list_workflows_async(
            status=ENDED,
            completed_before=before.isoformat(),
            limit=BATCH,
            load_input=False,
            load_output=False,
        )
        if ended:
            await self._client.delete_workflows_async([job.workflow_id for job in ended])
        return len(ended)


async def _in_batches(remove: Callable[[], Awaitable[int]]) -> int:
    """How many went."""
    total = 0
    for _ in range(MAX_BATCHES):
        removed = await remove()
        total += removed
        if removed < BATCH:
            break
    return total
