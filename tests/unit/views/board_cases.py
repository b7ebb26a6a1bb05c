"""Customers as the board finds them: one of each standing, need and blocker, and their boards."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from flows.csm.board import (
    MINE,
    MOST_COUNTED,
    PAGE_SIZE,
    SHORT_LIST,
    Board,
    CsmHome,
    Customer,
    Figures,
    Filters,
    Stage,
)
from flows.csm.facts import Card, Need
from flows.csm.needs import NOT_URGENT
from flows.csm.paging import Turn
from flows.invitations import Invitation
from flows.model import Step, WaitingOn
from flows.overview import Milestone, Overview, Standing
from flows.setup.blockers import Blocker
from tests.unit.any_situation import NOW

CSM = "U0MIRA0001"
EVERYBODY = Filters()
FIGURES = Figures(in_progress=42, stuck=7, finished=3, customers=60)
OWNERS = {CSM: "Mira", "U0TOM00001": "Tom <of> sales"}


def address(customer: Customer) -> str:
    return f"https://toplyne.slack.com/archives/C1/p{customer.card.ts}" if customer.card else ""


def overview(**changed: object) -> Overview:
    plain = Overview(
        integration_id="int_1",
        step=Step.LIVE_SYNC,
        blocker=Blocker.DESTINATION_DISABLED.value,
        waiting_on=WaitingOn.CUSTOMER,
        blocked_since=NOW - timedelta(days=3, hours=2),
        next_poll_at=None,
        next_call_at=None,
        next_reminder_at=None,
        last_active_at=NOW,
        standing=Standing.IN_PROGRESS,
        milestone=Milestone.CREDENTIALS,
        subject="Web app",
        need="",
        urgency=NOT_URGENT,
        need_at=None,
        need_by="",
        owner="",
        account="",
        finished_at=None,
        search="",
        projection=1,
    )
    return replace(plain, **changed)  # type: ignore[arg-type]


def customer(name: str = "Acme", *, left: bool = False, **changed: object) -> Customer:
    """`left`, and not disconnected: the app was removed."""
    shown, card = overview(**changed), Card("int_1", "C1", "171.000200")
    removed = left and shown.standing is not Standing.LEFT
    return Customer("T1", name, shown, card, left, removed=removed)


def customers(name: str = "Acme") -> Iterator[Customer]:
    yield customer(name)
    yield replace(customer(name, owner=CSM, account=name), card=None)
    yield customer(name, standing=Standing.NOT_STARTED, blocker=Blocker.PLAN_MISSING.value)
    yield customer(name, standing=Standing.FINISHED, blocker="", finished_at=NOW)
    yield customer(name, standing=Standing.LEFT, blocker="", left=True)
    yield customer(name, left=True)
    asked = {"need": Need.HELP.value, "urgency": 0, "need_at": NOW}
    yield customer(name, standing=Standing.LEFT, blocker="", left=True, **asked)
    for need in Need:
        yield customer(name, need=need.value, urgency=need.urgency, need_at=NOW)
    for blocker in Blocker:
        subject = name if blocker.step is Step.LIVE_SYNC else ""
        yield customer(
            name,
            blocker=blocker.value,
            step=blocker.step,
            waiting_on=blocker.waiting_on,
            subject=subject,
            owner=CSM,
        )


def board(found: list[Customer], filters: Filters = EVERYBODY, number: int = 0) -> Board:
    has_more, turn = len(found) == PAGE_SIZE, Turn(number)
    return Board(CSM, filters, turn, found, has_more, FIGURES, list(OWNERS), NOW)


def boards(name: str = "Acme") -> Iterator[Board]:
    found = list(customers(name))
    for start in range(0, len(found), PAGE_SIZE):
        yield board(found[start : start + PAGE_SIZE], number=start // PAGE_SIZE)
    chosen = Filters(Stage.LIVE_SYNC, WaitingOn.CUSTOMER.value, CSM, 7, name[:80])
    yield board(found[:PAGE_SIZE], chosen, 1)
    yield board([], Filters(text="nobody"))
    yield board([], Filters(text="a very long name " * 30))
    yield board([], Filters(owner=MINE))
    yield board([], number=2)
    yield replace(board([]), figures=Figures(0, 0, 0, 0))
    invited = [Invitation("T1", f"{name} {number}", CSM, NOW, NOW) for number in range(11)]
    yield replace(board(found[:PAGE_SIZE]), invited=invited)
    yield replace(board(found[:PAGE_SIZE], Filters(owner=MINE)), invited=invited)
    crowded = Figures(1_200_000, MOST_COUNTED, MOST_COUNTED, 2_000_000)
    yield replace(board(found[:PAGE_SIZE]), figures=crowded, is_cut=True)


def homes(name: str = "Acme") -> Iterator[CsmHome]:
    found = list(customers(name))
    for each in boards(name):
        yield CsmHome(each, found[: SHORT_LIST + 1], found[SHORT_LIST : 2 * SHORT_LIST])
    yield CsmHome(board([]))
