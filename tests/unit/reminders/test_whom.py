"""Whom a message reaches: each kind × how it is with its reader × who else is there.

Ada started the set-up. Bob is the reader, has chosen the plan and asked Cyd for the token.
"""

from dataclasses import replace
from typing import Any

import pytest

from flows.csm.events import PassedOn, Unreached
from flows.history import Event
from flows.model import Added, Delegation, Screen, Situation
from flows.outbox import bodies
from flows.outbox.messages import MOST_PASSED_ON, PASSED_ON, Message
from flows.reminders.facts import Role, Unreachable
from flows.reminders.steps import stop
from flows.setup.blockers import Blocker
from flows.vocabulary import Person, Stamp
from tests.support.flow_services import ADA, BOB, INTEGRATION, TEAM
from tests.unit.reminders.test_readers import (
    ASKS,
    EVERY,
    FOR_ANYBODY,
    GONE,
    READERS,
    WRITTEN,
)
from tests.unit.reminders.test_recipients import FULL, Bot, bot

__all__ = ["bot"]
CYD, DAN, HANK = "U0CYD00001", "U0DAN00001", "U0HANK0001"
ADMIN = replace(FULL, admin_of=(TEAM,))
REFUSED, BACK = "refused lately", "back again"
STANDINGS: dict[str, Person | None] = {**READERS, REFUSED: ADMIN, BACK: ADMIN}
NOBODY, ABOUT, ELSEWHERE = "nobody", "whom it is about", "the installer, elsewhere"
MANAGER, CONTACT = "a manager", "the contact, and whom it is about"
OTHERS: dict[str, dict[str, Person]] = {
    NOBODY: {},
    ABOUT: {CYD: FULL},
    ELSEWHERE: {HANK: replace(FULL, teams=("T0ELSEWHERE",))},
    MANAGER: {DAN: FULL},
    CONTACT: {ADA.user_id: ADMIN, CYD: FULL},
}


def for_whom(body: bodies.Personal, standing: str, others: str) -> str:
    """Who gets it, if anybody does."""
    keep = {"member", BACK} | (set() if body in ASKS else {"right lost", REFUSED})
    if standing in keep or body in FOR_ANYBODY:
        return BOB.user_id
    if body not in (*ASKS, *WRITTEN):
        return ""
    else_there = {MANAGER: DAN, CONTACT: ADA.user_id}
    if body in ASKS and not isinstance(body, bodies.DelegationNews):  # for whoever was asked for it
        else_there |= {ABOUT: CYD, CONTACT: CYD}
    keeps = BOB.user_id if standing == "right lost" else ""
    return else_there.get(others, keeps)


async def stand(bot: Bot, standing: str, others: str) -> Situation:
    """The situation when the message is sent."""
    bot.directory.people |= dict.fromkeys((ADA.user_id, CYD, DAN, HANK))
    bot.directory.people |= {BOB.user_id: STANDINGS[standing], **OTHERS[others]}
    tables, now = bot.storage.tables, bot.storage.clock.now()
    of, by_bob = tables.integrations[TEAM, INTEGRATION], Stamp(BOB.user_id, now)
    of = replace(of, asked=(Delegation(CYD, Screen.CREDENTIALS, by_bob, is_open=True),))
    if others == MANAGER:
        of = replace(of, added=(Added(DAN, by_bob),))
    if others == CONTACT:
        of = replace(of, last_active=Stamp(ADA.user_id, now))
    if standing in (REFUSED, BACK):
        refused = (Unreachable(BOB.user_id, now),)
        of = replace(of, reminders=replace(of.reminders, refused=refused))
    tables.integrations[TEAM, INTEGRATION] = of
    installation, token = tables.installations[TEAM]
    assert installation
    installer = HANK if others == ELSEWHERE else ADA.user_id
    installation = replace(installation, installed=Stamp(installer, now))
    tables.installations[TEAM] = installation, token
    if standing == BACK:
        await bot.recorder.change(
            TEAM, INTEGRATION, lambda now: stop(now.integration, "", by_bob), actor=BOB
        )
    situation = await bot.situation()
    assert situation
    return situation


def told_csms(bot: Bot) -> list[Event]:
    events = [entry.event for *_, entry in bot.storage.tables.history]
    return [each for each in events if isinstance(each, PassedOn | Unreached)]


@pytest.mark.parametrize("others", OTHERS)
@pytest.mark.parametrize("standing", STANDINGS)
@pytest.mark.parametrize("body", EVERY, ids=lambda body: body.kind)
async def test_each_reaches_whom_it_is_for_and_csms_hear_what_they_should(
    bot: Bot, body: bodies.Personal, standing: str, others: str
) -> None:
    situation = await stand(bot, standing, others)
    message = Message(body, f"user:{BOB.user_id}", "key", INTEGRATION)
    is_theirs = await bot.passing_on.is_for_reader(situation, message)
    rows = bot.storage.tables.outbox.values()
    passed = [row.message for row in rows if row.message.key == f"key{PASSED_ON}"]
    reached = [BOB.user_id] if is_theirs else [each.reader for each in passed]
    expected = for_whom(body, standing, others)
    assert reached == [expected] * bool(expected)
    assert not (is_theirs and passed)
    for each in passed:
        says_why(each.body, standing)

    heard = [(type(each), each.to) for each in told_csms(bot)]
    if passed and body in WRITTEN:
        assert heard == [(PassedOn, expected)]
    elif not reached and body in (*ASKS, *WRITTEN) and not isinstance(body, bodies.DelegationNews):
        assert heard == [(Unreached, BOB.user_id)]
    else:
        assert heard == []


