"""The bot as people run it, `serve` with its own worker, on a world's database: killed, started."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from tests.world import World, soon

ROOT = Path(__file__).parent.parent.parent
LIMIT = 60.0  # seconds; a bound for a busy machine, not an expectation


class Served:
    """One process at a time; what Slack posts is passed on to it, or finds nobody."""

    def __init__(self, world: World, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = int(probe.getsockname()[1])
        self._environment = _environment(world)
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None
        self._http = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{self._port}", timeout=LIMIT, trust_env=False
        )

    async def start(self) -> None:
        """Returns when it is ready."""
        with (self._folder / "serve.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.faults.hurried", "serve", "--port", str(self._port),
                cwd=self._folder, env=self._environment, stdout=log, stderr=log,
            )  # fmt: skip
        await soon(self._ready, LIMIT)

    async def kill(self) -> None:
        """SIGKILL: nothing of what it was doing comes to an end."""
        if self._process is not None:
            if self._process.returncode is None:
                self._process.send_signal(signal.SIGKILL)
            await self._process.wait()

    async def restart(self) -> None:
        await self.kill()
        await self.start()

    async def close(self) -> None:
        await self.kill()
        await self._http.aclose()

    async def _ready(self) -> bool:
        try:
            return (await self._http.get("/readyz")).status_code == 200
        except httpx.HTTPError:
            return False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """An ASGI app that passes requests on."""
        body, more = b"", True
        while more:
            part = await receive()
            body, more = body + part.get("body", b""), part.get("more_body", False)
        headers = [(name, value) for name, value in scope["headers"] if name != b"host"]
        query = scope["query_string"].decode()
        address = scope["path"] + (f"?{query}" if query else "")
        answer = await self._http.request(scope["method"], address, content=body, headers=headers)
        start = {"type": "http.response.start", "status": answer.status_code}
        await send({**start, "headers": answer.headers.raw})
        await send({"type": "http.response.body", "body": answer.content})


def _environment(world: World) -> dict[str, str]:
    settings = {
        name.upper(): value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in world.settings.items()
    }
    return {**os.environ, **settings, "PYTHONPATH": str(ROOT), "LOG_LEVEL": "INFO"}
