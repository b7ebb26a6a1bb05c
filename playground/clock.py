"""A clock that runs with the real one and can be put forward."""

import time
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Timer = Callable[[], float]


class Clock:
    """Real time plus an offset; every unit is seconds, `now` counts from 1970."""

    def __init__(self, real: Timer = time.time) -> None:
        self._real = real
        self.offset_seconds = 0.0
        self._listeners: list[Callable[[], None]] = []

    def now(self) -> float:
        return self._real() + self.offset_seconds

    def advance(self, seconds: float) -> None:
        """Put the clock forward; going back raises ValueError, as timers could not follow."""
        if seconds < 0:
            raise ValueError("a clock only goes forward")
        self.offset_seconds += seconds
        for listener in tuple(self._listeners):
            listener()

    def subscribe(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)

    def snapshot(self) -> float:
        return self.offset_seconds

    def restore(self, offset_seconds: float) -> None:
        self.offset_seconds = offset_seconds

    def routes(self) -> list[Route]:
        async def read(_request: Request) -> Response:
            return JSONResponse({"offset_seconds": self.offset_seconds})

        return [Route("/clock", read)]
