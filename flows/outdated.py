"""Draws again what people were told earlier, once it would say something else."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from flows.csm.events import CustomerReplied
from flows.history import Event
from flows.model import Situation
from flows.outbox.bodies import Asking, CsmMessage, Farewell, IncidentNews, Personal
from flows.outbox.intents import draws_message
from flows.outbox.looks import learned_nothing
from flows.outbox.messages import Message, StoredMessage
from flows.ports import UnitOfWork
from flows.reminders.recipients import right_for
from flows.says import is_told_apart, says, still_stands, told_by_time
from flows.setup.events import Disconnected
from flows.setup.leaving import as_left
from flows.setup.permissions import managing

MOST_REDRAWN = 500  # of one set-up, the newest: as many as are kept for it


async def redraw_outdated(
    work: UnitOfWork, before: Situation, after: Situation, events: Sequence[Event]
) -> None:
    """A reaction to every change, before anybody is told of it.

    What is still on its way may have been rendered already, so it is drawn again behind it. What
    only time changes is drawn again at the next look, once.
    """
    looked = replace(before, now=before.observed.looked_at or before.now)
    is_later = told_by_time(looked) != told_by_time(before)
    if not (events or is_later) and learned_nothing(before, after):
        return
    left = any(isinstance(event, Disconnected) for event in events)
    replies = tuple(event for event in events if isinstance(event, CustomerReplied))
    now = as_left(after) if left else after
    turn = _Turn(before, now, looked if is_later else None, replies, has_left=left)
    newest_first = await work.outbox.told(after.integration.id, MOST_REDRAWN)
    newer: dict[object, str] = {}  # of the same incident, the one told next
    for told in _of_this_set_up(newest_first, has_left=left):
        about = _incident(told)
        if mark := turn.mark(told, newer.get(about, "")):
            await work.outbox.add(draws_message(told, mark))
        if about:
            newer[about] = told.key


@dataclass(frozen=True, slots=True)
class _Turn:
    """From one situation to the next. `looked`: as it was at the last look, if time counts."""

    before: Situation
    now: Situation
    looked: Situation | None
    replies: tuple[CustomerReplied, ...]
    has_left: bool

    def mark(self, told: Message, newer: str) -> str:
        """What makes two wishes to draw it again one wish; empty if it says the same.

        It names a moment where what is told can become true again, and be over once more. Once
        there is `newer` news of the same incident, it is over once: else the messages of a source
        that breaks again and again would all be edited each time.
        """
        body, now, looked = told.body, self.now, self.looked
        if isinstance(body, CsmMessage):
            return self._mark_of_talk(told.reader, body)
        if not isinstance(body, Personal):
            return ""
        if says(body, self.before) == says(body, now):
            if _may(told, self.before) is not _may(told, now):
                return f"may:{now.integration.revision}"
            is_over = looked is not None and says(body, looked) != says(body, now)
            return f"since:{looked.now.timestamp():.3f}" if looked and is_over else ""
        if is_told_apart(body, self.before, now):
            return ""
        if newer and isinstance(body, IncidentNews) and not still_stands(body, now):
            return f"over:{newer}"
        return f"said:{now.integration.revision}:{now.now.timestamp():.3f}"

    def _mark_of_talk(self, reader: str, wrote: CsmMessage) -> str:
        """The first answer to what its reader may have read draws it again, and a disconnect."""
        if self.has_left:
            return "left"
        is_answered = any(reply.is_answer_to(reader, wrote.number) for reply in self.replies)
        return "answered" if is_answered else ""


def _incident(told: Message) -> object:
    """Which incident a message tells of, and to whom. None: it tells of none."""
    news = told.body
    if not isinstance(news, IncidentNews):
        return None
    return told.reader, news.blocker, news.source, news.others


def _may(told: Message, situation: Situation) -> bool:
    """Whether the set-up itself gives its reader the right to what a message asks for."""
    body = told.body
    if not isinstance(body, Asking):
        return False
    return told.reader in managing(situation.integration, right_for(body, situation))


def _of_this_set_up(newest_first: Iterable[StoredMessage], *, has_left: bool) -> Iterator[Message]:
    """Back to the farewell of the set-up before, which a new beginning changes, and no end."""
    for told in newest_first:
        is_end = isinstance(told.message.body, Farewell)
        if not (is_end and has_left):
            yield told.message
        if is_end:
            return
