"""A clock that runs with real time and can be put forward."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Timer = Callable[[], float]
_PATIENCE = 1.5  # seconds; an app may ask for the time only once a second


class Clock:
    """Real time plus an offset. Everything is in seconds; `now` counts from 1970."""

    def __init__(self, real: Timer = time.time) -> None:
        self._real = real
        self.offset_seconds = 0.0
        self._announced_seconds = 0.0
        self._is_read = False
        self._read = asyncio.Event()
        self._listeners: list[Callable[[], None]] = []

    def now(self) -> float:
        return self._real() + self.offset_seconds

    def advance(self, seconds: float) -> None:
        """Put the clock forward. Going back raises ValueError, because timers could not follow."""
        if seconds < 0:
            raise ValueError("a clock only goes forward")
        self.offset_seconds += seconds
        for listener in tuple(self._listeners):
            listener()

    async def advance_after_telling(self, seconds: float) -> None:
        """Tell the app first, then advance. Otherwise it would ask Segment about a distant past.

        It does not wait long, and does not wait at all for an app that never asked for the time.
        """
        self._announced_seconds += seconds
        self._read.clear()
        try:
            if self._is_read:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_PATIENCE):
                        await self._read.wait()
        finally:
            self._announced_seconds -= seconds
            self.advance(seconds)

    def subscribe(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)

    def snapshot(self) -> float:
        return self.offset_seconds

    def restore(self, offset_seconds: float) -> None:
        self.offset_seconds = offset_seconds

    def routes(self) -> list[Route]:
        async def read(_request: Request) -> Response:
            self._is_read = True
            self._read.set()
            return JSONResponse({"offset_seconds": self.offset_seconds + self._announced_seconds})

        return [Route("/clock", read)]
