"""One life of the job engine in this process, under a lock that tells the others that it lives."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from typing import cast

from dbos import DBOS, DBOSConfig

from flows.errors import StorageUnavailable
from flows.outbox.jobs import JobKind
from storage.life_locks import Hold, LifeLocks

ENGINE_NAME = "connect-segment"
VERSION = "1"  # constant: a new release takes over the jobs of the old one
# Seconds between two looks at a queue: short where a person waits. Each look costs a transaction.
POLLING = {
    JobKind.DELIVER: 0.25,
    JobKind.EVENT: 0.25,
    JobKind.CHECK: 1.0,
    JobKind.POLL: 1.0,
    JobKind.REMIND: 1.0,
    JobKind.DIGEST: 1.0,
    JobKind.HAND_OVER: 1.0,
    JobKind.CALL: 5.0,
    JobKind.REBUILD: 1.0,
}
CONCURRENCY = 10  # jobs of one kind at a time
THREADS = 8
# The engine's listener only sleeps when nobody waits for its notifications, as nobody does here;
# stopping waits for that sleep to end.
LISTENER_SLEEP = 0.25  # seconds

Work = Callable[[str, str], Awaitable[None]]


class Executor:
    """Runs jobs until it is stopped; a process that lost its lock needs a new one.

    `workflows` do not raise: what fails in them is theirs to tell.
    """

    def __init__(
        self, engine_url: str, locks: LifeLocks, workflows: Mapping[JobKind, Work]
    ) -> None:
        self.id = str(uuid.uuid4())
        self._engine_url = engine_url
        self._locks = locks
        self._workflows = workflows
        self._alive = AsyncExitStack()
        self._hold: Hold | None = None
        self._engine: DBOS | None = None
        self._at_work: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Raises `StorageUnavailable`."""
        self._hold = await self._alive.enter_async_context(self._locks.taken(self.id))
        if self._hold is None:
            raise StorageUnavailable("somebody else has the lock of a new executor")
        self._engine = DBOS(config=_config(self._engine_url, self.id))
        for kind, work in self._workflows.items():
            DBOS.workflow(name=kind.value)(self._tracked(kind, work))
        DBOS.launch()
        for kind in JobKind:
            await DBOS.register_queue_async(
                f"{kind.value}s",
                worker_concurrency=CONCURRENCY,
                partition_concurrency=1 if kind is JobKind.DELIVER else None,
                polling_interval_sec=POLLING[kind],
            )

    async def holds(self) -> bool:
        """Whether the lock is still ours: without it, others take our jobs for a dead one's."""
        return self._hold is not None and await self._hold.lasts()

    async def rest(self, grace: float) -> None:
        """Takes no new job and gives the running ones `grace` seconds."""
        if self._engine:
            for stopped in self._engine.background_thread_stop_events:
                stopped.set()
        if self._at_work:
            await asyncio.wait(tuple(self._at_work), timeout=grace)

    async def stop(self) -> None:
        """Hands back what still runs: begun by this executor, whose lock is free from now on."""
        await self._cancel()
        await asyncio.to_thread(
            DBOS.destroy, workflow_completion_timeout_sec=0, destroy_registry=True
        )
        await self._cancel()  # what began meanwhile
        # The engine lends the loop its threads and takes them along when it ends.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))
        await self._alive.aclose()

    async def _cancel(self) -> None:
        """A job that is cancelled leaves nothing behind, so it can be taken up by another."""
        left = tuple(self._at_work)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def _tracked(self, kind: JobKind, work: Work) -> Work:
        home = asyncio.get_running_loop()

        async def track(tenant_id: str, subject: str) -> None:
            task = cast("asyncio.Task[None]", asyncio.current_task())
            self._at_work.add(task)
            task.add_done_callback(self._at_work.discard)  # its end is stored by then
            await work(tenant_id, subject)

        async def run(tenant_id: str, subject: str) -> None:
            """The engine uses a loop of its own at moments when ours stands still, as between
            the phases of a test; but clients and connections belong to ours.
            """
            if asyncio.get_running_loop() is home:
                await track(tenant_id, subject)
            else:
                ended = asyncio.run_coroutine_threadsafe(track(tenant_id, subject), home)
                await asyncio.wrap_future(ended)

        run.__qualname__ = kind.value
        return run


def _config(engine_url: str, executor_id: str) -> DBOSConfig:
    return DBOSConfig(
        name=ENGINE_NAME,
        system_database_url=engine_url,
        application_version=VERSION,
        executor_id=executor_id,
        enable_otlp=False,
        run_migrations=False,  # `bot.database` has seen to it, one process at a time
        log_level="WARNING",
        notification_listener_polling_interval_sec=LISTENER_SLEEP,
    )
