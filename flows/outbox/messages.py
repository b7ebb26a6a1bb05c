"""What the app says unprompted: the stored intent, when it goes out, and what became of it.

A card is edited at once after a quiet time, then every few seconds at most.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from flows.outbox.bodies import DrawCard, MessageBody, Redraw

EDIT_PAUSE = timedelta(seconds=3)  # between two edits of one card; real time
DIRECT_CONVERSATIONS = "user:"  # prefix of the conversations with one person
CSM_CONVERSATIONS = "csm:"  # prefix of the conversations of the CSM channel
PASSED_ON = ":to"  # after the key of a message whose reader is gone: that for the next reader
MOST_PASSED_ON = 10
NO_CHANNEL = "no_channel"  # why a message for CSMs waits
UNTIL_CHANNEL = timedelta(days=1)  # at most; binding a channel makes what waits due at once


@dataclass(frozen=True, slots=True)
class UnreadableBody:
    """Stands for a body that this version cannot read: it is damaged, or of a newer version.

    Nobody writes it back. It waits for somebody who can read it, and is then given up like what
    cannot be made.
    """

    kind: str


@dataclass(frozen=True, slots=True)
class Message:
    """A stored intent. Messages of one conversation keep their order, but what is drawn again goes
    last: nobody waits for it, and there may be much of it.

    `conversation` is `user:<id>`, `home:<id>`, `window:<name>` or `csm:<integration>`.

    Two intents with the same `key` are one.
    """

    body: MessageBody | UnreadableBody
    conversation: str
    key: str
    integration_id: str = ""

    @property
    def reader(self) -> str:
        """The person to whom a direct message goes."""
        return self.conversation.removeprefix(DIRECT_CONVERSATIONS)


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

    sequence: int
    message: Message
    channel_id: str
    ts: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Drawing:
    """How far an intent to draw a card is."""

    state: MessageState
    attempts: int
    due_at: datetime


def edit_due(now: datetime, newest: Drawing | None) -> datetime:
    """When the card is drawn again. `newest` is the previous intent to draw it.

    Changes that come in the meantime share that drawing, which shows the newest state.
    """
    if newest is None:
        return now
    if newest.state is MessageState.SENT:
        return max(now, newest.due_at + EDIT_PAUSE)  # a sent message is due at the time it was sent
    if newest.state is MessageState.PENDING and not newest.attempts:
        return max(now, newest.due_at)
    return now + EDIT_PAUSE


def is_edit(stored: StoredMessage) -> bool:
    """Whether it draws again what was said. All else of its conversation goes before it."""
    return isinstance(stored.message.body, Redraw)


def sendable(pending: Sequence[StoredMessage], now: datetime) -> list[StoredMessage]:
    """The messages that may go, in their order. Neither a card that waits for its turn nor what
    cannot be read blocks those behind it.
    """
    return [stored for stored in _unblocked(pending, now) if stored.due_at <= now]


def next_turn(pending: Sequence[StoredMessage]) -> datetime | None:
    """When the first of them may go, or None if there are none."""
    return min((stored.due_at for stored in _unblocked(pending, None)), default=None)


def _unblocked(pending: Sequence[StoredMessage], now: datetime | None) -> Iterator[StoredMessage]:
    """Yields up to the first message that blocks those behind it.

    With `now` None, every message blocks that could.
    """
    for stored in pending:
        yield stored
        is_due = now is not None and stored.due_at <= now
        if not is_due and not _lets_pass(stored):
            return


def _lets_pass(stored: StoredMessage) -> bool:
    """A card that only waits for its turn, and what this version cannot read."""
    body = stored.message.body
    return isinstance(body, UnreadableBody) or (isinstance(body, DrawCard) and not stored.attempts)
