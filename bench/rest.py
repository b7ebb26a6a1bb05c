"""What a process takes by itself: to start, while nobody asks, and after many requests."""

import asyncio
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from bench.contenders import HERE, start_ours
from bench.load import ask
from bench.processes import UNDER_TEST, free_port, python, start
from bench.rows import Row
from bench.slack import Slack
from bench.world import fill_ours, settings_of_ours

IDLE = 30.0  # seconds
SETTLING = 5.0
STAGES = (10_000, 50_000)
AT_A_TIME = 500  # requests of one row


async def idle(folder: Path, slack: Slack, *, worker: bool) -> float:
    """CPU milliseconds a second."""
    environment = settings_of_ours(f"sqlite:///{folder / f'idle{worker}.db'}", slack.url)
    await fill_ours(environment)
    port = free_port()
    command = python(
        "-m", "bot", "serve", "--port", str(port), *(() if worker else ("--no-worker",))
    )
    process = await start(command, environment, folder / "idle.log", UNDER_TEST)
    try:
        await process.until_listening(port)
        await asyncio.sleep(SETTLING)
        before = process.cpu
        await asyncio.sleep(IDLE)
        return (process.cpu - before) / IDLE * 1000
    finally:
        await process.stop()


@dataclass(frozen=True, slots=True)
class Starts:
    """CPU seconds until the first answer, one a round."""

    ours: list[float]
    empty: list[float]

    @property
    def ratio(self) -> float:
        return statistics.median(
            ours / empty for ours, empty in zip(self.ours, self.empty, strict=True)
        )


async def cold_starts(folder: Path, slack: Slack, rounds: int) -> Starts:
    """`serve --no-worker` on a database that is there, and an empty Bolt app, in turns."""
    environment = settings_of_ours(f"sqlite:///{folder / 'cold.db'}", slack.url)
    await fill_ours(environment)
    found = Starts([], [])
    for number in range(rounds + 1):
        port, other = free_port(), free_port()
        ours = python("-m", "bot", "serve", "--no-worker", "--port", str(port))
        empty = python(str(HERE / "empty_bolt.py"))
        spent = (
            await _started(ours, environment, folder / "cold.log", port),
            await _started(empty, {"PORT": str(other)}, folder / "empty.log", other),
        )
        if number:  # the first one reads the files from the disk
            found.ours.append(spent[0])
            found.empty.append(spent[1])
    return found


async def _started(
    command: tuple[str, ...], environment: dict[str, str], log: Path, port: int
) -> float:
    process = await start(command, environment, log, UNDER_TEST)
    try:
        await process.until_listening(port)
        async with aiohttp.ClientSession() as session:
            await session.get(f"http://127.0.0.1:{port}/healthz")  # any answer
        return process.cpu
    finally:
        await process.stop()


async def memory(folder: Path, slack: Slack, rows: tuple[Row, ...]) -> dict[str, Any]:
    """Resident MB when started, and after so many requests of these rows in turn."""
    ours = await start_ours(folder, slack.url)
    found, asked = {"0": ours.process.memory / 1e6}, 0
    numbers = iter(range(10**9))
    try:
        for stage in STAGES:
            while asked < stage:
                for row in rows:
                    await ask(ours.port, row, AT_A_TIME, numbers)
                    asked += AT_A_TIME
            await ours.process.until_idle()
            found[str(asked)] = ours.process.memory / 1e6
    finally:
        await ours.process.stop()
    return found
