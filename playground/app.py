"""Puts a playground together: a world with its HTTP, its page, and the file that keeps it."""

from collections.abc import Sequence

import httpx
from starlette.applications import Starlette

from playground.config import PlaygroundConfig
from playground.extras import Extra
from playground.page import api as page
from playground.segment.server import SegmentServer
from playground.snapshot import Saver, load
from playground.world import PlaygroundWorld


class Playground(PlaygroundWorld):
    """A world that is served and saved: `asgi` serves it, `start` and `stop` begin and end it."""

    def __init__(
        self,
        config: PlaygroundConfig,
        http: httpx.AsyncClient | None = None,
        extras: Sequence[Extra] = (),
    ) -> None:
        super().__init__(config, http)
        self.config = config
        self.extras = {extra.id: extra for extra in extras}
        self._saver: Saver | None = None
        self.asgi = Starlette(
            routes=[
                *self.clock.routes(),
                *self.slack.routes(),
                *SegmentServer(self.segment).routes("/segment"),
                *page.routes(self, self.extras),
            ]
        )

    async def start(self) -> None:
        """Load the saved state and save every change. Raises `UnreadableSnapshot`."""
        path = self.config.state_file
        if path is None:
            return
        saved = load(path)
        if saved is not None:
            self.restore(saved)
        self._saver = Saver(path, self.snapshot)
        await self._saver.start()
        self.subscribe(self._saver.changed)

    async def stop(self) -> None:
        await self.slack.close()
        if self._saver is not None:
            await self._saver.stop()


def create_playground(
    config: PlaygroundConfig,
    *,
    http: httpx.AsyncClient | None = None,
    extras: Sequence[Extra] = (),
) -> Playground:
    """`http` reaches the app under test, by default at its address. `extras` are more buttons."""
    return Playground(config, http, extras)
