"""`python -m bot demo` for a newcomer: it starts, shows the page, stops, and remembers."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import cast

import httpx

from tests.support.fleet import free_port

ROOT = Path(__file__).parent.parent.parent
LIMIT = 90  # seconds; a bound for a busy machine, not an expectation


async def until_invited(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    said = ""
    while "Ctrl-C" not in said:
        line = (await process.stdout.readline()).decode()
        assert line, f"the demo ended: {said}"
        said += line
    return said


@asynccontextmanager
async def demo(folder: Path, port: int, *options: str) -> AsyncIterator[str]:
    """Runs it until the block ends, then stops it like Ctrl-C. Yields what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "demo", "--port", str(port), *options,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        async with asyncio.timeout(LIMIT):
            yield await until_invited(process)
            process.send_signal(signal.SIGINT)
            assert process.stdout is not None
            assert await process.stdout.read() == b""
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def page(port: int) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as http:
        return await http.get(f"http://127.0.0.1:{port}/")


@asynccontextmanager
async def watching(port: int) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """What it yields opens the stream on which an open page waits for news."""
    async with httpx.AsyncClient(trust_env=False) as http, AsyncExitStack() as opened:

        async def watch() -> None:
            address = f"http://127.0.0.1:{port}/playground/api/stream"
            stream = await opened.enter_async_context(http.stream("GET", address))
            lines = stream.aiter_lines()
            opened.push_async_callback(cast("AsyncGenerator[str]", lines).aclose)
            assert (await anext(lines)).startswith("data: ")

        yield watch


async def test_the_demo_starts_stops_and_remembers(tmp_path: Path) -> None:
    port, folder = free_port(), tmp_path / "var" / "demo"
    async with demo(tmp_path, port) as said:
        assert said.startswith(f"Open http://127.0.0.1:{port}\n")
        answer = await page(port)
        assert answer.status_code == 200
        assert "text/html" in answer.headers["content-type"]
    secrets = (folder / "secrets.json").read_text()
    assert (folder / "bot.log").read_text().count('"event": "installed"') == 2

    async with watching(port) as watch, demo(tmp_path, port):
        assert (await page(port)).status_code == 200
        await watch()
    assert (folder / "secrets.json").read_text() == secrets
    assert '"event": "installed"' not in (folder / "bot.log").read_text()

    async with demo(tmp_path, port, "--reset"):
        assert (await page(port)).status_code == 200
    assert (folder / "secrets.json").read_text() != secrets
    assert (folder / "bot.log").read_text().count('"event": "installed"') == 2
