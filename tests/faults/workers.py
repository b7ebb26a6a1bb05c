"""Real worker processes on a world's database, to be killed at any moment."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from pydantic import SecretStr

from tests.world import World

ROOT = Path(__file__).parent.parent.parent
# The command itself, with less time for an attempt, so that doubts are cleared while tests wait.
HURRIED = """
import sys
from datetime import timedelta
import bot.delivery
bot.delivery.ATTEMPT = timedelta(seconds=3)
bot.delivery.CLOCK_SKEW = timedelta(seconds=1)
from bot.__main__ import cli
cli(["worker"])
"""


class Workers:
    """Runs so many `python -m bot worker`, and puts a new one in the place of each that dies."""

    def __init__(self, world: World, folder: Path) -> None:
        self._environment = _environment(world)
        self._folder = folder
        self._running: list[asyncio.subprocess.Process] = []
        self.killed = 0

    async def start(self, count: int) -> None:
        for _ in range(count):
            self._running.append(await self._new())

    async def kill(self, number: int) -> None:
        """SIGKILL, and a new one at once."""
        await self._end(self._running[number])
        self._running[number] = await self._new()
        self.killed += 1

    async def stop(self) -> None:
        for process in self._running:
            await self._end(process)

    async def _new(self) -> asyncio.subprocess.Process:
        with (self._folder / "workers.log").open("ab") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable, "-c", HURRIED,
                cwd=self._folder, env=self._environment, stdout=log, stderr=log,
            )  # fmt: skip

    @staticmethod
    async def _end(process: asyncio.subprocess.Process) -> None:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await process.wait()


def _environment(world: World) -> dict[str, str]:
    settings = {
        name.upper(): value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in world.settings.items()
    }
    return {**os.environ, **settings, "PYTHONPATH": str(ROOT), "LOG_LEVEL": "INFO"}
