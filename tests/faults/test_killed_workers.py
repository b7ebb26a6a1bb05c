"""Two worker processes, killed at any moment while Slack's answers come late or are cut off."""

from pathlib import Path

import pytest

from playground.slack.faults import Cut, Fault
from tests.faults.figures import Show
from tests.faults.reminders import reminders_in
from tests.faults.size import SEED, chance, sized, told_on
from tests.faults.troubles import POST, WORKERS, disturb_answers, kill
from tests.faults.workers import workers_in

REMINDERS, KILLS = sized(1000, 60), sized(50, 4)
SHARED = sized(150, 40)  # reminders for two workers who are left alone

pytestmark = pytest.mark.timeout(sized(3600, 900))  # seconds


@told_on("postgres")
async def test_kills_at_any_moment(database_url: str, tmp_path: Path, show: Show) -> None:
    dice = chance(0)
    async with reminders_in(database_url) as reminders:
        disturb_answers(reminders, dice, 3 * REMINDERS)
        await reminders.plant(REMINDERS, within=sized(60, 4))
        async with workers_in(reminders.world, tmp_path) as workers:
            await workers.start(WORKERS)
            await kill(workers, dice, KILLS)
            figures = await reminders.given(workers.killed)
    show(f"{WORKERS} workers killed, seed {SEED}", figures)
    assert figures.are_exact(REMINDERS)
    assert figures.searches > 0  # some were killed at the wrong moment, or an answer was cut


@told_on("sqlite")
async def test_two_workers_never_send_the_same_reminder(
    database_url: str, tmp_path: Path, show: Show
) -> None:
    async with reminders_in(database_url) as reminders:
        faults = reminders.world.slack.faults
        faults.next_calls(POST, Fault(cut=Cut.BEFORE_HEAD), times=5)
        faults.next_calls(POST, Fault.rate_limited(1), times=5)
        await reminders.plant(SHARED, within=0)
        async with workers_in(reminders.world, tmp_path) as workers:
            await workers.start(WORKERS)
            figures = await reminders.given()
            await workers.terminate()
    show(f"{WORKERS} workers, {1000 * workers.cpu / SHARED:.0f} ms of CPU a reminder", figures)
    assert figures.are_exact(SHARED)
