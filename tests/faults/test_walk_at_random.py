"""A longer walk over whatever stands on screen, from a fresh seed in `make faults`."""

import pytest

from tests.faults.figures import Show
from tests.faults.size import SEED, sized
from tests.walk.walker import walk_by_chance

STEPS = sized(150, 20)
WALKS = sized(12, 1)


@pytest.mark.parametrize("number", range(WALKS))
async def test_a_walk_at_random(number: int, show: Show) -> None:
    seed = SEED + number
    walked = await walk_by_chance(seed, STEPS)
    acts = "\n".join(str(act.as_json()) for act in walked.acts)
    assert not walked.faults, f"make walk SEEDS={seed} STEPS={STEPS}\n{acts}\n{walked.faults}"
    show(f"walk at random, seed {seed}", f"{len(walked.acts)} steps from {walked.start.name}")
