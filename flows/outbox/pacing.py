"""How often a status card is edited: at once when it was quiet, then every few seconds at most."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from flows.outbox.bodies import DrawCard
from flows.outbox.messages import MessageState, StoredMessage

PAUSE = timedelta(seconds=3)  # between two edits of one card; real time


def edit_due(now: datetime, newest: StoredMessage | None) -> datetime:
    """When the card is drawn again; `newest` is the intent to draw it before this one.

    What comes while one waits goes with it, and shows the state that is newest then.
    """
    if newest is None:
        return now
    if newest.state is MessageState.SENT:
        return max(now, newest.due_at + PAUSE)  # of what was sent: when that was
    if newest.state is MessageState.PENDING and not newest.attempts:
        return max(now, newest.due_at)
    return now + PAUSE


def sendable(pending: Sequence[StoredMessage], now: datetime) -> list[StoredMessage]:
    """What may go, oldest first: a card that only waits for its turn holds nothing else up."""
    return [stored for stored in _unblocked(pending, now) if stored.due_at <= now]


def next_turn(pending: Sequence[StoredMessage]) -> datetime | None:
    """When the first of them may go; None when there are none."""
    return min((stored.due_at for stored in _unblocked(pending, None)), default=None)


def _unblocked(pending: Sequence[StoredMessage], now: datetime | None) -> Iterator[StoredMessage]:
    """Up to the first that holds up those behind it; without a moment, each does but cards."""
    for stored in pending:
        yield stored
        is_due = now is not None and stored.due_at <= now
        if not is_due and (not isinstance(stored.message.body, DrawCard) or stored.attempts):
            return
