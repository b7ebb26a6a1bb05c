"""The composition: one clock, a Slack, a Segment, the page, and the file that keeps them."""

from collections.abc import Sequence

import httpx
from starlette.applications import Starlette

from playground.clock import Clock
from playground.config import PlaygroundConfig
from playground.extras import Extra
from playground.page import api as page
from playground.sample import fill
from playground.segment import SegmentWorld
from playground.slack.world import SlackWorld
from playground.snapshot import Json, Saver, load


class Playground:
    """Everything of one playground; `asgi` serves it, `start` and `stop` frame its life."""

    def __init__(
        self,
        config: PlaygroundConfig,
        http: httpx.AsyncClient | None = None,
        extras: Sequence[Extra] = (),
    ) -> None:
        self.config = config
        self.extras = {extra.id: extra for extra in extras}
        self.clock = Clock()
        self.slack = SlackWorld(config, self.clock, http)
        self.segment = SegmentWorld(self.clock)
        fill(self.slack)
        self._saver: Saver | None = None
        self.asgi = Starlette(
            routes=[
                *self.clock.routes(),
                *self.slack.routes(),
                *self.segment.routes("/segment"),
                *page.routes(self),
            ]
        )

    async def start(self) -> None:
        """Take up the saved state and keep it saved; raises `UnreadableSnapshot`."""
        path = self.config.state_file
        if path is None:
            return
        saved = load(path)
        if saved is not None:
            self.restore(saved)
        self._saver = Saver(path, self.snapshot)
        await self._saver.start()
        self.clock.subscribe(self._saver.changed)
        self.slack.subscribe(self._saver.changed)
        self.segment.subscribe(self._saver.changed)

    async def stop(self) -> None:
        await self.slack.close()
        if self._saver is not None:
            await self._saver.stop()

    def snapshot(self) -> Json:
        return {
            "clock": self.clock.snapshot(),
            "slack": self.slack.snapshot(),
            "segment": self.segment.snapshot(),
        }

    def restore(self, saved: Json) -> None:
        self.clock.restore(saved["clock"])
        self.slack.restore(saved["slack"])
        self.segment.restore(saved["segment"])


def create_playground(
    config: PlaygroundConfig,
    *,
    http: httpx.AsyncClient | None = None,
    extras: Sequence[Extra] = (),
) -> Playground:
    """`http` reaches the app under test, if not by its address; `extras` are more buttons."""
    return Playground(config, http, extras)
