"""Runs an ASGI app for as long as a block of code needs it."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from typing import cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# Seconds, more than clients keep an idle connection: else one is closed as a call leaves on it.
KEEP_ALIVE = 75
A_SECOND = 1.0


@contextlib.asynccontextmanager
async def run_server(asgi: ASGIApp, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve and yield the address, like `http://127.0.0.1:3000`. Port 0 picks a free port."""
    listener = bind(host, port)
    config = uvicorn.Config(
        asgi,
        log_config=None,  # logging belongs to the caller
        access_log=False,
        lifespan="off",
        timeout_keep_alive=KEEP_ALIVE,
        ws="websockets-sansio",
        proxy_headers=False,
        http=_Protocol,
    )
    server = _Server(config)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await _first(server.ready, running)
        yield f"http://{host}:{listener.getsockname()[1]}"
    finally:
        server.leave()
        await running
        listener.close()


async def _first(ready: asyncio.Event, running: asyncio.Task[None]) -> None:
    """Wait until the server is ready. Raises the error that kept it from starting."""
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait({waiting, running}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if running.done():
        running.result()


def bind(host: str, port: int) -> socket.socket:
    """A listening socket. Raises OSError if the port is taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Head and body are written one after the other, and connections inherit this: otherwise
        # each answer's body waits some 40 ms for the client to acknowledge the head.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind((host, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


class _Protocol(HttpToolsProtocol):
    """Passes its transport on, so that a response can break off anywhere."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        cast("dict[str, object]", self.scope)["transport"] = self.transport


class _Server(uvicorn.Server):
    """Says when it is ready, leaves at once, and leaves signals to the caller."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()
        self._leaving = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    def leave(self) -> None:
        self.should_exit = True
        self._leaving.set()

    async def main_loop(self) -> None:
        """Once a second is enough for the date in each answer's head."""
        while not await self.on_tick(counter=0):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._leaving.wait(), A_SECOND)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Gives answers that are under way a moment. What streams for ever hears that its reader
        has gone, which it takes for no error; what does not hear is cancelled.
        """
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        left = await self._still_running(set(self.server_state.tasks))
        if left:
            for connection in list(self.server_state.connections):
                cast("_Protocol", connection).transport.abort()
            left = await self._still_running(left)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _still_running(self, tasks: "set[asyncio.Task[None]]") -> "set[asyncio.Task[None]]":
        """Those that have not ended after a second."""
        if not tasks:
            return tasks
        _, left = await asyncio.wait(tasks, timeout=A_SECOND)
        return left

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
