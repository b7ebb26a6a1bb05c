"""Slack's rate limits, if a test switches them on."""

import math
import time
from collections import deque
from collections.abc import Callable

from playground.slack.breaches import SlackError

MINUTE = 60.0
POST_PAUSE = 1.0  # seconds between two posts to one channel


class Rates:
    """Counts each installation's calls of each method over a minute of real time."""

    def __init__(self, strict: bool, timer: Callable[[], float] = time.monotonic) -> None:
        self._strict = strict
        self._timer = timer
        self._calls: dict[tuple[str, str], deque[float]] = {}
        self._posts: dict[str, float] = {}

    def check(self, method: str, app_team_id: str, per_minute: int) -> None:
        """Raises SlackError `ratelimited` with the seconds to wait."""
        if not self._strict:
            return
        now = self._timer()
        calls = self._calls.setdefault((method, app_team_id), deque(maxlen=per_minute))
        if len(calls) == per_minute and now - calls[0] < MINUTE:
            raise SlackError("ratelimited", retry_after=_seconds(MINUTE - now + calls[0]))
        calls.append(now)

    def check_post(self, channel_id: str) -> None:
        if not self._strict:
            return
        now = self._timer()
        if now - self._posts.get(channel_id, -POST_PAUSE) < POST_PAUSE:
            raise SlackError("ratelimited", retry_after=_seconds(POST_PAUSE))
        self._posts[channel_id] = now


def _seconds(wait: float) -> int:
    return max(1, math.ceil(wait))
