"""One request of the page, with its details checked as they are read."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from playground.extras import Extra
from playground.slack.model import Json
from playground.slack.person import Person
from playground.world import PlaygroundWorld


class ActRefused(Exception):
    """What was asked for cannot be done; the message is for the person at the page."""


@dataclass(frozen=True)
class Act:
    """Who does it, where, and what exactly; `extras` by their ids."""

    world: PlaygroundWorld
    extras: Mapping[str, Extra]
    person: Person
    body: Mapping[str, Any]

    def text(self, name: str) -> str:
        """A required text; raises `ActRefused` when it is missing."""
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
        """A control's value as Slack's view state writes it."""
        value = self.body.get("state", self.body.get("value"))
        if not isinstance(value, dict):
            raise ActRefused("state is missing")
        return value


Run = Callable[[Act], Awaitable[Json | None]]
