"""The background work: DBOS workflows, each a few lines around one use case, and the tick."""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from typing import cast

import structlog
from dbos import DBOS, DBOSClient, DBOSConfig

from bot.authorize import Installations
from bot.csm_desk import CsmDesk
from bot.delivery import Delivery
from bot.upkeep import Chore
from flows.checking import Checking
from flows.errors import NotFound, StorageUnavailable
from flows.lifecycle import Lifecycle
from flows.ports import Agenda, Clock, UnitOfWorkFactory
from flows.records import Due, Job, JobKind
from storage.life_locks import LifeLocks

ENGINE_NAME = "connect-segment"
VERSION = "1"  # constant: a new release takes over the jobs of the old one
POLLING = 0.2  # seconds between two looks at a queue
TICK = 1.0  # seconds
TICK_LIMIT = 200
LEFT_LYING = timedelta(seconds=3)  # a message that is due so long has lost its job
AGAIN_AFTER = {JobKind.POLL: 60.0, JobKind.DELIVER: 3.0, JobKind.CHECK: 600.0}  # seconds
WITHOUT_DATABASE = (0.5, 1.0, 2.0, 5.0, 15.0, 60.0, 300.0)  # seconds between two tries
STOP_GRACE = 8.0  # seconds
# The engine's listener only sleeps when nobody waits for its notifications, as nobody does here;
# stopping waits for that sleep to end.
LISTENER_SLEEP = 0.1  # seconds

Work = Callable[[str, str], Awaitable[None]]

_log = structlog.get_logger(__name__)


class Jobs:
    """Runs what was enqueued, and enqueues what has become due."""

    def __init__(
        self,
        *,
        engine_url: str,
        executor_id: str,
        locks: LifeLocks,
        chores: Sequence[Chore],
        uow: UnitOfWorkFactory,
        agenda: Agenda,
        clock: Clock,
        checking: Checking,
        delivery: Delivery,
        desk: CsmDesk,
        lifecycle: Lifecycle,
        installations: Installations,
    ) -> None:
        self._engine_url = engine_url
        self._executor_id = executor_id
        self._locks = locks
        self._chores = chores
        self._uow = uow
        self._agenda = agenda
        self._clock = clock
        self._checking = checking
        self._delivery = delivery
        self._desk = desk
        self._lifecycle = lifecycle
        self._installations = installations
        self._ticking: asyncio.Task[None] | None = None
        self._alive = AsyncExitStack()
        self._at_work: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Raises `StorageUnavailable`."""
        await self._alive.enter_async_context(self._locks.taken(self._executor_id))
        DBOS(config=_config(self._engine_url, self._executor_id))
        for kind, work in self._work().items():
            DBOS.workflow(name=kind.value)(self._workflow(kind, work))
        DBOS.launch()
        for kind in JobKind:
            await DBOS.register_queue_async(
                f"{kind.value}s",
                worker_concurrency=10,
                partition_concurrency=1 if kind is JobKind.DELIVER else None,
                polling_interval_sec=POLLING,
            )
        self._ticking = asyncio.create_task(self._tick_on(), name="tick")

    async def stop(self) -> None:
        """Waits for running jobs a little; those that need longer are taken over by others.

        The engine's own waiting takes a second even where nothing runs.
        """
        if self._ticking:
            self._ticking.cancel()
            with suppress(asyncio.CancelledError):
                await self._ticking
        if self._at_work:
            await asyncio.wait(self._at_work, timeout=STOP_GRACE)
        await asyncio.to_thread(
            DBOS.destroy, workflow_completion_timeout_sec=0, destroy_registry=True
        )
        await self._alive.aclose()

    def _work(self) -> dict[JobKind, Work]:
        return {
            JobKind.CHECK: self._checking.resume,
            JobKind.POLL: self._checking.poll,
            JobKind.DELIVER: self._delivery.drain,
            JobKind.EVENT: self._receive,
        }

    async def _receive(self, tenant_id: str, event_id: str) -> None:
        await self._lifecycle.receive(tenant_id, event_id)
        self._installations.forget(tenant_id)

    async def _tick_on(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            try:
                await self.tick()
            except StorageUnavailable:
                _log.warning("tick_without_database")
            except Exception:  # noqa: BLE001 - the edge of the tick: the next one may go better
                _log.exception("tick_failed")

    async def tick(self) -> None:
        """Enqueues what is due, each under an id made of what it is for: twice is once.

        The id changes with time, so that what a dead process left lying is tried again.
        """
        for due in await self._agenda.polls(self._clock.now(), TICK_LIMIT):
            await self._enqueue(JobKind.POLL, due)
        bound = bool(await self._desk.channel())
        for due in await self._agenda.conversations(datetime.now(UTC) - LEFT_LYING, TICK_LIMIT):
            if bound or not due.subject.startswith("csm:"):
                await self._enqueue(JobKind.DELIVER, due)
        for due in await self._agenda.checks(self._clock.now(), TICK_LIMIT):
            await self._enqueue(JobKind.CHECK, due)
        for chore in self._chores:
            await chore.when_due()

    async def _enqueue(self, kind: JobKind, due: Due) -> None:
        period = int(time.time() / AGAIN_AFTER[kind])
        key = f"{kind.value}:{due.tenant_id}:{due.subject}:{due.at.timestamp():.3f}:{period}"
        async with self._uow(due.tenant_id) as work:
            await work.enqueue(Job(kind, due.tenant_id, due.subject, key=key))
            await work.commit()

    def _workflow(self, kind: JobKind, work: Work) -> Work:
        async def run(tenant_id: str, subject: str) -> None:
            """The edge of background work: a failure is logged with ids only, and not stored."""
            task = cast("asyncio.Task[None]", asyncio.current_task())
            self._at_work.add(task)
            task.add_done_callback(self._at_work.discard)  # its end is stored by then
            try:
                await _patiently(work, tenant_id, subject)
            except NotFound:
                _log.info("job_without_subject", job=kind.value, tenant_id=tenant_id)
            except Exception:  # noqa: BLE001 - the edge: see the docstring
                reference = uuid.uuid4().hex[:8]
                _log.exception(
                    "job_failed", job=kind.value, tenant_id=tenant_id, reference=reference
                )

        run.__qualname__ = kind.value
        return run


async def _patiently(work: Work, tenant_id: str, subject: str) -> None:
    """Waits for a database that is away, which is nobody's fault and passes."""
    for seconds in WITHOUT_DATABASE:
        try:
            await work(tenant_id, subject)
            return
        except StorageUnavailable:
            _log.warning("job_without_database", tenant_id=tenant_id)
            await asyncio.sleep(seconds)
    await work(tenant_id, subject)


def _config(engine_url: str, executor_id: str) -> DBOSConfig:
    return DBOSConfig(
        name=ENGINE_NAME,
        system_database_url=engine_url,
        application_version=VERSION,
        executor_id=executor_id,
        enable_otlp=False,
        log_level="WARNING",
        notification_listener_polling_interval_sec=LISTENER_SLEEP,
    )


def make_client(engine_url: str) -> DBOSClient:
    """Enqueues from our own transactions, with or without workers in this process."""
    return DBOSClient(system_database_url=engine_url)
