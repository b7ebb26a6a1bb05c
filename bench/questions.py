"""What people and workers ask of a database with many customers, by what they look at."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from bench import crowd
from bot.clock import SystemClock
from flows.csm.board import CustomerQuery, Stage
from flows.csm.digest import LINES, MOVES
from flows.csm.paging import FIRST, Side, Turn
from flows.outbox.jobs import JobKind
from flows.projection import PROJECTION
from storage.backlog import Backlog
from storage.connections import Engine
from storage.customers import SqlCustomers
from storage.engine import SharedClock
from storage.given_up import GivenUp
from storage.housekeeping import SqlHousekeeping
from storage.leases import Leases
from storage.tenants import SqlTenants

WEEK, TEN_YEARS = timedelta(days=7), timedelta(days=3650)
ON_A_PAGE = 20
COMMON_WORD, NO_WORD = "cedar", "zzzz"

Question = Callable[[], Awaitable[Any]]


class Asked:
    """Whom to ask, among so many customers."""

    def __init__(self, engine: Engine, count: int, now: datetime) -> None:
        self.engine = engine
        self.now = now
        self.customers = SqlCustomers(engine)
        self.given_up, self.tidy = GivenUp(engine), SqlHousekeeping(engine)
        self.leases = Leases(engine, SharedClock(), list(JobKind))
        self.tenants = SqlTenants(engine, SystemClock())
        self.planned = dict.fromkeys((JobKind.POLL, JobKind.REMIND, JobKind.CALL), (now, 10))
        self.middle = (crowd.tenant(count // 2), crowd.setup(count // 2))
        self.owner, self.own_word = crowd.csm(1, count), crowd.own_word(7)
        self.not_erased = map(crowd.tenant, range(count - 1, 0, -1))

    def board(self, turn: Turn = FIRST, **wanted: Any) -> Awaitable[Any]:
        return self.customers.page(CustomerQuery(**wanted), self.now, ON_A_PAGE + 1, turn)


BOARD: Mapping[str, Callable[[Asked], Awaitable[Any]]] = {
    **{f"board, {stage.value}": partial(Asked.board, stage=stage) for stage in Stage},
    "board, waiting on a CSM": lambda on: on.board(waiting_on="csm"),
    "board, waiting on Segment": lambda on: on.board(waiting_on="segment"),
    "board, one blocker": lambda on: on.board(blocker="no_events"),
    "board, one owner": lambda on: on.board(owner=on.owner),
    "board, nobody's": lambda on: on.board(owner=None),
    "board, a week or longer": lambda on: on.board(since_before=on.now - WEEK),
    "board, search of one": lambda on: on.board(text=on.own_word),
    "board, search of many": lambda on: on.board(text=COMMON_WORD),
    "board, search of nobody": lambda on: on.board(text=NO_WORD),
    "board, search of two words": lambda on: on.board(text=f"{COMMON_WORD} {on.own_word}"),
    "figures": lambda on: on.customers.figures(on.now, on.now - WEEK),
    "owners": lambda on: on.customers.owners(25),
    "Home: not started": lambda on: on.board(stage=Stage.NOT_STARTED),
}
REST: Mapping[str, Callable[[Asked], Awaitable[Any]]] = {
    "digest: needs you today": lambda on: on.customers.needing(on.now, LINES),
    "digest: of ten, who still does": lambda on: on.customers.still_needing(
        [on.middle] * LINES, on.now
    ),
    "digest: finished": lambda on: on.customers.finished(on.now - WEEK, on.now, LINES),
    "digest: moved": lambda on: on.customers.moved(MOVES, on.now - WEEK, on.now),
    "funnel": lambda on: on.customers.funnel(),
    "catch-up": lambda on: on.customers.outdated(PROJECTION, 100),
    "cards: the next hundred": lambda on: on.customers.everybody(on.middle, 100),
    "worker: look": lambda on: on.leases.look(),
    "worker: claim": lambda on: on.leases.turn((), on.planned, "lease", 0.0),
    "jobs": lambda on: on.given_up.messages.letters(100),
    "handoffs": lambda on: on.given_up.deliveries.deliveries(100),
    "metrics: messages": lambda on: on.given_up.messages.counts(),
    "metrics: deliveries": lambda on: on.given_up.deliveries.counts(),
    "metrics: events": lambda on: on.given_up.events.counts(),
    "metrics: due": lambda on: Backlog(on.engine).of(on.now, on.now),
    "tidy: messages": lambda on: on.tidy.remove_sent(on.now - TEN_YEARS),
    "tidy: deliveries": lambda on: on.tidy.remove_deliveries(on.now - TEN_YEARS),
    "tidy: events": lambda on: on.tidy.remove_events(on.now - TEN_YEARS),
    "tidy: incidents": lambda on: on.tidy.remove_incidents(on.now - TEN_YEARS),
    "erase one tenant": lambda on: on.tenants.erase(next(on.not_erased), on.now),
}


def questions(engine: Engine, count: int, now: datetime, deep: Turn) -> Mapping[str, Question]:
    """`deep` is where page 25 of the board begins."""
    asked = Asked(engine, count, now)
    first = {"board": partial(asked.board), "board, page 25": partial(asked.board, deep)}
    return first | {name: partial(ask, asked) for name, ask in {**BOARD, **REST}.items()}


async def deep_turn(customers: SqlCustomers, now: datetime, number: int) -> Turn:
    """Where this page of the board begins, reached by pressing "Next" again and again."""
    turn = FIRST
    for before in range(1, number):
        found = (await customers.page(CustomerQuery(), now, ON_A_PAGE, turn)).customers
        if found:
            turn = Turn(before, Side.AFTER, found[-1].spot(now))
    return turn
