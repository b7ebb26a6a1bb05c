"""Kept lists of acts, each of which reaches something: a button that is lost is noticed there.

`reached.txt` says what was ever reached, so it cannot know. `make walk ARGS=--routes` looks for
ways to what no route reaches, and leaves out of each list what it does without.
"""

import json
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from tests.walk.acts import Act
from tests.walk.coverage import everything
from tests.walk.starts import Start, start_named
from tests.walk.walker import Reached, Walked, walk_again, walk_by_chance

ROUTES = Path(__file__).parent / "routes"
MOST_TRIES = 14
DIRECT = 10  # acts at most of routes that `make test` walks; `make faults` walks the others
FIND = "make walk ARGS=--routes SEEDS=0-99 STEPS=70"


@dataclass(frozen=True)
class Route:
    """`reaches`: kinds and ids, as `everything` names them."""

    start: Start
    acts: tuple[Act, ...]
    reaches: frozenset[str]

    def keep(self, path: Path) -> None:
        acts = ",\n    ".join(json.dumps(act.as_json(), ensure_ascii=False) for act in self.acts)
        reaches = json.dumps(sorted(self.reaches), indent=4).replace("\n]", "]")
        head = f'{{"start": "{self.start.name}",\n  "reaches": {reaches},\n'
        path.write_text(f'{head}  "acts": [\n    {acts}]}}\n')


def read_route(path: Path) -> Route:
    kept = json.loads(path.read_text())
    acts = tuple(Act.of_json(act) for act in kept["acts"])
    return Route(start_named(kept["start"]), acts, frozenset(kept["reaches"]))


def routes() -> dict[Path, Route]:
    return {path: read_route(path) for path in sorted(ROUTES.glob("*.json"))}


def direct() -> list[Path]:
    return [path for path, route in routes().items() if len(route.acts) <= DIRECT]


def longer() -> list[Path]:
    return [path for path, route in routes().items() if len(route.acts) > DIRECT]


def routed() -> frozenset[str]:
    """What some route reaches."""
    return frozenset[str]().union(*(route.reaches for route in routes().values()))


def without_route() -> set[str]:
    return {f"{kind} {id_}" for kind, id_ in everything()} - routed()


async def find_routes(seeds: list[int], steps: int) -> AsyncIterator[str]:
    """Keeps a route for each seed that has none and reaches what no route does.

    Yields a line for each.
    """
    for seed in seeds:
        if not (missing := without_route()):
            break
        walked = await walk_by_chance(seed, steps, sought=_known(), enough=1)
        new = missing & walked.firsts.keys()
        path = ROUTES / f"{walked.start.name.lower().replace('_', '-')}-{seed}.json"
        if walked.faults or not new or path.exists():
            continue
        last = max(walked.firsts[each] for each in new)
        route = await _shortest(Route(walked.start, tuple(walked.acts[:last]), frozenset(new)))
        route.keep(path)
        yield f"{path.name}: {len(route.acts)} acts reach {', '.join(sorted(new))}"


def _known() -> Reached:
    known = routed()
    return Counter((kind, id_, "") for kind, id_ in everything() if f"{kind} {id_}" in known)


async def _shortest(route: Route) -> Route:
    """Leaves out parts, large ones first, while the rest still reaches the same."""
    size, tries = max(1, len(route.acts) // 2), 0
    while tries < MOST_TRIES:
        end, was = len(route.acts), route
        while end > 0 and tries < MOST_TRIES:
            begin, tries = max(0, end - size), tries + 1
            acts = route.acts[:begin] + route.acts[end:]
            shorter = Route(route.start, acts, route.reaches)
            walked = await reached_by(shorter)
            if not walked.faults and walked.firsts.keys() >= route.reaches:
                route = shorter
            end = begin
        if size == 1 and route is was:
            break
        size = max(1, size // 2)
    return route


async def reached_by(route: Route) -> Walked:
    return await walk_again(route.start, list(route.acts))


async def check_route(path: Path) -> None:
    """Raises `AssertionError` if it does not reach what it says."""
    route = read_route(path)
    walked = await reached_by(route)
    assert not walked.faults, f"make walk AGAIN={path}\n{walked.faults}"
    lost = sorted(route.reaches - walked.firsts.keys())
    moved = f"if they are elsewhere now, delete {path} and {FIND}"
    assert not lost, f"{lost} are not reached any more; {moved}"
