"""Who can be asked to take over a step."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

import pytest

from flows.errors import DirectoryUnavailable, ErrorCode
from flows.model import Integration, Screen
from flows.setup.people_steps import delegate, why_not_asked
from flows.setup.permissions import why_not
from flows.vocabulary import Person, Stamp
from tests.support.fake_directory import HERE, FakeDirectory
from tests.support.flow_services import ADA, BOB, TEAM
from tests.unit.views.message_cases import NOW, integration

BEGUN = replace(integration(), asked=())
BY_ADA = Stamp(ADA.user_id, NOW)
OWN = replace(HERE, teams=(TEAM,))


@pytest.mark.parametrize(
    ("person", "wrong"),
    [
        (OWN, None),
        (replace(OWN, is_full_member=False), ErrorCode.COLLEAGUE_IS_GUEST),
        (replace(OWN, is_bot=True), ErrorCode.COLLEAGUE_IS_APP),
        (replace(OWN, is_active=False), ErrorCode.COLLEAGUE_GONE),
        (None, ErrorCode.COLLEAGUE_GONE),
        (replace(HERE, teams=("T0OTHER",)), ErrorCode.COLLEAGUE_ELSEWHERE),
    ],
)
async def test_only_people_who_can_be_reached_can_be_asked(
    person: Person | None, wrong: ErrorCode | None
) -> None:
    directory = FakeDirectory()
    directory.people[BOB.user_id] = person
    assert await why_not(directory, ADA, BOB.user_id) is wrong


async def test_nobody_and_oneself_are_no_colleagues() -> None:
    directory = FakeDirectory()
    assert await why_not(directory, ADA, "") is ErrorCode.REQUIRED
    assert await why_not(directory, ADA, ADA.user_id) is ErrorCode.COLLEAGUE_IS_SELF
    assert directory.asked == []


async def test_nobody_is_asked_while_slack_does_not_say_who_they_are() -> None:
    directory = FakeDirectory()
    directory.is_away = True
    with pytest.raises(DirectoryUnavailable):
        await why_not(directory, ADA, BOB.user_id)
    directory.is_away = False
    directory.person = never  # type: ignore[method-assign]
    with patch("flows.setup.permissions.ANSWER_WITHIN", 0.01), pytest.raises(DirectoryUnavailable):
        await why_not(directory, ADA, BOB.user_id)


# --- how often ------------------------------------------------------------------------------------


def asked(*names: str, of: Integration = BEGUN) -> Integration:
    for name in names:
        of = delegate(of, name, Screen.PLAN, BY_ADA).integration
    return of


def refusal(of: Integration, to: str, after: timedelta = timedelta()) -> ErrorCode | None:
    wrong = why_not_asked(of, to, Screen.PLAN, NOW + after)
    return wrong.code if wrong else None


def test_nobody_for_whom_somebody_waits_is_forgotten() -> None:
    ten = asked(*(f"U{number}" for number in range(10)))
    assert refusal(ten, "U10") is ErrorCode.TOO_MANY_ASKED
    assert refusal(ten, "U0") is None, "once more, with another note"
    first, second, *others = ten.asked
    done = replace(ten, asked=(first, replace(second, is_open=False), *others))
    assert refusal(done, "U10") is None
    left = [each.user_id for each in asked("U10", of=done).asked]
    assert left == ["U0", *(f"U{number}" for number in range(2, 11))]


def test_the_same_colleague_is_asked_for_the_same_three_times_a_day() -> None:
    of = asked("UBOB", "UBOB", "UBOB")
    assert len(of.asked) == 1
    assert refusal(of, "UBOB", timedelta(hours=23)) is ErrorCode.ASKED_OFTEN
    assert why_not_asked(of, "UBOB", Screen.SOURCES, NOW) is None
    assert refusal(of, "UBOB", timedelta(days=1)) is None
    tomorrow = delegate(of, "UBOB", Screen.PLAN, replace(BY_ADA, at=NOW + timedelta(days=1)))
    assert tomorrow.integration.asked[0].earlier == ()


def test_no_more_than_three_come_in_any_day() -> None:
    of = BEGUN
    for hours in (0, 20, 23):
        by = replace(BY_ADA, at=NOW + timedelta(hours=hours))
        of = delegate(of, "UBOB", Screen.PLAN, by).integration
    assert refusal(of, "UBOB", timedelta(hours=23, minutes=59)) is ErrorCode.ASKED_OFTEN
    assert refusal(of, "UBOB", timedelta(hours=24)) is None, "two came in the last day"

    of = BEGUN
    for day in range(7):  # a little earlier each day
        at = timedelta(hours=20 * day)
        assert refusal(of, "UBOB", at) is None
        by = replace(BY_ADA, at=NOW + at)
        of = delegate(of, "UBOB", Screen.PLAN, by).integration


async def never(*_: object, **__: object) -> None:
    await asyncio.Event().wait()
