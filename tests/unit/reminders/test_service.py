"""The use case of reminding: once, at the right hour, despite retries and failures."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from flows.errors import ErrorCode, Field, FieldError, NotFound
from flows.history import Event
from flows.outbox.bodies import MessageBody, Reminder
from flows.projection import project
from flows.reminders.events import (
    AskedForQuiet,
    NobodyToRemind,
    RanOut,
    ReminderNotSent,
    RemindersResumed,
    Snoozed,
)
from flows.reminders.facts import Reminded, Reminders
from flows.reminders.service import Reminding
from flows.reminders.steps import ran_out, take_back, undelivered
from flows.setup.blockers import Blocker
from flows.setup.results import Done, Mistakes
from flows.setup.submission import Ref
from flows.vocabulary import Person, Plan
from tests.support.flow_services import ADA, BOB, INTEGRATION, POLL_INTERVAL, TEAM, Services

DAY = timedelta(days=1)


class Bot(Services):
    def __post_init__(self) -> None:
        super().__post_init__()
        self.reminding = Reminding(self.recorder, self.directory, self.members)

    async def remind(self) -> None:
        await self.reminding.remind(TEAM, INTEGRATION)

    async def arrives(self) -> None:
        """The newest reminder has reached its reader."""
        key = self.facts().sent[-1].key(INTEGRATION)
        await self.recorder.change(TEAM, INTEGRATION, lambda now: ran_out(now, key))

    async def takes_back(self, reminder: Reminded) -> None:
        """It was not wanted any more when it could be sent."""
        key = reminder.key(INTEGRATION)
        await self.recorder.change(TEAM, INTEGRATION, lambda now: take_back(now, key))

    async def is_refused(self) -> None:
        """Slack refuses the newest reminder for its reader."""
        newest = self.facts().sent[-1]
        await self.recorder.change(
            TEAM, INTEGRATION, lambda now: undelivered(now, newest.key(INTEGRATION), newest.to)
        )

    def sent(self, of: type[MessageBody] = Reminder) -> list[str]:
        rows = self.storage.tables.outbox.values()
        return [row.message.conversation for row in rows if isinstance(row.message.body, of)]

    def events(self, kind: type[Event]) -> int:
        return sum(type(entry.event) is kind for *_, entry in self.storage.tables.history)

    def facts(self) -> Reminders:
        integration = self.integration()
        assert integration is not None
        return integration.reminders

    def next_at(self) -> datetime | None:
        return self.storage.tables.overviews[(TEAM, INTEGRATION)].next_reminder_at

    def reach(self, moment: datetime) -> None:
        self.storage.clock.advance(moment - self.storage.clock.now())


REF = Ref(INTEGRATION, 0)


@pytest.fixture
async def bot() -> AsyncIterator[Bot]:
    """Ada chose the plan on a Monday at nine. The first reminder is due on Tuesday."""
    made = Bot()
    await made.install()
    await made.setup.start(ADA)
    integration = made.integration()
    assert integration is not None
    ref = Ref(integration.id, integration.revision)
    await made.setup.choose_plan(ADA, ref, Plan.BUSINESS)
    made.directory.asked.clear()
    yield made
    situation = await made.situation()
    assert situation is not None
    stored = made.storage.tables.overviews[(TEAM, INTEGRATION)]
    assert stored == project(situation, POLL_INTERVAL), "rebuilding gives the same"


MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return MONDAY + timedelta(days=day, hours=hour - 9, minutes=minute)


async def test_one_that_is_not_due_is_not_sent(bot: Bot) -> None:
    assert bot.next_at() == at(1, 9)
    bot.reach(at(1, 8, 59))
    await bot.remind()
    assert bot.sent() == []
    assert bot.directory.asked == [], "nobody is asked about for nothing"


async def test_one_that_is_due_is_sent_once_however_often_it_is_tried(bot: Bot) -> None:
    bot.reach(at(1, 11))
    await asyncio.gather(*(bot.remind() for _ in range(5)))
    await bot.remind()
    assert bot.sent() == [f"user:{ADA.user_id}"]
    assert [each.number for each in bot.facts().sent] == [1]
    assert bot.next_at() == at(3, 11)


async def test_outside_hours_it_is_remembered_and_nothing_is_redrawn(bot: Bot) -> None:
    bot.reach(at(1, 9))
    drawn = len(bot.storage.tables.outbox)
    await bot.remind()
    assert len(bot.storage.tables.outbox) == drawn
    postponed = bot.facts().postponed
    assert postponed
    assert at(1, 10) <= postponed < at(1, 16)
    assert bot.next_at() == postponed
    bot.reach(postponed)
    await bot.remind()
    assert bot.sent() == [f"user:{ADA.user_id}"]
    assert bot.facts().postponed is None


async def test_a_worker_that_comes_too_late_waits_for_the_next_day(bot: Bot) -> None:
    bot.reach(at(1, 9))
    await bot.remind()
    bot.reach(at(1, 16))
    await bot.remind()
    assert bot.sent() == []
    moment = bot.next_at()
    assert moment
    assert at(2, 10) <= moment < at(2, 16)


async def test_while_slack_cannot_be_asked_it_stays_due(bot: Bot) -> None:
    bot.reach(at(1, 11))
    bot.directory.is_away = True
    await bot.remind()
    assert bot.sent() == []
    assert bot.next_at() == at(1, 9)
    bot.directory.is_away = False
    await bot.remind()
    assert len(bot.sent()) == 1


async def test_after_the_last_one_the_csm_is_told_once(bot: Bot) -> None:
    for day in (1, 3, 7, 14, 16, 21):
        bot.reach(at(day, 12))
        await bot.remind()
    assert len(bot.sent()) == 4
    assert bot.events(RanOut) == 0, "it has not arrived yet"
    for _ in range(2):  # after a doubt
        await bot.arrives()
    assert bot.events(RanOut) == 1
    assert bot.next_at() is None


async def test_one_that_was_not_sent_after_all_comes_again(bot: Bot) -> None:
    bot.reach(at(1, 15))
    await bot.remind()
    (sent,) = bot.facts().sent
    (row,) = (r for r in bot.storage.messages if isinstance(r.message.body, Reminder))
    assert row.message.body.closes == at(1, 16)
    for _ in range(2):
        await bot.takes_back(sent)
    assert bot.facts().sent == ()
    assert bot.events(ReminderNotSent) == 1, "once"
    bot.reach(at(2, 11))
    await bot.remind()
    assert [each.number for each in bot.facts().sent] == [1]
    assert len(bot.sent()) == 2


async def test_the_csm_is_told_when_the_last_one_that_came_again_has_arrived(bot: Bot) -> None:
    for day in (1, 3, 7, 14):
        bot.reach(at(day, 12))
        await bot.remind()
    last = bot.facts().sent[-1]
    await bot.takes_back(last)
    assert bot.events(RanOut) == 0
    bot.reach(at(15, 12))
    await bot.remind()
    await bot.arrives()
    assert bot.facts().sent[-1].is_last
    assert bot.events(RanOut) == 1


async def test_what_was_solved_meanwhile_is_not_sent(bot: Bot) -> None:
    bot.reach(at(1, 11))
    integration = bot.integration()
    assert integration is not None
    await bot.setup.disconnect(ADA, Ref(integration.id, integration.revision))
    await bot.remind()
    assert bot.sent() == []


async def test_without_anybody_the_csm_gets_it(bot: Bot) -> None:
    bot.directory.people = {ADA.user_id: None}
    bot.reach(at(1, 11))
    await bot.remind()
    assert bot.sent() == []
    assert bot.events(NobodyToRemind) == 1
    assert [each.to for each in bot.facts().sent] == [""]
    for day in (3, 7, 14):
        bot.reach(at(day, 12))
        await bot.remind()
    assert bot.events(NobodyToRemind) == 1, "once"
    assert bot.events(RanOut) == 0


async def test_who_is_refused_is_passed_over_for_a_day(bot: Bot) -> None:
    bot.reach(at(1, 11))
    await bot.remind()
    await bot.is_refused()
    await bot.remind()
    assert bot.events(NobodyToRemind) == 1
    assert [each.to for each in bot.facts().sent] == [""]
    bot.reach(at(3, 11))
    await bot.remind()
    assert bot.sent() == [f"user:{ADA.user_id}"] * 2
    assert [each.to for each in bot.facts().sent] == ["", ADA.user_id]


async def test_after_an_uninstall_nobody_is_asked_about(bot: Bot) -> None:
    await bot.lifecycle.uninstall(TEAM, bot.storage.clock.now() + DAY)
    bot.reach(at(20, 11))
    with pytest.raises(NotFound):
        await bot.remind()
    assert bot.sent() == []
    assert bot.directory.asked == []


async def test_a_stale_row_of_the_overview_is_put_right(bot: Bot) -> None:
    rows = bot.storage.tables.overviews
    rows[(TEAM, INTEGRATION)] = replace(rows[(TEAM, INTEGRATION)], next_reminder_at=MONDAY)
    await bot.remind()
    assert bot.next_at() == at(1, 9)
    assert bot.sent() == []


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


async def test_a_newer_one_takes_the_buttons_off_the_older_once(bot: Bot) -> None:
    for day in (1, 3):
        bot.reach(at(day, 11))
        await bot.remind()
    first, second = bot.facts().sent
    keys = [row.message.key for row in bot.storage.tables.outbox.values()]
    assert keys.count(f"gone:{first.key(INTEGRATION)}") == 1
    assert f"gone:{second.key(INTEGRATION)}" not in keys


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
