"""Kinds of background work, and how a piece of it is named: ids only."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class JobKind(StrEnum):
    CHECK = "check"
    POLL = "poll"
    DELIVER = "deliver"
    EVENT = "event"
    REMIND = "remind"
    DIGEST = "digest"
    HAND_OVER = "hand_over"
    CALL = "call"
    REBUILD = "rebuild"


@dataclass(frozen=True, slots=True)
class Job:
    """Work for later: ids only. Two jobs of one `key` are one job; `delay` in real seconds."""

    kind: JobKind
    tenant_id: str
    subject: str
    key: str = ""
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class Due:
    """Something whose time has come: in which tenant, and what (an integration, a conversation)."""

    tenant_id: str
    subject: str
    at: datetime
