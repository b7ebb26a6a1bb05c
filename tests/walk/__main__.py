"""`python -m tests.walk --seeds 1,2,10-19 --steps 200`, and `--again FILE` for a kept list.

`--processes` walks against real ones: seeds with an even number on SQLite, others on PostgreSQL.
"""

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.postgres import own_server
from tests.walk.acts import Act
from tests.walk.coverage import keep, table
from tests.walk.house import house
from tests.walk.processes import on_postgres, on_sqlite
from tests.walk.routes import find_routes, without_route
from tests.walk.shrink import shortest
from tests.walk.starts import Start, start_named
from tests.walk.walker import Walked, Where, walk_again, walk_by_chance

CASES = Path(__file__).parent / "cases"


def read_case(path: Path) -> tuple[Start, list[Act]]:
    kept = json.loads(path.read_text())
    return start_named(kept["start"]), [Act.of_json(act) for act in kept["acts"]]


def keep_case(path: Path, walked: Walked, why: str) -> None:
    acts = ",\n    ".join(json.dumps(act.as_json(), ensure_ascii=False) for act in walked.acts)
    head = f'{{"why": {json.dumps(why, ensure_ascii=False)},\n  "start": "{walked.start.name}",\n'
    path.write_text(f'{head}  "acts": [\n    {acts}]}}\n')


def _seeds(words: str) -> list[int]:
    parts = (part.partition("-") for part in words.split(","))
    return [n for first, _, last in parts for n in range(int(first), int(last or first) + 1)]


Wheres = Callable[[int], Where]  # takes the seed


@contextmanager
def _wheres(*, processes: bool) -> Iterator[Wheres]:
    if not processes:
        yield lambda _seed: house
        return
    with own_server() as server:
        there = (on_sqlite, on_postgres(server))
        yield lambda seed: there[seed % 2]


async def _walk_all(
    seeds: list[int],
    steps: int,
    folder: Path,
    wheres: Wheres,
    *,
    shrink: bool,
    keeping: bool,
    seeking: bool,
) -> int:
    reached, known, failed, walked_steps = Counter[tuple[str, str, str]](), Counter[str](), 0, 0
    deaths = 0
    for seed in seeds:
        began = time.monotonic()
        walked = await walk_by_chance(seed, steps, wheres(seed), reached if seeking else None)
        reached += walked.reached
        known += walked.known
        walked_steps += len(walked.acts)
        deaths += walked.deaths
        took = time.monotonic() - began
        done = f"{len(walked.acts)} steps from {walked.start.name}, {took:.0f} s"
        print(f"seed {seed}: {done}", flush=True)  # noqa: T201
        if walked.faults:
            failed += 1
            await _report(seed, walked, folder, shrink=shrink)
        if keeping:
            keep(reached)
    print("\n".join(table(reached)))  # noqa: T201
    for why, count in known.items():
        print(f"known, {count} times: {why}")  # noqa: T201
    died = f", {deaths} processes killed" if deaths else ""
    print(f"{walked_steps} steps{died}, {failed} of {len(seeds)} seeds failed")  # noqa: T201
    return 1 if failed else 0


async def _report(seed: int, walked: Walked, folder: Path, *, shrink: bool) -> None:
    found = await shortest(walked) if shrink else walked
    path = folder / f"seed-{seed}.json"
    keep_case(path, found, found.faults[0])
    print(f"  FAILED after {len(walked.acts)} acts, shortest {len(found.acts)}:")  # noqa: T201
    print("\n".join(f"    {fault}" for fault in walked.faults))  # noqa: T201
    if shrink:
        print("\n".join(f"      {act.as_json()}" for act in found.acts))  # noqa: T201
    print(f"  again: make walk AGAIN={path}", flush=True)  # noqa: T201


async def _again(path: Path, where: Where) -> int:
    walked = await walk_again(*read_case(path), where)
    print("\n".join(walked.faults) or f"no fault in {len(walked.acts)} acts")  # noqa: T201
    return 1 if walked.faults else 0


async def _look_for_routes(seeds: list[int], steps: int) -> int:
    async for line in find_routes(seeds, steps):
        print(line, flush=True)  # noqa: T201
    print(f"without a route: {', '.join(sorted(without_route())) or 'none'}")  # noqa: T201
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.walk", description=__doc__)
    parser.add_argument("--seeds", default="1-5", help="such as 1,2,10-19")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--again", type=Path, help="a kept list of acts")
    parser.add_argument("--no-shrink", action="store_true", help="do not look for shorter lists")
    parser.add_argument("--keep", action="store_true", help="remember what was reached")
    parser.add_argument("--into", type=Path, default=CASES, help="where failures are kept")
    parser.add_argument("--seek", action="store_true", help="look for what was seldom reached")
    parser.add_argument("--processes", action="store_true", help="two fronts, two workers, kills")
    parser.add_argument("--routes", action="store_true", help="look for what no route reaches")
    given = parser.parse_args()
    if given.routes:
        return asyncio.run(_look_for_routes(_seeds(given.seeds), given.steps))
    shrink = not (given.no_shrink or given.processes)
    with _wheres(processes=given.processes) as wheres:
        if given.again:
            return asyncio.run(_again(given.again, wheres(0)))
        walking = _walk_all(
            _seeds(given.seeds), given.steps, given.into, wheres,
            shrink=shrink, keeping=given.keep, seeking=given.seek,
        )  # fmt: skip
        return asyncio.run(walking)


if __name__ == "__main__":
    sys.exit(main())
