"""How often a card is edited: at once after a quiet time, then every few seconds at most."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from flows.outbox.bodies import DrawCard
from flows.outbox.messages import MessageState, StoredMessage

PAUSE = timedelta(seconds=3)  # between two edits of one card; real time


def edit_due(now: datetime, newest: StoredMessage | None) -> datetime:
    """When the card is drawn again. `newest` is the previous intent to draw it.

    Changes that come in the meantime share that drawing, which shows the newest state.
    """
    if newest is None:
        return now
    if newest.state is MessageState.SENT:
        return max(now, newest.due_at + PAUSE)  # a sent message is due at the time it was sent
    if newest.state is MessageState.PENDING and not newest.attempts:
        return max(now, newest.due_at)
    return now + PAUSE


def sendable(pending: Sequence[StoredMessage], now: datetime) -> list[StoredMessage]:
    """The messages that may go, oldest first. A card that waits for its turn blocks nothing."""
    return [stored for stored in _unblocked(pending, now) if stored.due_at <= now]


def next_turn(pending: Sequence[StoredMessage]) -> datetime | None:
    """When the first of them may go, or None if there are none."""
    return min((stored.due_at for stored in _unblocked(pending, None)), default=None)


def _unblocked(pending: Sequence[StoredMessage], now: datetime | None) -> Iterator[StoredMessage]:
    """Yields up to the first message that blocks those behind it.

    With `now` None, every message blocks except a card that only waits for its turn.
    """
    for stored in pending:
        yield stored
        is_due = now is not None and stored.due_at <= now
        if not is_due and (not isinstance(stored.message.body, DrawCard) or stored.attempts):
            return
