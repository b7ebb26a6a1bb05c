"""What Toplyne's backend received about a customer, in one line for the card."""

from collections.abc import Sequence

from bot.strings import cards as strings
from bot.views.kit.text import moment
from bot.views.people.history_lines import failure_words, handed_words
from flows.toplyne.model import DeliveryKind, DeliveryState, StoredDelivery

DELIVERIES_SHOWN = 20  # deliveries among which the newest of each kind is looked for
_LEFT_OUT = (DeliveryState.SUPERSEDED, DeliveryState.WITHDRAWN)


def toplyne_lines(deliveries: Sequence[StoredDelivery]) -> list[str]:
    """At most one line. It takes the newest of each kind from `deliveries`, newest first."""
    newest: dict[DeliveryKind, StoredDelivery] = {}
    for stored in deliveries:
        newest.setdefault(stored.delivery.kind, stored)
    shown = [_part(each) for each in newest.values() if _counts(each)]
    return [strings.SENT.format(parts="; ".join(shown))] if shown else []


def _counts(stored: StoredDelivery) -> bool:
    """Whether to show it. A withdrawal matters only until Toplyne knows of it."""
    told = stored.state is DeliveryState.DELIVERED
    return stored.state not in _LEFT_OUT and not (
        told and stored.delivery.kind is DeliveryKind.WITHDRAWN
    )


def _part(stored: StoredDelivery) -> str:
    what = handed_words(stored.delivery.kind, stored.delivery.number)
    failure = failure_words(stored.error)
    if stored.delivered_at:
        return strings.SENT_TAKEN.format(what=what, when=moment(stored.delivered_at))
    if stored.state is DeliveryState.DEAD:
        return strings.SENT_NEVER.format(what=what, failure=failure)
    if stored.error:
        return strings.SENT_LATER.format(what=what, failure=failure)
    return strings.SENT_NOW.format(what=what)
