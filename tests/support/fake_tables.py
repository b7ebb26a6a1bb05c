"""The clock and the rows of the in-memory storage."""

from copy import copy
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from operator import attrgetter

from pydantic import SecretStr

from flows.audit import AuditEntry
from flows.checks.facts import Incident
from flows.checks.limits import Try
from flows.checks.question import PendingCheck
from flows.csm.facts import Card, ChannelBinding
from flows.entry_links import EntryLink
from flows.errors import NotFound
from flows.history import StoredEvent
from flows.installed import Installation, Team
from flows.invitations import Invitation
from flows.model import Catalogue, Integration, SourceStatus
from flows.outbox.jobs import Job
from flows.outbox.messages import StoredMessage
from flows.overview import Overview
from flows.replay.facts import Coverage, ReplayRequest
from flows.toplyne.model import StoredDelivery
from flows.vocabulary import ReceivedEvent, TokenHealth

Key = tuple[str, str]  # tenant and id
Observation = Catalogue | SourceStatus | Coverage | TokenHealth | datetime | int


class FakeClock:
    """Stands still until a test moves it."""

    def __init__(self, now: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> None:
        self._now += by


@dataclass
class Tables:
    """Everything stored. The values are immutable, so copying the containers is enough."""

    installations: dict[str, tuple[Installation, SecretStr | None]] = field(default_factory=dict)
    refresh: dict[str, tuple[SecretStr | None, datetime | None]] = field(default_factory=dict)
    teams: dict[Key, Team] = field(default_factory=dict)
    integrations: dict[Key, Integration] = field(default_factory=dict)
    vault: dict[Key, SecretStr] = field(default_factory=dict)
    write_keys: dict[Key, SecretStr] = field(default_factory=dict)
    deliveries: dict[Key, StoredDelivery] = field(default_factory=dict)
    checks: dict[Key, tuple[PendingCheck, SecretStr | None]] = field(default_factory=dict)
    observations: dict[tuple[str, str, str, str], Observation] = field(default_factory=dict)
    incidents: dict[tuple[str, str, str, str], Incident] = field(default_factory=dict)
    overviews: dict[Key, Overview] = field(default_factory=dict)
    history: list[tuple[str, str, StoredEvent]] = field(default_factory=list)
    outbox: dict[int, StoredMessage] = field(default_factory=dict)
    places: dict[int, tuple[str, str]] = field(default_factory=dict)  # channel and ts
    replay_requests: dict[tuple[str, str, int], ReplayRequest] = field(default_factory=dict)
    cards: dict[Key, Card] = field(default_factory=dict)
    home_viewers: dict[Key, tuple[str, datetime]] = field(default_factory=dict)
    homes_drawn: dict[Key, str] = field(default_factory=dict)
    inbox: dict[Key, ReceivedEvent] = field(default_factory=dict)
    closed: list[ReceivedEvent] = field(default_factory=list)
    failed_events: dict[Key, str] = field(default_factory=dict)
    csm_channel: dict[str, ChannelBinding] = field(default_factory=dict)
    invitations: dict[Key, tuple[Invitation, datetime | None]] = field(default_factory=dict)
    digests: dict[str, datetime] = field(default_factory=dict)
    csm_trouble: dict[str, tuple[str, str, datetime]] = field(default_factory=dict)
    audit: list[tuple[Key, AuditEntry]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    entry_links: dict[tuple[str, str, str, str], EntryLink] = field(default_factory=dict)
    tries: list[tuple[str, Try]] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    numbers: int = 0  # of messages and of entries in the history

    def next_number(self) -> int:
        self.numbers += 1
        return self.numbers

    def copied(self) -> "Tables":
        return Tables(**{part.name: copy(getattr(self, part.name)) for part in fields(self)})

    def enqueue(self, job: Job) -> None:
        """There is one job for each kind, tenant and subject, due at the earlier of two moments."""
        for place, other in enumerate(self.jobs):
            if replace(other, delay=job.delay) == job:
                self.jobs[place] = min(job, other, key=attrgetter("delay"))
                return
        self.jobs.append(job)

    def erase(self, tenant_id: str) -> None:
        """All rows of a tenant but the tombstones."""
        self.teams = {
            key: replace(team, name="") if key[0] == tenant_id else team
            for key, team in self.teams.items()
        }
        self.history = [row for row in self.history if row[0] != tenant_id]
        self.outbox = {n: row for n, row in self.outbox.items() if row.tenant_id != tenant_id}
        for part in fields(self):
            rows = getattr(self, part.name)
            if isinstance(rows, dict) and part.name not in ("teams", "outbox", "places"):
                mine = [key for key in rows if tenant_id in (key, key[0])]
                for key in mine:
                    del rows[key]

    def require_integration(self, key: Key) -> None:
        """Does what the real storage's foreign keys do."""
        if key not in self.integrations:
            raise NotFound(key[1])
