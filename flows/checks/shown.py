"""What a check has found so far, told while it goes on."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """What a check asks, in this order; `bot.strings.dialogs` has two texts for each."""

    TOKEN = "token"  # noqa: S105 - whether Segment accepts it
    WORKSPACE = "workspace"  # which one the token opens
    LISTING = "listing"  # which sources there are
    CHOICE = "choice"  # what the chosen sources are
    WRITE_KEY = "write_key"  # which source it belongs to
    DELIVERY = "delivery"  # how far they deliver


@dataclass(frozen=True, slots=True)
class Found:
    """One stage that has its answer; `detail` names what was found, empty where nothing is."""

    stage: Stage
    detail: str = ""


Report = Callable[[Found], None]


def unheard(found: Found) -> None:
    """For checks that nobody watches."""
