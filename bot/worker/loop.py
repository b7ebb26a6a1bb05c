"""The worker: claims what is due, runs it, renews its leases and stores the outcome.

It sleeps until the next due time. It wakes earlier when this process commits something, when
another process announces something (`storage.listening`), when the clock is moved, and in any case
every few seconds.
"""

import asyncio
import random
import time
import uuid
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.worker.lease import LEASE, RENEW_EVERY, Lease, hold
from bot.worker.places import Places
from flows.errors import (
    DirectoryUnavailable,
    NoRoom,
    NotFound,
    RowUnreadable,
    StorageUnavailable,
)
from flows.outbox.jobs import PLANNED, JobKind
from flows.ports import Clock
from storage.leases import LeasedWork, Leases, WorkEnd

LOOK_EVERY = 2.0  # seconds at most; also finds the work of dead workers
LOOK_BESIDE = 0.05  # seconds between looks while one kind is crowded, so that others get a turn
CONTENDED = 0.1  # seconds, while another worker is claiming what we wanted
GATHER = 0.005  # seconds in which outcomes are collected, to be stored together
UNCHANGED = 60.0  # seconds until planned work that is still due is tried again
WORK_BACKOFF = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0)  # seconds after failures in a row
AWAY = 1.0  # seconds between tries while the database is away
GRACE = 4.0  # seconds that running work gets at the end
GIVE_BACK = 2.0  # seconds to tell the database at the end

# Takes a tenant and a subject. Returns when the work is due again, or None when it is done.
WorkHandler = Callable[[str, str], Awaitable[datetime | None]]
Count = Callable[[str, str], None]  # takes the kind and the outcome

_log = structlog.get_logger(__name__)


