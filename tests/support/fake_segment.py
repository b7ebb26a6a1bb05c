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
    """Token-shaped and the same for the same name, without standing in any file."""
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
    """`lacks` names the calls that it may not make; `config_api` is the legacy kind."""

    workspace: FakeWorkspace
    lacks: frozenset[str] = frozenset()
    config_api: bool = False
    revoked: bool = False


class FakeSegment:
    """Fills `flows.segment.Segment`. `down` makes every call fail as if it were unreachable."""

    def __init__(self) -> None:
        self.down = False
        self.tokens: dict[str, FakeToken] = {}
        self.opened: set[tuple[str, str]] = set()  # token and the workspace that it was told

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
        """Events, which reach Toplyne where an enabled destination stands in their way."""
        if source.enabled and source.destination is DestinationState.ENABLED:
            source.events += 1
            source.first_at = source.first_at or now
            source.last_at = now

    # --- the port -------------------------------------------------------------------------------

    async def workspace(self, token: SecretStr, region: Region) -> Workspace:
        found = self._open("workspace", token, region).workspace
        self.opened.add((token.get_secret_value(), found.id))
        return found

    async def sources(self, token: SecretStr, region: Region) -> list[SegmentSource]:
        return [_listed(each) for each in self._open("sources", token, region).sources]

    async def source(self, token: SecretStr, region: Region, source_id: str) -> SegmentSource:
        return _listed(self._source("source", token, region, source_id))

    async def destinations(
        self, token: SecretStr, region: Region, source_id: str
    ) -> list[Destination]:
        state = self._source("destinations", token, region, source_id).destination
        if state is DestinationState.MISSING:
            return []
        enabled = state is DestinationState.ENABLED
        return [Destination(f"dst_{source_id}", "Toplyne", enabled, TOPLYNE_ID, TOPLYNE_SLUG)]

    async def delivered(
        self,
        token: SecretStr,
        region: Region,
        source_id: str,
        destination_id: str,
        start: datetime,
        end: datetime,
        *,
        closely: bool = True,
    ) -> Delivered:
        found = self._source("delivered", token, region, source_id)
        return Delivered(found.events, found.first_at, found.last_at)

    async def received(
        self, token: SecretStr, region: Region, source_id: str, start: datetime, end: datetime
    ) -> int:
        return self._source("received", token, region, source_id).received

    async def volumes(
        self, token: SecretStr, region: Region, start: datetime, end: datetime
    ) -> Mapping[str, Mapping[CallType, int]]:
        found = self._open("volumes", token, region)
        return {each.source.id: {CallType.TRACK: each.events} for each in found.sources}

    async def event_names(
        self,
        token: SecretStr,
        region: Region,
        source_ids: Sequence[str],
        start: datetime,
        end: datetime,
    ) -> Mapping[str, int]:
        found = self._open("event_names", token, region)
        return {f"{each.source.slug} opened": each.events for each in found.sources if each.events}

    async def filters(
        self, token: SecretStr, region: Region, destination_id: str
    ) -> list[DestinationFilter]:
        self._source("filters", token, region, destination_id.removeprefix("dst_"))
        return []

    async def list_users(self, token: SecretStr, region: Region) -> None:
        self._open("list_users", token, region)

    async def config_workspace(self, token: SecretStr, slug: str) -> Workspace:
        self._answers("config_workspace")
        found = self.tokens.get(token.get_secret_value())
        if found is None or found.revoked or not found.config_api:
            raise SegmentRefused("config_workspace", 401)
        workspace = found.workspace.workspace
        if workspace.slug != slug:
            raise SegmentNotFound("config_workspace")
        self.opened.add((token.get_secret_value(), workspace.id))
        return workspace

    async def is_write_key(self, key: SecretStr) -> bool:
        self._answers("is_write_key")
        places = (token.workspace.sources for token in self.tokens.values())
        return any(s.write_key == key.get_secret_value() for sources in places for s in sources)

    def _answers(self, call: str) -> None:
        if self.down:
            raise SegmentUnavailable(call, "switched off")

    def _open(self, call: str, token: SecretStr, region: Region) -> FakeWorkspace:
        self._answers(call)
        found = self.tokens.get(token.get_secret_value())
        if found is None or found.revoked or found.config_api:
            raise SegmentRefused(call, 401)
        if found.workspace.region is not region:
            raise SegmentRefused(call, 401)
        if call in found.lacks:
            raise SegmentRefused(call, 403)
        return found.workspace

    def _source(self, call: str, token: SecretStr, region: Region, source_id: str) -> FakeSource:
        for each in self._open(call, token, region).sources:
            if each.source.id == source_id:
                return each
        raise SegmentNotFound(call)


def _listed(found: FakeSource) -> SegmentSource:
    return SegmentSource(found.source, found.enabled, (SecretStr(found.write_key),))
