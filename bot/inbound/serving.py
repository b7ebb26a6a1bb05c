"""Runs an ASGI app until a signal, and stops without dropping requests.

After the first SIGTERM or SIGINT the process still answers, but `/readyz` says that it is leaving.
A moment later it stops listening. Requests that take too long are cut off. That loses nothing,
since everything acknowledged is stored.
"""

import asyncio
import contextlib
import gc
import resource
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Literal

import uvicorn
from starlette.types import ASGIApp

from bot.inbound.protocol import BoundedHttp

SIGNALS = (signal.SIGTERM, signal.SIGINT)
NOTICE = 1.0  # seconds in which `/readyz` tells load balancers that we are leaving
ANSWERING = 3.0  # seconds: as long as Slack waits for an answer
CUTTING = 1  # seconds that requests get after that
ALL = 10  # seconds from the signal until the process ends in any case
GARBAGE = 50_000, 20, 20  # new objects before the collector looks, once the process runs


@dataclass
class Drain:
    """Whether this process is on its way out."""

    begun: bool = False


def run_until_stopped(asgi: ASGIApp, drain: Drain, listen: tuple[str, int] | None) -> None:
    """Runs the app's lifespan and, if `listen` names host and port, answers there.

    The process ends ten seconds after the signal, even if something still runs.
    """
    host, port = listen or ("", 0)
    _allow_many_connections()
    _Server(_config(asgi, host, port, "on"), drain).run(sockets=None if listen else [])


@contextlib.asynccontextmanager
async def listening(asgi: ASGIApp, host: str, port: int) -> AsyncIterator[None]:
    """Answers at one more address while the context lasts. Raises `OSError` if it is taken."""
    config = _config(asgi, host, port, "off")
    with socket.create_server((host, port), backlog=config.backlog) as listener:
        config.load()
        server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        await server.startup(sockets=[listener])
        try:
            yield
        finally:
            await server.shutdown(sockets=[listener])


def _config(asgi: ASGIApp, host: str, port: int, lifespan: Literal["on", "off"]) -> uvicorn.Config:
    return uvicorn.Config(
        asgi,
        host=host,
        port=port,
        http=BoundedHttp,
        ws="none",
        lifespan=lifespan,
        log_config=None,  # ours covers all loggers
        access_log=False,  # URLs can hold OAuth codes
        proxy_headers=False,  # nothing of ours asks who or what is in between
        server_header=False,
        date_header=False,
        timeout_keep_alive=65,  # longer than load balancers', which must close first
        timeout_graceful_shutdown=CUTTING,
    )


def _allow_many_connections() -> None:
    """Connections that say nothing are closed after a while. Until then each holds a file."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):  # macOS names a limit that it then refuses
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


class _Server(uvicorn.Server):
    """A server that goes on listening for a moment after the signal."""

    def __init__(self, config: uvicorn.Config, drain: Drain) -> None:
        super().__init__(config)
        self._drain = drain
        self._leaving = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self._leave, number)
        yield

    def _leave(self, number: signal.Signals) -> None:
        if number is signal.SIGINT:
            asyncio.get_running_loop().remove_signal_handler(number)  # a second Ctrl-C kills
        if not self._drain.begun:
            self._drain.begun = self.should_exit = True
            self._leaving.set()
            signal.setitimer(signal.ITIMER_REAL, ALL)  # its signal ends the process

    async def main_loop(self) -> None:
        """Waits for the signal, where uvicorn's own loop wakes up ten times a second to look."""
        await self.on_tick(0)  # the default headers
        gc.freeze()  # what the start has made stays: the collector can skip it
        gc.set_threshold(*GARBAGE)
        await self._leaving.wait()
        if self.servers:
            await asyncio.sleep(NOTICE)
            await self._answer()

    async def _answer(self) -> None:
        if running := tuple(self.server_state.tasks):
            await asyncio.wait(running, timeout=ANSWERING - NOTICE)