def says_why(body: object, standing: str) -> None:
    """It names the first reader, and calls nobody gone who is there, or was not asked for it."""
    match body:
        case bodies.IncidentNews() | bodies.RecoveryNews():
            is_gone = standing in ("left", "deactivated", REFUSED)
            assert body.instead_of == (BOB.user_id if is_gone else "")
            assert (body.role is Role.DID_LAST) is not is_gone
        case bodies.CsmMessage():
            assert standing in GONE
            assert body.instead_of == BOB.user_id
        case bodies.DelegationNews():
            assert body.asker == BOB.user_id


# --- passed on more than once ---------------------------------------------------------------------

HOPS = (
    *WRITTEN,
    bodies.IncidentNews(Blocker.TOKEN_REVOKED),
    bodies.DelegationNews(bodies.Heard.NOTHING, CYD, Screen.CREDENTIALS),
)


@pytest.mark.parametrize("body", HOPS, ids=lambda body: body.kind)
async def test_whoever_is_back_gets_it_as_their_own(bot: Bot, body: bodies.Personal) -> None:
    """It went from Bob to Dan, who has left since."""
    situation = await stand(bot, "left", MANAGER)
    first = Message(body, f"user:{BOB.user_id}", "key", INTEGRATION)
    assert not await bot.passing_on.is_for_reader(situation, first)
    bot.directory.people |= {BOB.user_id: ADMIN, DAN: None}
    (second,) = of_key(bot, f"key{PASSED_ON}")
    assert not await bot.passing_on.is_for_reader(situation, second)
    (third,) = of_key(bot, f"key{PASSED_ON}{PASSED_ON}")
    assert third.reader == BOB.user_id
    was = replace(body, role=Role.DID_LAST) if isinstance(body, bodies.IncidentNews) else body
    assert third.body == was
    assert await bot.passing_on.is_for_reader(situation, third)


@pytest.mark.parametrize("body", HOPS, ids=lambda body: body.kind)
async def test_whoever_gets_it_third_reads_for_whom_it_was_first(
    bot: Bot, body: bodies.Personal
) -> None:
    situation = await stand(bot, "left", MANAGER)
    first = Message(body, f"user:{BOB.user_id}", "key", INTEGRATION)
    assert not await bot.passing_on.is_for_reader(situation, first)
    bot.directory.people |= {DAN: None, ADA.user_id: ADMIN}
    (second,) = of_key(bot, f"key{PASSED_ON}")
    assert not await bot.passing_on.is_for_reader(situation, second)
    (third,) = of_key(bot, f"key{PASSED_ON}{PASSED_ON}")
    assert third.reader == ADA.user_id
    says_why(third.body, "left")


@pytest.mark.parametrize("body", HOPS, ids=lambda body: body.kind)
async def test_it_is_passed_on_so_many_times_and_then_told_to_the_csm(
    bot: Bot, body: bodies.Personal
) -> None:
    situation = await stand(bot, "left", MANAGER)
    key = f"key{PASSED_ON * MOST_PASSED_ON}"
    last = Message(body, f"user:{BOB.user_id}", key, INTEGRATION)
    assert not await bot.passing_on.is_for_reader(situation, last)
    assert of_key(bot, f"{key}{PASSED_ON}") == []
    is_missed = not isinstance(body, bodies.DelegationNews)
    assert [type(each) for each in told_csms(bot)] == [Unreached] * is_missed


def of_key(bot: Bot, key: str) -> list[Message]:
    rows = bot.storage.tables.outbox.values()
    return [row.message for row in rows if row.message.key == key]


# --- an organisation's installer ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reader", "kind", "hears"),
    [
        (HANK, {}, True),
        (HANK, {"is_active": False}, False),
        (HANK, {"is_full_member": False}, False),
        (HANK, {"enterprise_id": "E0ELSEWHERE"}, False),
        (ADA.user_id, {}, False),  # who started it, and has moved to another Slack workspace
    ],
)
async def test_whoever_installed_it_for_an_organisation_hears_of_what_others_did(
    bot: Bot, reader: str, kind: dict[str, Any], hears: bool
) -> None:
    """Though they are in another of its Slack workspaces. They hear of nothing else there."""
    situation = await stand(bot, "member", ELSEWHERE)
    elsewhere = replace(OTHERS[ELSEWHERE][HANK], enterprise_id=TEAM)
    bot.directory.people[reader] = replace(elsewhere, **kind)
    of_asia = replace(situation, integration=replace(situation.integration, team_id="T0ASIA"))
    for body in EVERY:
        if body in FOR_ANYBODY or body in (*ASKS, *WRITTEN):
            continue
        message = Message(body, f"user:{reader}", "key", INTEGRATION)
        is_theirs = await bot.passing_on.is_for_reader(of_asia, message)
        assert is_theirs is (hears and isinstance(body, bodies.ColleagueDid))


async def test_while_slack_does_not_say_whether_somebody_is_there_they_get_it(bot: Bot) -> None:
    situation = await stand(bot, "member", NOBODY)
    bot.directory.is_away = True
    for body in EVERY:
        message = Message(body, f"user:{BOB.user_id}", "key", INTEGRATION)
        assert await bot.passing_on.is_for_reader(situation, message)
