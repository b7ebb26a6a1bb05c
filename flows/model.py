"""What a set-up is: the facts of one integration, and what Segment last said about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from enum import StrEnum

from flows.csm.facts import CsmFacts
from flows.reminders.facts import Reminders
from flows.replay.facts import Coverage, PastReplay, ReplayRequest, ReplayWindow, Scheduled
from flows.vocabulary import CallType, Plan, Region, Source, Stamp, TokenHealth, Workspace
from flows.zones import LAST_ZONE, zone


class Step(StrEnum):
    """The four steps, always shown in this order."""

    PLAN = "plan"
    CREDENTIALS = "credentials"
    LIVE_SYNC = "live_sync"
    HISTORIC_SYNC = "historic_sync"


class Screen(StrEnum):
    """The places of the set-up that a person can see. Each belongs to one `step`."""

    step: Step

    def __new__(cls, value: str, step: Step = Step.HISTORIC_SYNC) -> "Screen":
        screen = str.__new__(cls, value)
        screen._value_, screen.step = value, step
        return screen

    PLAN = "plan", Step.PLAN
    CREDENTIALS = "credentials", Step.CREDENTIALS
    SOURCES = "sources", Step.CREDENTIALS
    LIVE_SYNC = "live_sync", Step.LIVE_SYNC
    WRITE_BACK = "write_back", Step.LIVE_SYNC  # optional, and outside the order of the others
    UPGRADE = "upgrade", Step.HISTORIC_SYNC
    REPLAY = "replay", Step.HISTORIC_SYNC
    REPLAY_EVENTS = "replay_events", Step.HISTORIC_SYNC
    REPLAY_PREVIEW = "replay_preview", Step.HISTORIC_SYNC
    REPLAY_STATUS = "replay_status", Step.HISTORIC_SYNC
    RECEIPT = "receipt", Step.HISTORIC_SYNC


class WaitingOn(StrEnum):
    CUSTOMER = "customer"
    SEGMENT = "segment"
    TOPLYNE = "toplyne"
    CSM = "csm"


class Outcome(StrEnum):
    WITH_HISTORY = "with_history"
    LIVE_ONLY = "live_only"


class TokenKind(StrEnum):
    PUBLIC_API = "public_api"
    CONFIG_API = "config_api"
    NONE = "none"  # Free: the customer cannot create one


class Verification(StrEnum):
    VERIFIED = "verified"  # Segment said so
    UNVERIFIED = "unverified"  # cannot be checked, so a CSM must confirm it
    CONFIRMED = "confirmed"  # a CSM said so
    REJECTED = "rejected"  # a CSM said no, with a reason


class Unheard(StrEnum):
    """Why Segment did not say how far one source is; `bot.strings.blockers` words each."""

    NO_FIGURES = "no_figures"  # it lists the source and has no answer about it
    REFUSED = "refused"  # the token may read about other sources, not about this one
    UNUSABLE = "unusable"  # no answer came, or none that can be read


class DestinationState(StrEnum):
    MISSING = "missing"
    DISABLED = "disabled"
    ENABLED = "enabled"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is known about the token that was entered, without the token itself."""

    kind: TokenKind
    verification: Verification
    workspace: Workspace
    region: Region
    entered: Stamp
    maybe_not_owner: bool = False  # only a suspicion, so only a warning
    for_toplyne: bool = False  # the screen said that Toplyne gets the token too
    reviewed: Stamp | None = None
    reason: str = ""  # why a CSM rejected it

    @property
    def accepted(self) -> bool:
        return self.verification is not Verification.REJECTED

    @property
    def has_token(self) -> bool:
        return self.kind is not TokenKind.NONE


@dataclass(frozen=True, slots=True)
class Delegation:
    """The colleague who was asked to do a screen, and who asked.

    `earlier` are the times, less than a day before, at which they were asked for the same.
    """

    user_id: str
    screen: Screen
    asked: Stamp
    is_open: bool = False  # until it is done or declined; earlier versions stored nothing
    earlier: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Added:
    """Somebody who was added to the people who can manage the set-up."""

    user_id: str
    by: Stamp


@dataclass(frozen=True, slots=True)
class WriteBack:
    """The answer to the write-back offer. Neither skipped nor entered means no answer yet."""

    skipped: Stamp | None = None
    entered: Stamp | None = None
    source: Source | None = None  # of the key; None: Segment could not say which
    for_toplyne: bool = False  # the screen said that Toplyne gets the key


