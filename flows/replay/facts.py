"""What is known of a Replay: what was answered, what is requested, and what Segment says."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, tzinfo
from enum import StrEnum

from flows.vocabulary import CallType, Region, Source, Stamp, Workspace
from flows.zones import DAY, FIRST_ZONE, begin_of


class Subset(StrEnum):
    """Which events to replay. The names are to be included or left out."""

    ALL = "all"
    ONLY = "only"
    EXCEPT = "except"


class Deletions(StrEnum):
    """Whether Segment is deleting users. No Replay can run at the same time."""

    NOT_ASKED = "not_asked"  # by earlier versions
    NONE = "none"
    PENDING = "pending"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ReplayWindow:
    """What a person wants replayed, with start and end in UTC. No call types and no names mean all.

    Names are those of Track calls, since other types have none. `retention_days` is how long
    the workspace keeps events; None means not asked. `end_of` are the ids of sources for which the
    person said the end, since Segment does not show when they went live.
    """

    start: datetime
    end: datetime
    call_types: tuple[CallType, ...] = ()
    event_names: tuple[str, ...] = ()
    excluded_names: tuple[str, ...] = ()
    choice: Subset = Subset.ALL
    retention_days: int | None = None
    deletions: Deletions = Deletions.NOT_ASKED
    end_of: tuple[str, ...] = ()

    @property
    def everything(self) -> bool:
        return not (self.call_types or self.event_names or self.excluded_names)

    @property
    def subset(self) -> Subset:
        """The choice as made. For drafts of earlier versions, it is derived from the names."""
        if self.choice is Subset.ALL and not self.everything:
            return Subset.EXCEPT if self.excluded_names else Subset.ONLY
        return self.choice

    @property
    def is_complete(self) -> bool:
        """Whether a choice of some events also says which."""
        return self.subset is Subset.ALL or not self.everything

    @property
    def counted_types(self) -> tuple[CallType, ...]:
        """The call types that are replayed, in order."""
        return tuple(kind for kind in CallType if not self.call_types or kind in self.call_types)


@dataclass(frozen=True, slots=True)
class DestinationFilter:
    """A filter on a destination in Segment. It applies to a Replay too.

    `condition` is in Segment's own language. `actions` are its words in lower case: drop, sample, …
    """

    title: str
    condition: str
    actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReplaySource:
    """One source of a Replay request, with its calls of the last 30 days (None: not measured).

    `filters` are the enabled ones; None means that they could not be read. `live_since` is when
    its events began to arrive live, if Segment shows it.
    """

    source: Source
    calls: Mapping[CallType, int] | None
    filters: tuple[DestinationFilter, ...] | None = None
    live_since: datetime | None = None

    @property
    def missing(self) -> tuple[CallType, ...]:
        """Call types that it did not send in 30 days, those that Toplyne's models need first.

        Empty if that was not measured.
        """
        calls = self.calls
        if calls is None:
            return ()
        ordered = sorted(CallType, key=lambda kind: kind is CallType.PAGE)
        return tuple(kind for kind in ordered if not calls.get(kind))


@dataclass(frozen=True, slots=True)
class ReplacedRequest:
    """The request that Segment has already and that a newer one replaces. Perhaps it has run."""

    number: int
    sent_at: datetime
    ticket: str = ""
    has_finished: bool = False


@dataclass(frozen=True, slots=True)
class PastReplay:
    """A Replay that has finished. Later requests leave it as it is.

    After a disconnect, it is one that was sent. It has no names then, but the workspace that it was
    for. `finished` is when it finished, or else when it was sent.
    """

    number: int  # of its request
    sources: tuple[Source, ...]
    start: datetime
    end: datetime
    finished: Stamp
    confirmed: Stamp | None = None
    everything: bool = True  # all events, or only some
    workspace_id: str = ""

    def left(self, workspace_id: str) -> "PastReplay":
        """What is kept of it after a disconnect: ids and dates."""
        sources = tuple(Source(source.id, "") for source in self.sources)
        when = Stamp("", self.finished.at)
        left = replace(self, sources=sources, finished=when, confirmed=None)
        return replace(left, workspace_id=workspace_id)


def request_key(integration_id: str, number: int, requested: Stamp) -> str:
    """The key of a request's message. Numbers start over when a set-up begins again."""
    when = int(requested.at.timestamp() * 1000)
    return f"replay_request:{integration_id}:{number}:{when}"


