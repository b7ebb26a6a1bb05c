"""The port of what was asked for: every version of a Replay request."""

from collections.abc import Sequence
from typing import Protocol

from flows.replay.facts import ReplayRequest


class ReplayRequests(Protocol):
    """Every version of a Replay request that was handed off."""

    async def add(self, integration_id: str, request: ReplayRequest) -> None:
        """One of the same number takes its place."""
        ...

    async def of(self, integration_id: str, limit: int) -> Sequence[ReplayRequest]:
        """Newest first."""
        ...

    async def delete_of(self, integration_id: str) -> None: ...
