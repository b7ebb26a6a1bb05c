"""Who may do what: the rule, for every right and every kind of person."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from flows.errors import DirectoryUnavailable
from flows.model import Added, Delegation, Integration, Screen, Step
from flows.setup.leaving import disconnect
from flows.setup.people_steps import WhoManages, set_managers
from flows.setup.permissions import (
    Member,
    Members,
    NotAllowed,
    NotMember,
    Right,
    Wide,
    managing,
)
from flows.vocabulary import Actor, Person, Stamp
from tests.support.fake_directory import HERE, FakeDirectory
from tests.unit.views.message_cases import ADA, NOW, at, integration

TEAM = "T1"
RIGHTS: list[Right] = [*Screen, *Wide]
STARTER, ADDED, ASKED, NOBODY = "U0STARTER", "U0ADDED", "U0ASKED", "U0NOBODY"
OWN = replace(HERE, teams=(TEAM,))
STRANGERS: dict[str, Person | None] = {
    "a guest": replace(OWN, is_full_member=False),
    "an app": replace(OWN, is_full_member=False, is_bot=True),
    "somebody who has left": replace(OWN, is_active=False),
    "somebody of another workspace": replace(HERE, teams=("T2",)),
    "somebody whom Slack does not know": None,
    "a guest who is called an admin": replace(OWN, is_full_member=False, admin_of=(TEAM,)),
}


def a_set_up(asked_for: Screen = Screen.CREDENTIALS) -> Integration:
    by = Stamp(STARTER, NOW)
    return replace(
        integration(),
        started=by,
        added=(Added(ADDED, by),),
        asked=(Delegation(ASKED, asked_for, by),),
    )


def allowed(user_id: str, right: Right, asked_for: Screen, *, is_admin: bool = False) -> bool:
    member = Member(user_id, is_admin=is_admin)
    situation = at(a_set_up(asked_for))
    try:
        member.require(situation, right)
    except NotAllowed:
        return False
    return True


def every_case() -> Iterator[tuple[Right, Screen]]:
    return ((right, asked_for) for right in RIGHTS for asked_for in Screen)


def test_the_rule_for_every_right_and_everybody() -> None:
    for right, asked_for in every_case():
        is_theirs = isinstance(right, Screen) and right.step is asked_for.step
        if right is Wide.UPGRADED:  # but neither may finish, or choose the plan, for the other
            is_theirs = asked_for.step in (Step.PLAN, Step.HISTORIC_SYNC)
        looks = right is Wide.LOOK
        expected = {
            STARTER: True,
            ADDED: True,
            ASKED: is_theirs or looks,
            NOBODY: looks,
        }
        for user_id, may in expected.items():
            assert allowed(user_id, right, asked_for) is may, (user_id, right, asked_for)
        assert allowed(NOBODY, right, asked_for, is_admin=True)


def test_who_can_is_named_where_somebody_is_refused() -> None:
    assert managing(a_set_up(), Wide.MANAGE) == (STARTER, ADDED)
    assert managing(a_set_up(), Screen.CREDENTIALS) == (STARTER, ADDED, ASKED)
    assert managing(a_set_up(), Screen.REPLAY) == (STARTER, ADDED)


def test_of_a_set_up_of_an_earlier_version_it_is_whoever_came_first() -> None:
    old = replace(a_set_up(), started=None)
    assert old.plan_chosen is not None
    assert managing(old, Wide.MANAGE)[0] == old.plan_chosen.by
    assert managing(replace(old, plan_chosen=None), Wide.MANAGE)[0] == ADA.by


ACTOR = Actor(TEAM, TEAM, NOBODY)


@pytest.mark.parametrize("kind", STRANGERS)
async def test_guests_apps_and_strangers_are_no_members(kind: str) -> None:
    directory = FakeDirectory()
    directory.people[NOBODY] = STRANGERS[kind]
    with pytest.raises(NotMember):
        await Members(directory).require(ACTOR)


async def test_an_admin_of_another_workspace_is_none_here() -> None:
    directory = FakeDirectory()
    directory.people[NOBODY] = replace(HERE, teams=("T2", TEAM), admin_of=("T2",))
    assert await Members(directory).require(ACTOR) == Member(
        NOBODY, False, HERE.time_zone, HERE.locale
    )
    directory.people[NOBODY] = replace(HERE, teams=("T2", TEAM), admin_of=("T2", TEAM))
    assert await Members(directory).require(ACTOR) == Member(
        NOBODY, True, HERE.time_zone, HERE.locale
    )


async def test_while_slack_does_not_say_nobody_is_anything() -> None:
    directory = FakeDirectory()
    directory.is_away = True
    with pytest.raises(DirectoryUnavailable):
        await Members(directory).require(ACTOR)


ASKED_FOR = f"{ASKED}:{Screen.CREDENTIALS}"
SHOWN = WhoManages((ADDED,), (ASKED_FOR,))


@pytest.mark.parametrize(
    ("shown", "wanted", "added", "asked"),
    [
        (SHOWN, SHOWN, [ADDED], [ASKED]),
        (WhoManages((), ()), WhoManages((), ()), [ADDED], [ASKED]),  # both came after it was opened
        (WhoManages((), ()), WhoManages((NOBODY,), ()), [ADDED, NOBODY], [ASKED]),
        (SHOWN, WhoManages((ADDED, NOBODY), (ASKED_FOR,)), [ADDED, NOBODY], [ASKED]),
        (SHOWN, WhoManages((), (ASKED_FOR,)), [], [ASKED]),
        (SHOWN, WhoManages((ADDED,), ()), [ADDED], []),
        # A colleague has removed somebody meanwhile.
        (WhoManages((ADDED, NOBODY), ()), WhoManages((ADDED, NOBODY), ()), [ADDED], [ASKED]),
    ],
)
def test_a_form_changes_only_what_was_changed_in_it(
    shown: WhoManages, wanted: WhoManages, added: list[str], asked: list[str]
) -> None:
    after = set_managers(a_set_up(), shown, wanted, Stamp(STARTER, NOW)).integration
    assert [each.user_id for each in after.added] == added
    assert [each.user_id for each in after.asked] == asked


def test_what_comes_next_is_for_those_who_may_do_it_and_a_beginning_for_anybody() -> None:
    under_way = at(a_set_up(Screen.LIVE_SYNC))  # which comes next
    manages = {STARTER: True, ADDED: True, ASKED: False, "U0ELSE": False}
    for user_id, is_manager in manages.items():
        member = Member(user_id, is_admin=False)
        assert member.may_do_next(under_way) == (is_manager or user_id == ASKED)
        assert member.may_go_on(under_way) == member.may_do_next(under_way)
        assert member.manages(under_way) == is_manager
    integration = under_way.integration
    anybody = Member("U0ELSE", is_admin=False)
    for gone in (replace(integration, last_active=None), disconnect(integration, ADA).integration):
        assert anybody.may_go_on(at(gone))
        assert anybody.manages(at(gone))
        assert not anybody.may_do_next(at(gone)), "what they say makes them nobody's contact"
