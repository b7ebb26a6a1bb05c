"""What is asked about all customers at once, over all tenants: only on behalf of a CSM."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from flows.csm.facts import Card
from flows.history import Event
from flows.overview import Milestone, Overview


class Stage(StrEnum):
    """Where a customer is, as one chooses it on the board."""

    PLAN = "plan"
    CREDENTIALS = "credentials"
    LIVE_SYNC = "live_sync"
    HISTORIC_SYNC = "historic_sync"
    NOT_STARTED = "not_started"
    FINISHED = "finished"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class CustomerQuery:
    """Which customers; what is empty lets everybody through.

    Who has left is found by asking for `Stage.LEFT` alone. `owner` is a CSM's user id, None for
    customers of nobody. `text` is searched in names, in lower case.
    """

    stage: Stage | None = None
    waiting_on: str = ""
    blocker: str = ""
    owner: str | None = ""
    blocked_before: datetime | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Customer:
    """One line of the board. `left` says that the app was removed or the set-up disconnected."""

    tenant_id: str
    name: str  # of their Slack workspace
    overview: Overview
    card: Card | None
    left: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """Of all customers who are still there; `finished` since a moment.

    `stuck` are those who need a CSM for more than being claimed.
    """

    in_progress: int
    stuck: int
    finished: int
    customers: int


class Customers(Protocol):
    """Every call is one statement, and reads a bounded number of rows."""

    async def page(
        self, query: CustomerQuery, now: datetime, limit: int, offset: int
    ) -> Sequence[Customer]:
        """Those who need a CSM first, the most urgent and then the longest; then the others."""
        ...

    async def needing(self, now: datetime, limit: int) -> tuple[Sequence[Customer], int]:
        """Those who need a CSM now, in the same order, and how many there are."""
        ...

    async def finished(
        self, since: datetime, until: datetime, limit: int
    ) -> tuple[Sequence[Customer], int]:
        """Those whose set-up ended then, the latest first, and how many there are."""
        ...

    async def figures(self, now: datetime, since: datetime) -> Figures: ...

    async def funnel(self) -> Mapping[Milestone, int]:
        """How many customers who are still there came how far; 0 where nobody did."""
        ...

    async def moved(
        self, kinds: Sequence[type[Event]], since: datetime, until: datetime
    ) -> Mapping[type[Event], int]:
        """Of how many customers something of this kind happened then."""
        ...

    async def owners(self, limit: int) -> Sequence[str]:
        """User ids of CSMs who look after somebody, those with most customers first."""
        ...

    async def outdated(self, projection: int, limit: int) -> Sequence[tuple[str, str]]:
        """Tenant and integration of those whose overview is missing or of an earlier version."""
        ...
