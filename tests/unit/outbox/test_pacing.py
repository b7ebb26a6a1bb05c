"""How often a card is edited, and that it blocks nothing else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from flows.outbox.bodies import DrawCard, MessageBody, ThreadLine
from flows.outbox.messages import (
    EDIT_PAUSE,
    Drawing,
    Message,
    MessageState,
    StoredMessage,
    edit_due,
    sendable,
)
from tests.support.fakes import FakeStorage

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
CARD, LINE = DrawCard(), ThreadLine(7)


def stored(body: MessageBody = CARD, due_at: datetime = NOW) -> StoredMessage:
    message = Message(body, "csm:int_1", "key", "int_1")
    return StoredMessage(1, "T1", message, MessageState.PENDING, 0, due_at, NOW)


def test_the_first_card_goes_at_once_and_the_next_edits_wait() -> None:
    assert edit_due(NOW, None) == NOW
    sent = Drawing(MessageState.SENT, attempts=1, due_at=NOW)
    assert edit_due(NOW + SECOND, sent) == NOW + EDIT_PAUSE
    assert edit_due(NOW + 10 * SECOND, sent) == NOW + 10 * SECOND


def test_what_comes_while_one_waits_goes_with_it() -> None:
    waiting = Drawing(MessageState.PENDING, attempts=0, due_at=NOW + 2 * SECOND)
    assert edit_due(NOW, waiting) == NOW + 2 * SECOND
    under_way = Drawing(MessageState.PENDING, attempts=1, due_at=NOW)
    assert edit_due(NOW, under_way) == NOW + EDIT_PAUSE


def test_a_card_that_waits_for_its_turn_does_not_hold_up_a_line() -> None:
    card, line = stored(due_at=NOW + SECOND), stored(LINE)
    assert sendable([card, line], NOW) == [line]
    assert sendable([card, line], NOW + SECOND) == [card, line]


@pytest.mark.parametrize("first", [CARD, LINE])
def test_what_was_tried_keeps_its_place(first: MessageBody) -> None:
    tried = replace(stored(first, due_at=NOW + SECOND), attempts=1)
    assert sendable([tried, stored(LINE)], NOW) == []


async def test_ten_quick_changes_are_two_edits_and_the_last_one_stands() -> None:
    storage, edits = FakeStorage(), 0
    storage.install("T1")
    for number in range(10):
        async with storage("T1") as work:
            message = Message(CARD, "csm:int_1", f"card:{number}", "int_1")
            await work.outbox.add(message)
            due = sendable(await work.outbox.waiting("csm:int_1", 20), storage.clock.now())
            for each in due:
                await work.outbox.mark_sent(each.sequence, "C1", "1.1")
            edits += bool(due)
            await work.commit()
        storage.clock.advance(timedelta(milliseconds=100))
    storage.clock.advance(EDIT_PAUSE)
    async with storage("T1") as work:
        left = sendable(await work.outbox.waiting("csm:int_1", 20), storage.clock.now())
    assert edits == 1
    assert left[-1].message.key == "card:9"
    assert len({each.due_at for each in left}) == 1  # of these edits only the last is sent
