"""What Toplyne's backend is given by webhook: stored intents, each delivered at least once."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus

# Short names of faults, in addition to statuses and the names of network errors.
NO_WEBHOOK, NO_KEY, TOO_SLOW = "no_webhook", "no_public_key", "too slow"
SECRET_LOST = "secret_lost"  # noqa: S105 - no key of that process opens it
LACKED = (NO_WEBHOOK, NO_KEY, SECRET_LOST)  # settings of that process: nobody was asked
VERSION = 1  # of the envelope and its content


class DeliveryKind(StrEnum):
    REPLAY = "replay"  # a Replay request; `subject`: its number
    CREDENTIALS = "credentials"  # the access token; `subject`: when it was entered
    WRITE_KEY = "write_key"  # the way back to Segment; `subject`: when it was entered
    WITHDRAWN = "withdrawn"  # what was given must no longer be used; `subject`: since when


SECRETS = (DeliveryKind.CREDENTIALS, DeliveryKind.WRITE_KEY)

# The `type` of each kind in its envelope.
EVENT_TYPE: dict[DeliveryKind, str] = {
    DeliveryKind.REPLAY: "replay.requested",
    DeliveryKind.CREDENTIALS: "credentials.provided",
    DeliveryKind.WRITE_KEY: "write_key.provided",
    DeliveryKind.WITHDRAWN: "credentials.withdrawn",
}


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"  # given up: kept, counted, can be sent again
    SUPERSEDED = "superseded"  # a newer one took its place before delivery
    WITHDRAWN = "withdrawn"  # what it brought must no longer be used


@dataclass(frozen=True, slots=True)
class Delivery:
    """One intent. `id` stays the same over all tries, so that the receiver can drop repeats.

    `data` is JSON. It is empty for secrets, which are read and encrypted on sending.
    """

    id: str
    kind: DeliveryKind
    integration_id: str
    subject: str
    at: datetime
    data: str = ""

    @property
    def number(self) -> int | None:
        """The number of a Replay request; None for other kinds."""
        return int(self.subject) if self.kind is DeliveryKind.REPLAY else None


@dataclass(frozen=True, slots=True)
class StoredDelivery:
    """`attempts` counts the tries that began. Times are real."""

    tenant_id: str
    delivery: Delivery
    state: DeliveryState
    attempts: int
    created_at: datetime
    due_at: datetime
    error: str = ""
    delivered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """The result of one try: a status (0: no answer), and a short name of the fault."""

    status: int
    error: str = ""
    retry_after: float | None = None

    @property
    def taken(self) -> bool:
        return not self.error

    @property
    def gone(self) -> bool:
        """Whether the receiver says that it wants nothing any more."""
        return self.status == HTTPStatus.GONE
