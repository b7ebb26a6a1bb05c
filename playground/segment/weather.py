"""Segment's own trouble: down, slow, limiting, answering with HTML, or not answering at all."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from starlette.responses import HTMLResponse, Response

from playground.segment.errors import too_many, unavailable

Gone = Callable[[], Awaitable[bool]]


class Weather(StrEnum):
    FINE = "fine"
    DOWN = "down"
    SLOW = "slow"
    LIMITING = "limiting"
    HTML = "html"
    TIMEOUT = "timeout"


_LONGER_THAN_ANYBODY_WAITS = 120.0
_GLANCE = 0.25
_PAGE = "<!doctype html><title>One moment</title><h1>We will be right back</h1>"


@dataclass
class Limiting:
    """How Segment announces a limit: how long it lasts, and whether a header says so too."""

    seconds: float = 57.647
    with_header: bool = True


async def endure(
    weather: Weather, slow_seconds: float, limiting: Limiting, gone: Gone
) -> Response | None:
    """Waits or raises `ApiError`, depending on the weather. A response replaces the real answer."""
    match weather:
        case Weather.DOWN:
            raise unavailable()
        case Weather.LIMITING:
            milliseconds = round(limiting.seconds * 1000)
            raise too_many(1000, milliseconds, with_header=limiting.with_header)
        case Weather.SLOW:
            await _wait(slow_seconds, gone)
        case Weather.TIMEOUT:
            await _wait(_LONGER_THAN_ANYBODY_WAITS, gone)
            raise unavailable()
        case Weather.HTML:
            return HTMLResponse(_PAGE)
        case Weather.FINE:
            pass
    return None


async def _wait(seconds: float, gone: Gone) -> None:
    """Ends early if the caller has gone."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while (left := until - loop.time()) > 0 and not await gone():  # noqa: ASYNC110 - no event
        await asyncio.sleep(min(left, _GLANCE))
