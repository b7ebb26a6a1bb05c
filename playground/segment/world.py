"""SegmentWorld: the state, and the switches for what happens in it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from pydantic import TypeAdapter

from playground.segment.limiter import Limiter
from playground.segment.panel import panel
from playground.segment.sample import sample_state
from playground.segment.served import Served, ServedCalls
from playground.segment.state import (
    Destination,
    DestinationKind,
    Filter,
    Outcome,
    Period,
    Role,
    Source,
    State,
    Token,
    TokenKind,
    Workspace,
    new_id,
    new_token,
)
from playground.segment.traffic import LAG
from playground.segment.weather import Limiting, Weather

_STATE = TypeAdapter(State)
_NO_LIMIT = 1_000_000  # calls per minute
_MAX_TOKENS = 50
_MAX_FILTERS = 50
_MAX_PERIODS = 100
_MAX_EVENTS = 10_000_000
DEFAULT_CALL_TYPES = ("identify", "track", "group")


class Clock(Protocol):
    def now(self) -> float:
        """Seconds since 1970. This may be ahead of real time."""
        ...


class SegmentWorld:
    """A Segment with a memory: its answers show what people and time did to it."""

    def __init__(self, clock: Clock, state: State | None = None, *, lag: timedelta = LAG) -> None:
        self._clock = clock
        self.lag = lag
        self._state = state
        self.weather = Weather.FINE
        self.slow_seconds = 5.0
        self.limiting = Limiting()
        self.limiter = Limiter(_NO_LIMIT)
        self._served = ServedCalls()
        self._callbacks: list[Callable[[], None]] = []

    @property
    def state(self) -> State:
        """The sample, until another one is restored: made when somebody looks at it."""
        if self._state is None:
            self._state = sample_state(self.now())
        return self._state

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.now(), UTC)

    def subscribe(self, callback: Callable[[], None]) -> None:
        """Calls back after every change, and after every call that it served."""
        self._callbacks.append(callback)

    def changed(self) -> None:
        for callback in self._callbacks:
            callback()

    def note(self, call: Served) -> None:
        self._served.add(call)
        self.changed()

    def snapshot(self) -> dict[str, Any]:
        """Everything worth saving, as JSON, including the tokens."""
        saved: dict[str, Any] = _STATE.dump_python(self.state, mode="json")
        return saved

    def restore(self, saved: Mapping[str, Any]) -> None:
        self._state = _STATE.validate_python(saved)
        self.changed()

    def panel(self) -> dict[str, Any]:
        """What the page's control panel shows. The last calls come newest first."""
        about = {"weather": self.weather.value, "calls": self._served.newest_first()}
        return panel(self.state) | about

    # --- finding ---

    def workspace(self, slug: str) -> Workspace:
        """Raises `LookupError`."""
        for workspace in self.state.workspaces:
            if slug in {workspace.slug, workspace.id}:
                return workspace
        raise LookupError(f"no workspace {slug!r}")

    def source(self, source_id: str) -> Source:
        """A source by its id or by `workspace-slug/source-slug`. Raises `LookupError`."""
        for workspace in self.state.workspaces:
            for source in workspace.sources:
                if source_id in {source.id, f"{workspace.slug}/{source.slug}"}:
                    return source
        raise LookupError(f"no source {source_id!r}")

    def token(self, workspace: str, label: str) -> Token:
        """Raises `LookupError`."""
        for token in self.workspace(workspace).tokens:
            if token.label == label:
                return token
        raise LookupError(f"no token {label!r} in {workspace!r}")

    def find_token(self, value: str) -> tuple[Workspace, Token] | None:
        for workspace in self.state.workspaces:
            for token in workspace.tokens:
                if token.value == value:
                    return workspace, token
        return None

    def find_write_key(self, key: str) -> bool:
        sources = (source for workspace in self.state.workspaces for source in workspace.sources)
        return any(key in source.write_keys for source in sources)

    # --- what people do in Segment ---

    def connect_destination(
        self, source_id: str, kind: DestinationKind | None = None, *, enabled: bool = False
    ) -> Destination:
        """Connects a destination, by default the featured one. A second time changes nothing."""
        source, kind = self.source(source_id), kind or self.state.featured
        destination = next((found for found in source.destinations if found.kind == kind), None)
        if destination is None:
            destination = Destination(id=new_id(), kind=kind, name=kind.name, enabled=enabled)
            source.destinations.append(destination)
        self.changed()
        return destination

    def add_destination(self, source_id: str, *, enabled: bool = False) -> Destination:
        """One more of the featured kind, as a customer who connects it a second time."""
        source, kind = self.source(source_id), self.state.featured
        name = f"{kind.name} {len(source.destinations) + 1}"
        destination = Destination(id=new_id(), kind=kind, name=name, enabled=enabled)
        source.destinations.append(destination)
        self.changed()
        return destination

    def disconnect_destination(self, source_id: str) -> None:
        destination = self.featured_destination(source_id)
        self.source(source_id).destinations.remove(destination)
        self.changed()

    def featured_destination(self, source_id: str) -> Destination:
        """Raises `LookupError` if it is not connected."""
        for destination in self.source(source_id).destinations:
            if destination.kind == self.state.featured:
                return destination
        raise LookupError(f"no {self.state.featured.name} connected to {source_id!r}")

    def set_destination_enabled(self, source_id: str, enabled: bool) -> None:
        self.featured_destination(source_id).enabled = enabled
        self.changed()

    def set_destination_failing(self, source_id: str, failing: bool) -> None:
        """The destination answers with errors, as it does for a wrong API key."""
        self.featured_destination(source_id).failing = failing
        self.changed()

    def add_filter(self, source_id: str, title: str, condition: str) -> Filter:
        """Adds a filter to the destination's settings. It is listed, but not applied."""
        rule = Filter(new_id(), title, condition, self.now())
        filters = self.featured_destination(source_id).filters
        filters.append(rule)
        del filters[:-_MAX_FILTERS]
        self.changed()
        return rule

    def set_source_enabled(self, source_id: str, enabled: bool) -> None:
        source, now = self.source(source_id), self.now()
        if enabled and not source.enabled:
            source.active.append(Period(now))
            del source.active[:-_MAX_PERIODS]
        elif not enabled and source.enabled:
            source.active[-1].end = now
        self.changed()

    def send_events(
        self, source_id: str, count: int, call_types: Sequence[str] = DEFAULT_CALL_TYPES
    ) -> int:
        """Sends `count` events now, spread over the call types. Returns how many were delivered
        to the featured destination. A source that is switched off receives nothing.

        Raises `LookupError`, and `ValueError` for an impossible count or types.
        """
        if not 0 < count <= _MAX_EVENTS or not call_types:
            raise ValueError(f"send 1 to {_MAX_EVENTS} events of some call type")
        source = self.source(source_id)
        delivered = 0
        if source.enabled:
            share, rest = divmod(count, len(call_types))
            for index, call_type in enumerate(call_types):
                delivered += self._send(source, call_type, share + (index < rest))
        self.changed()
        return delivered

    def _send(self, source: Source, call_type: str, count: int) -> int:
        delivered, now = 0, self.now()
        if count:
            source.received.add(now, call_type, count)
        for destination in source.destinations:
            if not destination.enabled or not count:
                continue
            outcome = _outcome(destination, call_type)
            destination.ledger(outcome).add(now, call_type, count)
            if outcome is Outcome.DELIVERED and destination.kind == self.state.featured:
                delivered += count
        return delivered

    def revoke_token(self, value: str) -> None:
        """Raises `LookupError` for an unknown token."""
        found = self.find_token(value)
        if found is None:
            raise LookupError("no such token")
        found[1].revoked = True
        self.changed()

    def add_token(
        self,
        workspace: str,
        role: Role | str = Role.OWNER,
        kind: TokenKind | str = TokenKind.PUBLIC,
        label: str = "",
    ) -> Token:
        """Adds a new token. If the workspace has too many, the oldest is removed."""
        tokens = self.workspace(workspace).tokens
        token = new_token(label or f"{Role(role)} {len(tokens) + 1}", Role(role), TokenKind(kind))
        tokens.append(token)
        del tokens[:-_MAX_TOKENS]
        self.changed()
        return token

    # --- trouble ---

    def set_weather(self, weather: Weather | str, slow_seconds: float | None = None) -> None:
        """fine, down, slow, limiting, html or timeout, for all of Segment's hosts."""
        self.weather = Weather(weather)
        if slow_seconds is not None:
            self.slow_seconds = slow_seconds
        self.changed()

    def limit_calls(self, per_minute: int | None) -> None:
        """A strict limit for each sender, in real time. None lifts it."""
        self.limiter = Limiter(_NO_LIMIT if per_minute is None else per_minute)


def _outcome(destination: Destination, call_type: str) -> Outcome:
    if call_type not in destination.kind.call_types:
        return Outcome.FILTERED
    return Outcome.FAILED if destination.failing else Outcome.DELIVERED
