"""What the simulated Segment knows, as plain data that can be saved and loaded as JSON."""

import secrets
import string
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

_LETTERS_AND_DIGITS = string.ascii_letters + string.digits
_OF_BYTES = bytes(ord(_LETTERS_AND_DIGITS[byte % 62]) for byte in range(256))
_MAX_ENTRIES = 2000


def random_text(length: int) -> str:
    """Random letters and digits, as in Segment's ids, write keys and tokens."""
    return secrets.token_bytes(length).translate(_OF_BYTES).decode()


def new_id() -> str:
    """An id of 22 letters and digits. That format is usual, but not guaranteed."""
    return random_text(22)


class Plan(StrEnum):
    FREE = "free"
    TEAM = "team"
    BUSINESS = "business"


class Region(StrEnum):
    US = "us"
    EU = "eu"


class TokenKind(StrEnum):
    PUBLIC = "public"
    CONFIG = "config"  # of the legacy Config API


class Role(StrEnum):
    """A token's role. `permissions.py` says which calls each role may make."""

    OWNER = "owner"
    MEMBER = "member"
    SOURCE_READONLY = "source-readonly"
    NONE = "none"


class Outcome(StrEnum):
    """What happened to an event on its way to one destination."""

    DELIVERED = "delivered"
    FAILED = "failed"
    FILTERED = "filtered"


@dataclass
class Entry:
    """Events that happened at one moment, UTC."""

    at: datetime
    call_type: str
    count: int


@dataclass
class Ledger:
    """Events over time, oldest first. Beyond a bound, the oldest are dropped."""

    entries: list[Entry] = field(default_factory=list)

    def add(self, at: datetime, call_type: str, count: int) -> None:
        self.entries.append(Entry(at, call_type, count))
        del self.entries[:-_MAX_ENTRIES]

    @property
    def total(self) -> int:
        return sum(entry.count for entry in self.entries)


@dataclass
class Period:
    """From `start` until `end`; None: it has not ended."""

    start: datetime
    end: datetime | None = None


@dataclass
class DestinationKind:
    """An entry in Segment's catalogue. It maps `call_types` by default."""

    id: str
    slug: str
    name: str
    call_types: tuple[str, ...] = ("identify", "track", "page", "screen", "group")


@dataclass
class Filter:
    """A rule on a destination that drops what matches `condition` (Segment's FQL)."""

    id: str
    title: str
    condition: str
    created_at: datetime
    enabled: bool = True


@dataclass
class Oddities:
    """How Segment's answers about one thing differ from those about the others.

    `record` holds fields of its JSON that come otherwise, `overview` those of its delivery
    figures; `statuses` maps a call (`source`, `destinations`, `delivery`) to its HTTP status.
    """

    record: dict[str, Any] = field(default_factory=dict)
    overview: dict[str, Any] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    times_listed: int = 1


@dataclass
class Destination:
    id: str
    kind: DestinationKind
    name: str
    enabled: bool = False
    failing: bool = False  # it answers with errors, so what is sent counts as failed
    filters: list[Filter] = field(default_factory=list)
    ledgers: dict[Outcome, Ledger] = field(default_factory=dict)
    odd: Oddities = field(default_factory=Oddities)

    def ledger(self, outcome: Outcome) -> Ledger:
        return self.ledgers.setdefault(outcome, Ledger())


@dataclass
class Source:
    """`daily` is its steady traffic a day, by call type; `active` is when it was switched on."""

    id: str
    slug: str
    kind: str
    write_keys: list[str]
    name: str | None = None
    daily: dict[str, int] = field(default_factory=dict)
    event_names: tuple[str, ...] = ("Signed Up", "Report Opened", "Teammate Invited")
    active: list[Period] = field(default_factory=list)
    received: Ledger = field(default_factory=Ledger)
    destinations: list[Destination] = field(default_factory=list)
    odd: Oddities = field(default_factory=Oddities)

    @property
    def enabled(self) -> bool:
        return bool(self.active) and self.active[-1].end is None


@dataclass
class Token:
    value: str = field(repr=False)
    label: str
    role: Role = Role.OWNER
    kind: TokenKind = TokenKind.PUBLIC
    revoked: bool = False


@dataclass
class Workspace:
    id: str
    slug: str
    name: str
    plan: Plan
    region: Region = Region.US
    created_at: datetime | None = None
    tokens: list[Token] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)


@dataclass
class State:
    """Everything. `featured` is the destination that the control panel connects."""

    featured: DestinationKind
    workspaces: list[Workspace] = field(default_factory=list)


def new_token(label: str, role: Role, kind: TokenKind, *, prefixed: bool = True) -> Token:
    """A token with a new value: `sgp_` and 64 characters, 64 (older ones), or two times 43."""
    if kind is TokenKind.CONFIG:
        value = f"{random_text(43)}.{random_text(43)}"
    else:
        value = ("sgp_" if prefixed else "") + random_text(64)
    return Token(value=value, label=label, role=role, kind=kind)
