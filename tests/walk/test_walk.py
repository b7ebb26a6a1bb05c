"""A short walk from fixed seeds, and every list that once led to a fault.

`make walk SEEDS=… STEPS=…` walks farther, `make faults` from a fresh seed.
"""

from pathlib import Path

import pytest

from bot.ids import Action, Callback
from tests.walk.__main__ import CASES, read_case
from tests.walk.coverage import FEW, everything, forms, kept, questions
from tests.walk.walker import ENOUGH, walk_again, walk_by_chance

MOST_IN_FEW, MOST_NOT_WALKED = 1, 2
SEEDS, STEPS = (1, 14), 25


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_short_walk(seed: int) -> None:
    print(f"seed {seed}")  # noqa: T201 - shown if it fails
    walked = await walk_by_chance(seed, STEPS)
    acts = "\n".join(str(act.as_json()) for act in walked.acts)
    assert not walked.faults, f"make walk SEEDS={seed} STEPS={STEPS}\n{acts}\n{walked.faults}"


@pytest.mark.parametrize("case", sorted(CASES.glob("*.json")), ids=lambda path: path.stem)
async def test_what_once_led_to_a_fault(case: Path) -> None:
    walked = await walk_again(*read_case(case))
    assert not walked.faults, f"make walk AGAIN={case}\n{walked.faults}"


def test_what_was_seldom_reached_does_not_grow() -> None:
    """A new id is reached by `make walk ARGS=--keep`, which writes the list; some may wait."""
    known = {f"{kind} {id_}" for kind, id_ in everything()}
    assert kept().keys() <= known, "these ids are gone: leave them out"
    few = {what for what in known if kept().get(what, 0) < ENOUGH}
    assert FEW.keys() <= few, "these were reached in enough: leave them out"
    assert len(FEW) <= MOST_IN_FEW
    assert len(few - FEW.keys()) <= MOST_NOT_WALKED, sorted(few - FEW.keys())


def test_questions_are_found_in_what_is_drawn() -> None:
    assert Action.CSM_CONFIRM in questions()
    assert Action.START not in questions()
    assert Callback.DISCONNECT in forms()
    assert Callback.DONE not in forms()
