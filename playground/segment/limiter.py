"""Rate limits by sender, in real time: advancing the clock never lifts them."""

import math
import time
from collections.abc import Callable
from email.utils import formatdate

from playground.segment.errors import too_many

_WINDOW = 60.0
_MAX_SENDERS = 1000


class Limiter:
    """At most `per_minute` calls a minute. A minute begins with a sender's first call."""

    def __init__(self, per_minute: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.per_minute = per_minute
        self._monotonic = monotonic
        self._windows: dict[str, tuple[float, int]] = {}

    def count(self, sender: str) -> dict[str, str]:
        """Counts a call and returns the limit's headers. Raises `ApiError` 429 beyond the limit."""
        now = self._monotonic()
        start, used = self._windows.pop(sender, (now, 0))
        if now - start >= _WINDOW:
            start, used = now, 0
        used += 1
        self._windows[sender] = (start, used)
        while len(self._windows) > _MAX_SENDERS:
            self._windows.pop(next(iter(self._windows)))
        left = start + _WINDOW - now
        if used > self.per_minute:
            raise too_many(used, max(1, math.ceil(left * 1000)), with_header=False)
        return {
            "X-RateLimit-Consumed": str(used),
            "X-RateLimit-Remaining": str(self.per_minute - used),
            "X-RateLimit-Reset": formatdate(time.time() + left, usegmt=True),
        }