@dataclass(frozen=True, slots=True)
class ReplayRequest:
    """The complete request as it was handed off. Later requests get the next number.

    `live_since` is when live sync of the last source began. `kept_from` is the start of what
    Segment still has. `estimate` is the number of events (None: unknown). `remaining_names` are
    the known names that are not left out, if some are. `replayed` are sources whose history came
    with earlier Replays: if there are any, this request is an additional one.
    """

    number: int
    workspace: Workspace
    sources: tuple[ReplaySource, ...]
    window: ReplayWindow
    left_out: tuple[Source, ...]
    requested: Stamp
    region: Region = Region.US
    live_since: datetime | None = None
    kept_from: datetime | None = None
    estimate: int | None = None
    remaining_names: tuple[str, ...] = ()
    replaces: ReplacedRequest | None = None
    replayed: tuple[Source, ...] = ()

    def key(self, integration_id: str) -> str:
        """The key of its message."""
        return request_key(integration_id, self.number, self.requested)

    @property
    def ends_at_live_sync(self) -> bool:
        """Whether it ends where events began to arrive live."""
        return self.live_since == self.window.end and not self._has_unsure

    @property
    def _has_unsure(self) -> bool:
        """Whether Segment does not show since when some source is live."""
        return any(entry.live_since is None for entry in self.sources)

    def own_end(self, entry: ReplaySource) -> datetime | None:
        """When this source must end, if that is not where the window ends.

        That is so if its events began to arrive before those of others, or if the window ends for
        others whose beginning is not known.
        """
        since, last, end = entry.live_since, self.live_since, self.window.end
        if self._has_unsure:
            return since if since != end else None
        if since is None or last is None or end > last:  # a later end was chosen on purpose
            return None
        return since if since < end else None

    def past(self, finished: Stamp, confirmed: Stamp | None) -> PastReplay:
        """What is kept of it once it has finished and another one follows."""
        sources = tuple(entry.source for entry in self.sources)
        window = self.window
        return PastReplay(
            self.number,
            sources,
            window.start,
            window.end,
            finished,
            confirmed,
            everything=window.everything,
        )


@dataclass(frozen=True, slots=True)
class Scheduled:
    """Segment's answer that a Replay is planned. `ticket` is their number for it.

    `missed` is an earlier day that Segment had named, on which the Replay did not start.
    `implied_sent`: that the request was sent is known from this answer alone.
    """

    reported: Stamp
    on: date | None = None
    ticket: str = ""
    missed: date | None = None
    implied_sent: bool = False

    def asked_at(self, here: tzinfo) -> datetime | None:
        """From when on somebody there can say whether the Replay has started: once that day has
        begun. None if no day was named.

        Who named the day that has begun already is asked a day later.
        """
        if self.on is None:
            return None
        begins = begin_of(self.on, here)
        return begins if begins > self.reported.at else self.reported.at + DAY

    @property
    def asked_first(self) -> datetime | None:
        """When the first of all people, wherever they are, can say it. None if no day was named."""
        return max(begin_of(self.on, FIRST_ZONE), self.reported.at) if self.on else None


@dataclass(frozen=True, slots=True)
class Coverage:
    """What Segment said about the sources when the form was opened.

    `calls` covers 30 days, by source id and type. `names` are the busiest event names of these
    sources. `filters` are those of their destinations, or None if they could not be read.
    """

    calls: Mapping[str, Mapping[CallType, int]]
    observed_at: datetime
    names: Mapping[str, int] = field(default_factory=dict)
    filters: Mapping[str, tuple[DestinationFilter, ...] | None] = field(default_factory=dict)
