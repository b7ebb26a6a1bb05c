"""What is asked of Segment: two ports, which `flows.clients` implements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from pydantic import SecretStr

from flows.replay.facts import DestinationFilter
from flows.vocabulary import CallType, Region, Source, Workspace

VOLUME_WINDOW = timedelta(days=30)
# Segment's delivery overview refuses more than 30 days. Its clock and ours differ a little.
DELIVERY_WINDOW = timedelta(days=29, hours=23)


@dataclass(frozen=True, slots=True)
class SegmentSource:
    """A source as the workspace lists it; `enabled` None: Segment does not say."""

    source: Source
    enabled: bool | None
    write_keys: tuple[SecretStr, ...] = ()
    kind: str = ""  # Segment's name for its type


@dataclass(frozen=True, slots=True)
class Destination:
    """A destination that is connected to a source; `catalogue_*` name its kind.

    `enabled` None, an empty kind: Segment does not say.
    """

    id: str
    name: str
    enabled: bool | None
    catalogue_id: str
    catalogue_slug: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """The number of deliveries in the last 30 days, and the first and last of them.

    `first_at` is the start of the first day, hour or minute with deliveries, as far as it was
    measured. `last_at` is when deliveries were last made, to the day.
    """

    total: int
    first_at: datetime | None
    last_at: datetime | None = None


class Access(Protocol):
    """Segment as one token sees it, in one region. Times are UTC; windows end at `end`.

    Every call raises only subclasses of `SegmentError`.
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
        """`closely` finds the first delivery to the minute, in up to two more calls."""
        ...

    async def received(self, source_id: str, start: datetime, end: datetime) -> int:
        """The number of events that the source took in."""
        ...

    async def volumes(
        self, start: datetime, end: datetime, source_ids: Sequence[str] = ()
    ) -> Mapping[str, Mapping[CallType, int]]:
        """Calls by source id and type, without types that Toplyne does not use.

        Of these sources, or of all: Segment counts every page of hundreds of sources as a call.
        """
        ...

    async def event_names(
        self, source_ids: Sequence[str], start: datetime, end: datetime
    ) -> Mapping[str, int]:
        """Track calls of these sources, by event name."""
        ...

    async def filters(self, destination_id: str) -> list[DestinationFilter]:
        """The enabled filters of one destination."""
        ...

    async def list_users(self) -> None:
        """Tests if the token may list users, which hints at its role. The answer is dropped."""
        ...

    async def config_workspace(self, slug: str) -> Workspace:
        """The workspace as the legacy Config API sees it. That API knows no regions."""
        ...


class Segment(Protocol):
    """Segment's APIs: what a token opens, and the one question that needs no token."""

    def access(self, token: SecretStr, region: Region) -> Access: ...

    async def is_write_key(self, key: SecretStr) -> bool:
        """Whether a source in any workspace has this write key. Raises `SegmentError`."""
        ...
