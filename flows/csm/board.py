"""What CSMs look at: the board with its filters, and what their Home shows beside it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta

from flows.csm.customers import Customer, CustomerQuery, Customers, Figures, Stage
from flows.csm.members import Csms
from flows.model import WaitingOn
from flows.ports import Clock
from flows.reminders.hours import Person, zone
from flows.setup.blockers import Blocker
from flows.vocabulary import Actor

PAGE = 20
SHORT_LIST = 10
MOST_OWNERS = 25
MOST_PAGES = 50  # beyond them one searches; a page reads all those before it
MAX_TEXT = 80


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
        found = await self._customers.page(query, now, PAGE + 1, number * PAGE)
        return Board(
            viewer=csm.user_id,
            filters=filters,
            number=number,
            customers=found[:PAGE],
            has_more=len(found) > PAGE and number < MOST_PAGES - 1,
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
        text=filters.text.strip()[:MAX_TEXT],
    )
    if filters.waiting in list(WaitingOn):
        return replace(query, waiting_on=filters.waiting)
    return replace(query, blocker=filters.waiting if filters.waiting in list(Blocker) else "")


def week_start(now: datetime, person: Person) -> datetime:
    """Midnight of this week's Monday, where this person is."""
    local = now.astimezone(zone(person.time_zone))
    monday = local.date() - timedelta(days=local.weekday())
    return datetime.combine(monday, time(), tzinfo=local.tzinfo)
