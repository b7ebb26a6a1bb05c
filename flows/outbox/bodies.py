"""What the app says or draws unprompted. Each body is rendered when it is sent."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import get_args

from flows.checks.question import NOTHING_TYPED, CheckKind, Typed
from flows.csm.facts import Rejectable
from flows.errors import FieldError, Warned
from flows.model import Screen
from flows.outbox.content import Content
from flows.outbox.toplyne_bodies import (
    CardLost,
    ChannelLost,
    CustomerLeft,
    DigestPicture,
    MorningDigest,
)
from flows.reminders.facts import Role
from flows.replay.events import News
from flows.setup.blockers import Blocker
from flows.setup.results import Notice
from flows.vocabulary import Source, Stamp

# --- to people, about their set-up ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Welcome(Content):
    """`team_name` is empty for an only workspace. `again`: earlier data has been deleted."""

    kind = "welcome"
    team_name: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True)
class CheckDone(Content):
    """How the check with this id ended after its modal was acknowledged. After an error or a
    warning, `typed` is what stands in the form. `not_allowed`: its reader may not do it any more.
    `changed`: who was faster, if that is the notice and it is known.
    """

    kind = "check_done"
    check: str
    what: CheckKind
    screen: Screen
    notice: Notice | None = None
    error: FieldError | None = None
    typed: Typed = NOTHING_TYPED
    warnings: tuple[Warned, ...] = ()
    not_allowed: bool = False
    changed: Stamp | None = None


@dataclass(frozen=True, slots=True)
class ColleagueAsked(Content):
    """To a colleague, `to`: `by` asked them to do a screen."""

    kind = "delegated"
    by: str
    screen: Screen
    to: str = ""  # unknown in what earlier versions stored
    note: str = ""
    at: datetime | None = None  # likewise


class Heard(StrEnum):
    """What became of what a colleague was asked to do."""

    DONE = "done"
    NOT_THEM = "not_them"
    LEFT = "left"  # they are no longer in this Slack, or a guest by now
    NOTHING = "nothing"
    QUIET = "quiet"  # nothing, and they want no reminders


@dataclass(frozen=True, slots=True)
class DelegationNews(Content):
    """To whoever asked `to` to do a screen, or to somebody else if `asker` cannot act on it any
    more. `by` did it, if anybody did.

    `revision` is that of the set-up when it was told: what is done later ends it.
    """

    kind = "delegation_news"
    how: Heard
    to: str
    screen: Screen
    by: str = ""
    revision: int = 0  # unknown in what earlier versions stored
    asker: str = ""


@dataclass(frozen=True, slots=True)
class AskedToGoOn(Content):
    """To somebody who can: `by` may only look, and asks them to go on with what it waits for."""

    kind = "go_on"
    by: str
    to: str = ""  # unknown in what earlier versions stored
    waits_for: Blocker | None = None


class Deed(StrEnum):
    """What the starter and the installer hear of when somebody else does it."""

    TOKEN_REPLACED = "token_replaced"  # noqa: S105
    WORKSPACE_ENTERED = "workspace_entered"  # again, with a token or without, on Free
    TOKEN_FORGOTTEN = "token_forgotten"  # noqa: S105
    SOURCES_CHANGED = "sources_changed"
    DISCONNECTED = "disconnected"
    WORKSPACE_REPLACED = "workspace_replaced"


@dataclass(frozen=True, slots=True)
class ColleagueDid(Content):
    """To the starter and the installer. `what` names a workspace, after `before`, or all of
    `sources` in one, as earlier versions do.
    """

    kind = "colleague_did"
    by: str
    deed: Deed
    what: str = ""
    before: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Confirmed(Content):
    """A CSM confirmed the credentials. Earlier versions did not name the Segment workspace."""

    kind = "confirmed"
    workspace: str = ""


@dataclass(frozen=True, slots=True)
class Rejected(Content):
    """A CSM sent something back `at` that moment, by which it is known from one of the same kind.
    Earlier versions stored neither that nor the Segment workspace.
    """

    kind = "rejected"
    reason: str = ""
    what: Rejectable = Rejectable.CREDENTIALS
    workspace: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FirstData(Content):
    kind = "first_data"
    source_id: str
    others: tuple[str, ...] = ()  # seen at the same moment
    or_earlier: bool = False


class ArrivalConfirmed(Content):
    """A CSM saw the data arrive."""

    kind = "arrival_confirmed"


@dataclass(frozen=True, slots=True)
class ReplayInstructions(Content):
    """The request with this number, and what to do with it next."""

    kind = "replay_request"
    number: int


class Summary(Content):
    """The summary of the whole set-up, at its end."""

    kind = "completed"


@dataclass(frozen=True, slots=True)
class ReplayNews(Content):
    kind = "replay_news"
    what: News
    on: date | None = None
    ticket: str = ""


@dataclass(frozen=True, slots=True)
class CsmMessage(Content):
    """`number` is that of the event; 0, before any answer, in what earlier versions stored.
    `instead_of` is whom it was written to, if they cannot answer any more.
    """

    kind = "csm_message"
    name: str
    text: str
    number: int = 0
    instead_of: str = ""


@dataclass(frozen=True, slots=True)
class Reminder(Content):
    """A reminder that was `decided` at a moment, and is too late from `closes` on."""

    kind = "reminder"
    blocker: Blocker
    role: Role
    instead_of: str = ""
    is_last: bool = False
    closes: datetime | None = None
    decided: datetime | None = None


@dataclass(frozen=True, slots=True)
class Unasked(Content):
    """News that nobody asked for. `role` is set if the reader stands in for `instead_of`.

    `others` are further sources of which the same is true.
    """

    blocker: Blocker
    source: Source | None = None
    role: Role | None = None
    instead_of: str = ""
    others: tuple[Source, ...] = ()


class IncidentNews(Unasked):
    kind = "incident"


class RecoveryNews(Unasked):
    kind = "incident_over"


@dataclass(frozen=True, slots=True)
class HelpReceived(Content):
    """`goes_on`: the reader may do what comes next."""

    kind = "help_received"
    goes_on: bool = True  # earlier versions did not ask


@dataclass(frozen=True, slots=True)
class Farewell(Content):
    """`instead` is the name of the workspace that took the place of `workspace`, if one did.

    `runs`: Segment goes on with a Replay request, whose number there is `ticket` if it is known.
    """

    kind = "disconnected"
    workspace: str = ""
    instead: str = ""
    runs: bool = False
    ticket: str = ""


class TokenWarning(Content):
    """Somebody sent a token to the app."""

    kind = "token_in_message"


class Hint(Content):
    """Somebody wrote to the app."""

    kind = "message_hint"


@dataclass(frozen=True, slots=True)
class PassOn(Content):
    """Somebody who talks with a CSM wrote to the app, which offers to pass it on.

    `text` is empty if it cannot be passed on: it is too long, or there are only files. `seen` is
    the newest number of what was written until then; earlier versions stored none.
    """

    kind = "pass_on"
    text: str
    seen: int | None = None


# --- what is drawn, and the lines below a card ---------------------------------------------------


@dataclass(frozen=True, slots=True)
class Redraw(Content):
    """The earlier message with this key, redrawn as it is true now."""

    kind = "redrawn"
    of: str


class DrawHome(Content):
    """One person's App Home."""

    kind = "home"


