"""Where calls to Segment wait their turn. Segment counts our address, so all share a budget."""

from enum import StrEnum
from typing import Protocol


class Limit(StrEnum):
    """What Segment counts. A call may fall under several limits."""

    PUBLIC = "public"
    VOLUMES = "volumes"
    CONFIG = "config"


class Gate(Protocol):
    """`waits` says whether a call may wait a moment where Segment limits it."""

    waits: bool

    async def enter(self, call: str, limits: tuple[Limit, ...], until: float) -> None:
        """Waits for a turn, at most until `until` on the event loop's clock.

        Raises `NoRoom` if the turn comes later.
        """
        ...

    async def close(self, limits: tuple[Limit, ...], seconds: float) -> None:
        """Notes that Segment takes no calls for so many seconds."""
        ...


class OpenGate:
    """For a process that is the only one to call Segment."""

    waits = True

    async def enter(self, call: str, limits: tuple[Limit, ...], until: float) -> None:
        """Never waits."""

    async def close(self, limits: tuple[Limit, ...], seconds: float) -> None:
        """Does nothing: there is nobody else to hold back."""
