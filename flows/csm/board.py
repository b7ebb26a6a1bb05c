"""What CSMs look at: the board of all customers, and their Home.

These queries span all tenants and run only on behalf of a CSM.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Protocol

from flows.csm.facts import Card
from flows.csm.members import Csms
from flows.csm.paging import FIRST, Side, Spot, Turn
from flows.history import Event
from flows.invitations import Invitation
from flows.model import WaitingOn
from flows.overview import Milestone, Overview
from flows.pasted import account_name
from flows.ports import Clock, UnitOfWorkFactory
from flows.setup.blockers import Blocker
from flows.vocabulary import Actor, Person
from flows.words import has_words, words_typed
from flows.zones import zone

PAGE_SIZE = 20
SHORT_LIST = 10
MOST_OWNERS = 25
MOST_INVITED = 10
INVITED_SEARCHED = 200  # the newest
MAX_SEARCH = 80
MOST_COUNTED = 10_000  # where a count must not grow with the customers; it then means "or more"


class Stage(StrEnum):
    """Where a customer is, as CSMs choose it on the board."""

    PLAN = "plan"
    CREDENTIALS = "credentials"
    LIVE_SYNC = "live_sync"
    HISTORIC_SYNC = "historic_sync"
    NOT_STARTED = "not_started"
    FINISHED = "finished"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class CustomerQuery:
    """Which customers to list. An empty field matches everybody.

    Customers who have left are found by `Stage.LEFT`, and without a stage if they need a CSM.
    `owner` is a CSM's user id, or None for customers without an owner. `since_before` is compared
    with `Customer.named_since`. `text` is searched in names, in lower case.
    """

    stage: Stage | None = None
    waiting_on: str = ""
    blocker: str = ""
    owner: str | None = ""
    since_before: datetime | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Customer:
    """One line of the board. `left`: the app was removed or the set-up disconnected. `removed`: the
    app was, so that nobody there can be answered.

    `asked_by` is the name of the person in `overview.need_by`, if it was looked up.
    """

    tenant_id: str
    name: str  # of the customer's Slack workspace
    overview: Overview
    card: Card | None
    left: bool
    asked_by: str = ""
    removed: bool = False

    def needs(self, now: datetime) -> bool:
        """Whether a CSM is needed now."""
        of = self.overview
        return not self.removed and bool(of.need) and of.need_at is not None and of.need_at <= now

    def named_since(self, now: datetime) -> datetime:
        """Since when it is so, what its line says: that a CSM is needed, or else the state."""
        at = self.overview.need_at if self.needs(now) else None
        return at or self.overview.blocked_since

    def spot(self, now: datetime) -> Spot:
        """The customer's place in the order of the board."""
        of, key = self.overview, (self.tenant_id, self.overview.integration_id)
        half, place = (0, of.urgency) if self.needs(now) else (1, of.standing)
        return Spot(half, place, self.named_since(now), *key)


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """A page of customers. `is_cut`: the search matches more than it looked through."""

    customers: Sequence[Customer]
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of customers. `finished` counts from a given moment; `left` have disconnected.

    `stuck` need a CSM for more than an owner, also after they left. The first two stop at
    `MOST_COUNTED`.
    """

    in_progress: int
    stuck: int
    finished: int
    customers: int
    left: int = 0


class Customers(Protocol):
    """Each call reads a bounded number of rows, however many customers there are. Counts other than
    of `funnel` stop at `MOST_COUNTED`.
    """

    async def page(
        self, query: CustomerQuery, now: datetime, limit: int, turn: Turn = FIRST
    ) -> CustomerPage:
        """Customers who need a CSM come first, by urgency and then by age; then the others."""
        ...

    async def needing(self, now: datetime, limit: int) -> tuple[Sequence[Customer], int]:
        """Customers who need a CSM now, in the same order, and how many there are."""
        ...

    async def still_needing(self, keys: Sequence[tuple[str, str]], now: datetime) -> int:
        """How many of these need a CSM now. Each key is a tenant and an integration."""
        ...

    async def finished(
        self, since: datetime, until: datetime, limit: int
    ) -> tuple[Sequence[Customer], int]:
        """Customers whose set-up ended in this time, latest first, and how many there are."""
        ...

    async def figures(self, now: datetime, since: datetime) -> Figures: ...

    async def funnel(self) -> Mapping[Milestone, int]:
        """How many of the customers still there came how far; 0 if nobody did."""
        ...

    async def moved(
        self, kinds: Sequence[type[Event]], since: datetime, until: datetime
    ) -> Mapping[type[Event], int]:
        """To how many customers each kind of event happened in this time."""
        ...

    async def owners(self, limit: int) -> Sequence[str]:
        """User ids of CSMs who own customers, those with the most first."""
        ...

    async def everybody(self, after: tuple[str, str], limit: int) -> Sequence[tuple[str, str]]:
        """Pages through all tenants and integrations, past and present, in this order."""
        ...

    async def outdated(self, projection: int, limit: int) -> Sequence[tuple[str, str]]:
        """Tenant and integration whose overview an earlier version wrote."""
        ...

    async def missing(
        self, after: tuple[str, str], until: tuple[str, str]
    ) -> Sequence[tuple[str, str]]:
        """Tenant and integration that have no overview, within this stretch of `everybody`."""
        ...


# --- the board ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filters:
    """What a CSM chose on the board. `waiting` is a `WaitingOn` or a `Blocker`.

    `owner` is a user id, `MINE`, `NOBODY`, or empty for any. `age` is in days.
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
    """One page of the board: the matching customers, and the choices for the filters."""

    viewer: str
    filters: Filters
    turn: Turn
    customers: Sequence[Customer]
    has_more: bool
    figures: Figures
    owners: Sequence[str]
    now: datetime
    is_cut: bool = False
    # Who have not installed the app yet, newest first, beside the first page. One more than is
    # shown, if there are more.
    invited: Sequence[Invitation] = ()

    @property
    def here(self) -> Turn:
        """This page again."""
        return self._turn(self.turn.number, Side.FROM, 0)

    @property
    def previous(self) -> Turn:
        return self._turn(self.turn.number - 1, Side.BEFORE, 0)

    @property
    def following(self) -> Turn:
        return self._turn(self.turn.number + 1, Side.AFTER, -1)

    def _turn(self, number: int, side: Side, at: int) -> Turn:
        spot = self.customers[at].spot(self.now) if self.customers else self.turn.spot
        return Turn(number, side, spot) if number > 0 else FIRST


