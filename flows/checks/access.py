"""Segment as one token opens it: who asks and where, kept together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pydantic import SecretStr

from flows.checks.segment import Delivered, Destination, Segment, SegmentSource
from flows.replay.facts import DestinationFilter
from flows.vocabulary import CallType, Region, Workspace

VOLUME_WINDOW = timedelta(days=30)
# Segment's delivery overview looks 30 days back and refuses more; clocks differ by a little.
DELIVERY_WINDOW = timedelta(days=29, hours=23)


@dataclass(frozen=True, slots=True)
class Access:
    """A token in a region. Every call raises `SegmentError`'s children, and nothing else."""

    segment: Segment
    token: SecretStr
    region: Region

    @property
    def elsewhere(self) -> "Access":
        """The same token in the other region."""
        return replace(self, region=self.region.other)

    async def workspace(self) -> Workspace:
        return await self.segment.workspace(self.token, self.region)

    async def sources(self) -> list[SegmentSource]:
        return await self.segment.sources(self.token, self.region)

    async def source(self, source_id: str) -> SegmentSource:
        return await self.segment.source(self.token, self.region, source_id)

    async def destinations(self, source_id: str) -> list[Destination]:
        return await self.segment.destinations(self.token, self.region, source_id)

    async def delivered(
        self, source_id: str, destination_id: str, now: datetime, *, closely: bool
    ) -> Delivered:
        """As far back as Segment remembers; `closely` to the minute, with more calls."""
        start = now - DELIVERY_WINDOW
        return await self.segment.delivered(
            self.token, self.region, source_id, destination_id, start, now, closely=closely
        )

    async def received(self, source_id: str, start: datetime, end: datetime) -> int:
        return await self.segment.received(self.token, self.region, source_id, start, end)

    async def volumes(self, now: datetime) -> Mapping[str, Mapping[CallType, int]]:
        """Calls of the last 30 days by source id and type."""
        return await self.segment.volumes(self.token, self.region, now - VOLUME_WINDOW, now)

    async def event_names(self, source_ids: Sequence[str], now: datetime) -> Mapping[str, int]:
        """Track calls of the last 30 days by event name."""
        return await self.segment.event_names(
            self.token, self.region, source_ids, now - VOLUME_WINDOW, now
        )

    async def filters(self, destination_id: str) -> list[DestinationFilter]:
        """Those that are switched on."""
        return await self.segment.filters(self.token, self.region, destination_id)

    async def list_users(self) -> None:
        await self.segment.list_users(self.token, self.region)

    async def config_workspace(self, slug: str) -> Workspace:
        return await self.segment.config_workspace(self.token, slug)

    async def is_write_key(self, key: SecretStr) -> bool:
        """Whether some source, of whatever workspace, has this write key."""
        return await self.segment.is_write_key(key)
