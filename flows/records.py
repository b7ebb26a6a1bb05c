"""What is stored beside the facts: jobs, messages, checks under way, the overview, cards."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum

from flows.history import Event
from flows.model import Stamp, Step, WaitingOn
from flows.setup.results import CheckKind

DIRECT_CONVERSATIONS = "user:"
CSM_CONVERSATIONS = "csm:"  # what the conversations of the CSM channel begin with


class JobKind(StrEnum):
    CHECK = "check"
    POLL = "poll"
    DELIVER = "deliver"
    EVENT = "event"
    REMIND = "remind"
    DIGEST = "digest"
    HAND_OVER = "hand_over"
    CALL = "call"
    REBUILD = "rebuild"


@dataclass(frozen=True, slots=True)
class Job:
    """Work for later: ids only. Two jobs of one `key` are one job; `delay` in real seconds."""

    kind: JobKind
    tenant_id: str
    subject: str
    key: str = ""
    delay: float = 0.0


class MessageKind(StrEnum):
    """Everything that the app says on its own; each is rendered when it is sent."""

    WELCOME = "welcome"
    CHECK_DONE = "check_done"  # params: kind, codes
    DELEGATED = "delegated"  # params: by, screen
    CONFIRMED = "confirmed"
    REJECTED = "rejected"  # params: reason, what
    FIRST_DATA = "first_data"  # params: source_id
    ARRIVAL_CONFIRMED = "arrival_confirmed"
    REPLAY_REQUEST = "replay_request"  # params: number
    COMPLETED = "completed"  # the summary at the end
    REPLAY_NEWS = "replay_news"  # params: what, on, ticket
    CSM_MESSAGE = "csm_message"  # params: name, text
    REMINDER = "reminder"  # params: blocker, role, instead_of, last, closes, decided
    REDRAWN = "redrawn"  # an earlier message as it is true now; params: of: its key
    INCIDENT = "incident"  # params: blocker, source_id, source; role, instead_of
    INCIDENT_OVER = "incident_over"  # params: the same
    HELP_RECEIVED = "help_received"
    DISCONNECTED = "disconnected"
    TOKEN_IN_MESSAGE = "token_in_message"  # noqa: S105 - somebody typed one to the app
    MESSAGE_HINT = "message_hint"  # somebody wrote to the app
    CHANNEL_LOST = "channel_lost"  # to whoever looks after the app; params: channel, error
    CARD_LOST = "card_lost"  # params: customer, channel
    CARD = "card"  # the CSM channel: one a customer, edited in place
    THREAD = "thread"  # params: event: the sequence number in the history
    DIGEST = "digest"  # the CSM channel; params: day
    DIGEST_PICTURE = "digest_picture"  # the same
    HOME = "home"  # App Home of one person


@dataclass(frozen=True, slots=True)
class Message:
    """A stored intent; order is kept in its conversation.

    `conversation` is `user:<id>`, `home:<id>` or `csm:<integration>`.

    Two intents with one `key` are one intent.
    """

    kind: MessageKind
    conversation: str
    key: str
    integration_id: str = ""
    params: Mapping[str, str] = field(default_factory=dict)


class MessageState(StrEnum):
    PENDING = "pending"
    SENT = "sent"
    DEAD = "dead"  # given up: kept, counted, visible


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try to send a message, stored before it begins.

    It stays with the message while nobody knows whether Slack took it. `started_at` is in Slack's
    time (the injected clock), and of several doubtful tries that of the first; `until` is the
    deadline in real time; `cursor` is where a search through Slack's history goes on.
    """

    started_at: datetime
    until: datetime
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """`attempts` counts the tries that began; `attempt` is the one whose end is not known."""

    sequence: int
    tenant_id: str
    message: Message
    state: MessageState
    attempts: int
    due_at: datetime
    created_at: datetime
    error: str = ""
    attempt: Attempt | None = None

    @property
    def is_direct(self) -> bool:
        """Whether it is posted to one person, who must get it exactly once."""
        return self.message.conversation.startswith(DIRECT_CONVERSATIONS)


@dataclass(frozen=True, slots=True)
class Toll:
    """How often something may be done: once in so many seconds, `burst` seconds ahead of time."""

    interval: float
    burst: float = 0.0


@dataclass(frozen=True, slots=True)
class Placed:
    """A message as it was sent, and where Slack has it."""

    message: Message
    channel_id: str
    ts: str


@dataclass(frozen=True, slots=True)
class PendingCheck:
    """A check that outlived its acknowledgement. Its secret is sealed in the same row.

    `answers` is what else was typed, `expires_at` when it is given up and deleted.
    """

    id: str
    integration_id: str
    kind: CheckKind
    user_id: str
    revision: int
    answers: Mapping[str, str]
    expires_at: datetime
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """A history entry with its place in the history."""

    sequence: int
    event: Event


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that broke: what (the value of a `Blocker`), of which source if of one.

    Of one kind and subject there is at most one open.
    """

    kind: str
    subject: str
    opened_at: datetime

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.subject


class Standing(IntEnum):
    """Where a customer is on the whole, in the order in which the board lists them."""

    IN_PROGRESS = 0
    NOT_STARTED = 1  # installed, nothing typed
    FINISHED = 2
    LEFT = 3  # disconnected


class Milestone(IntEnum):
    """How far a customer ever came; each includes those before it."""

    INSTALLED = 0
    PLAN = 1
    CREDENTIALS = 2
    LIVE_SYNC = 3
    REPLAY_REQUESTED = 4
    FINISHED = 5


@dataclass(frozen=True, slots=True)
class Overview:
    """The stored projection of what is derived: one row an integration, rebuildable any time.

    `subject` names the source that the blocker is about. `need`, `urgency` and `need_at` say what
    a CSM is needed for and from when on; `search` is what a customer is found by, in lower case.
    `projection` is the version of the rules that made the row.
    """

    integration_id: str
    step: Step
    blocker: str
    waiting_on: WaitingOn | None
    blocked_since: datetime
    next_poll_at: datetime | None
    next_reminder_at: datetime | None
    next_call_at: datetime | None
    last_active_at: datetime
    standing: Standing
    milestone: Milestone
    subject: str
    need: str
    urgency: int
    need_at: datetime | None
    owner: str
    account: str
    finished_at: datetime | None
    search: str
    projection: int


@dataclass(frozen=True, slots=True)
class Card:
    """The message in the CSM channel that stands for one customer."""

    integration_id: str
    channel_id: str
    ts: str


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """What we keep of a Slack event until it is worked on: its kind and ids, never a text."""

    event_id: str
    kind: str
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ChannelBinding:
    channel_id: str
    bound: Stamp


@dataclass(frozen=True, slots=True)
class Due:
    """Something whose time has come: in which tenant, and what (an integration, a conversation)."""

    tenant_id: str
    subject: str
    at: datetime
