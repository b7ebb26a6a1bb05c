"""The bot as operators run it: `serve` with its worker, on a world's database, to be killed."""

import signal
from typing import Any

import httpx

from tests.faults.workers import Nursery
from tests.support.fleet import free_port
from tests.support.world import soon

LIMIT = 120.0  # seconds; a bound for a busy machine, not an expectation


class Served:
    """One process at a time. What Slack posts is passed on to it, or fails if none runs."""

    def __init__(self, nursery: Nursery, command: str = "serve", limit: float = LIMIT) -> None:
        self._nursery = nursery
        self._command = command
        self._limit = limit
        self._port = free_port()
        self._pid = 0
        self.is_ready = False
        self.deaths = 0
        self._http = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{self._port}", timeout=LIMIT, trust_env=False
        )

    async def start(self) -> None:
        """Returns once it is ready. Raises `Ended` if it refuses to start."""
        self._pid = await self._nursery.start(f"{self._command} --port {self._port}")
        await soon(self._ready, self._limit)
        self.is_ready = True

    @property
    def pid(self) -> int:
        return self._pid

    async def kill(self) -> None:
        """Sends SIGKILL, so nothing that it was doing ends."""
        self.is_ready = False
        if self._pid:
            await self._nursery.end(self._pid, signal.SIGKILL)
            self.deaths += 1
        self._pid = 0

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
            await self._nursery.must_run(self._pid)
            return False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """An ASGI app that passes requests on."""
        body, more = b"", True
        while more:
            part = await receive()
            body, more = body + part.get("body", b""), part.get("more_body", False)
        headers = [(name, value) for name, value in scope["headers"]]
        query = scope["query_string"].decode()
        address = scope["path"] + (f"?{query}" if query else "")
        answer = await self._http.request(scope["method"], address, content=body, headers=headers)
        start = {"type": "http.response.start", "status": answer.status_code}
        await send({**start, "headers": answer.headers.raw})
        await send({"type": "http.response.body", "body": answer.content})
