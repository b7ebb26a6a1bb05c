"""The page's backend: one playground as its people see it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from playground.page import acts, seen
from playground.page.stream import Changes

if TYPE_CHECKING:
    from playground.app import Playground


class PlaygroundBackend:
    """Reads states and passes on what people do; hears of every change."""

    def __init__(self, playground: "Playground") -> None:
        self._playground = playground
        self.changes = Changes()
        playground.slack.subscribe(self.changes.changed)
        playground.segment.subscribe(self.changes.changed)
        playground.clock.subscribe(self.changes.changed)

    def state(self, user: str) -> dict[str, Any]:
        """What this person sees; "" is the first person. Raises `LookupError`."""
        return seen.state(self._playground, user)

    def picture(self, file_id: str) -> bytes:
        """What the app uploaded. Raises `LookupError`."""
        return self._playground.slack.core.state.files[file_id].content

    async def act(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Do one thing and answer its details. Raises `ActRefused` or `LookupError`."""
        return await acts.act(self._playground, body)
