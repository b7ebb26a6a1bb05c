"""An in-memory Segment: a few workspaces, their tokens, and what can happen to them."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import SecretStr

from flows.checks.segment import Delivered, Destination, SegmentSource
from flows.checks.sources import TOPLYNE_ID, TOPLYNE_SLUG
from flows.errors import SegmentNotFound, SegmentRefused, SegmentUnavailable
from flows.model import DestinationState
from flows.replay.facts import DestinationFilter
from flows.vocabulary import CallType, Region, Source, Workspace


def made_up_token(name: str) -> str:
    """A token-shaped value, always the same for the same name. No file contains it."""
    return "sgp_" + hashlib.sha256(name.encode()).hexdigest()


@dataclass
class FakeSource:
    source: Source
    enabled: bool = True
    destination: DestinationState = DestinationState.MISSING
    first_at: datetime | None = None
    last_at: datetime | None = None
    events: int = 0
    received: int = 0

    @property
    def write_key(self) -> str:
        return hashlib.sha256(self.source.id.encode()).hexdigest()[:32]


@dataclass
class FakeWorkspace:
    workspace: Workspace
    region: Region = Region.US
    sources: list[FakeSource] = field(default_factory=list)


@dataclass
class FakeToken:
    """`lacks` names calls that the token may not make. `config_api` is the legacy kind."""

    workspace: FakeWorkspace
    lacks: frozenset[str] = frozenset()
    config_api: bool = False
    revoked: bool = False


class FakeSegment:
    """Implements `flows.checks.segment.Segment`. While it is `down`, every call fails."""

    def __init__(self) -> None:
        self.down = False
        self.tokens: dict[str, FakeToken] = {}
        self.opened: set[tuple[str, str]] = set()  # token and the workspace that the caller named

    def workspace_with(self, slug: str, *names: str, region: Region = Region.US) -> FakeWorkspace:
        """A workspace with a source for each name."""
        made = FakeWorkspace(Workspace(slug, f"ws_{slug}", slug.title()), region)
        for number, name in enumerate(names):
            source_id = f"{slug}{number:x}".ljust(22, "x")
            made.sources.append(FakeSource(Source(source_id, f"{slug}-{name}", name.title())))
        return made

    def issue(self, name: str, workspace: FakeWorkspace, **options: object) -> str:
        token = made_up_token(name)
        self.tokens[token] = FakeToken(workspace, **options)  # type: ignore[arg-type]
        return token

    def send(self, source: FakeSource, now: datetime) -> None:
        """Sends events. They reach Toplyne if an enabled destination is connected."""
        if source.enabled and source.destination is DestinationState.ENABLED:
            source.events += 1
            source.first_at = source.first_at or now
            source.last_at = now

    def access(self, token: SecretStr, region: Region) -> "FakeAccess":
        return FakeAccess(self, token, region)

    async def is_write_key(self, key: SecretStr) -> bool:
        self.answers("is_write_key")
        places = (token.workspace.sources for token in self.tokens.values())
        return any(s.write_key == key.get_secret_value() for sources in places for s in sources)

    def answers(self, call: str) -> None:
        if self.down:
            raise SegmentUnavailable(call, "switched off")


@dataclass
class FakeAccess:
    """Implements `flows.checks.segment.Access`."""

    segment: FakeSegment
    token: SecretStr
    region: Region

    async def workspace(self) -> Workspace:
        found = self._open("workspace").workspace
        self.segment.opened.add((self.token.get_secret_value(), found.id))
        return found

    async def sources(self) -> list[SegmentSource]:
        return [_listed(each) for each in self._open("sources").sources]

    async def source(self, source_id: str) -> SegmentSource:
        return _listed(self._source("source", source_id))

    async def destinations(self, source_id: str) -> list[Destination]:
        state = self._source("destinations", source_id).destination
        if state is DestinationState.MISSING:
            return []
        enabled = state is DestinationState.ENABLED
        return [Destination(f"dst_{source_id}", "Toplyne", enabled, TOPLYNE_ID, TOPLYNE_SLUG)]

    async def delivered(
        self,
        source_id: str,
        destination_id: str,
        start: datetime,
        end: datetime,
        *,
        closely: bool = True,
    ) -> Delivered:
        found = self._source("delivered", source_id)
        return Delivered(found.events, found.first_at, found.last_at)

    async def received(self, source_id: str, start: datetime, end: datetime) -> int:
        return self._source("received", source_id).received

    async def volumes(
        self, start: datetime, end: datetime, source_ids: Sequence[str] = ()
    ) -> Mapping[str, Mapping[CallType, int]]:
        found = self._open("volumes")
        return {each.source.id: {CallType.TRACK: each.events} for each in found.sources}

    async def event_names(
        self,
        source_ids: Sequence[str],
        start: datetime,
        end: datetime,
    ) -> Mapping[str, int]:
        found = self._open("event_names")
        return {f"{each.source.slug} opened": each.events for each in found.sources if each.events}

    async def filters(self, destination_id: str) -> list[DestinationFilter]:
        self._source("filters", destination_id.removeprefix("dst_"))
        return []

    async def list_users(self) -> None:
        self._open("list_users")

    async def config_workspace(self, slug: str) -> Workspace:
        self.segment.answers("config_workspace")
        found = self.segment.tokens.get(self.token.get_secret_value())
        if found is None or found.revoked or not found.config_api:
            raise SegmentRefused("config_workspace", 401)
        workspace = found.workspace.workspace
        if workspace.slug != slug:
            raise SegmentNotFound("config_workspace")
        self.segment.opened.add((self.token.get_secret_value(), workspace.id))
        return workspace

    def _open(self, call: str) -> FakeWorkspace:
        self.segment.answers(call)
        found = self.segment.tokens.get(self.token.get_secret_value())
        if found is None or found.revoked or found.config_api:
            raise SegmentRefused(call, 401)
        if found.workspace.region is not self.region:
            raise SegmentRefused(call, 401)
        if call in found.lacks:
            raise SegmentRefused(call, 403)
        return found.workspace

    def _source(self, call: str, source_id: str) -> FakeSource:
        for each in self._open(call).sources:
            if each.source.id == source_id:
                return each
        raise SegmentNotFound(call)


def _listed(found: FakeSource) -> SegmentSource:
    return SegmentSource(found.source, found.enabled, (SecretStr(found.write_key),))
