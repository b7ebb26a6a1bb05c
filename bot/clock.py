"""Clocks and ids, injected everywhere: the real clock, and one that a simulator can move."""

import asyncio
import math
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    import httpx

    from flows.ports import Clock

_log = structlog.get_logger(__name__)
_ASK_EVERY = 1.0  # seconds
_ASK_TIMEOUT = 1.0  # seconds
_LARGEST_OFFSET = 10 * 365 * 86400  # seconds; a larger one would overflow dates sooner or later
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: in sort order, no look-alikes
_ID_DIGITS = 26  # 128 bits


def new_id(prefix: str) -> str:
    """Returns `<prefix>_` and 26 letters and digits that sort by the millisecond of creation."""
    number = time.time_ns() // 1_000_000 << 80 | secrets.randbits(80)
    digits = (_ALPHABET[number >> shift & 31] for shift in range(5 * (_ID_DIGITS - 1), -1, -5))
    return f"{prefix}_{''.join(digits)}"


class SystemClock:
    """The real time by this machine. Processes that share a database go by the database's."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class OffsetClock:
    """The `real` time plus an offset, which a background task fetches every second.

    `now` never waits: it uses the last offset received. `moved` is called when the offset changes.
    """

    def __init__(
        self,
        url: str,
        http: "httpx.AsyncClient",
        real: "Clock",
        moved: Callable[[], None] = lambda: None,
    ) -> None:
        self._url = url
        self._http = http
        self._real = real
        self._moved = moved
        self._offset = timedelta()
        self._reachable = True
        self._asking = asyncio.Lock()  # an earlier answer that came later would put it back
        self._task: asyncio.Task[None] | None = None

    def now(self) -> datetime:
        return self._real.now() + self._offset

    async def start(self) -> None:
        """Returns after the first answer or its timeout."""
        await self.ask()
        self._task = asyncio.create_task(self._keep_asking(), name="clock")

    async def stop(self) -> None:
        if self._task is None:
            return
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        self._task = None

    async def ask(self) -> None:
        """Asks once. Without a usable answer the last offset stays."""
        async with self._asking:
            await self._ask()

    async def _ask(self) -> None:
        import httpx

        try:
            answer = await self._http.get(self._url, timeout=_ASK_TIMEOUT)
            offset = _offset_of(answer.raise_for_status().json())
        except (httpx.HTTPError, ValueError) as error:
            if self._reachable:
                _log.warning("clock_unusable", error_type=type(error).__name__)
            self._reachable = False
            return
        self._reachable = True
        if offset != self._offset:
            _log.info("clock_moved", offset_seconds=offset.total_seconds())
            self._offset = offset
            self._moved()

    async def _keep_asking(self) -> None:
        while True:
            await asyncio.sleep(_ASK_EVERY)
            await self.ask()


def _offset_of(answer: object) -> timedelta:
    """The clock may only run ahead, by a sane number of seconds. Raises `ValueError`."""
    seconds = answer.get("offset_seconds") if isinstance(answer, dict) else None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise ValueError("offset_seconds is not a number")
    if not math.isfinite(seconds) or not 0 <= seconds <= _LARGEST_OFFSET:
        raise ValueError("offset_seconds is out of range")
    return timedelta(seconds=seconds)
