"""Real worker processes on a world's database, to be killed at any moment."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import SecretStr

from tests.fleet import ENDED_WELL
from tests.world import World

ROOT = Path(__file__).parent.parent.parent
LIMIT = 60  # seconds; a bound for a busy machine


class Workers:
    """Runs so many workers, and puts a new one in the place of each that is killed."""

    def __init__(self, nursery: asyncio.subprocess.Process) -> None:
        self._nursery = nursery
        self._running: list[int] = []
        self.killed = 0
        self.cpu = 0.0  # seconds, of those that have ended

    async def start(self, count: int) -> None:
        for _ in range(count):
            self._running.append(int(await self._ask("start")))

    async def kill(self, number: int) -> None:
        """SIGKILL, and a new one at once."""
        os.kill(self._running[number], signal.SIGKILL)
        assert await self._end(self._running[number]) == -signal.SIGKILL, "it had ended by itself"
        self._running[number] = int(await self._ask("start"))
        self.killed += 1

    async def terminate(self) -> None:
        """All of them, as an operator does."""
        for pid in self._running:
            os.kill(pid, signal.SIGTERM)
        while self._running:
            assert await self._end(self._running.pop()) in ENDED_WELL

    async def kill_all(self) -> None:
        while self._running:
            pid = self._running.pop()
            os.kill(pid, signal.SIGKILL)
            await self._end(pid)

    async def _end(self, pid: int) -> int:
        code, cpu = (await self._ask(f"end {pid}")).split()
        self.cpu += float(cpu)
        return int(code)

    async def _ask(self, request: str) -> str:
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        self._nursery.stdin.write(f"{request}\n".encode())
        async with asyncio.timeout(LIMIT):
            return (await self._nursery.stdout.readline()).decode()


@asynccontextmanager
async def workers_in(world: World, folder: Path) -> AsyncIterator[Workers]:
    """None yet; at the end all are killed, and what they logged last is printed."""
    path = folder / "workers.log"
    with path.open("ab") as log:
        nursery = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.faults.nursery",
            cwd=folder, env=_environment(world), stderr=log,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
    made = Workers(nursery)
    try:
        yield made
    finally:
        await made.kill_all()
        assert nursery.stdin is not None
        nursery.stdin.close()
        await nursery.wait()
        sys.stdout.write(path.read_text()[-5000:])


def _environment(world: World) -> dict[str, str]:
    settings = {
        name.upper(): value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in world.settings.items()
        if value is not None
    }
    return {**os.environ, **settings, "PYTHONPATH": str(ROOT), "LOG_LEVEL": "INFO"}
