"""CPU for one reminder and for one poll, by workers as they run in production, beside a bare loop
that only makes the same HTTP calls.
"""

import asyncio
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr

from bench.contenders import HERE
from bench.processes import CORES, UNDER_TEST, cpu_of_family, free_port, python, start
from bench.slack import Slack
from bench.world import installation_of, our_bot, settings_of_ours, situation_of
from bot.cli.database import migrate
from flows.model import Integration, Observed, Situation
from flows.ports import Unguarded
from flows.projection import project
from flows.vocabulary import Source, Stamp
from tests.support.postgres import new_database, own_server

LIMIT = 900.0  # seconds; a bound for a busy machine
EACH = 5  # set-ups in one workspace, so that Slack's limits for one hold up nobody
LONG_AGO = timedelta(days=1, hours=2)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of work: by which call it is over, and all calls that it makes."""

    name: str
    last: str
    calls: tuple[tuple[str, str], ...]  # verb and path


REMINDERS = Kind(
    "reminders", "chat.postMessage", (("POST", "users.info"), ("POST", "chat.postMessage"))
)
POLLS = Kind(
    "polls",
    "connected-destinations",
    (("GET", "sources"), ("GET", "sources/srcweb/connected-destinations")),
)
KINDS = (REMINDERS, POLLS)


@dataclass(frozen=True, slots=True)
class Done:
    """CPU milliseconds for each, of ours and of the database's server, and how many a second."""

    cpu: float
    rate: float
    server: float = 0.0


@dataclass(frozen=True, slots=True)
class Database:
    """Without a server where it is in our own process."""

    address: str
    server: int | None = None

    @property
    def cpu(self) -> float:
        """Seconds that its server has used."""
        return cpu_of_family(self.server) if self.server else 0.0


async def by_workers(
    kind: Kind, count: int, workers: int, database: Database, folder: Path, slack: Slack
) -> Done:
    """`worker` processes on all cores, on a database where so much is due. What their start takes
    is taken off.
    """
    environment = settings_of_ours(
        database.address,
        slack.url,
        POLL_INTERVAL="15m",
        SEGMENT_API_URL=slack.url.removesuffix("/api/"),
        SEGMENT_CALLS_PER_MINUTE="100000",
        LOG_LEVEL="WARNING",
    )
    await migrate(database.address)
    idle = await _cpu_of_a_start(environment, folder)
    await _fill(kind, count, environment)
    slack.take_counts()
    before = database.cpu
    cores = UNDER_TEST if workers == 1 else set(CORES)
    running = [
        await start(python("-m", "bot", "worker"), environment, folder / f"worker{n}.log", cores)
        for n in range(workers)
    ]
    try:
        seconds = await _until(kind, count, slack)
        for process in running:
            await process.until_idle()
        spent = sum(process.cpu for process in running) - idle * workers
    finally:
        await asyncio.gather(*(process.stop() for process in running))
    return Done(spent / count * 1000, count / seconds, (database.cpu - before) / count * 1000)


async def by_a_bare_loop(kind: Kind, count: int, slack: Slack, folder: Path) -> Done:
    """The same calls and nothing else, in a process of its own."""
    slack.take_counts()
    arguments = (slack.url, str(count), *(f"{verb} {path}" for verb, path in kind.calls))
    began = time.monotonic()
    process = await start(
        python(str(HERE / "bare_loop.py"), *arguments),
        {},
        folder / "bare.log",
        UNDER_TEST,
    )
    spent = float(await process.said())
    return Done(spent / count * 1000, count / (time.monotonic() - began))


async def _cpu_of_a_start(environment: Mapping[str, str], folder: Path) -> float:
    """Seconds, until a worker with nothing to do is at rest."""
    port = free_port()
    command = python("-m", "bot", "worker", "--health-port", str(port))
    process = await start(command, environment, folder / "idle.log", UNDER_TEST)
    try:
        await process.until_listening(port)
        await process.until_idle()
        return process.cpu
    finally:
        await process.stop()


async def _until(kind: Kind, count: int, slack: Slack) -> float:
    """Seconds from the first of these calls to the last."""
    seen, began = 0, 0.0
    async with asyncio.timeout(LIMIT):
        while seen < count:
            await asyncio.sleep(0.02)
            seen += slack.take_counts()[kind.last]
            began = began or (time.monotonic() if seen else 0.0)
    return max(time.monotonic() - began, 0.001)


async def _fill(kind: Kind, count: int, environment: Mapping[str, str]) -> None:
    """So many set-ups, for each of which there is one thing due."""
    async with our_bot(environment) as bot:
        for number in range(0, count, EACH):
            team = f"T{number:06}"
            async with bot.uow(team, unguarded=Unguarded.INSTALLING) as work:
                await work.installations.put(installation_of(team), SecretStr(f"xoxb-{team}"))
                for one in range(number, min(number + EACH, count)):
                    situation = _due(kind, team, one)
                    integration, observed = situation.integration, situation.observed
                    await work.integrations.add(integration)
                    if observed.looked_at:
                        await work.observations.put_looked(integration.id, observed.looked_at, 0)
                        await work.vault.put(integration.id, SecretStr("sgp_" + "x" * 40))
                    await work.overviews.put(project(situation, bot.settings.poll_interval))
                await work.commit()


def _due(kind: Kind, team: str, number: int) -> Situation:
    """Begun a day ago, when nobody has chosen a plan; or at live sync, not looked at for long."""
    now = datetime.now(UTC)
    begun = Stamp(f"U{number:06}", now - LONG_AGO)
    if kind is REMINDERS:
        fresh = Integration(f"int_{number}", team, team, begun, last_active=begun)
        return Situation(fresh, Observed(), now)
    situation = situation_of(team)
    integration = replace(
        situation.integration,
        id=f"int_{number}",
        sources=(Source("srcweb", "web", "Web app"),),
        sources_chosen=Stamp("U1", now - LONG_AGO),
    )
    return Situation(integration, Observed(looked_at=now - LONG_AGO), now)


@contextmanager
def databases(folder: Path) -> Iterator[Mapping[str, Iterator[Database]]]:
    """New empty databases, by the kind's name."""

    def sqlite() -> Iterator[Database]:
        for number in range(1_000_000):
            yield Database(f"sqlite:///{folder / f'work{number}.db'}")

    with own_server() as server, ExitStack() as opened:

        def postgres() -> Iterator[Database]:
            pid = int((server.pgdata / "postmaster.pid").read_text().split()[0])
            while True:
                yield Database(opened.enter_context(new_database(server)), pid)

        yield {"SQLite": sqlite(), "PostgreSQL": postgres()}