@dataclass(frozen=True, slots=True)
class CsmHome:
    """The board, and two short lists that show the first of their customers."""

    board: Board
    mine: Sequence[Customer] = field(default=())
    not_started: Sequence[Customer] = field(default=())


class Boards:
    """Each call first checks that the viewer is a CSM. Raises what `Csms.require` raises."""

    def __init__(
        self, csms: Csms, customers: Customers, uow: UnitOfWorkFactory, clock: Clock
    ) -> None:
        self._csms = csms
        self._customers = customers
        self._uow = uow
        self._clock = clock

    async def page(self, csm: Actor, filters: Filters, turn: Turn = FIRST) -> Board:
        person = await self._csms.require(csm)
        return await self._page(csm, person, filters, turn)

    async def home(self, csm: Actor, filters: Filters, turn: Turn = FIRST) -> CsmHome:
        person = await self._csms.require(csm)
        board = await self._page(csm, person, filters, turn)
        page, now = self._customers.page, board.now
        mine = await page(CustomerQuery(owner=csm.user_id), now, SHORT_LIST + 1)
        waiting = await page(CustomerQuery(stage=Stage.NOT_STARTED), now, SHORT_LIST + 1)
        return CsmHome(board, mine.customers, waiting.customers)

    async def _page(self, csm: Actor, person: Person, filters: Filters, turn: Turn) -> Board:
        now = self._clock.now()
        query = query_of(filters, csm.user_id, now)
        found = await self._customers.page(query, now, PAGE_SIZE + 1, turn)
        if turn.side is Side.BEFORE:
            found = replace(found, customers=found.customers[-PAGE_SIZE:])
            if len(found.customers) < PAGE_SIZE:  # some are elsewhere by now
                return await self._page(csm, person, filters, FIRST)
        return Board(
            viewer=csm.user_id,
            filters=filters,
            turn=turn,
            customers=found.customers[:PAGE_SIZE],
            has_more=len(found.customers) > PAGE_SIZE or turn.side is Side.BEFORE,
            figures=await self._customers.figures(now, week_start(now, person)),
            owners=await self._customers.owners(MOST_OWNERS),
            now=now,
            is_cut=found.is_cut,
            invited=await self._invited(csm, filters, turn, now),
        )

    async def _invited(
        self, csm: Actor, filters: Filters, turn: Turn, now: datetime
    ) -> Sequence[Invitation]:
        """All, with “Mine” the viewer's, and of those whom a search finds. Any other filter is
        about customers who are there.
        """
        is_mine, typed = filters.owner == MINE, words_typed(query_of(filters, "", now).text)
        if turn.number or filters != Filters(owner=MINE if is_mine else "", text=filters.text):
            return ()
        most = INVITED_SEARCHED if typed else MOST_INVITED + 1
        async with self._uow(csm.tenant_id, write=False) as work:
            owner = csm.user_id if is_mine else ""
            found = await work.invitations.waiting(now, most, owner)
        return [each for each in found if has_words(each.account, typed)][: MOST_INVITED + 1]


def query_of(filters: Filters, viewer: str, now: datetime) -> CustomerQuery:
    """What to look for, given what a CSM chose."""
    owners: dict[str, str | None] = {MINE: viewer, NOBODY: None}
    query = CustomerQuery(
        stage=filters.stage,
        owner=owners.get(filters.owner, filters.owner),
        since_before=now - timedelta(days=filters.age) if filters.age else None,
        text=account_name(filters.text).rstrip(".")[:MAX_SEARCH],
    )
    if filters.waiting in list(WaitingOn):
        return replace(query, waiting_on=filters.waiting)
    return replace(query, blocker=filters.waiting if filters.waiting in list(Blocker) else "")


def week_start(now: datetime, person: Person) -> datetime:
    """Midnight of this week's Monday in the person's time zone."""
    local = now.astimezone(zone(person.time_zone))
    monday = local.date() - timedelta(days=local.weekday())
    return datetime.combine(monday, time(), tzinfo=local.tzinfo)
