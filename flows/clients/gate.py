"""Where a call to Segment waits for its turn: Segment counts our address, so all share a budget."""

from enum import StrEnum
from typing import Protocol


class Limit(StrEnum):
    """What Segment counts; a call may fall under several."""

    PUBLIC = "public"
    VOLUMES = "volumes"
    CONFIG = "config"


class Gate(Protocol):
    async def enter(self, call: str, limits: tuple[Limit, ...], until: float) -> None:
        """Waits for one's turn, at most until then on the event loop's clock.

        Raises `SegmentUnavailable` when the turn comes later.
        """
        ...

    async def close(self, limits: tuple[Limit, ...], seconds: float) -> None:
        """Segment takes no calls for so long."""
        ...


class OpenGate:
    """For whoever is alone with Segment."""

    async def enter(self, call: str, limits: tuple[Limit, ...], until: float) -> None:
        """Never waits."""

    async def close(self, limits: tuple[Limit, ...], seconds: float) -> None:
        """Nobody else is to be held back."""
