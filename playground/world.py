"""What a playground consists of, independent of its server and its page."""

from collections.abc import Callable
from typing import Any

import httpx

from playground.clock import Clock
from playground.config import PlaygroundConfig
from playground.sample import fill
from playground.segment import SegmentWorld
from playground.slack.world import SlackWorld


class PlaygroundWorld:
    """One clock, with the Slack and the Segment that follow it."""

    def __init__(self, config: PlaygroundConfig, http: httpx.AsyncClient | None = None) -> None:
        self.clock = Clock()
        self.slack = SlackWorld(config, self.clock, http)
        self.segment = SegmentWorld(self.clock)
        fill(self.slack)

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Calls back after every change in any of the three."""
        self.clock.subscribe(listener)
        self.slack.subscribe(listener)
        self.segment.subscribe(listener)

    def snapshot(self) -> dict[str, Any]:
        return {
            "clock": self.clock.snapshot(),
            "slack": self.slack.snapshot(),
            "segment": self.segment.snapshot(),
        }

    def restore(self, saved: dict[str, Any]) -> None:
        self.clock.restore(saved["clock"])
        self.slack.restore(saved["slack"])
        self.segment.restore(saved["segment"])
