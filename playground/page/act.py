"""One request from the page. Its details are checked when they are read."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from playground.extras import Extra
from playground.slack.model import Json
from playground.slack.person import Person
from playground.world import PlaygroundWorld


class ActRefused(Exception):
    """The act is not possible. The message is for the person at the page."""


@dataclass(frozen=True)
class Act:
    """Who does it, where, and what exactly. `extras` are keyed by id."""

    world: PlaygroundWorld
    extras: Mapping[str, Extra]
    person: Person
    body: Mapping[str, Any]

    def text(self, name: str) -> str:
        """A required text. Raises `ActRefused` if it is missing."""
        value = self.body.get(name)
        if not isinstance(value, str):
            raise ActRefused(f"{name} is missing")
        return value

    def number(self, name: str, most: float) -> float:
        value = self.body.get(name)
        if not isinstance(value, int | float) or not 0 <= value <= most:
            raise ActRefused(f"{name} must be between 0 and {most:g}")
        return value

    def state(self) -> Json:
        """A control's value in the form of Slack's view state."""
        value = self.body.get("state", self.body.get("value"))
        if not isinstance(value, dict):
            raise ActRefused("state is missing")
        return value


Run = Callable[[Act], Awaitable[Json | None]]
