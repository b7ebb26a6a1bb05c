"""What is asked of Segment: two ports, which `flows.clients` fills."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from pydantic import SecretStr

from flows.replay.facts import DestinationFilter
from flows.vocabulary import CallType, Region, Source, Workspace

VOLUME_WINDOW = timedelta(days=30)
# Segment's delivery overview looks 30 days back and refuses more; clocks differ by a little.
DELIVERY_WINDOW = timedelta(days=29, hours=23)


@dataclass(frozen=True, slots=True)
class SegmentSource:
    source: Source
    enabled: bool
    write_keys: tuple[SecretStr, ...] = ()
    kind: str = ""  # Segment's name for its type


@dataclass(frozen=True, slots=True)
class Destination:
    """A destination that is connected to a source; `catalogue_*` name its kind."""

    id: str
    name: str
    enabled: bool
    catalogue_id: str
    catalogue_slug: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """Deliveries of the last 30 days: how many, the first day (or hour) that had any, and until
    when there were any, to the day."""

    total: int
    first_at: datetime | None
    last_at: datetime | None = None


class Access(Protocol):
    """Segment as one token opens it, in one region. Times are UTC, windows end at `end`.

    Every call raises `SegmentError`'s children, and nothing else.
    """

    @property
    def token(self) -> SecretStr: ...

    @property
    def region(self) -> Region: ...

    async def workspace(self) -> Workspace: ...

    async def sources(self) -> list[SegmentSource]: ...

    async def source(self, source_id: str) -> SegmentSource: ...

    async def destinations(self, source_id: str) -> list[Destination]: ...

    async def delivered(
        self,
        source_id: str,
        destination_id: str,
        start: datetime,
        end: datetime,
        *,
        closely: bool = True,
    ) -> Delivered:
        """`closely` finds the first delivery to the minute, which takes up to two calls more."""
        ...

    async def received(self, source_id: str, start: datetime, end: datetime) -> int:
        """How many events the source took in."""
        ...

    async def volumes(self, start: datetime, end: datetime) -> Mapping[str, Mapping[CallType, int]]:
        """Calls by source id and type; types that Toplyne does not use are left out."""
        ...

    async def event_names(
        self, source_ids: Sequence[str], start: datetime, end: datetime
    ) -> Mapping[str, int]:
        """Track calls of these sources by event name."""
        ...

    async def filters(self, destination_id: str) -> list[DestinationFilter]:
        """Those that are switched on, of one destination."""
        ...

    async def list_users(self) -> None:
        """Asks whether the token may list users (a hint at its role); the answer is discarded."""
        ...

    async def config_workspace(self, slug: str) -> Workspace:
        """The legacy Config API's view of a workspace; it knows no regions."""
        ...


class Segment(Protocol):
    """Segment's APIs: what a token opens, and the one question that needs none."""

    def access(self, token: SecretStr, region: Region) -> Access: ...

    async def is_write_key(self, key: SecretStr) -> bool:
        """Whether some source, of any workspace, has this write key. Raises `SegmentError`."""
        ...
