"""What the use cases need from outside, as Protocols that the outer layers fill."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self

from pydantic import SecretStr

from flows.history import Event
from flows.model import (
    Catalogue,
    Coverage,
    Installation,
    Integration,
    Observed,
    SourceStatus,
)
from flows.records import (
    Attempt,
    Card,
    ChannelBinding,
    Incident,
    Job,
    Message,
    Overview,
    PendingCheck,
    Placed,
    ReceivedEvent,
    StoredEvent,
    StoredMessage,
    Toll,
)
from flows.reminders.hours import Person
from flows.replay_archive import ReplayRequests
from flows.token_health import TokenHealth
from flows.toplyne.model import Deliveries

# --- time, ids, secrets -------------------------------------------------------------------------


class Clock(Protocol):
    def now(self) -> datetime:
        """The injected time, UTC: moves due times, working hours and Segment's windows."""
        ...


class Ids(Protocol):
    def __call__(self, prefix: str) -> str: ...


# --- people -------------------------------------------------------------------------------------


class Directory(Protocol):
    """The people of a Slack workspace that has the app."""

    async def person(self, tenant_id: str, user_id: str) -> Person | None:
        """None when Slack does not know them. Raises `DirectoryUnavailable`."""
        ...


# --- storage ------------------------------------------------------------------------------------


class Integrations(Protocol):
    async def get(self, integration_id: str) -> Integration:
        """Raises `NotFound`."""
        ...

    async def of_team(self, team_id: str) -> Integration | None:
        """The set-up of a Slack workspace: one for now, the newest if there are more."""
        ...

    async def add(self, integration: Integration) -> None:
        """Raises `RevisionConflict` when there is one of this id already."""
        ...

    async def save(self, integration: Integration) -> Integration:
        """Writes it and returns it with the next revision. Raises `RevisionConflict`."""
        ...


class Observations(Protocol):
    async def of(self, integration_id: str) -> Observed: ...

    async def put_catalogue(self, integration_id: str, catalogue: Catalogue) -> None: ...

    async def put_status(self, integration_id: str, status: SourceStatus) -> None: ...

    async def put_coverage(self, integration_id: str, coverage: Coverage) -> None: ...

    async def put_looked(self, integration_id: str, at: datetime, failures: int) -> None:
        """When Segment was asked last, and how many looks in a row have brought nothing."""
        ...

    async def put_token(self, integration_id: str, health: TokenHealth) -> None: ...

    async def put_waited(self, integration_id: str, at: datetime) -> None: ...

    async def clear(self, integration_id: str) -> None: ...


class Incidents(Protocol):
    """What broke: opened once and closed once, whoever notices first."""

    async def of(self, integration_id: str) -> Sequence[Incident]:
        """The open ones, oldest first."""
        ...

    async def open(self, integration_id: str, incident: Incident) -> bool:
        """False when one of this kind and subject is open already."""
        ...

    async def close(self, integration_id: str, incident: Incident, at: datetime) -> bool:
        """False when it is closed already."""
        ...


class History(Protocol):
    async def append(self, integration_id: str, event: Event) -> int:
        """Returns its sequence number."""
        ...

    async def get(self, integration_id: str, sequence: int) -> StoredEvent: ...

    async def latest(self, integration_id: str, limit: int) -> Sequence[StoredEvent]:
        """Newest first."""
        ...


class Vault(Protocol):
    """Secrets of one kind, sealed. What is read is a `SecretStr`; nothing else ever opens one."""

    async def put(self, integration_id: str, secret: SecretStr) -> None: ...

    async def get(self, integration_id: str) -> SecretStr | None: ...

    async def delete(self, integration_id: str) -> None: ...


class Checks(Protocol):
    async def add(self, check: PendingCheck, secret: SecretStr | None) -> None: ...

    async def get(self, check_id: str) -> tuple[PendingCheck, SecretStr | None] | None: ...

    async def count_attempt(self, check_id: str) -> None: ...

    async def delete(self, check_id: str) -> bool:
        """Whether it was still there: only one finisher gets True."""
        ...

    async def delete_of(self, integration_id: str) -> Sequence[PendingCheck]:
        """Deletes those of a set-up and returns them."""
        ...


