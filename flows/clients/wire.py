"""Segment's answers, as far as we read them. All else in them is dropped unread."""

from datetime import UTC, datetime
from typing import Annotated, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr


class Wire(BaseModel):
    """Errors never show the input, because it may hold write keys."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


Moment = Annotated[datetime, AfterValidator(_aware)]
Count = Annotated[float, Field(ge=0, le=1e15)]  # a number in JSON, possibly with a fraction
D = TypeVar("D", bound=Wire)


class Envelope(Wire, Generic[D]):
    data: D


class Pagination(Wire):
    next: str | None = None


class PageWire(Wire):
    """Base of answers that come in pages."""

    pagination: Pagination | None = None

    @property
    def next_cursor(self) -> str | None:
        return self.pagination.next if self.pagination else None


class WorkspaceWire(Wire):
    id: str
    slug: str
    name: str = ""


class WorkspaceData(Wire):
    workspace: WorkspaceWire


class SourceKindWire(Wire):
    slug: str = ""


class SourceWire(Wire):
    id: str
    slug: str
    name: str | None = None
    enabled: bool
    write_keys: list[SecretStr] = Field(default=[], alias="writeKeys")
    metadata: SourceKindWire | None = None


class SourceData(Wire):
    source: SourceWire


class SourcesPage(PageWire):
    sources: list[SourceWire]


class MetadataWire(Wire):
    id: str
    slug: str
    name: str = ""


class DestinationWire(Wire):
    """Without `settings`, which hold an API key, masked or not."""

    id: str
    name: str | None = None
    enabled: bool
    metadata: MetadataWire


class DestinationsPage(PageWire):
    destinations: list[DestinationWire]


class PointWire(Wire):
    time: Moment
    count: Count


class DeliveryRow(Wire):
    series: list[PointWire] = []


class DeliveryData(Wire):
    total: Count
    dataset: list[DeliveryRow] = []


class VolumeSource(Wire):
    id: str


class VolumeRow(Wire):
    source: VolumeSource | None = None
    name: str | None = Field(default=None, alias="eventName")
    event_type: str | None = Field(default=None, alias="eventType")
    total: Count


class VolumePage(PageWire):
    result: list[VolumeRow]


class FilterActionWire(Wire):
    type: str


class FilterWire(Wire):
    title: str
    condition: str = Field(alias="if")
    actions: list[FilterActionWire] = []
    enabled: bool


class FiltersPage(PageWire):
    filters: list[FilterWire]


class Ignored(Wire):
    """An answer whose content must not be kept."""


class ConfigWorkspace(Wire):
    """The Config API names a workspace `workspaces/<slug>`."""

    name: str
    display_name: str = ""
    id: str = ""


class LimitPoints(Wire):
    wait_ms: float | None = Field(default=None, alias="msBeforeNext")


class ErrorItem(Wire):
    data: LimitPoints | None = None


class ErrorBody(Wire):
    errors: list[ErrorItem] = []
