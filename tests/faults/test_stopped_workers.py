"""A worker is stopped for longer than its lease, and resumes after others have taken over."""

import asyncio
import os
import signal
from pathlib import Path

from bot.worker.lease import LEASE
from tests.faults.figures import Show
from tests.faults.reminders import reminders_in
from tests.faults.size import SEED, chance, sized, told_on
from tests.faults.troubles import WORKERS, disturb_answers
from tests.faults.workers import workers_in

COUNT, WITHIN, TIMES = sized(120, 20), sized(30, 8), sized(5, 1)
BUSY = 2.0  # seconds of work between two stops
STOPPED = LEASE + 2.0  # seconds


@told_on("sqlite")
async def test_what_it_was_about_to_send_others_have_sent(
    database_url: str, tmp_path: Path, show: Show
) -> None:
    dice = chance(9)
    async with reminders_in(database_url) as reminders:
        disturb_answers(reminders, dice, 3 * COUNT)
        await reminders.plant(COUNT, WITHIN)
        async with workers_in(reminders.world, tmp_path) as workers:
            await workers.start(WORKERS)
            await workers.until_started()
            for number in range(TIMES):
                await asyncio.sleep(BUSY)
                pid = workers.pids[number % WORKERS]
                os.kill(pid, signal.SIGSTOP)
                await asyncio.sleep(STOPPED)
                os.kill(pid, signal.SIGCONT)
            figures = await reminders.given()
            await workers.terminate()
    show(f"{TIMES} times stopped for {STOPPED:.0f} s, seed {SEED}", figures)
    assert figures.are_exact(COUNT)
