"""As few server-sent events as possible, each saying "something changed"."""

import asyncio
import json
from collections.abc import AsyncIterator

_MOST_LISTENERS = 32
_HEARTBEAT_SECONDS = 15.0
_PAUSE_SECONDS = 0.05  # many changes at once become one event


class TooManyListeners(Exception):
    """More pages are open than one playground serves."""


class Changes:
    """Counts changes and tells every listener the newest number."""

    def __init__(self) -> None:
        self.version = 1
        self._listeners: set[asyncio.Event] = set()

    def changed(self) -> None:
        self.version += 1
        for listener in self._listeners:
            listener.set()

    def listen(self) -> AsyncIterator[str]:
        """Events in wire format, starting with the current number. Raises `TooManyListeners`."""
        if len(self._listeners) >= _MOST_LISTENERS:
            raise TooManyListeners
        return self._events()

    async def _events(self) -> AsyncIterator[str]:
        signal = asyncio.Event()
        signal.set()
        self._listeners.add(signal)
        try:
            while True:
                if await _is_set(signal):
                    signal.clear()
                    yield f"data: {json.dumps({'version': self.version})}\n\n"
                    await asyncio.sleep(_PAUSE_SECONDS)
                else:
                    yield ": still here\n\n"
        finally:
            self._listeners.discard(signal)


async def _is_set(signal: asyncio.Event) -> bool:
    try:
        await asyncio.wait_for(signal.wait(), _HEARTBEAT_SECONDS)
    except TimeoutError:
        return False
    return True
