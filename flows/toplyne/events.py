"""What Toplyne's backend was given, or not yet."""

from dataclasses import dataclass

from flows.toplyne.model import DeliveryKind
from flows.vocabulary import Happened


@dataclass(frozen=True, slots=True)
class OfDelivery(Happened):
    """What all events have. `number` is that of a Replay request."""

    what: DeliveryKind
    delivery: str
    number: int | None = None


class SentToToplyne(OfDelivery):
    kind = "handed_over"


@dataclass(frozen=True, slots=True)
class ToplyneDelayed(OfDelivery):
    kind = "handover_delayed"
    error: str = ""


@dataclass(frozen=True, slots=True)
class ToplyneFailed(OfDelivery):
    kind = "handover_failed"
    error: str = ""
