"""Segment's own trouble: down, slow, limiting, answering HTML, or not answering at all."""

import asyncio
from enum import StrEnum

from starlette.responses import HTMLResponse, Response

from playground.segment.errors import too_many, unavailable


class Weather(StrEnum):
    FINE = "fine"
    DOWN = "down"
    SLOW = "slow"
    LIMITING = "limiting"
    HTML = "html"
    TIMEOUT = "timeout"


_LONGER_THAN_ANYBODY_WAITS = 120.0
_WAIT_MILLISECONDS = 57_647
_PAGE = "<!doctype html><title>One moment</title><h1>We will be right back</h1>"


async def endure(weather: Weather, slow_seconds: float) -> Response | None:
    """Waits or raises `ApiError` as the weather says; a response replaces the real answer."""
    match weather:
        case Weather.DOWN:
            raise unavailable()
        case Weather.LIMITING:
            raise too_many(1000, _WAIT_MILLISECONDS, with_header=True)
        case Weather.SLOW:
            await asyncio.sleep(slow_seconds)
        case Weather.TIMEOUT:
            await asyncio.sleep(_LONGER_THAN_ANYBODY_WAITS)
            raise unavailable()
        case Weather.HTML:
            return HTMLResponse(_PAGE)
        case Weather.FINE:
            pass
    return None
