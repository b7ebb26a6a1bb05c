"""Pages of the board by the customers where they begin, so a page costs the same however deep."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

_EPOCH = datetime.fromtimestamp(0, UTC)
_TEXT = re.compile(r"(\d+)([=<>])(\d)\.(\d+)\.(-?\d+)\.([^.]+)\.(.+)")


class Side(StrEnum):
    FROM = "="  # including the customer
    AFTER = ">"
    BEFORE = "<"


@dataclass(frozen=True, slots=True)
class Spot:
    """A customer's place in the order of the board.

    Those who need a CSM now are in `half` 0, by urgency and need. The others are in `half` 1, by
    standing and how long they are blocked.
    """

    half: int
    place: int
    since: datetime
    tenant_id: str
    integration_id: str


@dataclass(frozen=True, slots=True)
class Turn:
    """Which page to show. Without a spot it is the first one."""

    number: int = 0
    side: Side = Side.FROM
    spot: Spot | None = None

    def __str__(self) -> str:
        """As buttons and blocks hold it."""
        if self.spot is None:
            return str(self.number)
        at = self.spot
        micros = (at.since - _EPOCH) // timedelta(microseconds=1)
        where = f"{at.half}.{at.place}.{micros}.{at.tenant_id}.{at.integration_id}"
        return f"{self.number}{self.side}{where}"


FIRST = Turn()


def turn_of(text: str) -> Turn:
    """The first page if this says no other, as on boards that an earlier version drew."""
    found = _TEXT.fullmatch(text)
    if found is None or found[1] == "0":
        return FIRST
    number, side, half, place, micros, tenant_id, integration_id = found.groups()
    since = _EPOCH + timedelta(microseconds=int(micros))
    spot = Spot(int(half), int(place), since, tenant_id, integration_id)
    return Turn(int(number), Side(side), spot)
