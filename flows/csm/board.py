"""What CSMs look at: all customers on the board, and what their Home shows beside it.

What is asked here goes over all tenants, and only on behalf of a CSM.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Protocol

from flows.csm.facts import Card
from flows.csm.members import Csms
from flows.history import Event
from flows.model import WaitingOn
from flows.overview import Milestone, Overview
from flows.ports import Clock
from flows.reminders.hours import Person, zone
from flows.setup.blockers import Blocker
from flows.vocabulary import Actor

PAGE_SIZE = 20
SHORT_LIST = 10
MOST_OWNERS = 25
MOST_PAGES = 50  # beyond them one searches; a page reads all those before it
MAX_SEARCH = 80


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
    """One line of the board. `left` says that the app was removed or the set-up disconnected.

    `asked_by` is the name of the person in `overview.need_by`, where somebody has looked it up.
    """

    tenant_id: str
    name: str  # of their Slack workspace
    overview: Overview
    card: Card | None
    left: bool
    asked_by: str = ""


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

    async def everybody(self, after: tuple[str, str], limit: int) -> Sequence[tuple[str, str]]:
        """Tenants and integrations, whoever is there or was, page by page in this order."""
        ...

    async def outdated(self, projection: int, limit: int) -> Sequence[tuple[str, str]]:
        """Tenant and integration of those whose overview is missing or of an earlier version."""
        ...


# --- the board ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filters:
    """What a CSM chose on the board. `waiting` is a `WaitingOn` or a `Blocker`.

    `owner` is a user id, `MINE`, `NOBODY`, or empty for customers of anybody. `age` is in days.
    """

    stage: Stage | None = None
    waiting: str = ""
    owner: str = ""
    age: int = 0
    text: str = ""

    @property
    def any(self) -> bool:
        return self != Filters()


MINE = "mine"
NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Board:
    """One page: customers that match, those before it if any, and what can be chosen."""

    viewer: str
    filters: Filters
    number: int  # of the page, from 0
    customers: Sequence[Customer]
    has_more: bool
    figures: Figures
    owners: Sequence[str]
    now: datetime


@dataclass(frozen=True, slots=True)
class CsmHome:
    """The board, and two short lists beside it: of how many each shows the first."""

    board: Board
    mine: Sequence[Customer] = field(default=())
    not_started: Sequence[Customer] = field(default=())


class Boards:
    """Every call first asks whether it is a CSM who looks, and raises what `Csms.require` does."""

    def __init__(self, csms: Csms, customers: Customers, clock: Clock) -> None:
        self._csms = csms
        self._customers = customers
        self._clock = clock

    async def page(self, csm: Actor, filters: Filters, number: int = 0) -> Board:
        person = await self._csms.require(csm)
        return await self._page(csm, person, filters, number)

    async def home(self, csm: Actor, filters: Filters, number: int = 0) -> CsmHome:
        person = await self._csms.require(csm)
        board = await self._page(csm, person, filters, number)
        first = (board.now, SHORT_LIST, 0)
        mine = await self._customers.page(CustomerQuery(owner=csm.user_id), *first)
        waiting = await self._customers.page(CustomerQuery(stage=Stage.NOT_STARTED), *first)
        return CsmHome(board, mine, waiting)

    async def _page(self, csm: Actor, person: Person, filters: Filters, number: int) -> Board:
        now = self._clock.now()
        number = min(max(number, 0), MOST_PAGES - 1)
        query = query_of(filters, csm.user_id, now)
        found = await self._customers.page(query, now, PAGE_SIZE + 1, number * PAGE_SIZE)
        return Board(
            viewer=csm.user_id,
            filters=filters,
            number=number,
            customers=found[:PAGE_SIZE],
            has_more=len(found) > PAGE_SIZE and number < MOST_PAGES - 1,
            figures=await self._customers.figures(now, week_start(now, person)),
            owners=await self._customers.owners(MOST_OWNERS),
            now=now,
        )


def query_of(filters: Filters, viewer: str, now: datetime) -> CustomerQuery:
    owners: dict[str, str | None] = {MINE: viewer, NOBODY: None}
    query = CustomerQuery(
        stage=filters.stage,
        owner=owners.get(filters.owner, filters.owner),
        blocked_before=now - timedelta(days=filters.age) if filters.age else None,
        text=filters.text.strip()[:MAX_SEARCH],
    )
    if filters.waiting in list(WaitingOn):
        return replace(query, waiting_on=filters.waiting)
    return replace(query, blocker=filters.waiting if filters.waiting in list(Blocker) else "")


def week_start(now: datetime, person: Person) -> datetime:
    """Midnight of this week's Monday, where this person is."""
    local = now.astimezone(zone(person.time_zone))
    monday = local.date() - timedelta(days=local.weekday())
    return datetime.combine(monday, time(), tzinfo=local.tzinfo)
