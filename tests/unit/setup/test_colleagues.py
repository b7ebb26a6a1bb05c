"""Who can be asked to take over a step."""

import asyncio
from dataclasses import replace
from unittest.mock import patch

import pytest

from flows.errors import DirectoryUnavailable, ErrorCode
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


async def test_nobody_is_asked_while_slack_does_not_say_who_they_are() -> None:
    directory = FakeDirectory()
    directory.is_away = True
    with pytest.raises(DirectoryUnavailable):
        await why_not(directory, ADA, BOB.user_id)
    directory.is_away = False
    directory.person = never  # type: ignore[method-assign]
    with patch("flows.setup.permissions.ANSWER_WITHIN", 0.01), pytest.raises(DirectoryUnavailable):
        await why_not(directory, ADA, BOB.user_id)


async def never(*_: object, **__: object) -> None:
    await asyncio.Event().wait()
