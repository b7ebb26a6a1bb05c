"""Several real processes of the bot behind one address, for stories in which some die."""

import asyncio
import itertools
import os
import secrets
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from bot.settings import Settings
from tests.support.world import CLOCK, World

PORTS = range(20_000, 30_000)
ROOT = Path(__file__).parents[2]
START_LIMIT = 180  # seconds; bounds for a busy machine, not expectations
END_LIMIT = 90
# It ends by itself, or is cut after ten seconds, which a busy machine sometimes needs.
ENDED_WELL = {0, -signal.SIGALRM}


@dataclass
class Member:
    """One process. It answers `/readyz` at `port`."""

    process: asyncio.subprocess.Process
    port: int
    log: Path
    takes_requests: bool

    @property
    def lives(self) -> bool:
        return self.process.returncode is None

    async def get(self, path: str) -> httpx.Response:
        async with httpx.AsyncClient(trust_env=False, timeout=10) as http:
            return await http.get(f"http://127.0.0.1:{self.port}{path}")

    async def is_ready(self) -> bool:
        assert self.lives, self.log.read_text()
        try:
            return (await self.get("/readyz")).status_code == 200
        except httpx.TransportError:
            return False

    async def until_ready(self) -> None:
        while not await self.is_ready():  # noqa: ASYNC110 - another process tells no event
            await asyncio.sleep(0.1)

    async def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()

    async def terminate(self) -> int:
        """Ends it as an operator does. Returns its exit status."""
        if self.lives:
            self.process.terminate()
        async with asyncio.timeout(END_LIMIT):
            return await self.process.wait()


class Fleet:
    """The processes of one bot. As an ASGI app, it passes each request to the next process."""

    def __init__(self, world: World, folder: Path, module: str = "bot") -> None:
        self._module = module
        self._slack = world.slack
        self._environment = _environment(world.settings)
        self._folder = folder
        self._numbers = itertools.count(1)
        self._turn = itertools.count()
        self.members: list[Member] = []
        world.serve_with(self)
        world.who_asks = lambda: [f"{CLOCK}/{m.port}" for m in self.members if m.lives]

    def set(self, variable: str, value: str) -> None:
        """Changes a setting for processes that start from now on."""
        self._environment[variable] = value

    async def start(self, *commands: str) -> list[Member]:
        """Starts `"serve --no-worker"` or `"worker"`. It is ready when this returns."""
        started = [await self._spawn(command.split()) for command in commands]
        self.members += started
        async with asyncio.timeout(START_LIMIT):
            await asyncio.gather(*(member.until_ready() for member in started))
        return started

    async def run(self, *command: str, **variables: str) -> str:
        """Runs a command that ends by itself, with status 0. Returns what it printed."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", *command,
            cwd=self._folder, env=self._environment | variables,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        async with asyncio.timeout(START_LIMIT):
            said, _ = await process.communicate()
        assert process.returncode == 0, said.decode()
        return said.decode()

    async def stop(self) -> list[int]:
        """Ends all living processes: first the workers, then whoever takes what Slack says about
        their last messages. Returns their exit statuses.
        """
        living = [m for m in self.members if m.lives]
        ended: list[int] = []
        for fronts in (False, True):
            ending = (m.terminate() for m in living if m.takes_requests is fronts)
            ended += await asyncio.gather(*ending)
            if not fronts:
                await self._slack.events.first_answers()
        return ended

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        answer = await self._forward(request, await request.body())
        await answer(scope, receive, send)

    async def _forward(self, request: Request, body: bytes) -> Response:
        """If a process refuses the connection, tries each other one, as load balancers do."""
        url = request.url
        path = url.path + (f"?{url.query}" if url.query else "")
        headers = {k: v for k, v in request.headers.items() if k != "connection"}
        fronts = [m for m in self.members if m.takes_requests]
        async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
            first = next(self._turn)  # requests at the same time take turns, and none skips a front
            for number in range(first, first + len(fronts)):
                member = fronts[number % len(fronts)]
                address = f"http://127.0.0.1:{member.port}{path}"
                try:
                    answer = await http.request(
                        request.method, address, content=body, headers=headers
                    )
                except httpx.ConnectError:
                    continue
                kept = {
                    k: v
                    for k, v in answer.headers.items()
                    if k in ("content-type", "location", "set-cookie")
                }
                return Response(answer.content, answer.status_code, kept)
        return PlainTextResponse("nobody is there", status_code=502)

    async def _spawn(self, command: list[str]) -> Member:
        front = command[0] == "serve" and "--socket-mode" not in command
        port = free_port()
        log = self._folder / f"{next(self._numbers)}.log"
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", self._module, *command,
                "--port" if front else "--health-port", str(port),
                cwd=self._folder, env=self._environment | _clock(self._environment, port),
                stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output,
            )  # fmt: skip
        return Member(process, port, log, front)


@asynccontextmanager
async def fleet(world: World, folder: Path, module: str = "bot") -> AsyncIterator[Fleet]:
    """Nothing runs yet. What still runs at the end is killed. `module` is the command."""
    made = Fleet(world, folder, module)
    try:
        yield made
    finally:
        for member in made.members:
            if member.lives:
                await member.kill()


def free_port() -> int:
    """A port that the system does not hand out while a process takes its time to start."""
    while True:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", secrets.choice(PORTS)))
            return int(probe.getsockname()[1])


def _clock(environment: Mapping[str, str], port: int) -> dict[str, str]:
    """So that the world can tell which process asks for the time."""
    return {"CLOCK_URL": f"{environment['CLOCK_URL']}/{port}"}


def _environment(settings: Mapping[str, Any]) -> dict[str, str]:
    """This process's environment, with the world's settings instead of the bot's own."""
    ours = {name.upper() for name in Settings.model_fields}
    left_out = ours | {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"}
    inherited = {name: value for name, value in os.environ.items() if name.upper() not in left_out}
    given = {name.upper(): _plain(value) for name, value in settings.items() if value is not None}
    return {**inherited, **given, "PYTHONPATH": str(ROOT), "LOG_FORMAT": "json"}


def _plain(value: Any) -> str:
    return str(value.get_secret_value() if isinstance(value, SecretStr) else value)
