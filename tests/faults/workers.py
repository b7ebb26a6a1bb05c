"""Real worker processes on a world's database, to be killed at any moment."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import SecretStr

from tests.support.fleet import ENDED_WELL
from tests.support.world import World, soon

ROOT = Path(__file__).parent.parent.parent
LOG, STARTED = "processes.log", "Application startup complete"
LIMIT = 180  # seconds; a bound for a busy machine
LAST_LINES = 12


class Ended(AssertionError):
    """A process has ended that nobody has killed."""


class Nursery:
    """Forks processes of the bot: they start at once."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process = process
        self._log = log
        self._commands: dict[int, str] = {}
        self._asking = asyncio.Lock()  # its answers come in the order of the questions
        self.cpu = 0.0  # seconds, of ended processes

    async def start(self, command: str) -> int:
        """Starts `worker` or another command of the bot. Returns its process id."""
        pid = int(await self._ask(f"start {command}"))
        self._commands[pid] = command
        return pid

    async def must_run(self, pid: int) -> None:
        """Raises `Ended`, with what it said last, so that nobody waits for it."""
        code = (await self._ask(f"ended {pid}")).strip()
        if code != "None":
            last = "\n".join(self._log.read_text(errors="replace").splitlines()[-LAST_LINES:])
            raise Ended(f"`{self._commands[pid]}` ended by itself with {code}:\n{last}")

    async def end(self, pid: int, how: signal.Signals) -> int:
        """Sends the signal and returns the exit code. A process that has ended keeps its code."""
        os.kill(pid, how)
        code, cpu = (await self._ask(f"end {pid}")).split()
        self.cpu += float(cpu)
        return int(code)

    async def _ask(self, request: str) -> str:
        """Hears the answer even if nobody waits for it any more."""
        return await asyncio.shield(asyncio.ensure_future(self._answer(request)))

    async def _answer(self, request: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        async with self._asking, asyncio.timeout(LIMIT):
            self._process.stdin.write(f"{request}\n".encode())
            return (await self._process.stdout.readline()).decode()


class Workers:
    """Runs this many workers, and replaces each killed one with a new one."""

    def __init__(self, nursery: Nursery, log: Path) -> None:
        self._nursery = nursery
        self._log = log
        self._running: list[int] = []
        self.killed = 0

    @property
    def pids(self) -> tuple[int, ...]:
        return tuple(self._running)

    @property
    def cpu(self) -> float:
        """CPU seconds of ended processes."""
        return self._nursery.cpu

    async def start(self, count: int) -> None:
        for _ in range(count):
            self._running.append(await self._nursery.start("worker"))

    async def until_started(self) -> None:
        """Waits until all have started. One that cannot reach its database exits for good here."""
        await soon(lambda: self._log.read_text().count(STARTED) >= len(self._running), LIMIT)

    async def kill(self, number: int) -> None:
        """Sends SIGKILL, and starts a new one at once."""
        await self._nursery.must_run(self._running[number])
        code = await self._nursery.end(self._running[number], signal.SIGKILL)
        assert code == -signal.SIGKILL, "it had ended by itself"
        self._running[number] = await self._nursery.start("worker")
        self.killed += 1

    async def terminate(self) -> None:
        """Ends all of them, as an operator does."""
        while self._running:
            code = await self._nursery.end(self._running.pop(), signal.SIGTERM)
            assert code in ENDED_WELL, code

    async def kill_all(self) -> None:
        while self._running:
            await self._nursery.end(self._running.pop(), signal.SIGKILL)


@asynccontextmanager
async def nursery_in(
    world: World, folder: Path, module: str = "tests.faults.nursery", shown: int = 5000
) -> AsyncIterator[Nursery]:
    """`module` forks them. At the end all processes must have ended. Prints the end of their log,
    so many characters.
    """
    path = folder / LOG
    with path.open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", module,
            cwd=folder, env=_environment(world), stderr=log,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
    try:
        yield Nursery(process, path)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
        sys.stdout.write(path.read_text()[-shown:] if shown else "")


@asynccontextmanager
async def workers_in(world: World, folder: Path) -> AsyncIterator[Workers]:
    """No worker yet. At the end all are killed."""
    async with nursery_in(world, folder) as nursery:
        made = Workers(nursery, folder / LOG)
        try:
            yield made
        finally:
            await made.kill_all()


def _environment(world: World) -> dict[str, str]:
    settings = {
        name.upper(): value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in world.settings.items()
        if value is not None
    }
    return {**os.environ, **settings, "PYTHONPATH": str(ROOT), "LOG_LEVEL": "INFO"}
