"""`make growth N=100000`: what each statement takes with so many customers, on both databases.

`bench.questions` has everything that a person or a worker asks.
"""

import argparse
import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import crowd, report
from bench.questions import Question, deep_turn, questions
from bot.cli.database import migrate
from flows.errors import StorageUnavailable
from storage.customers import SqlCustomers
from storage.engine import close_engine, make_engine
from tests.support.postgres import new_database, own_server

REPEATS = 30
LONG = 3.0  # seconds that a question is repeated
MOST_ON_SQLITE = 100_000  # customers; more want PostgreSQL


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
    await close_engine(engine)
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
                report.say(
                    f"{name}: {count} customers, made in {time.perf_counter() - began:.0f} s"
                )
                found[f"{name} {count}"] = asyncio.run(measured(address, count, now))
                report.keep("growth", found)
    report.say(table(found))


def table(found: Mapping[str, Mapping[str, float]]) -> str:
    """One line a question, one column a database and size: milliseconds."""
    names = list(dict.fromkeys(name for column in found.values() for name in column))
    lines = [["ms", *found], ["---"] * (len(found) + 1)]
    lines += [[name, *(f"{column[name]:.1f}" for column in found.values())] for name in names]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    main()