@dataclass(frozen=True, slots=True)
class DrawWindow(Content):
    """A window that shows live sync, if it is still open and shows it."""

    kind = "window"
    window: str


class DrawCard(Content):
    """The customer's card, edited in place."""

    kind = "card"


@dataclass(frozen=True, slots=True)
class ThreadLine(Content):
    """`event` is its sequence number in the history."""

    kind = "thread"
    event: int


UnaskedNews = IncidentNews | RecoveryNews
# To whoever acted last, and about what comes next: for somebody else if they may not do that.
AsksForStep = (
    UnaskedNews | Rejected | Confirmed | FirstData | ArrivalConfirmed | ReplayNews | Summary
)
Personal = (
    Welcome | CheckDone | ColleagueAsked | AskedToGoOn | ColleagueDid | DelegationNews
    | Confirmed | Rejected | FirstData | ArrivalConfirmed | ReplayInstructions | Summary
    | ReplayNews | CsmMessage | Reminder | IncidentNews | RecoveryNews | HelpReceived
    | Farewell | TokenWarning | Hint | PassOn
)  # fmt: skip
AboutChannel = ChannelLost | CardLost
MessageBody = (
    Personal | AboutChannel | Redraw | DrawHome | DrawWindow | DrawCard | ThreadLine | CustomerLeft
    | MorningDigest | DigestPicture
)  # fmt: skip
BODIES: tuple[type[MessageBody], ...] = get_args(MessageBody)
