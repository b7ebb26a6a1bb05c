"""Who can be asked to take over a step."""

from dataclasses import replace

import pytest

from flows.errors import ErrorCode
from flows.setup.permissions import why_not
from flows.vocabulary import Person
from tests.support.fake_directory import HERE, FakeDirectory
from tests.support.flow_services import ADA, BOB, TEAM

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


async def test_a_slack_that_does_not_say_who_it_is_keeps_nobody_from_asking() -> None:
    directory = FakeDirectory()
    directory.is_away = True
    assert await why_not(directory, ADA, BOB.user_id) is None
