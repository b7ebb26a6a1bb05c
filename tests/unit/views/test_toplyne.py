"""What the card says about the data that Toplyne's backend has of a customer."""

from dataclasses import replace
from datetime import UTC, datetime

from bot.views.csm.toplyne import toplyne_lines
from flows.toplyne.model import (
    NO_WEBHOOK,
    SECRET_LOST,
    TOO_SLOW,
    Delivery,
    DeliveryKind,
    DeliveryState,
    StoredDelivery,
)

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def stored(kind: DeliveryKind, state: DeliveryState, error: str = "") -> StoredDelivery:
    delivery = Delivery("msg_1", kind, "one", "3", NOON)
    at = NOON if state is DeliveryState.DELIVERED else None
    return StoredDelivery("T1", delivery, state, 1, NOON, NOON, error, at)


REQUEST = stored(DeliveryKind.REPLAY, DeliveryState.PENDING)


def test_nothing_to_say() -> None:
    told = stored(DeliveryKind.WITHDRAWN, DeliveryState.DELIVERED)
    withdrawn = stored(DeliveryKind.CREDENTIALS, DeliveryState.WITHDRAWN)
    assert toplyne_lines([]) == toplyne_lines([told, withdrawn]) == []


def test_the_newest_of_each_kind_counts() -> None:
    token = stored(DeliveryKind.CREDENTIALS, DeliveryState.DELIVERED)
    (line,) = toplyne_lines([REQUEST, token, replace(token, state=DeliveryState.DEAD)])
    assert line.startswith("*Toplyne’s backend*: Replay request 3 is on its way; the access token")
    assert " taken <!date" in line
    assert "never" not in line


def test_why_it_was_not_taken() -> None:
    later, slow = replace(REQUEST, error="500"), replace(REQUEST, error=TOO_SLOW)
    assert "not taken yet, tried again (it answered 500)" in toplyne_lines([later])[0]
    assert "(it did not answer in time)" in toplyne_lines([slow])[0]
    dead = replace(REQUEST, state=DeliveryState.DEAD, error="ConnectError")
    assert "never taken (it cannot be reached); the thread says" in toplyne_lines([dead])[0]
    unset = replace(dead, error=NO_WEBHOOK)
    assert "(this bot’s settings for it are incomplete)" in toplyne_lines([unset])[0]
    lost = replace(later, error=SECRET_LOST)
    assert "(this bot lacks the encryption key that opens it)" in toplyne_lines([lost])[0]
