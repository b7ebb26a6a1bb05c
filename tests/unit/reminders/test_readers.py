"""Every kind of personal message, and what becomes of it when its reader has changed."""

from dataclasses import replace
from enum import Enum, auto
from typing import get_args

import pytest

from flows.checks.question import CheckKind
from flows.csm.events import Unreached
from flows.model import Screen
from flows.outbox import bodies
from flows.outbox.bodies import Heard
from flows.outbox.messages import PASSED_ON, Message
from flows.reminders.facts import Role
from flows.replay.events import News
from flows.setup.blockers import Blocker
from flows.vocabulary import Person
from tests.support.flow_services import ADA, BOB, INTEGRATION, TEAM
from tests.unit.reminders.test_recipients import FULL, Bot, bot

__all__ = ["bot"]


class Fate(Enum):
    THEIRS = auto()
    NEXT = auto()  # Ada gets it, who started
    NOBODY = auto()


GONE: dict[str, Person | None] = {
    "left": None,
    "deactivated": replace(FULL, is_active=False),
    "guest": replace(FULL, is_full_member=False),
    "stranger": replace(FULL, teams=("T0ELSEWHERE",)),
}
READERS = {"member": replace(FULL, admin_of=(TEAM,)), "right lost": FULL, **GONE}

ASKS: tuple[bodies.Personal, ...] = (
    bodies.Confirmed(),
    bodies.Rejected("The slug is of another company"),
    bodies.FirstData("src"),
    bodies.ArrivalConfirmed(),
    bodies.Summary(),
    bodies.ReplayNews(News.NO_DAY),
    bodies.IncidentNews(Blocker.TOKEN_REVOKED),
    bodies.RecoveryNews(Blocker.TOKEN_REVOKED),
    *(
        bodies.DelegationNews(how, "U0CYD00001", Screen.CREDENTIALS)
        for how in Heard
        if how is not Heard.DONE
    ),
)
WRITTEN: tuple[bodies.Personal, ...] = (bodies.CsmMessage("Mira", "Shall we look?"),)
INFORMS: tuple[bodies.Personal, ...] = (
    bodies.ColleagueDid(ADA.user_id, bodies.Deed.SOURCES_CHANGED, "Web app"),
    bodies.AskedToGoOn(ADA.user_id),
    bodies.DelegationNews(Heard.DONE, "U0CYD00001", Screen.CREDENTIALS),
)
# To whoever was a full member a moment ago. A reminder that nobody gets is due again.
THEIRS_ALONE: tuple[bodies.Personal, ...] = (
    bodies.CheckDone("chk_1", CheckKind.TOKEN, Screen.SOURCES),
    bodies.ColleagueAsked(ADA.user_id, Screen.CREDENTIALS),
    bodies.ReplayInstructions(2),
    bodies.Reminder(Blocker.NO_EVENTS, Role.DID_LAST),
    bodies.Farewell("Acme"),
)
FOR_ANYBODY: tuple[bodies.Personal, ...] = (
    bodies.Welcome(),
    bodies.HelpReceived(),
    bodies.TokenWarning(),
    bodies.Hint(),
    bodies.PassOn("Hello"),
)
EVERY = (*ASKS, *WRITTEN, *INFORMS, *THEIRS_ALONE, *FOR_ANYBODY)


def fate_of(body: bodies.Personal, reader: str) -> Fate:
    if reader == "member" or body in FOR_ANYBODY:
        return Fate.THEIRS
    if reader == "right lost":
        return Fate.NEXT if body in ASKS else Fate.THEIRS
    return Fate.NEXT if body in (*ASKS, *WRITTEN) else Fate.NOBODY


def test_the_table_has_every_kind() -> None:
    assert {type(body) for body in EVERY} == set(get_args(bodies.Personal))


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("body", EVERY, ids=lambda body: body.kind)
async def test_each_goes_to_whoever_can_still_act_on_it(
    bot: Bot, body: bodies.Personal, reader: str
) -> None:
    bot.directory.people[BOB.user_id] = READERS[reader]
    situation = await bot.situation()
    assert situation
    message = Message(body, f"user:{BOB.user_id}", "key", INTEGRATION)
    is_theirs = await bot.passing_on.is_for_reader(situation, message)
    rows = bot.storage.tables.outbox.values()
    readers = [row.message.reader for row in rows if row.message.key == f"key{PASSED_ON}"]
    fate = fate_of(body, reader)
    assert is_theirs is (fate is Fate.THEIRS)
    assert readers == ([ADA.user_id] if fate is Fate.NEXT else [])


@pytest.mark.parametrize("reader", GONE)
@pytest.mark.parametrize("body", [*ASKS, *WRITTEN, *INFORMS], ids=lambda body: body.kind)
async def test_where_nobody_is_left_no_guest_reads_it_either(
    bot: Bot, body: bodies.Personal, reader: str
) -> None:
    bot.directory.people |= {BOB.user_id: READERS[reader], ADA.user_id: None}
    situation = await bot.situation()
    assert situation
    message = Message(body, f"user:{BOB.user_id}", "key", INTEGRATION)
    assert not await bot.passing_on.is_for_reader(situation, message)
    async with bot.recorder.uow(situation.integration.tenant_id, write=False) as work:
        latest = await work.history.latest(INTEGRATION, 20)
    told = [stored for stored in latest if isinstance(stored.event, Unreached)]
    is_missed = body not in INFORMS and not isinstance(body, bodies.DelegationNews)
    assert len(told) == is_missed
