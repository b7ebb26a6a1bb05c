"""What the app says unprompted: the stored intent, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flows.outbox.bodies import Body

DIRECT_CONVERSATIONS = "user:"
CSM_CONVERSATIONS = "csm:"  # prefix of the conversations of the CSM channel


@dataclass(frozen=True, slots=True)
class Message:
    """A stored intent. Messages of one conversation keep their order.

    `conversation` is `user:<id>`, `home:<id>` or `csm:<integration>`.

    Two intents with the same `key` are one.
    """

    body: Body
    conversation: str
    key: str
    integration_id: str = ""

    @property
    def kind(self) -> str:
        """The body's name in storage, logs and metrics."""
        return self.body.kind


class MessageState(StrEnum):
    PENDING = "pending"
    SENT = "sent"
    DEAD = "dead"  # given up: kept, counted, visible


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try to send a message, stored before it begins.

    It stays with the message while nobody knows whether Slack took it. `started_at` is when the
    first doubtful try began, in Slack's time (the injected clock). `until` is the deadline in
    real time. `cursor` is where a search through Slack's history continues.
    """

    started_at: datetime
    until: datetime
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """`attempts` counts the tries that began. `attempt` is the one whose outcome is unknown."""

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
        """Whether it goes to one person, who must get it exactly once."""
        return self.message.conversation.startswith(DIRECT_CONVERSATIONS)


@dataclass(frozen=True, slots=True)
class Placed:
    """A message as it was sent, and where Slack keeps it."""

    message: Message
    channel_id: str
    ts: str