class Worker:
    """Runs the kinds of work that have a handler.

    `clock` is the injected time, `real` the database's. `news` is set when something may be due.
    """

    def __init__(
        self,
        leases: Leases,
        handlers: Mapping[JobKind, WorkHandler],
        clock: Clock,
        real: Clock,
        news: asyncio.Event,
        count: Count,
    ) -> None:
        self._leases = leases
        self._handlers = handlers
        self._clock = clock
        self._real = real
        self._news = news
        self._count = count
        self._id = uuid.uuid4().hex
        self._turns = 0
        self._looked = 0.0  # monotonic seconds
        self._crowded: set[JobKind] = set()
        self._places: defaultdict[JobKind, Places] = defaultdict(Places)
        self._running: dict[LeasedWork, tuple[asyncio.Task[WorkEnd], Lease]] = {}
        self._ended: list[WorkEnd] = []
        self._stopping = False
        self._tasks: tuple[asyncio.Task[None], ...] = ()

    def start(self) -> None:
        self._tasks = (
            asyncio.create_task(self._work(), name="worker"),
            asyncio.create_task(self._keep_renewing(), name="leases"),
        )

    async def rest(self) -> None:
        """Starts nothing new and gives running work a moment."""
        self._stopping = True
        self._news.set()
        if self._running:
            await asyncio.wait([task for task, _ in self._running.values()], timeout=GRACE)

    async def stop(self) -> None:
        """Call after `rest`. Hands unfinished work back for other workers to begin again."""
        left = tuple(self._running)
        tasks = [task for task, _ in self._running.values()]
        for task in (*tasks, *self._tasks):
            task.cancel()
        await asyncio.gather(*tasks, *self._tasks, return_exceptions=True)
        with suppress(StorageUnavailable, TimeoutError):
            async with asyncio.timeout(GIVE_BACK):
                await self._leases.turn(self._take_ended(), {}, "", LEASE)
                if left:
                    await self._leases.give_back(left)

    # --- the loop ---------------------------------------------------------------------------------

    async def _work(self) -> None:
        while not self._stopping:
            try:
                pause = await self._turn()
            except StorageUnavailable as error:
                _log.warning("worker_without_database", problem=error.trouble)
                pause = AWAY
            except Exception:  # noqa: BLE001 - the edge of the loop: the next turn may go better
                _log.exception("worker_turn_failed")
                pause = AWAY
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._news.wait()
                    await asyncio.sleep(GATHER)

    async def _turn(self) -> float:
        """Stores what has ended, starts what is due, returns the seconds until the next turn."""
        self._news.clear()
        if self._crowded and time.monotonic() - self._looked < LOOK_BESIDE:
            # More of these kinds is due than can run at once, so claim them without looking first.
            await self._claim({kind: (self._now(kind), self._free(kind)) for kind in self._crowded})
            return LOOK_BESIDE
        due, self._looked = await self._leases.look(), time.monotonic()
        now = {kind: self._now(kind) for kind in due}
        ahead = {
            kind: max((at - now[kind]).total_seconds(), self._places[kind].ahead())
            for kind, at in due.items()
        }
        wanted = {kind: (now[kind], self._free(kind)) for kind in due if ahead[kind] <= 0}
        has_ended, claimed = bool(self._ended), await self._claim(wanted)
        if (claimed or has_ended) and not self._crowded:
            return 0.0  # look again: this turn may have made something due
        if wanted and not claimed and not self._crowded:
            return CONTENDED
        later = [seconds for seconds in ahead.values() if seconds > 0]
        return min([LOOK_BESIDE if self._crowded else LOOK_EVERY, *later])

    async def _claim(self, wanted: Mapping[JobKind, tuple[datetime, int]]) -> int:
        """Returns how many were claimed. Sets `_crowded`: kinds that may have more than fits."""
        ended, began = self._take_ended(), time.monotonic()
        places = {kind: (now, free) for kind, (now, free) in wanted.items() if free > 0}
        claimed: Sequence[LeasedWork] = ()
        if ended or places:
            self._turns += 1
            lease = f"{self._id}:{self._turns}"
            with ExitStack() as unless_stored:
                unless_stored.callback(self._ended.extend, ended)
                claimed = await self._leases.turn(ended, places, lease, LEASE)
                unless_stored.pop_all()
        for one in claimed:
            held = Lease(began + LEASE)
            task = asyncio.create_task(self._run(one, held), name=f"{one.kind}:{one.subject}")
            self._running[one] = task, held
            task.add_done_callback(partial(self._note_end, one))
        self._crowded = {kind for kind in wanted if self._free(kind) <= 0}
        return len(claimed)

    def _free(self, kind: JobKind) -> int:
        return self._places[kind].free(sum(one.kind is kind for one in self._running))

    def _take_ended(self) -> Sequence[WorkEnd]:
        ended, self._ended = self._ended, []
        return ended

    def _now(self, kind: JobKind) -> datetime:
        return (self._clock if kind in PLANNED else self._real).now()

    # --- one piece of work ------------------------------------------------------------------------

    async def _run(self, claimed: LeasedWork, lease: Lease) -> WorkEnd:
        hold(lease)
        return await self._outcome(claimed)

    def _note_end(self, claimed: LeasedWork, task: asyncio.Task[WorkEnd]) -> None:
        """Also hears of work that was cancelled before its first step, so that no lease of work
        that nobody does is renewed.
        """
        self._running.pop(claimed)
        if task.cancelled():
            self._count(claimed.kind.value, "stopped")
        else:
            self._ended.append(task.result())
            self._news.set()

    async def _outcome(self, claimed: LeasedWork) -> WorkEnd:
        """Runs the handler. This is the edge of background work: failures are logged, ids only."""
        kind, tenant_id = claimed.kind.value, claimed.tenant_id
        try:
            again_at = await self._handlers[claimed.kind](tenant_id, claimed.subject)
        except NoRoom:
            self._count(kind, "no room")
            self._places[claimed.kind].found_no_room()
            return WorkEnd(claimed, claimed.due_at)
        except NotFound:
            _log.info("job_without_subject", job=kind, tenant_id=tenant_id)
            return WorkEnd(claimed, None)
        except StorageUnavailable as error:
            about = {"job": kind, "tenant_id": tenant_id}
            _log.warning("job_without_database", **about, problem=error.trouble)
            return self._failed(claimed, "without database")
        except DirectoryUnavailable:
            _log.info("job_without_directory", job=kind, tenant_id=tenant_id)
            return self._failed(claimed, "without directory")
        except RowUnreadable:
            _log.warning("job_unreadable", job=kind, tenant_id=tenant_id)
            return self._failed(claimed, "unreadable")
        except Exception:  # noqa: BLE001 - see the docstring
            reference = uuid.uuid4().hex[:8]
            _log.exception("job_failed", job=kind, tenant_id=tenant_id, reference=reference)
            return self._failed(claimed, "failed")
        self._count(kind, "done")
        self._places[claimed.kind].found_room()
        if again_at is None and claimed.kind in PLANNED:
            # If the work has changed its plan, this time is ignored. If not, it is still due.
            return WorkEnd(claimed, self._later(claimed, UNCHANGED))
        return WorkEnd(claimed, again_at)

    def _failed(self, claimed: LeasedWork, outcome: str) -> WorkEnd:
        self._count(claimed.kind.value, outcome)
        seconds = WORK_BACKOFF[min(claimed.attempts, len(WORK_BACKOFF)) - 1]
        return WorkEnd(claimed, self._later(claimed, seconds), claimed.attempts)

    def _later(self, claimed: LeasedWork, seconds: float) -> datetime:
        """Adds up to half the delay at random, so that what failed together is spread out."""
        spread = 1 + random.random() / 2  # noqa: S311 - not a secret
        return self._now(claimed.kind) + timedelta(seconds=seconds * spread)

    # --- leases -----------------------------------------------------------------------------------

    async def _keep_renewing(self) -> None:
        while True:
            await asyncio.sleep(RENEW_EVERY)
            if self._running:
                try:
                    await self._renew()
                except StorageUnavailable as error:
                    _log.warning("worker_without_database", problem=error.trouble)
                except Exception:  # noqa: BLE001 - the edge of the loop: the next turn may go better
                    _log.exception("leases_not_renewed")
                self._drop_lost()

    async def _renew(self) -> None:
        """Raises `StorageUnavailable`, also if the next renewal is due before this one is done."""
        held, began = tuple(self._running), time.monotonic()
        try:
            async with asyncio.timeout(RENEW_EVERY):
                kept = set(await self._leases.renew(held, LEASE))
        except TimeoutError:
            raise StorageUnavailable("no answer") from None
        for one in held:
            if one in self._running:
                self._running[one][1].until = began + LEASE if one in kept else began

    def _drop_lost(self) -> None:
        """Cancels work whose lease is lost: another worker may be doing it."""
        for one, (task, lease) in tuple(self._running.items()):
            if lease.is_lost and not task.done():
                _log.warning("lease_lost", job=one.kind.value, tenant_id=one.tenant_id)
                task.cancel()
