"""What people choose about reminders, on the use cases."""

import asyncio
from datetime import UTC, date, datetime

import pytest

from flows.errors import ErrorCode, Field, FieldError
from flows.outbox.bodies import Redraw
from flows.reminders.events import (
    AskedForQuiet,
    RemindersResumed,
    Snoozed,
)
from flows.reminders.facts import Reminders
from flows.setup.blockers import Blocker
from flows.setup.results import Done, Mistakes
from flows.setup.submission import Ref
from flows.vocabulary import Person
from tests.support.flow_services import ADA, BOB, INTEGRATION, TEAM
from tests.unit.reminders.bot import Bot, at

REF = Ref(INTEGRATION, 0)


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (None, ErrorCode.REQUIRED),
        (date(2026, 3, 2), ErrorCode.DATE_NOT_AHEAD),
        (date(2027, 3, 4), ErrorCode.DATE_NOT_AHEAD),
        (date(9999, 12, 31), ErrorCode.DATE_NOT_AHEAD),
    ],
)
async def test_days_that_are_none_to_snooze_until(
    bot: Bot, day: date | None, code: ErrorCode
) -> None:
    wrong = await bot.reminding.snooze_until(ADA, REF, day)
    assert wrong == Mistakes((FieldError(Field.UNTIL, code),))
    assert isinstance(await bot.reminding.snooze_until(ADA, REF, date(2026, 3, 3)), Done)
    assert bot.facts().snooze


async def test_a_day_is_the_one_of_the_persons_own_calendar(bot: Bot) -> None:
    bot.directory.people = {
        BOB.user_id: Person(
            "Pacific/Auckland", "en-NZ", is_active=True, teams=(TEAM,), admin_of=(TEAM,)
        )
    }
    bot.reach(at(0, 12))  # the 3rd in Auckland
    wrong = await bot.reminding.snooze_until(BOB, REF, date(2026, 3, 3))
    assert wrong == Mistakes((FieldError(Field.UNTIL, ErrorCode.DATE_NOT_AHEAD),))
    assert isinstance(await bot.reminding.snooze_until(BOB, REF, date(2026, 3, 9)), Done)
    snooze = bot.facts().snooze
    assert snooze
    assert snooze.until == datetime(2026, 3, 8, 11, 0, tzinfo=UTC)


async def test_stop_and_resume_are_said_once(bot: Bot) -> None:
    for _ in range(2):
        await bot.reminding.stop(ADA, REF)
    assert bot.events(AskedForQuiet) == 1
    assert bot.next_at() is None
    for _ in range(2):
        await bot.reminding.resume(ADA, REF)
    assert bot.events(RemindersResumed) == 1
    assert bot.next_at() == at(1, 9)


async def test_snooze_after_stop_brings_them_back(bot: Bot) -> None:
    await bot.reminding.stop(ADA, REF)
    await bot.reminding.snooze(ADA, REF, 7)
    assert bot.facts().quiet == ()
    assert bot.next_at() == at(7, 9)


async def test_a_second_press_of_the_same_snooze_is_none(bot: Bot) -> None:
    for _ in range(2):
        await bot.reminding.snooze(ADA, REF, 3)
    assert bot.events(Snoozed) == 1
    await bot.reminding.snooze(ADA, REF, 7)
    assert bot.events(Snoozed) == 2
    assert bot.next_at() == at(7, 9)


def drawn_again(bot: Bot) -> list[str]:
    bodies = [row.message.body for row in bot.storage.tables.outbox.values()]
    return [body.of for body in bodies if isinstance(body, Redraw)]


async def test_a_newer_one_takes_the_buttons_off_the_older_once(bot: Bot) -> None:
    for day in (1, 3):
        bot.reach(at(day, 11))
        await bot.remind()
    first, second = bot.facts().sent
    again = drawn_again(bot)
    assert again.count(first.key(INTEGRATION)) == 1
    assert second.key(INTEGRATION) not in again


async def test_one_that_reached_nobody_is_no_newer_one(bot: Bot) -> None:
    """Whoever comes back finds the one before with its buttons, until another follows it."""
    people = dict(bot.directory.people)
    gone: list[int] = []
    for day, is_there in ((1, True), (3, False), (7, True)):
        bot.directory.people = people if is_there else dict.fromkeys(people)
        bot.reach(at(day, 11))
        await bot.remind()
        first = bot.facts().sent[0].key(INTEGRATION)
        gone.append(drawn_again(bot).count(first))
    assert [bool(each.to) for each in bot.facts().sent] == [True, False, True]
    assert gone == [0, 0, 1]


async def test_what_is_chosen_in_the_one_before_shows_in_it(bot: Bot) -> None:
    """Whoever is back snoozes in the only message that they have."""
    people = dict(bot.directory.people)
    for day, is_there in ((1, True), (3, False)):
        bot.directory.people = people if is_there else dict.fromkeys(people)
        bot.reach(at(day, 11))
        await bot.remind()
    bot.directory.people = people
    await bot.reminding.snooze(ADA, REF, 7)
    first = bot.facts().sent[0].key(INTEGRATION)
    bodies = [row.message.body for row in bot.storage.messages]
    edits = [body.of for body in bodies if isinstance(body, Redraw)]
    assert edits[-1] == first


async def test_what_is_chosen_about_what_is_over_changes_nothing(bot: Bot) -> None:
    other = Blocker.NO_EVENTS.value
    for result in (
        await bot.reminding.snooze(ADA, REF, 3, other),
        await bot.reminding.stop(ADA, REF, other),
        await bot.reminding.resume(ADA, REF),
    ):
        assert not result.is_new
    assert bot.facts() == Reminders()
    assert (await bot.reminding.stop(ADA, REF, Blocker.CREDENTIALS_MISSING.value)).is_new


async def test_of_two_who_stop_them_at_once_one_changes_something(bot: Bot) -> None:
    blocker = Blocker.CREDENTIALS_MISSING.value
    both = await asyncio.gather(*(bot.reminding.stop(ADA, REF, blocker) for _ in range(2)))
    assert sorted(each.is_new for each in both) == [False, True]
