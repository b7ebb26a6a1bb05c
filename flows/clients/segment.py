"""Segment's Public API, its legacy Config API and its write-key check, over HTTP."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

from flows.checks.segment import Delivered, Destination, SegmentSource
from flows.clients.first_delivery import Look, earliest, find_first, latest
from flows.clients.gate import Gate, Limit, OpenGate
from flows.clients.transport import Call, HttpClient, NoteUnreadable, Params, path_segment
from flows.clients.wire import (
    ConfigWorkspace,
    DeliveryData,
    DestinationsPage,
    DestinationWire,
    FiltersPage,
    FilterWire,
    Ignored,
    SourceData,
    SourcesPage,
    SourceWire,
    Unreadable,
    VolumePage,
    VolumeRow,
    WorkspaceData,
)
from flows.errors import SegmentNotFound, SegmentUnavailable
from flows.replay.facts import DestinationFilter
from flows.vocabulary import SEEN, CallType, Region, Source, Workspace

DEADLINE = 12.0  # seconds for one call, including pages and retries
MAX_LISTED = 2000
_PER_PAGE = 200  # the most that Segment is certain to accept
_DESTINATIONS_PER_PAGE = 50  # each carries its whole catalogue entry
_MAX_DESTINATIONS = 200
_MAX_VOLUME_PAGES = 50  # of the 60 calls a minute that Segment allows for volumes
# How far delivery figures and volumes reach, minus a little because clocks may differ.
_REACH = timedelta(days=30) - timedelta(minutes=10)
_MAX_NAME_PAGES = 3
_CALL_TYPES = {kind.value: kind for kind in CallType}


def unnoted(call: str, record_ids: Sequence[str]) -> None:
    """Where nobody reads the log."""


@dataclass(frozen=True, slots=True)
class SegmentUrls:
    """Where Segment's hosts are, with or without a slash at the end."""

    us: str
    eu: str
    config: str
    cdn: str


class SegmentClient:
    """Implements `flows.checks.segment.Segment`. It only reads, and logs nothing.

    `http` is asked for its client with each call: making one reads all certificates. `deadline` is
    in seconds, for one call with all its pages and retries. `note` hears of records that could not
    be read, which are left out of their lists.
    """

    def __init__(
        self,
        http: Callable[[], HttpClient],
        urls: SegmentUrls,
        *,
        deadline: float = DEADLINE,
        gate: Gate | None = None,
        note: NoteUnreadable = unnoted,
    ) -> None:
        self.urls = urls
        self._http = http
        self._deadline = deadline
        self._gate = gate or OpenGate()
        self._note = note

    def access(self, token: SecretStr, region: Region) -> "SegmentAccess":
        return SegmentAccess(self, token, region)

    async def is_write_key(self, key: SecretStr) -> bool:
        call = self.call("is_write_key", self.urls.cdn, None)
        try:
            path = f"/v1/projects/{path_segment('is_write_key', key.get_secret_value())}/settings"
            call.parse(Ignored, await call.body(path))
        except SegmentNotFound:
            return False
        return True

    def call(self, name: str, base: str, token: SecretStr | None, *limits: Limit) -> Call:
        """A call that begins now."""
        until = asyncio.get_running_loop().time() + self._deadline
        base = base.rstrip("/")
        return Call(self._http(), self._gate, name, base, token, limits, until, self._note)


