"""The world in which a walk happens: everything in one process, and nothing in it waits.

The database's time moves with the injected clock, rates are not limited, and background work is
done between two acts, piece by piece and in order, instead of beside them. So a list of acts leads
to the same screens each time, and weeks pass in no time.
"""

import asyncio
import math
import sqlite3
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Protocol
from unittest.mock import patch

from bot.app import Bot
from bot.clock import OffsetClock, SystemClock
from bot.settings import LogLevel
from bot.worker.kinds import first_digest
from bot.worker.lease import Lease, hold
from flows.checks.run import CheckPolicy
from flows.outbox.jobs import PLANNED, JobKind
from flows.ports import Clock, RateCost
from playground.sample import ACME
from playground.slack.model import Channel, Team, User
from playground.slack.person import Person
from storage.connections import Engine
from storage.engine import SharedClock
from storage.leases import Leases, WorkEnd
from tests.scenario.logged import logged
from tests.support.template import sqlite_url
from tests.support.world import World, world

POLICY = CheckPolicy(deadline=5.0, longest=50.0, take_over=60.0, grace=1.0, redraw=0.02)
SLOW = 0.02  # seconds; long enough for nothing but being slow
AT_ONCE, ROUNDS, LEASED = 10, 300, 3600.0
SOON, TURNS = timedelta(seconds=5), 5  # what is tried again so soon, and how often, is waited for
STRIDE = timedelta(hours=6)  # between two looks of the worker while time passes
FIRST_DUE = """SELECT kind, min(due_at) FROM due
    WHERE due_at IS NOT NULL AND lease IS NULL GROUP BY kind"""
BEHIND = 60.0  # seconds; only something broken takes longer
GLOBEX = Team("T0GLOBEX001", "Globex", "globex")
CUSTOMERS = ("ada", "grace", "linus", "gus")
STRANGERS, CSMS = ("hank",), ("mira", "tom")
EVERYBODY = (*CUSTOMERS, *STRANGERS, *CSMS)


class OpenGates:
    """No rate is limited, because nobody waits here."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        pass

    async def take(self, tenant_id: str, costs: Mapping[str, RateCost], longest: float) -> float:
        return 0.0

    async def close(self, tenant_id: str, subject: str, seconds: float) -> None:
        pass


class EndlessWork(AssertionError):
    """Background work that is due again each time it is done."""


class LogSoFar(Protocol):
    def getvalue(self) -> str: ...


@dataclass
class House:
    """A world with its bot. `troubled`: since when Slack or Segment have been in trouble. `killed`:
    whether a process has died since somebody looked last.
    """

    world: World
    log: LogSoFar
    folder: Path
    troubled: bool = False
    killed: bool = False
    deaths: int = 0
    first_due: ClassVar[str] = FIRST_DUE
    tries: ClassVar[int] = 0  # of further looks until a law holds
    uninstalled: set[str] = field(default_factory=set)
    _turns: int = 0
    _looked: int = -1  # what was `written` at the last look for work
    _due: dict[JobKind, datetime] = field(default_factory=dict)

    @property
    def bot(self) -> Bot:
        found: Bot = self.world.asgi.state.bot
        return found

    def person(self, name: str) -> Person:
        """Not a patient one: they press only what is there already."""
        found: Person = self.world.slack.person(name)
        return found

    def now(self) -> datetime:
        return self.bot.clock.now()

    def ask(self, statement: str, *values: object) -> list[Any]:
        """The rows of a query on the bot's database."""
        return self.database.execute(statement, values).fetchall()

    @property
    def written(self) -> int:
        """Another number after each commit of the bot."""
        found: int = self.ask("PRAGMA data_version")[0][0]
        return found

    @cached_property
    def database(self) -> sqlite3.Connection:
        """The bot's database, for reading."""
        return sqlite3.connect(self.world.database_file)

    def close(self) -> None:
        if "database" in vars(self):
            self.database.close()

    async def dies(self, words: str) -> None:
        """A process is killed, where there are some. Raises `LookupError`."""
        raise LookupError(words)

    @cached_property
    def leases(self) -> Leases:
        return Leases(self.bot.engine, self.bot.real, self.bot.handlers)

    async def settle(self) -> None:
        """Returns when all that was begun has ended and nothing is due, or soon will be."""
        await self._settle_now()
        for _ in range(TURNS):
            first = min(self._planned().values(), default=None)
            if first is None or not timedelta(0) < first - self.now() <= SOON:
                return
            await self.world.time_passes((first - self.now()).total_seconds())
            await self._settle_now()

    async def _settle_now(self) -> None:
        await self._handled()
        await self._work_off()
        await self._handled()
        await self.world.slack.events.settle()
        await self._work_off()

    async def time_passes(self, seconds: float) -> None:
        """Work is done as if looked for at every `STRIDE`; strides without work are one step."""
        left = timedelta(seconds=seconds)
        while left > timedelta(0):
            first = min(self._planned().values(), default=self.now() + left)
            strides = max(1, math.ceil((first - self.now()) / STRIDE))
            step = min(left, strides * STRIDE)
            left -= step
            await self.world.time_passes(step.total_seconds())
            await self.settle()

    async def _handled(self) -> None:
        bot = self.bot
        await bot.listeners.ended(BEHIND)
        parts = (bot.checking._behind, bot.filling._behind, bot.measuring._under_way.values())
        for _ in range(3):  # one may begin another
            if tasks := [task for part in parts for task in part]:
                await asyncio.wait(tasks, timeout=BEHIND)

    def _planned(self) -> dict[JobKind, datetime]:
        """When the first row of each kind is due. Read again when something was written."""
        if self._looked != (written := self.written):
            rows = self.ask(self.first_due)
            self._due = {JobKind(k): moment(at) for k, at in rows}
            self._looked = written
        return self._due

    async def _work_off(self) -> None:
        """As a worker does it, but one piece after the other."""
        bot, ended = self.bot, list[WorkEnd]()
        for _ in range(ROUNDS):
            planned, now = bot.clock.now(), bot.real.now()
            by = {kind: planned if kind in PLANNED else now for kind in JobKind}
            due = [kind for kind, at in self._planned().items() if at <= by[kind]]
            if not ended and not due:
                return
            self._turns += 1
            places = {kind: (by[kind], AT_ONCE) for kind in due}
            claimed = await self.leases.turn(ended, places, f"walk:{self._turns}", LEASED)
            hold(Lease(time.monotonic() + LEASED))
            work = bot.background._worker._outcome
            ended = [await work(one) for one in sorted(claimed, key=lambda one: one.key)]
        raise EndlessWork(f"{[one.claimed.key for one in ended]}")


