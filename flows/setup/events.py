"""What happens during the set-up."""

from dataclasses import dataclass
from datetime import date

from flows.errors import ErrorCode
from flows.model import Screen
from flows.vocabulary import Happened, Plan, Source


@dataclass(frozen=True, slots=True)
class Installed(Happened):
    """`team_name` is empty for an only workspace. `again`: the app had left before."""

    kind = "installed"
    team_name: str = ""
    again: bool = False


class Uninstalled(Happened):
    kind = "uninstalled"


class Started(Happened):
    kind = "started"


@dataclass(frozen=True, slots=True)
class PlanChosen(Happened):
    kind = "plan_chosen"
    plan: Plan


@dataclass(frozen=True, slots=True)
class Upgraded(Happened):
    """The plan became Business. `day` is when, as the customer says."""

    kind = "upgraded"
    day: date


@dataclass(frozen=True, slots=True)
class CheckFailed(Happened):
    kind = "check_failed"
    code: ErrorCode | None = None


@dataclass(frozen=True, slots=True)
class Stuck(Happened):
    """Too many checks in a row failed. `code` is what the last one found."""

    kind = "stuck"
    code: ErrorCode | None = None


@dataclass(frozen=True, slots=True)
class CredentialsVerified(Happened):
    """Segment verified them. `workspace` is its name there."""

    kind = "credentials_verified"
    workspace: str


@dataclass(frozen=True, slots=True)
class CredentialsUnverified(Happened):
    """Segment cannot check them, so a CSM has to."""

    kind = "credentials_unverified"
    workspace: str


@dataclass(frozen=True, slots=True)
class SourcesChosen(Happened):
    """`sources` are the sources' names."""

    kind = "sources_chosen"
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LiveSyncStarted(Happened):
    """The source that delivered first; None if a CSM saw the data arrive.

    `others` are further sources that were seen at the same moment: one event, one message.
    `or_earlier`: events of one of them may have arrived before Segment was first asked.
    """

    kind = "live_sync_started"
    source: Source | None = None
    others: tuple[Source, ...] = ()
    or_earlier: bool = False


class ReplayReady(Happened):
    """The history can be requested."""

    kind = "replay_ready"


class FinishedLiveOnly(Happened):
    kind = "finished_live_only"


class Reopened(Happened):
    kind = "reopened"


@dataclass(frozen=True, slots=True)
class Delegated(Happened):
    """A colleague, `to`, was asked to do a screen."""

    kind = "delegated"
    to: str
    screen: Screen
    note: str = ""  # between the two of them


@dataclass(frozen=True, slots=True)
class Declined(Happened):
    """A colleague whom `to` had asked to do a screen says that it is not for them."""

    kind = "declined"
    to: str
    screen: Screen


@dataclass(frozen=True, slots=True)
class ManagersChanged(Happened):
    """Who else can manage the set-up. `removed` are also those who were asked for one step."""

    kind = "managers_changed"
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HelpAsked(Happened):
    """`code` is the last check's error, if it had one."""

    kind = "help_asked"
    screen: Screen
    code: ErrorCode | None = None
    note: str = ""
    number: int = 0  # of the matter


class SaidConnected(Happened):
    """Free: the customer connected Toplyne in Segment, so a CSM can look."""

    kind = "said_connected"


class TokenForgotten(Happened):
    """The customer had the token deleted."""

    kind = "token_forgotten"


@dataclass(frozen=True, slots=True)
class WriteKeyEntered(Happened):
    """`source` is the one it belongs to, if Segment could say which."""

    kind = "write_key_entered"
    source: Source | None = None


class WriteBackSkipped(Happened):
    kind = "write_back_skipped"


@dataclass(frozen=True, slots=True)
class Disconnected(Happened):
    """`instead` is the name of the workspace that took the place of `workspace`, if one did.

    `runs`: Segment goes on with a Replay request, whose number there is `ticket` if it is known.
    """

    kind = "disconnected"
    workspace: str = ""
    instead: str = ""
    runs: bool = False
    ticket: str = ""
