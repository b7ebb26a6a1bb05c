"""Processes under measurement: started, pinned to a core, and read by the system's accounting."""

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[1]
START_LIMIT = 120.0  # seconds; a bound for a busy machine
QUIET = 0.05  # seconds between two looks
CORES = sorted(os.sched_getaffinity(0))
UNDER_TEST = {CORES[0]}
BESIDE = {CORES[-1]}  # whoever asks, and whoever is asked: their CPU is not counted


class Process:
    """A contender, or a process that it needs."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process = process
        self._log = log
        self.pid = process.pid

    @property
    def cpu(self) -> float:
        """Seconds of CPU that all its threads have used, ended ones included.

        The clock of another process: clock_getcpuclockid(3).
        """
        return time.clock_gettime((~self.pid << 3) | 2)

    @property
    def memory(self) -> int:
        """Resident bytes."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    async def until_listening(self, port: int) -> None:
        """Until it takes connections."""
        async with asyncio.timeout(START_LIMIT):
            while True:
                if self._process.returncode is not None:
                    raise RuntimeError(f"it ended:\n{self._log.read_text()[-3000:]}")
                with suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    return
                await asyncio.sleep(0.02)

    async def until_idle(self) -> None:
        """Until what it does behind its answers is done."""
        before = -1.0
        while self.cpu - before > QUIET / 100:
            before = self.cpu
            await asyncio.sleep(QUIET)

    async def said(self) -> str:
        """What it wrote, once it has ended by itself."""
        async with asyncio.timeout(START_LIMIT):
            if await self._process.wait():
                raise RuntimeError(self._log.read_text()[-3000:])
        return self._log.read_text()

    async def stop(self) -> None:
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(15):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


def cpu_of_family(pid: int) -> float:
    """Seconds of CPU of a process and its children, ended ones included: proc_pid_stat(5)."""

    def fields(of: int | str) -> list[int]:
        return [
            int(each) for each in Path(f"/proc/{of}/stat").read_text().split(") ")[-1].split()[1:15]
        ]

    ticks = sum(fields(pid)[10:14])
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (child := fields(folder.name))[0] == pid:
                ticks += sum(child[10:12])
    return ticks / os.sysconf("SC_CLK_TCK")


async def start(
    command: Sequence[str], environment: Mapping[str, str], log: Path, cores: set[int]
) -> Process:
    """Starts a command on these cores; what it writes goes to `log`."""
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=log.parent,
            env={"PATH": os.environ["PATH"], "HOME": str(log.parent), **environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            preexec_fn=lambda: os.sched_setaffinity(0, cores),
        )
    return Process(process, log)


def python(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, *arguments)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def read_body(reader: asyncio.StreamReader, head: bytes) -> bytes:
    """What follows the head of an HTTP message, which is in lower case."""
    if b"\r\ntransfer-encoding: chunked" in head:
        parts: list[bytes] = []
        while size := int(await reader.readuntil(b"\r\n"), 16):
            parts.append((await reader.readexactly(size + 2))[:-2])
        await reader.readexactly(2)
        return b"".join(parts)
    _, _, rest = head.partition(b"\r\ncontent-length:")
    return await reader.readexactly(int(rest.partition(b"\r\n")[0] or 0))
