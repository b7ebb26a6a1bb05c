"""What the app says on its own: the stored intent, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

DIRECT_CONVERSATIONS = "user:"
CSM_CONVERSATIONS = "csm:"  # what the conversations of the CSM channel begin with


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
class Placed:
    """A message as it was sent, and where Slack has it."""

    message: Message
    channel_id: str
    ts: str
