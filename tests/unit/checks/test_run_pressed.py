"""A check begins within an acknowledgement that may have waited for something else before."""

import asyncio
from dataclasses import replace

from flows.checks import run
from flows.ports import PRESSED_AT
from flows.setup.results import ShowProgress
from tests.unit.checks.test_run import (
    GOOD,
    PATIENCE,
    POLICY,
    Desk,
    GatedSegment,
    results,
    until,
)


async def test_a_press_that_was_held_up_leaves_less_time_for_its_check() -> None:
    """None is left here. The check goes on behind, and its result comes."""
    desk = Desk(GatedSegment(**GOOD), replace(POLICY, deadline=PATIENCE))
    PRESSED_AT.set(asyncio.get_running_loop().time() - PATIENCE - run.BEFORE)
    assert isinstance(await desk.submit(), ShowProgress)
    desk.segment.workspace_gate.set()
    await until(lambda: results(desk.storage))
    assert desk.segment.asked.count("workspace") == 1
