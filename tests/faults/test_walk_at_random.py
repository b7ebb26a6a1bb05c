"""A longer walk over whatever stands on screen, from a fresh seed in `make faults`."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from tests.faults.figures import Show
from tests.faults.size import LONG, SEED, sized
from tests.walk.house import House
from tests.walk.processes import on_postgres, on_sqlite
from tests.walk.routes import check_route, longer
from tests.walk.walker import Walked, walk_by_chance

STEPS = sized(150, 20)
WALKS = sized(12, 1)
AMONG_PROCESSES = sized(120, 12)
LONGEST = 3600  # seconds, of real processes on a busy machine
LONGER = longer()
Where = Callable[..., AbstractAsyncContextManager[House]]


@pytest.mark.parametrize("number", range(WALKS))
async def test_a_walk_at_random(number: int, show: Show) -> None:
    seed = SEED + number
    walked = await walk_by_chance(seed, STEPS)
    _check(walked, f"make walk SEEDS={seed} STEPS={STEPS}")
    show(f"walk at random, seed {seed}", f"{len(walked.acts)} steps from {walked.start.name}")


@pytest.mark.parametrize("path", LONGER[: sized(len(LONGER), 1)], ids=lambda path: path.stem)
async def test_a_longer_route_reaches_what_it_says(path: Path) -> None:
    await check_route(path)


@pytest.fixture(params=["sqlite", "postgres"] if LONG else ["sqlite"])
def among(request: pytest.FixtureRequest) -> Where:
    if request.param == "sqlite":
        return on_sqlite
    return on_postgres(request.getfixturevalue("postgres_server"))


@pytest.mark.timeout(LONGEST)
async def test_a_walk_among_processes_that_are_killed(among: Where, show: Show) -> None:
    seed = SEED + (among is not on_sqlite)
    walked = await walk_by_chance(seed, AMONG_PROCESSES, among)
    _check(walked, f"make walk SEEDS={seed} STEPS={AMONG_PROCESSES} ARGS=--processes")
    assert walked.deaths
    done = f"{len(walked.acts)} steps from {walked.start.name}, {walked.deaths} kills"
    show(f"walk among processes, seed {seed}", done)


def _check(walked: Walked, again: str) -> None:
    acts = "\n".join(str(act.as_json()) for act in walked.acts)
    assert not walked.faults, f"{again}\n{acts}\n{walked.faults}"