@asynccontextmanager
async def house(folder: Path, **settings: Any) -> AsyncIterator[House]:
    """A house in which the app is installed at Acme, Globex and Toplyne."""
    with ExitStack() as stack:
        log = stack.enter_context(logged(LogLevel.WARNING))
        async with world(sqlite_url(folder), **settings) as made:
            hurry(stack, made)
            made.check_policy = POLICY
            await made.start_bot(worker=False)
            found = House(made, log, folder)
            stack.callback(found.close)
            await populate(made)
            bot = found.bot
            await first_digest(bot.uow, bot.channel_sender, bot.csm_team)()
            await found.settle()
            yield found


async def populate(made: World) -> None:
    """Installs the app for everybody, where trouble takes no time. Linus is an admin, too."""
    made.segment.slow_seconds, made.segment.limiting.seconds = SLOW, SLOW
    made.slack.add(*_guests())
    made.slack.person("linus").user.is_admin = True
    await made.install()
    await made.slack.install(GLOBEX.id, made.slack.person("hank").user.id)


def moment(stored: Any) -> datetime:
    """SQLite gives text in UTC, PostgreSQL a moment."""
    return stored if isinstance(stored, datetime) else datetime.fromisoformat(f"{stored}+00:00")


def hurry(stack: ExitStack, made: World) -> None:
    class Moved(SharedClock):
        def now(self) -> datetime:
            return super().now() + timedelta(seconds=made.playground.clock.offset_seconds)

    class OnceMoved(OffsetClock):
        def __init__(self, url: str, http: Any, _moved: SharedClock, **named: Any) -> None:
            super().__init__(url, http, SystemClock(), **named)

    for name, value in (
        ("bot.opened.SharedClock", Moved),
        ("bot.opened.OffsetClock", OnceMoved),
        ("bot.opened.SqlRateGates", OpenGates),
        ("bot.outbound.waiting_modal.SETTLE_PAUSES", (0.02, 0.08, 0.3)),
        ("flows.clients.transport.RETRY_DELAYS", ()),
        ("bot.outbound.people.FAILURE_AGE", 0.0),  # real time, and the trouble may be over
        ("playground.slack.core.NOTICES_KEPT", 1000),  # so that each press shows a new one
    ):
        stack.enter_context(patch(name, value))


def _guests() -> list[Team | User | Channel]:
    """A guest at Acme, and another customer."""
    gus = User("U0ACMEGUST1", ACME.id, "gus", "Gus Marlow", "Europe/Lisbon", is_guest=True)
    hank = User("U0GLOBEXHNK", GLOBEX.id, "hank", "Hank Ito", "Europe/Rome", is_admin=True)
    return [
        GLOBEX,
        gus,
        hank,
        Channel("C0ACMEGUEST", ACME.id, "guests", members=[gus.id]),
        Channel("C0GLOBEXGEN", GLOBEX.id, "general", members=[hank.id]),
    ]


def standing(found: House, tenant_id: str = ACME.id) -> str:
    """Where the customer stands: step and blocker of the stored overview, or how it ended."""
    if found.ask("SELECT 1 FROM teams WHERE team_id = ? AND left_at IS NOT NULL", tenant_id):
        return "uninstalled"
    rows = found.ask(
        "SELECT step, blocker, standing, milestone FROM overview WHERE tenant_id = ?", tenant_id
    )
    if not rows:
        return "unknown"
    step, blocker, where, _ = rows[0]
    match where:
        case 3:
            return "disconnected"
        case 2:
            return "finished" + (f", {blocker}" if blocker else "")
        case 1:
            return "nothing begun"
    return f"{step}: {blocker}" if blocker else str(step)