@dataclass(frozen=True, slots=True)
class SegmentAccess:
    """Implements `flows.checks.segment.Access`."""

    client: SegmentClient
    token: SecretStr
    region: Region

    def _call(self, name: str, *limits: Limit) -> Call:
        """A call of the Public API."""
        urls = self.client.urls
        base = urls.us if self.region is Region.US else urls.eu
        return self.client.call(name, base, self.token, Limit.PUBLIC, *limits)

    async def workspace(self) -> Workspace:
        call = self._call("workspace")
        found = (await call.data(WorkspaceData, "/")).workspace
        return Workspace(slug=found.slug, id=found.id, name=found.name)

    async def sources(self) -> list[SegmentSource]:
        """The first `MAX_LISTED` of them; one that Segment lists twice is one."""
        call = self._call("sources")
        found: dict[str, SegmentSource] = {}
        most = MAX_LISTED // _PER_PAGE
        async for page in call.pages(SourcesPage, "/sources", {}, _PER_PAGE, most):
            for source in call.readable(page.sources):
                found.setdefault(source.id, _source(source))
        return list(found.values())[:MAX_LISTED]

    async def source(self, source_id: str) -> SegmentSource:
        call = self._call("source")
        path = f"/sources/{path_segment('source', source_id)}"
        return _source((await call.data(SourceData, path)).source)

    async def destinations(self, source_id: str) -> list[Destination]:
        call = self._call("destinations")
        path = f"/sources/{path_segment('destinations', source_id)}/connected-destinations"
        found: dict[str, Destination] = {}
        per_page, most = _DESTINATIONS_PER_PAGE, _MAX_DESTINATIONS // _DESTINATIONS_PER_PAGE
        async for page in call.pages(DestinationsPage, path, {}, per_page, most):
            call.readable(page.destinations)
            for destination in page.destinations:
                found.setdefault(destination.id, _destination(destination))
        return list(found.values())

    async def delivered(
        self,
        source_id: str,
        destination_id: str,
        start: datetime,
        end: datetime,
        *,
        closely: bool = True,
    ) -> Delivered:
        """Asks by day; if `closely`, then looks ever closer for the first delivery."""
        call = self._call("delivered")
        who = {"sourceId": source_id, "destinationConfigId": destination_id}

        async def look(granularity: str, first: datetime, last: datetime) -> DeliveryData:
            query = {**who, **_window(granularity, first, last)}
            query["pagination[count]"] = str(_PER_PAGE)
            path = "/delivery-overview/successful-delivery"
            return await call.data(DeliveryData, path, query)

        start = max(start, end - _REACH)
        days = await look("DAY", start, end)
        first = await _first_of(look, days, start, end) if closely else earliest(days)
        return Delivered(int(days.total), first, latest(days, end))

    async def received(self, source_id: str, start: datetime, end: datetime) -> int:
        call = self._call("received")
        query = {"sourceId": source_id, **_window("DAY", max(start, end - _REACH), end)}
        query["pagination[count]"] = str(_PER_PAGE)
        path = "/delivery-overview/successfully-received"
        return int((await call.data(DeliveryData, path, query)).total)

    async def volumes(
        self, start: datetime, end: datetime, source_ids: Sequence[str] = ()
    ) -> Mapping[str, Mapping[CallType, int]]:
        """Raises `SegmentUnavailable` rather than leaving out rows that do not fit."""
        call = self._call("volumes", Limit.VOLUMES)
        days = _window("DAY", max(start, end - _REACH), end)
        params: Params = {**days, "groupBy": ["eventType", "source"], "sourceId": list(source_ids)}
        counted: dict[str, dict[CallType, int]] = {}
        last: VolumePage | None = None
        async for page in call.pages(
            VolumePage, "/events/volume", params, _PER_PAGE, _MAX_VOLUME_PAGES
        ):
            _count(counted, call.readable(page.result))
            last = page
        if last and last.pagination.next:
            raise SegmentUnavailable("volumes", "too many rows")
        return counted

    async def event_names(
        self, source_ids: Sequence[str], start: datetime, end: datetime
    ) -> Mapping[str, int]:
        """Track calls by event name. If a workspace has very many names, some are left out."""
        call = self._call("event_names", Limit.VOLUMES)
        params: Params = {
            **_window("DAY", max(start, end - _REACH), end),
            "groupBy": "eventName",
            "eventType": CallType.TRACK.value,
            "sourceId": list(source_ids),
        }
        counted: Counter[str] = Counter()
        async for page in call.pages(
            VolumePage, "/events/volume", params, _PER_PAGE, _MAX_NAME_PAGES
        ):
            rows = call.readable(page.result)
            counted.update({row.name: int(row.total) for row in rows if row.name})
        return counted

    async def filters(self, destination_id: str) -> list[DestinationFilter]:
        call = self._call("filters")
        path = f"/destination/{path_segment('filters', destination_id)}/filters"
        found: list[DestinationFilter] = []
        async for page in call.pages(FiltersPage, path, {}, _PER_PAGE, 1):
            found += [_filter(each) for each in call.readable(page.filters) if each.enabled]
        return found

    async def list_users(self) -> None:
        call = self._call("list_users")
        await call.data(Ignored, "/users", {"pagination[count]": "1"})

    async def config_workspace(self, slug: str) -> Workspace:
        base = self.client.urls.config
        call = self.client.call("config_workspace", base, self.token, Limit.CONFIG)
        body = await call.body(f"/workspaces/{path_segment('config_workspace', slug)}")
        found = call.parse(ConfigWorkspace, body)
        return Workspace(
            slug=found.name.removeprefix("workspaces/"), id=found.id, name=found.display_name
        )


async def _first_of(
    look: Look, days: DeliveryData, start: datetime, end: datetime
) -> datetime | None:
    day = earliest(days)
    return None if day is None else await find_first(look, day, start, end)


def _window(granularity: str, start: datetime, end: datetime) -> dict[str, str]:
    first, last = (f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" for at in (start, end))
    return {"granularity": granularity, "startTime": first, "endTime": last}


def _source(found: SourceWire) -> SegmentSource:
    source = Source(id=found.id, slug=found.slug or found.id, name=found.name)
    return SegmentSource(source, found.enabled, tuple(found.write_keys), found.metadata.slug)


def _destination(found: DestinationWire | Unreadable) -> Destination:
    if isinstance(found, Unreadable):  # it may be any, Toplyne's too
        return Destination(found.id, "", None, "", "")
    return Destination(
        id=found.id,
        name=found.name if SEEN.search(found.name) else found.metadata.name,
        enabled=found.enabled,
        catalogue_id=found.metadata.id,
        catalogue_slug=found.metadata.slug,
    )


def _filter(found: FilterWire) -> DestinationFilter:
    known = (action for action in found.actions if not isinstance(action, Unreadable))
    actions = tuple(dict.fromkeys(action.type.lower() for action in known))
    title = found.title if SEEN.search(found.title) else found.condition
    return DestinationFilter(title, found.condition, actions)


def _count(counted: dict[str, dict[CallType, int]], rows: Sequence[VolumeRow]) -> None:
    for row in rows:
        kind = _CALL_TYPES.get((row.event_type or "").lower())
        if row.source is None or kind is None:
            continue
        calls = counted.setdefault(row.source.id, {})
        calls[kind] = calls.get(kind, 0) + int(row.total)
