"""Kinds of background work, and how a piece of it is named: ids only."""

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
    REBUILD = "rebuild"
    ERASE = "erase"


# Due by the injected clock, and for as long as what is derived from the facts says so. All others
# are due by the real time, once.
PLANNED = frozenset({JobKind.POLL, JobKind.REMIND, JobKind.DIGEST, JobKind.CALL})


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is due of one kind: how much, for how many seconds the first has been so, and the most
    attempts that one of them has seen.
    """

    count: int
    oldest: float
    attempts: int


NOTHING = Waiting(0, 0.0, 0)


@dataclass(frozen=True, slots=True)
class Job:
    """Work for later, after `delay` real seconds. There is one of a kind, tenant and subject."""

    kind: JobKind
    tenant_id: str
    subject: str
    delay: float = 0.0