@dataclass(frozen=True, slots=True)
class Integration:
    """One customer's connection of one Segment workspace to Toplyne. It holds facts only.

    `changed` maps a screen to the revision at which its answer last changed; a submission of it
    from an older one is stale. Each beginning after a disconnect has another `generation`.
    """

    id: str
    tenant_id: str
    team_id: str
    created: Stamp
    revision: int = 0
    generation: int = 0  # of those that earlier versions began
    left_before: Stamp | None = None  # by whoever disconnected the one before
    changed: Mapping[Screen, int] = field(default_factory=dict)
    changed_by: Mapping[Screen, Stamp] = field(default_factory=dict)  # by earlier versions: none
    plan: Plan | None = None
    plan_chosen: Stamp | None = None
    upgraded_on: date | None = None
    upgraded_from: Plan | None = None
    region: Region = Region.US
    credentials: Credentials | None = None
    workspace_before: Workspace | None = None  # of credentials that a change of plan dropped
    sources: tuple[Source, ...] = ()
    sources_chosen: Stamp | None = None
    says_connected: Stamp | None = None  # Free: the customer has connected Toplyne
    arrival_confirmed: Stamp | None = None  # Free: a CSM saw the data arrive
    live_started: Stamp | None = None
    live_plan: Plan | None = None  # the plan when it started; not noted by earlier versions
    replay_draft: ReplayWindow | None = None
    replay: ReplayRequest | None = None
    replay_sent: Stamp | None = None
    replay_unsent: Stamp | None = None  # the last time that a report of it was taken back
    replay_scheduled: Scheduled | None = None
    replay_running: Stamp | None = None
    replay_finished: Stamp | None = None
    replay_confirmed: Stamp | None = None  # Toplyne's side confirms that it finished
    past_replays: tuple[PastReplay, ...] = ()  # finished before `replay` was requested
    left_replays: tuple[PastReplay, ...] = ()  # sent by earlier set-ups, or for another workspace
    outcome: Outcome | None = None
    outcome_reached: Stamp | None = None
    token_forgotten: Stamp | None = None
    reopened: Stamp | None = None  # the last time that somebody took back a live-only end
    keeps_watching: Stamp | None = None
    write_back: WriteBack = field(default_factory=WriteBack)
    started: Stamp | None = None  # by whoever began this set-up
    asked: tuple[Delegation, ...] = ()  # the last ones who were asked; they may do that step
    added: tuple[Added, ...] = ()
    failed_tries: int = 0
    last_error: str = ""  # code of the last refused check, for the CSM who is asked for help
    last_active: Stamp | None = None
    reminders: Reminders = field(default_factory=Reminders)
    csm: CsmFacts = field(default_factory=CsmFacts)
    forms: tuple[str, ...] = ()  # the last modals whose text was passed on
    disconnected: Stamp | None = None

    def __hash__(self) -> int:
        """By id and revision, which equal ones share, so that integrations can be keys."""
        return hash((self.tenant_id, self.id, self.revision))

    @property
    def begun(self) -> bool:
        """Whether somebody is working on it. Installing the app does not begin a set-up."""
        return self.last_active is not None and self.disconnected is None

    @property
    def token_entered(self) -> Stamp | None:
        """Who entered the token that is stored, and when."""
        known = None if self.token_forgotten else self.credentials
        return known.entered if known and known.has_token else None

    @property
    def workspace_slug(self) -> str:
        """Of the Segment workspace. Empty while none is known."""
        return self.credentials.workspace.slug if self.credentials else ""

    @property
    def empty(self) -> bool:
        """Whether nothing has been answered yet, or all of it was deleted."""
        return self.plan is None


# --- observations: what Segment last said, with when --------------------------------------------


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A source as the workspace lists it. `events` covers 30 days; None: not measured."""

    source: Source
    enabled: bool
    events: int | None = None
    sends: tuple[CallType, ...] = ()  # the call types among them


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The workspace's sources, busiest first."""

    entries: tuple[CatalogueEntry, ...]
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """The state of a chosen source: its destination, and its deliveries of the last 30 days.

    `first_delivered_at` is the earliest delivery that Segment showed, which forgets after 30 days.
    `since` is when it was first seen to be as it is: on or off, connected or not, delivering.
    `delivered_at` is until when events were delivered, to the day; `stopped_at` is when it was
    first seen that the source takes in events and Toplyne gets none any more.
    `unheard`: the last look, at `asked_at`, learned nothing, and the rest is of an earlier one.
    `named` is the source as Segment names it now; it is not stored here.
    """

    source_id: str
    enabled: bool
    destination: DestinationState
    destination_id: str
    delivered: int
    first_delivered_at: datetime | None
    observed_at: datetime
    since: datetime | None = None  # unknown for what earlier versions stored
    delivered_at: datetime | None = None
    stopped_at: datetime | None = None
    deleted: bool = False
    unheard: Unheard | None = None
    asked_at: datetime | None = None  # None: `observed_at`
    named: Source | None = field(default=None, compare=False)
    or_earlier: bool = False  # than the first delivery: there may be forgotten ones

    @property
    def last_asked(self) -> datetime:
        return self.asked_at or self.observed_at


@dataclass(frozen=True, slots=True)
class Observed:
    """`failures` counts the polls in a row that brought nothing.

    `waited_at` is when somebody last viewed live sync or asked for a check. `round_since` is when a
    look began that has not reached all sources. `checks` run: id and kind by person, glanced.
    `windows` may still show live sync, since when by their name; a unit of work alone reads them.
    """

    catalogue: Catalogue | None = None
    statuses: Mapping[str, SourceStatus] = field(default_factory=dict)
    coverage: Coverage | None = None
    looked_at: datetime | None = None  # the last poll, whether or not it succeeded
    token: TokenHealth | None = None
    waited_at: datetime | None = field(default=None, compare=False)  # nothing shows it
    failures: int = 0
    round_since: datetime | None = None
    checks: Mapping[str, str] = field(default_factory=dict)
    windows: Mapping[str, datetime] = field(default_factory=dict, compare=False)

    def not_asked_since(self, sources: Sequence[Source], moment: datetime) -> tuple[Source, ...]:
        """Those of the sources about which Segment was not asked from then on."""
        return tuple(
            source
            for source in sources
            if (status := self.statuses.get(source.id)) is None or status.last_asked < moment
        )

    def __hash__(self) -> int:
        """By what changes with each look, so that observations can be keys."""
        return hash((self.looked_at, self.failures))


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a decision or a view may look at: facts, observations and the time.

    `time_zone` is that of whoever looks. None: a day counts once it has begun everywhere.
    """

    integration: Integration
    observed: Observed
    now: datetime
    time_zone: str | None = None

    @property
    def here(self) -> tzinfo:
        return LAST_ZONE if self.time_zone is None else zone(self.time_zone)

    @property
    def today(self) -> date:
        """As whoever looks counts days."""
        return self.now.astimezone(self.here).date()
