"""`make growth N=100000`: what each statement takes with so many customers, on both databases.

Everything that a person or a worker causes is in `questions`, by the name of what is looked at.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from bench import crowd, report
from bot.cli.database import migrate
from bot.clock import SystemClock
from flows.csm.board import CustomerQuery, Stage
from flows.csm.digest import LINES, MOVES
from flows.csm.paging import FIRST, Side, Turn
from flows.errors import StorageUnavailable
from flows.outbox.jobs import JobKind
from flows.projection import PROJECTION
from storage.backlog import Backlog
from storage.customers import SqlCustomers
from storage.engine import SharedClock, make_engine
from storage.given_up import GivenUp
from storage.housekeeping import SqlHousekeeping
from storage.leases import Leases
from storage.tenants import SqlTenants
from tests.support.postgres import new_database, own_server

REPEATS = 30
LONG = 3.0  # seconds that a question is repeated
MOST_ON_SQLITE = 100_000  # customers; more want PostgreSQL
WEEK = timedelta(days=7)

Question = Callable[[], Awaitable[Any]]


async def deep_turn(customers: SqlCustomers, now: datetime, number: int) -> Turn:
    """Where this page of the board begins, reached by pressing "Next" again and again."""
    turn = FIRST
    for before in range(1, number):
        found = (await customers.page(CustomerQuery(), now, 20, turn)).customers
        if found:
            turn = Turn(before, Side.AFTER, found[-1].spot(now))
    return turn


def questions(engine: AsyncEngine, count: int, now: datetime, deep: Turn) -> Mapping[str, Question]:
    customers = SqlCustomers(engine)
    given_up, tidy = GivenUp(engine), SqlHousekeeping(engine)
    kinds = dict.fromkeys((JobKind.POLL, JobKind.REMIND, JobKind.CALL), (now, 10))
    leases = Leases(engine, SharedClock(), list(JobKind))
    erased = iter(range(count - 1, 0, -1))

    def board(turn: Turn = FIRST, **wanted: Any) -> Question:
        return lambda: customers.page(CustomerQuery(**wanted), now, 21, turn)

    owner, own = crowd.csm(1, count), crowd.own_word(7)
    return {
        "board": board(),
        "board, page 25": board(deep),
        **{f"board, {stage.value}": board(stage=stage) for stage in Stage},
        "board, waiting on a CSM": board(waiting_on="csm"),
        "board, waiting on Segment": board(waiting_on="segment"),
        "board, one blocker": board(blocker="no_events"),
        "board, one owner": board(owner=owner),
        "board, nobody's": board(owner=None),
        "board, a week or longer": board(blocked_before=now - WEEK),
        "board, search of one": board(text=own),
        "board, search of many": board(text="cedar"),
        "board, search of nobody": board(text="zzzz"),
        "board, search of two words": board(text=f"cedar {own}"),
        "figures": lambda: customers.figures(now, now - WEEK),
        "owners": lambda: customers.owners(25),
        "Home: not started": board(stage=Stage.NOT_STARTED),
        "digest: needs you today": lambda: customers.needing(now, LINES),
        "digest: finished": lambda: customers.finished(now - WEEK, now, LINES),
        "digest: moved": lambda: customers.moved(MOVES, now - WEEK, now),
        "funnel": customers.funnel,
        "catch-up": lambda: customers.outdated(PROJECTION, 100),
        "cards: the next hundred": lambda: customers.everybody(
            (crowd.tenant(count // 2), crowd.setup(count // 2)), 100
        ),
        "worker: look": leases.look,
        "worker: claim": lambda: leases.turn((), kinds, "lease", 0.0),
        "jobs": lambda: given_up.messages.letters(100),
        "handoffs": lambda: given_up.deliveries.deliveries(100),
        "metrics: messages": given_up.messages.counts,
        "metrics: deliveries": given_up.deliveries.counts,
        "metrics: events": given_up.events.counts,
        "metrics: due": lambda: Backlog(engine).of(now, now),
        "tidy: messages": lambda: tidy.remove_sent(now - timedelta(days=3650)),
        "tidy: deliveries": lambda: tidy.remove_deliveries(now - timedelta(days=3650)),
        "tidy: events": lambda: tidy.remove_events(now - timedelta(days=3650)),
        "tidy: incidents": lambda: tidy.remove_incidents(now - timedelta(days=3650)),
        "erase one tenant": lambda: SqlTenants(engine, SystemClock()).erase(
            crowd.tenant(next(erased)), now
        ),
    }


async def measured(address: str, count: int, now: datetime) -> dict[str, float]:
    """Milliseconds with warm caches: the shortest of some repeats, because other work only adds."""
    engine = make_engine(address)
    found = {}
    deep = await deep_turn(SqlCustomers(engine), now, 25)
    for name, ask in questions(engine, count, now, deep).items():
        took, until = [await _timed(ask) for _ in range(2)], time.monotonic() + LONG
        while len(took) < REPEATS and time.monotonic() < until:
            took.append(await _timed(ask))
        found[name] = min(took[1:])
    await engine.dispose()
    return found


async def _timed(ask: Question) -> float:
    """Infinite where the database gives up, as it does for people: after 15 seconds."""
    began = time.perf_counter()
    try:
        await ask()
    except StorageUnavailable:
        return float("inf")
    return (time.perf_counter() - began) * 1000


@contextmanager
def databases(names: list[str]) -> Iterator[Mapping[str, Callable[[], str]]]:
    """Makes addresses of empty databases."""
    with TemporaryDirectory() as folder, ExitStack() as opened:
        makers: dict[str, Callable[[], str]] = {}
        if "sqlite" in names:
            numbers = iter(range(1_000))
            makers["sqlite"] = lambda: f"sqlite:///{Path(folder) / f'{next(numbers)}.db'}"
        if "postgresql" in names:
            server = opened.enter_context(own_server())
            makers["postgresql"] = lambda: opened.enter_context(new_database(server))
        yield makers


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description=__doc__)
    parser.add_argument("counts", nargs="+", type=int, help="of customers")
    parser.add_argument("--databases", nargs="*", default=["sqlite", "postgresql"])
    chosen = parser.parse_args(arguments)
    now = datetime.now(UTC)
    found: dict[str, dict[str, float]] = {}
    with databases(chosen.databases) as makers:
        for name, make in makers.items():
            for count in chosen.counts:
                if name == "sqlite" and count > MOST_ON_SQLITE:
                    continue
                address = make()
                asyncio.run(migrate(address))
                began = time.perf_counter()
                crowd.fill(address, count, now)
                _say(f"{name}: {count} customers, made in {time.perf_counter() - began:.0f} s")
                found[f"{name} {count}"] = asyncio.run(measured(address, count, now))
                report.keep("growth", found)
    _say(table(found))


def table(found: Mapping[str, Mapping[str, float]]) -> str:
    """One line a question, one column a database and size: milliseconds."""
    names = list(dict.fromkeys(name for column in found.values() for name in column))
    lines = [["ms", *found], ["---"] * (len(found) + 1)]
    lines += [[name, *(f"{column[name]:.1f}" for column in found.values())] for name in names]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