class Outbox(Protocol):
    async def add(self, message: Message) -> None:
        """Stores the intent once for its key, and the job that delivers its conversation."""
        ...

    async def due(self, conversation: str, now: datetime, limit: int) -> Sequence[StoredMessage]:
        """Pending ones of one conversation, oldest first; none if the oldest is not due yet."""
        ...

    async def claim(
        self, seen: StoredMessage, attempt: Attempt, due_at: datetime
    ) -> StoredMessage | None:
        """Counts and stores an attempt that is about to begin; nobody else's turn before `due_at`.

        None when the message is not as it was seen: somebody else has claimed or sent it.
        """
        ...

    async def hurry(self, conversation: str) -> None:
        """What waits there because of failures is due now."""
        ...

    async def mark_sent(self, sequence: int, channel_id: str, ts: str) -> None: ...

    async def placed(self, key: str) -> Placed | None:
        """A message that was sent; None for one that was not, or was not worth sending."""
        ...

    async def put_off(self, seen: StoredMessage, error: str, due_at: datetime) -> None:
        """Not now; what is in doubt is what `seen` says. Nothing if it was claimed since."""
        ...

    async def give_up(self, seen: StoredMessage, error: str) -> None:
        """Dead from now on, unless it was claimed since it was seen."""
        ...


class Overviews(Protocol):
    async def put(self, overview: Overview) -> None: ...

    async def get(self, integration_id: str) -> Overview | None: ...


class Cards(Protocol):
    async def get(self, integration_id: str) -> Card | None: ...

    async def put(self, card: Card) -> None: ...


class Inbox(Protocol):
    async def accept(self, event: ReceivedEvent) -> bool:
        """Stores it and its job; False, and nothing done, when it came before."""
        ...

    async def get(self, event_id: str) -> ReceivedEvent: ...

    async def fail(self, event_id: str, error: str) -> None:
        """It could not be worked on; `error` is a name without secrets."""
        ...


class Installations(Protocol):
    """The installation of this unit of work's tenant, its bot token sealed beside it."""

    async def get(self) -> Installation | None: ...

    async def token(self) -> SecretStr | None:
        """None when there is none or it was revoked."""
        ...

    async def put(self, installation: Installation, token: SecretStr) -> None: ...

    async def revoke(self, at: datetime) -> None:
        """Marks it and deletes the token."""
        ...


class CsmChannel(Protocol):
    """The channel that CSMs watch, kept under the tenant of Toplyne's own Slack workspace."""

    async def get(self) -> ChannelBinding | None: ...

    async def bind(self, binding: ChannelBinding) -> None: ...

    async def next_digest(self) -> datetime | None: ...

    async def plan_digest(self, at: datetime | None) -> None:
        """None: it is planned anew, in the time zone of whoever has bound the channel now."""
        ...

    async def trouble(self, channel_id: str, error: str, at: datetime) -> bool:
        """Remembers that it takes nothing; False when that is known already."""
        ...

    async def well(self) -> None:
        """It takes messages (again)."""
        ...


class HomeViewers(Protocol):
    """Who has opened App Home: theirs is redrawn when something changes."""

    async def seen(self, user_id: str, at: datetime) -> None: ...

    async def recent(self, limit: int) -> Sequence[str]: ...


class UnitOfWork(Protocol):
    """One transaction for one tenant: every query that it makes names that tenant.

    Leaving without `commit` rolls back. Raises `StorageUnavailable` when the database is.
    """

    tenant_id: str
    integrations: Integrations
    observations: Observations
    incidents: Incidents
    history: History
    vault: Vault
    write_keys: Vault
    checks: Checks
    deliveries: Deliveries
    outbox: Outbox
    overviews: Overviews
    replay_requests: ReplayRequests
    cards: Cards
    home_viewers: HomeViewers
    inbox: Inbox
    installations: Installations
    csm_channel: CsmChannel

    async def enqueue(self, job: Job) -> None:
        """The job starts only if this transaction commits."""
        ...

    async def commit(self) -> None: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class UnitOfWorkFactory(Protocol):
    def __call__(self, tenant_id: str, *, write: bool = True) -> UnitOfWork:
        """`write=False` promises only to read: on SQLite it does not take the write lock."""
        ...


class OAuthStates(Protocol):
    """States of OAuth installs; only their hash is stored, each can be consumed once."""

    async def issue(self) -> str: ...

    async def consume(self, state: str) -> bool: ...


class RateGates(Protocol):
    """Who may call Slack when, over all processes. Seconds and real time."""

    async def take(self, tenant_id: str, tolls: Mapping[str, Toll], patience: float) -> float:
        """Seconds until one's turn at all of these gates; one later than `patience` is not taken.

        Raises `StorageUnavailable`.
        """
        ...

    async def close(self, tenant_id: str, subject: str, seconds: float) -> None:
        """Nobody's turn comes before so many seconds have passed."""
        ...
