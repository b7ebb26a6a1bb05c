"""What the use cases need from outside, as Protocols that the outer layers fill."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from types import TracebackType
from typing import Protocol, Self

from flows.outbox.jobs import Job
from flows.reminders.hours import Person
from flows.repositories import (
    Cards,
    Checks,
    CsmChannel,
    Deliveries,
    History,
    HomeViewers,
    Inbox,
    Incidents,
    Installations,
    Integrations,
    Observations,
    Outbox,
    Overviews,
    ReplayRequests,
    Teams,
    Vault,
)

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

    async def person(self, tenant_id: str, user_id: str, *, max_age: float = 0.0) -> Person | None:
        """As Slack knew them at most so many seconds ago; by default they are asked about now.

        None when Slack does not know them. Raises `DirectoryUnavailable`.
        """
        ...


# --- storage ------------------------------------------------------------------------------------


class UnitOfWork(Protocol):
    """One transaction for one tenant: every query that it makes names that tenant.

    Leaving without `commit` rolls back. Raises `StorageUnavailable` when the database is.
    """

    tenant_id: str

    @property
    def integrations(self) -> Integrations: ...

    @property
    def observations(self) -> Observations: ...

    @property
    def incidents(self) -> Incidents: ...

    @property
    def history(self) -> History: ...

    @property
    def vault(self) -> Vault: ...

    @property
    def write_keys(self) -> Vault: ...

    @property
    def checks(self) -> Checks: ...

    @property
    def deliveries(self) -> Deliveries: ...

    @property
    def outbox(self) -> Outbox: ...

    @property
    def overviews(self) -> Overviews: ...

    @property
    def replay_requests(self) -> ReplayRequests: ...

    @property
    def cards(self) -> Cards: ...

    @property
    def home_viewers(self) -> HomeViewers: ...

    @property
    def inbox(self) -> Inbox: ...

    @property
    def installations(self) -> Installations: ...

    @property
    def teams(self) -> Teams: ...

    @property
    def csm_channel(self) -> CsmChannel: ...

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


class Unguarded(Enum):
    """Why something is written where the app is not installed. There are no other reasons."""

    INSTALLING = auto()  # the installation itself comes to be
    LEAVING = auto()  # it goes, what is stored goes with it, and what is being sent ends
    WITHDRAWING = auto()  # Toplyne's backend is told that what it was given is withdrawn


class UnitOfWorkFactory(Protocol):
    def __call__(
        self, tenant_id: str, *, write: bool = True, unguarded: Unguarded | None = None
    ) -> UnitOfWork:
        """One that writes raises `NotInstalled` when it is entered and the app is not in the
        tenant, and the app cannot leave before it ends.

        `write=False` promises only to read: on SQLite it does not take the write lock.
        """
        ...


class Tenants(Protocol):
    """What no unit of work can do, since it spans tenants or ends one."""

    async def of_team(self, team_id: str) -> str | None:
        """The tenant whose installation reaches a Slack workspace: its own before its
        organisation's.
        """
        ...

    async def is_sending(self, tenant_id: str) -> bool:
        """Whether Slack may be getting a message of what has left: a card, perhaps."""
        ...

    async def erase(self, tenant_id: str, at: datetime) -> bool:
        """Deletes all of what has left: the whole tenant, or Slack workspaces of an organisation.
        What stays are tombstones.

        False while a withdrawal stays that Toplyne's backend has not taken yet.
        """
        ...


class OAuthStates(Protocol):
    """States of OAuth installs; only their hash is stored, each can be consumed once."""

    async def issue(self) -> str: ...

    async def consume(self, state: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class RateCost:
    """How often something may be done: once in so many seconds, `burst` seconds ahead of time."""

    interval: float
    burst: float = 0.0


class RateGates(Protocol):
    """Who may call Slack when, over all processes. Seconds and real time."""

    async def take(self, tenant_id: str, costs: Mapping[str, RateCost], longest: float) -> float:
        """Seconds until one's turn at all of these gates; one later than `longest` is not taken.

        Raises `StorageUnavailable`.
        """
        ...

    async def close(self, tenant_id: str, subject: str, seconds: float) -> None:
        """Nobody's turn comes before so many seconds have passed."""
        ...
