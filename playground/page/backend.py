"""The page's backend: one playground as people see it."""

from collections.abc import Mapping
from typing import Any

from playground.extras import Extra
from playground.page import acts, seen
from playground.page.stream import Changes
from playground.world import PlaygroundWorld


class PlaygroundBackend:
    """Reads state, passes on what people do, and hears of every change."""

    def __init__(self, world: PlaygroundWorld, extras: Mapping[str, Extra]) -> None:
        self._world = world
        self._extras = extras
        self.changes = Changes()
        world.subscribe(self.changes.changed)

    def state(self, user: str) -> dict[str, Any]:
        """What this person sees; "" is the first person. Raises `LookupError`."""
        return seen.state(self._world, self._extras.values(), user)

    def picture(self, file_id: str) -> bytes:
        """A picture that the app uploaded. Raises `LookupError`."""
        return self._world.slack.core.state.files[file_id].content

    async def act(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Do one thing and return its details. Raises `ActRefused` or `LookupError`."""
        return await acts.act(self._world, self._extras, body)
