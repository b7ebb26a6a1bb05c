"""The background work: DBOS workflows, each a few lines around one use case, and the tick."""

import asyncio
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import structlog
from dbos import DBOSClient
from sqlalchemy.exc import SQLAlchemyError

from bot.outbound.channel import CsmDesk
from bot.outbound.installations import Installations
from bot.worker.loop import Executor, Work
from bot.worker.upkeep import Chore
from flows.checks.poll import Poller
from flows.errors import NotFound, StorageUnavailable
from flows.outbox.jobs import Due, Job, JobKind
from flows.ports import Clock, UnitOfWorkFactory
from flows.repositories import Agenda
from flows.setup.installations import Lifecycle
from storage.life_locks import BEAT, LifeLocks

TICK = 1.0  # seconds
TICK_LIMIT = 200
LEFT_LYING = timedelta(seconds=3)  # a message that is due so long has lost its job
AGAIN_AFTER = {  # seconds
    JobKind.POLL: 60.0,
    JobKind.REMIND: 60.0,
    JobKind.DIGEST: 60.0,
    JobKind.CALL: 60.0,
    JobKind.HAND_OVER: 3.0,
    JobKind.DELIVER: 3.0,
    JobKind.CHECK: 600.0,
}
WITHOUT_DATABASE = (0.5, 1.0, 2.0, 5.0, 15.0, 60.0, 300.0)  # seconds between two tries
STOP_GRACE = 4.0  # seconds for running jobs
TASK_GRACE = 1.0  # seconds for a tick that is under way

_log = structlog.get_logger(__name__)


class Jobs:
    """Runs what was enqueued, and enqueues what has become due."""

    def __init__(
        self,
        engine_url: str,
        locks: LifeLocks,
        chores: Sequence[Chore],
        uow: UnitOfWorkFactory,
        agenda: Agenda,
        clock: Clock,
        desk: CsmDesk,
        work: Mapping[JobKind, Work],
    ) -> None:
        self._engine_url = engine_url
        self._locks = locks
        self._chores = chores
        self._uow = uow
        self._agenda = agenda
        self._clock = clock
        self._desk = desk
        self._work = work
        self._executor = self._new_executor()
        self._tasks: tuple[asyncio.Task[None], ...] = ()
        self._stopping = asyncio.Event()

    async def start(self) -> None:
        """Raises `StorageUnavailable`."""
        await self._executor.start()
        self._tasks = (
            asyncio.create_task(self._tick_on(), name="tick"),
            asyncio.create_task(self._keep_alive(), name="life lock"),
        )

    async def rest(self) -> None:
        """Begins nothing any more and waits a little for what runs."""
        self._stopping.set()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=TASK_GRACE)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._executor.rest(STOP_GRACE)

    async def stop(self) -> None:
        """After `rest`: jobs that needed longer are taken over by others."""
        await self._executor.stop()

    def _new_executor(self) -> Executor:
        workflows = {kind: self._workflow(kind, work) for kind, work in self._work.items()}
        return Executor(self._engine_url, self._locks, workflows)

    async def _keep_alive(self) -> None:
        """Without its lock an executor is dead to the others, so it stops and a new one starts."""
        while not await self._stopped_within(BEAT):
            if not await self._executor.holds():
                _log.warning("life_lock_lost", executor_id=self._executor.id)
                await self._executor.stop()
                await self._start_anew()

    async def _start_anew(self) -> None:
        while not self._stopping.is_set():
            self._executor = self._new_executor()
            try:
                await self._executor.start()
            except (StorageUnavailable, SQLAlchemyError):
                await self._executor.stop()
                await self._stopped_within(BEAT)
            else:
                _log.info("executor_started", executor_id=self._executor.id)
                return

    async def _keep_failed(self, tenant_id: str, event_id: str, error: str) -> None:
        with suppress(StorageUnavailable):  # then the log alone has it
            async with self._uow(tenant_id) as work:
                await work.inbox.fail(event_id, error)
                await work.commit()

    async def _tick_on(self) -> None:
        while not await self._stopped_within(TICK):
            try:
                await self.tick()
            except StorageUnavailable:
                _log.warning("tick_without_database")
            except Exception:  # noqa: BLE001 - the edge of the tick: the next one may go better
                _log.exception("tick_failed")

    async def _stopped_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        return self._stopping.is_set()

    async def tick(self) -> None:
        """Enqueues what is due, each under an id made of what it is for: twice is once.

        The id changes with time, so that what a dead process left lying is tried again.
        """
        for due in await self._agenda.polls(self._clock.now(), TICK_LIMIT):
            await self._enqueue(JobKind.POLL, due)
        for due in await self._agenda.reminders(self._clock.now(), TICK_LIMIT):
            await self._enqueue(JobKind.REMIND, due)
        for due in await self._agenda.calls(self._clock.now(), TICK_LIMIT):
            await self._enqueue(JobKind.CALL, due)
        bound = bool(await self._desk.channel())
        if bound and (digest := await self._agenda.digest(self._desk.team_id, self._clock.now())):
            await self._enqueue(JobKind.DIGEST, digest)
        left_lying = datetime.now(UTC) - LEFT_LYING
        for due in await self._agenda.conversations(left_lying, TICK_LIMIT, csm=bound):
            await self._enqueue(JobKind.DELIVER, due)
        for due in await self._agenda.deliveries(left_lying, TICK_LIMIT):
            await self._enqueue(JobKind.HAND_OVER, due)
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
            """The edge of background work: a failure is logged with ids only.

            What is due later comes again; events do not, so theirs are kept.
            """
            try:
                await _patiently(work, tenant_id, subject)
            except NotFound:
                _log.info("job_without_subject", job=kind.value, tenant_id=tenant_id)
            except Exception as error:  # noqa: BLE001 - the edge: see the docstring
                reference = uuid.uuid4().hex[:8]
                _log.exception(
                    "job_failed", job=kind.value, tenant_id=tenant_id, reference=reference
                )
                if kind is JobKind.EVENT:
                    await self._keep_failed(tenant_id, subject, type(error).__name__)

        return run


def polling(uow: UnitOfWorkFactory, clock: Clock, poller: Poller) -> Work:
    """Unless it was done: where a period ends between two ticks, there are two jobs for it."""

    async def poll(tenant_id: str, integration_id: str) -> None:
        async with uow(tenant_id, write=False) as work:
            overview = await work.overviews.get(integration_id)
        due_at = overview.next_poll_at if overview else None
        if due_at and due_at <= clock.now():
            await poller.poll(tenant_id, integration_id)

    return poll


def receiving(lifecycle: Lifecycle, installations: Installations) -> Work:
    """After an event, the installation may be another one than is remembered here."""

    async def receive(tenant_id: str, event_id: str) -> None:
        await lifecycle.receive(tenant_id, event_id)
        installations.forget(tenant_id)

    return receive


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


def make_client(engine_url: str) -> DBOSClient:
    """Enqueues from our own transactions, with or without workers in this process."""
    return DBOSClient(system_database_url=engine_url)
