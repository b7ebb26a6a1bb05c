"""Kinds of background work, and how one piece of it is named: by ids only."""

from dataclasses import dataclass
from enum import StrEnum


class JobKind(StrEnum):
    CHECK = "check"
    POLL = "poll"
    DELIVER = "deliver"
    EVENT = "event"
    REMIND = "remind"
    DIGEST = "digest"
    SEND_TO_TOPLYNE = "hand_over"
    CALL = "call"
    REDRAW = "rebuild"  # its stored name; what it does is to redraw all cards
    ERASE = "erase"
    # What an installation reaches, whatever events have told. Its subject: a Slack workspace that
    # another installation left to it, if any.
    REACH = "reach"
    CONFIRM_TOKEN = "confirm_token"  # noqa: S105 - whether Slack still takes the app's token


# These are due by the injected clock, as long as the facts say so. All others are due once, by
# real time.
PLANNED = frozenset({JobKind.POLL, JobKind.REMIND, JobKind.DIGEST, JobKind.CALL})


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is due of one kind: the number of rows, the age of the oldest in seconds, and the most
    attempts of any.
    """

    count: int
    oldest: float
    attempts: int


NOTHING = Waiting(0, 0.0, 0)


@dataclass(frozen=True, slots=True)
class Job:
    """Work for later, after `delay` real seconds. A kind, tenant and subject have one job."""

    kind: JobKind
    tenant_id: str
    subject: str
    delay: float = 0.0
