"""A simulated Segment with a clock that stands still, and a plain client to talk to it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from starlette.applications import Starlette

from playground.segment import SegmentWorld
from playground.segment.server import SegmentServer

NOON = datetime(2026, 3, 17, 12, 0, tzinfo=UTC)
Params = Mapping[str, str | int | list[str]]


class StillClock:
    """Seconds since 1970. Moves only when a test moves it."""

    def __init__(self) -> None:
        self.seconds = NOON.timestamp()

    def now(self) -> float:
        return self.seconds

    def advance(self, **how_far: float) -> None:
        self.seconds += timedelta(**how_far).total_seconds()


class Lab:
    """One simulated Segment with its clock."""

    def __init__(self) -> None:
        self.clock = StillClock()
        self.world = SegmentWorld(self.clock)
        self.app = Starlette(routes=SegmentServer(self.world).routes("/segment"))
        self.transport = httpx.ASGITransport(self.app)

    async def get(
        self,
        path: str,
        params: Params | None = None,
        *,
        token: str = "",
        api: str = "us",
        accept: str = "application/json",
    ) -> httpx.Response:
        """Asks, by default with the token of Acme's owner."""
        token = token or self.world.token("acme", "owner").value
        headers = {"Authorization": f"Bearer {token}", "Accept": accept}
        base = f"http://segment.test/segment/{api}"
        async with httpx.AsyncClient(transport=self.transport, base_url=base) as client:
            return await client.get(path, params=dict(params or {}), headers=headers)

    def days(self, count: int = 29, granularity: str = "DAY") -> dict[str, Any]:
        """The query for a window that ends now."""
        end = self.world.now()
        return {
            "granularity": granularity,
            "startTime": (end - timedelta(days=count)).isoformat(),
            "endTime": end.isoformat(),
            "pagination[count]": 200,
        }
