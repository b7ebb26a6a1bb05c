"""Segment's answers, as far as we read them. All else in them is dropped unread."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)


class Wire(BaseModel):
    """Errors never show the input: it may hold write keys. Null is the same as missing.

    A model's reader is made with its first answer, not at each start.
    """

    model_config = ConfigDict(
        extra="ignore", frozen=True, hide_input_in_errors=True, defer_build=True
    )

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        return {name: value for name, value in data.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record of a list that is not as Segment describes it; of its content only its id stays."""

    id: str


_MAX_ID = 64


def _read_or_note(record: Any, read: ValidatorFunctionWrapHandler) -> Any:
    """One odd record must not fail the list that it stands in."""
    try:
        return read(record)
    except ValidationError:
        found = record.get("id") if isinstance(record, dict) else None
        return Unreadable(found[:_MAX_ID] if isinstance(found, str) else "?")


R = TypeVar("R")
Record = Annotated[R | Unreadable, WrapValidator(_read_or_note)]


def _only_secrets(keys: Any) -> Any:
    return [key for key in keys if isinstance(key, str)] if isinstance(keys, list) else []


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


Moment = Annotated[datetime, AfterValidator(_aware)]
EventCount = Annotated[float, Field(ge=0, le=1e15)]  # a number in JSON, possibly with a fraction
D = TypeVar("D", bound=Wire)


class Envelope(Wire, Generic[D]):
    data: D


class Pagination(Wire):
    next: str | None = None


class PageWire(Wire):
    """Base of answers that come in pages."""

    pagination: Pagination = Pagination()


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
    slug: str = ""
    name: str = ""
    enabled: bool | None = None
    write_keys: Annotated[list[SecretStr], BeforeValidator(_only_secrets)] = Field(
        default=[], alias="writeKeys"
    )
    metadata: SourceKindWire = SourceKindWire()


class SourceData(Wire):
    source: SourceWire


class SourcesPage(PageWire):
    sources: list[Record[SourceWire]]


class MetadataWire(Wire):
    id: str = ""
    slug: str = ""
    name: str = ""


class DestinationWire(Wire):
    """Without `settings`, which hold an API key, masked or not."""

    id: str
    name: str = ""
    enabled: bool | None = None
    metadata: MetadataWire = MetadataWire()


class DestinationsPage(PageWire):
    destinations: list[Record[DestinationWire]]


class PointWire(Wire):
    time: Moment
    count: EventCount


class DeliveryRow(Wire):
    series: list[Record[PointWire]] = []


class DeliveryData(Wire):
    total: EventCount
    dataset: list[Record[DeliveryRow]] = []

    @property
    def points(self) -> list[PointWire]:
        rows = (row for row in self.dataset if isinstance(row, DeliveryRow))
        return [point for row in rows for point in row.series if isinstance(point, PointWire)]


class VolumeSource(Wire):
    id: str


class VolumeRow(Wire):
    source: VolumeSource | None = None
    name: str | None = Field(default=None, alias="eventName")
    event_type: str | None = Field(default=None, alias="eventType")
    total: EventCount


class VolumePage(PageWire):
    result: list[Record[VolumeRow]]


class FilterActionWire(Wire):
    type: str


class FilterWire(Wire):
    title: str = ""
    condition: str = Field(alias="if")
    actions: list[Record[FilterActionWire]] = []
    enabled: bool


class FiltersPage(PageWire):
    filters: list[Record[FilterWire]]


class Ignored(Wire):
    """An answer whose content must not be kept."""


class ConfigWorkspace(Wire):
    """The Config API names a workspace `workspaces/<slug>`."""

    name: str
    display_name: str = ""
    id: str = ""


class LimitPoints(Wire):
    wait_ms: Annotated[float, Field(allow_inf_nan=False)] | None = Field(
        default=None, alias="msBeforeNext"
    )


class ErrorItem(Wire):
    data: LimitPoints | None = None


class ErrorBody(Wire):
    errors: list[Record[ErrorItem]] = []
