"""What the use cases need from outside: Protocols that the outer layers implement."""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from types import TracebackType
from typing import Protocol, Self

from flows.audit import Audit
from flows.checks.limits import Tries
from flows.drawn import Cards, CsmChannel, HomeViewers, OpenedWindows, SeenHome
from flows.entry_links import EntryLinks
from flows.installed import Installations, Teams
from flows.invitations import Invitations
from flows.model import Integration, Observed
from flows.outbox.jobs import Job
from flows.repositories import (
    Checks,
    Deliveries,
    History,
    Inbox,
    Incidents,
    Integrations,
    Observations,
    Outbox,
    Overviews,
    ReplayRequests,
    Requests,
    Vault,
)
from flows.vocabulary import Person, ReceivedEvent

# --- time, ids, secrets -------------------------------------------------------------------------


class Clock(Protocol):
    def now(self) -> datetime:
        """The injected time in UTC. It drives due times, working hours and Segment's windows."""
        ...


class Ids(Protocol):
    def __call__(self, prefix: str) -> str: ...


# --- people -------------------------------------------------------------------------------------


class Directory(Protocol):
    """The people of a Slack workspace that has the app."""

    async def person(self, tenant_id: str, user_id: str, *, max_age: float = 0.0) -> Person | None:
        """The person as Slack described them at most `max_age` seconds ago; 0 asks Slack now.

        None if Slack does not know them. Raises `DirectoryUnavailable`.
        """
        ...


# --- Segment ------------------------------------------------------------------------------------

# The tenant for whom a person waits for Segment, so that none takes more than its share. Empty: no
# person waits.
ASKED_FOR: ContextVar[str] = ContextVar("asked_for", default="")

# When somebody pressed or typed who waits for Slack's three seconds, by the event loop's clock.
# None: nobody does.
PRESSED_AT: ContextVar[float | None] = ContextVar("pressed_at", default=None)


# --- storage ------------------------------------------------------------------------------------


class UnitOfWork(Protocol):
    """One transaction for one tenant. Every query in it names that tenant.

    Leaving without `commit` rolls back. Raises `StorageUnavailable` if the database fails.
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
    def audit(self) -> Audit: ...

    @property
    def vault(self) -> Vault: ...

    @property
    def write_keys(self) -> Vault: ...

    @property
    def checks(self) -> Checks: ...

    @property
    def requests(self) -> Requests: ...

    @property
    def tries(self) -> Tries: ...

    @property
    def entry_links(self) -> EntryLinks: ...

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
    def invitations(self) -> Invitations: ...

    @property
    def csm_channel(self) -> CsmChannel: ...

    async def enqueue(self, job: Job) -> None:
        """Stores a job. It runs only if this transaction commits."""
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
    """Why something is written where the app may not be installed. There are no other reasons."""

    INSTALLING = auto()  # the installation is being created
    LEAVING = auto()  # the app leaves: its data is deleted, and sending ends
    WITHDRAWING = auto()  # Toplyne's backend is told that what it was given is withdrawn
    # The installation itself changes, if it is there. Its row is locked for that at once: two who
    # had it shared before would wait for each other.
    TOKEN = auto()


class UnitOfWorkFactory(Protocol):
    async def glance(self, tenant_id: str, team_id: str) -> tuple[Integration, Observed] | None:
        """The set-up of a Slack workspace as it was committed last: one read, outside any unit
        of work. Raises `StorageUnavailable`.
        """
        ...

    async def look(self, tenant_id: str, integration_id: str) -> tuple[Integration, Observed]:
        """A set-up by its id, read once. Raises `NotFound`, also where the app is not installed,
        and `StorageUnavailable`.
        """
        ...

    async def home(self, tenant_id: str, team_id: str, user_id: str) -> SeenHome:
        """A set-up with what a person's Home shows beside it. Raises `StorageUnavailable`."""
        ...

    async def accept(self, tenant_id: str, event: ReceivedEvent) -> bool:
        """Stores an event, as `inbox.accept` does, in a transaction of its own that is committed.

        Raises `NotInstalled`, `StorageUnavailable`.
        """
        ...

    async def first(self, tenant_id: str, request: str) -> None:
        """Remembers a signed request, as `requests.first` does, and commits it.

        Raises `Repeated`, `NotInstalled`, `StorageUnavailable`.
        """
        ...

    async def looked(self, looks: Sequence[OpenedWindows], at: datetime) -> None:
        """Remembers windows of live sync, the newest of each set-up, and has Segment asked soon.

        All of it is committed. Leaves out where the app is not installed, or nothing is set up.
        Raises `StorageUnavailable`.
        """
        ...

    async def saw_home(
        self, tenant_id: str, team_id: str, user_id: str, fingerprint: str, at: datetime
    ) -> None:
        """Remembers that a person has their Home open, and what it shows, in the same way."""
        ...

    def __call__(
        self, tenant_id: str, *, write: bool = True, unguarded: Unguarded | None = None
    ) -> UnitOfWork:
        """A unit of work that writes raises `NotInstalled` on entry if the tenant lacks the app.

        While it is open, the app cannot leave. `write=False` promises only to read: SQLite then
        takes no write lock.
        """
        ...


class Tenants(Protocol):
    """What a unit of work cannot do because it spans tenants or ends one."""

    async def reaching(self, team_id: str) -> Sequence[str]:
        """The tenants whose installations reach a Slack workspace: its own and its organisation's.

        The first answers there: the one that holds something, a set-up or the CSMs' channel, else
        the one that came first. The other waits until it leaves.
        """
        ...

    async def of_team(self, team_id: str) -> str | None:
        """The tenant that answers in a Slack workspace."""
        ...

    async def answering(self, named: str, team_id: str) -> str | None:
        """The tenant that answers a request which Slack sent to the tenant `named`, one of those
        that reach the workspace. None if it does not.
        """
        ...

    async def is_sending(self, tenant_id: str) -> bool:
        """Whether a message, such as a card, may be on its way to Slack for what has left."""
        ...

    async def erase(self, tenant_id: str, at: datetime) -> bool:
        """Deletes all data of what has left: a whole tenant, or an organisation's workspaces.

        Only tombstones stay. False while Toplyne's backend has yet to take a withdrawal.
        """
        ...


class OAuthStates(Protocol):
    """States of OAuth installs. Issuing one writes nothing, and each is consumed once."""

    def issue(self, carried: str = "") -> str:
        """`carried` comes back when it is consumed. Nobody can read or change it meanwhile."""
        ...

    async def consume(self, state: str) -> str | None:
        """What it carries; None if it is unknown, used or has expired."""
        ...


@dataclass(frozen=True, slots=True)
class RateCost:
    """The rate of an action: once every `interval` seconds, up to `burst` seconds early."""

    interval: float
    burst: float = 0.0


class RateGates(Protocol):
    """Who may call Slack when, across all processes. In seconds of real time."""

    async def take(self, tenant_id: str, costs: Mapping[str, RateCost], longest: float) -> float:
        """Takes a turn at all these gates and returns the seconds until it comes.

        A turn more than `longest` seconds away is not taken. Raises `StorageUnavailable`.
        """
        ...

    async def close(self, tenant_id: str, subject: str, seconds: float) -> None:
        """Lets nobody have a turn for so many seconds."""
        ...
