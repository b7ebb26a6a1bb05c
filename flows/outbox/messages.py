"""What the app says on its own: the stored intent, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flows.outbox.bodies import Body

DIRECT_CONVERSATIONS = "user:"
CSM_CONVERSATIONS = "csm:"  # what the conversations of the CSM channel begin with


@dataclass(frozen=True, slots=True)
class Message:
    """A stored intent; order is kept in its conversation.

    `conversation` is `user:<id>`, `home:<id>` or `csm:<integration>`.

    Two intents with one `key` are one intent.
    """

    body: Body
    conversation: str
    key: str
    integration_id: str = ""

    @property
    def kind(self) -> str:
        """What the body is called in storage, logs and metrics."""
        return self.body.kind


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
