"""The use case of reminding: once, at the right hour, despite retries and failures."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from pydantic import SecretStr

from flows.csm.facts import Need
from flows.errors import NoRoom, NotFound, SegmentLimited, SegmentUnavailable
from flows.model import (
    Credentials,
    DestinationState,
    Integration,
    Screen,
    Situation,
    TokenKind,
    Verification,
)
from flows.outbox.bodies import Reminder
from flows.reminders.events import (
    NobodyToRemind,
    RanOut,
    ReminderNotSent,
)
from flows.reminders.facts import Reminded, Reminders
from flows.setup import people_steps
from flows.setup.blockers import Blocker
from flows.setup.events import LiveSyncStarted
from flows.setup.submission import Ref
from flows.vocabulary import Person, Plan, Region, Stamp
from tests.support.fake_segment import FakeSource
from tests.support.flow_services import ADA, BOB, INTEGRATION, TEAM
from tests.unit.reminders.bot import DAY, MONDAY, Bot, at

BEGUN = Stamp(ADA.user_id, MONDAY)


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


async def test_slack_is_asked_once_about_each_and_about_all_who_were_asked_at_once(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each question waits for its turn, so one after the other they would take the whole time."""
    others, asked, both = ["U0CYD00001", "U0DEB00001"], bot.directory.person, asyncio.Barrier(2)

    async def person(tenant_id: str, user_id: str, *, max_age: float = 0.0) -> Person | None:
        if user_id in others:
            await both.wait()
        return await asked(tenant_id, user_id, max_age=max_age)

    for to in (*others, BOB.user_id):
        screen = Screen.LIVE_SYNC if to in others else Screen.CREDENTIALS
        ask = partial(people_steps.delegate, to=to, screen=screen, stamp=BEGUN)
        await bot.recorder.change(TEAM, INTEGRATION, lambda now, ask=ask: ask(now.integration))
    bot.directory.people[others[0]] = None
    monkeypatch.setattr(bot.directory, "person", person)
    bot.reach(at(1, 11))
    bot.directory.asked.clear()
    await bot.remind()
    assert bot.sent() == [f"user:{BOB.user_id}"]
    assert sorted(bot.directory.asked) == sorted([BOB.user_id, *others])
    integration = bot.integration()
    assert integration
    assert others[0] not in [each.user_id for each in integration.asked if each.is_open]


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


async def test_what_is_taken_back_is_not_decided_again_at_once(bot: Bot) -> None:
    bot.reach(at(1, 15))
    await bot.remind()
    await bot.takes_back(bot.facts().sent[0])
    for _ in range(3):
        await bot.remind()
    assert len(bot.sent()) == 1
    bot.reach(at(1, 15) + timedelta(minutes=1))
    await bot.remind()
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
    assert len(bot.facts().sent) == 1, "the fact does not grow with the time"
    assert [each.reason for each in bot.matters()] == [Need.STUCK]
    assert bot.next_at() == at(16, 12), "somebody is looked for again"

    bot.directory.people = {}
    for day in (16, 18, 21, 23):
        bot.reach(at(day, 12))
        await bot.remind()
        assert bot.matters() == ()
    await bot.arrives()
    assert bot.sent() == [f"user:{ADA.user_id}"] * 4
    assert bot.events(RanOut) == 1


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


def _limits(call: str) -> None:
    raise SegmentLimited(call, "limited", 30.0)


def _has_no_room(call: str) -> None:
    raise NoRoom(call, "limited", 30.0)


def _is_down(call: str) -> None:
    raise SegmentUnavailable(call, "down")


async def without_destination(bot: Bot) -> FakeSource:
    """A source without a Toplyne destination, as a look at nine on Monday found it."""
    place = bot.segment.workspace_with("acme", "web app")
    (source,) = place.sources
    entered = Credentials(
        TokenKind.PUBLIC_API, Verification.VERIFIED, place.workspace, Region.US, BEGUN
    )

    def chosen(now: Situation) -> Integration:
        changed = replace(now.integration, credentials=entered, sources=(source.source,))
        return replace(changed, plan=Plan.BUSINESS, plan_chosen=BEGUN, sources_chosen=BEGUN)

    await bot.recorder.note(TEAM, INTEGRATION, chosen)
    async with bot.storage(TEAM) as work:
        await work.vault.put(INTEGRATION, SecretStr(bot.segment.issue("owner", place)))
        await work.commit()
    await bot.poller.poll(TEAM, INTEGRATION)
    return source


@pytest.mark.parametrize("answers", [_is_down, _limits, _has_no_room])
async def test_nothing_is_said_that_only_segment_knows_while_it_does_not_answer(
    bot: Bot, answers: Callable[[str], None]
) -> None:
    await without_destination(bot)
    usual, bot.segment.answers = bot.segment.answers, answers  # type: ignore[method-assign]
    for hour in (11, 12, 13):
        bot.reach(at(1, hour))
        await bot.remind()
        assert bot.next_at() == at(1, hour + 1)
    assert bot.facts().sent == ()
    bot.segment.answers = usual  # type: ignore[method-assign]
    bot.reach(at(1, 14))
    await bot.remind()
    assert [each.blocker for each in bot.facts().sent] == [Blocker.DESTINATION_MISSING]


async def test_what_was_mended_while_nobody_looked_is_not_said(bot: Bot) -> None:
    """The bot was off for a day, and begins with the reminder."""
    source = await without_destination(bot)
    source.destination = DestinationState.ENABLED
    bot.segment.send(source, at(1, 9))
    bot.reach(at(1, 11))
    await bot.remind()
    assert bot.facts().sent == ()
    assert bot.events(LiveSyncStarted) == 1


async def test_after_eight_the_csm_is_told_when_the_reminder_would_have_come(bot: Bot) -> None:
    """Not on a day off."""
    eight = tuple(Reminded("plan_missing", 1, at(-30 + 3 * n, 12), ADA.user_id) for n in range(8))
    begun = Stamp(ADA.user_id, at(4, 9))
    await bot.recorder.note(
        TEAM,
        INTEGRATION,
        lambda now: replace(now.integration, reminders=Reminders(eight), plan_chosen=begun),
    )
    bot.reach(at(5, 12))  # a Saturday
    await bot.remind()
    assert bot.events(RanOut) == 0
    monday = bot.next_at()
    assert monday
    assert at(7, 10) <= monday < at(7, 16)
    bot.reach(monday)
    await bot.remind()
    assert bot.events(RanOut) == 1
    assert bot.next_at() is None
