"""Every place where a person names a day, with the same odd days; and odd days stored earlier."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.outbound.people import _person
from bot.views.people.dialogs import upgraded_view
from bot.views.people.reminders import snooze_view
from flows.csm.needs import holding, needed
from flows.csm.refused import Decided
from flows.errors import ErrorCode, FieldError
from flows.model import Screen
from flows.projection import project
from flows.reminders.service import Reminding
from flows.replay.facts import Scheduled
from flows.replay.window import WindowAnswers, check_window, default_window, kept_at_upgrade
from flows.setup.replays import not_started_on
from flows.setup.results import Mistakes, ShowStep
from flows.setup.submission import Ref
from flows.vocabulary import Plan, Stamp
from flows.zones import FIRST_ZONE, LAST_ZONE, end_of, zone, zone_at
from tests.support.flow_services import ADA, BY_CSM, POLL_INTERVAL, Services

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TODAY = NOW.date()
ODD = [date.min, date(1970, 1, 1), date(2001, 1, 1), date(2099, 12, 31), date(9999, 12, 31)]
AHEAD, PAST = TODAY + timedelta(days=7), TODAY - timedelta(days=30)

Name = Callable[[Services, date], Awaitable[Any]]


async def ref(bot: Services) -> Ref:
    integration = bot.integration()
    assert integration
    return Ref(integration.id, integration.revision)


async def promised_by_csm(bot: Services, day: date) -> Any:
    return await bot.csm.replay.schedule_replay(BY_CSM, day, "")


async def snoozed_by_csm(bot: Services, day: date) -> Any:
    return await bot.csm.owning.snooze_until(BY_CSM, day)


async def snoozed(bot: Services, day: date) -> Any:
    return await Reminding(bot.recorder, bot.directory, bot.members).snooze_until(
        ADA, await ref(bot), day
    )


async def promised(bot: Services, day: date) -> Any:
    return await bot.following.schedule(ADA, await ref(bot), day, "4711")


async def upgraded(bot: Services, day: date) -> Any:
    return await bot.replaying.declare_upgrade(ADA, await ref(bot), day)


async def window_start(bot: Services, day: date) -> Any:
    return await check(bot, at(day), NOW)


async def window_end(bot: Services, day: date) -> Any:
    return await check(bot, NOW - timedelta(days=300), at(day))


async def check(bot: Services, start: datetime, end: datetime) -> Any:
    situation = await bot.situation()
    assert situation
    return tuple(check_window(WindowAnswers(start, end), default_window(situation), NOW)[1])


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


# How a day is named, and one that is right there.
PLACES: dict[str, tuple[Name, date]] = {
    "promised, said by a CSM": (promised_by_csm, AHEAD),
    "promised, said by the customer": (promised, AHEAD),
    "snoozed by a CSM": (snoozed_by_csm, AHEAD),
    "snoozed": (snoozed, AHEAD),
    "upgraded": (upgraded, PAST),
    "start of the Replay": (window_start, PAST),
    "end of the Replay": (window_end, PAST),
}


@pytest.fixture
async def bot() -> Services:
    made = Services()
    await made.install()
    await made.setup.start(ADA)
    await made.setup.choose_plan(ADA, await ref(made), Plan.TEAM)
    made.storage.clock.advance(NOW - made.storage.clock.now())
    return made


def mistakes(answer: Any) -> tuple[FieldError, ...]:
    found = answer.errors if isinstance(answer, Mistakes | ShowStep) else answer
    assert isinstance(found, tuple)
    return found


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("day", ODD)
async def test_a_day_that_cannot_be_meant_is_refused_beside_its_field(
    bot: Services, place: str, day: date
) -> None:
    name, _ = PLACES[place]
    error, *_ = mistakes(await name(bot, day))
    assert error.code.value.startswith(("date_", "start_", "end_"))


@pytest.mark.parametrize("place", ["snoozed by a CSM", "snoozed"])
async def test_a_day_that_can_be_meant_is_taken(bot: Services, place: str) -> None:
    name, right = PLACES[place]
    answer = await name(bot, right)
    assert not isinstance(answer, Mistakes)
    assert answer == () or answer.situation


@pytest.mark.parametrize("day", [AHEAD, TODAY, None])
async def test_a_csm_may_name_a_day_ahead_or_none(bot: Services, day: date | None) -> None:
    with pytest.raises(Decided):  # the day is right; there is no request that it could be about
        await bot.csm.replay.schedule_replay(BY_CSM, day, "4711")


@pytest.mark.parametrize("day", [date.min, *ODD, date.max])
async def test_an_odd_day_that_an_earlier_version_stored_breaks_nothing(
    bot: Services, day: date
) -> None:
    situation = await bot.situation()
    assert situation
    stamp = Stamp("U0ADA", NOW)
    stored = replace(
        situation.integration,
        replay_sent=stamp,
        replay_scheduled=Scheduled(stamp, day, ""),
        upgraded_on=day,
        upgraded_from=Plan.TEAM,
    )
    later = replace(situation, integration=stored)
    assert project(later, POLL_INTERVAL)
    assert needed(stored, holding(replace(later, integration=stored)))
    for here in (FIRST_ZONE, LAST_ZONE):
        assert not_started_on(stored, NOW, here) in (None, day)
    assert kept_at_upgrade(stored)
    assert end_of(day) >= at(day)


# --- time zones -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("user", "seconds"),
    [
        ({"tz": "Asia/Kolkata", "tz_offset": 0}, 19800),
        ({"tz": None, "tz_offset": 19800}, 19800),
        ({"tz": "", "tz_offset": -12600}, -12600),
        ({"tz_offset": 3600}, 3600),
        ({"tz": None, "tz_offset": None}, 0),
        ({"tz": None, "tz_offset": "soon"}, 0),
        ({"tz": None, "tz_offset": 10**9}, 0),
        ({"tz": "No/Where", "tz_offset": 3600}, 3600),
        ({"tz": "No/Where", "tz_offset": "soon"}, 0),
        ({"tz": 5, "tz_offset": -28800}, -28800),
        ({}, 0),
    ],
)
def test_a_time_zone_whose_name_is_not_known_is_known_by_its_offset(
    user: Any, seconds: int
) -> None:
    here = zone(_person(user, "T1").time_zone)
    assert NOW.astimezone(here).utcoffset() == timedelta(seconds=seconds)


@pytest.mark.parametrize("seconds", [0, 60, 19800, -12600, 50400, -43200, 86340])
def test_an_offset_and_its_name_are_the_same(seconds: int) -> None:
    assert NOW.astimezone(zone(zone_at(seconds))).utcoffset() == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("name", "now", "today"),
    [
        ("America/Los_Angeles", "2026-03-03T03:30", date(2026, 3, 2)),
        ("America/New_York", "2026-03-03T12:00", date(2026, 3, 3)),
        ("Europe/Berlin", "2026-03-03T23:30", date(2026, 3, 4)),
        ("Pacific/Auckland", "2026-03-03T21:00", date(2026, 3, 4)),
    ],
)
async def test_a_picker_begins_with_the_day_of_whoever_opened_it(
    bot: Services, name: str, now: str, today: date
) -> None:
    known = bot.directory.people[ADA.user_id]
    assert known
    bot.directory.people[ADA.user_id] = replace(known, time_zone=name)
    bot.storage.clock.advance(datetime.fromisoformat(now).replace(tzinfo=UTC) - NOW)
    looked = await bot.submitting.situation(ADA, Screen.UPGRADE, await ref(bot))
    for view, days in ((upgraded_view(looked), 0), (snooze_view(looked), 7)):
        picker = next(
            element
            for block in view.to_dict()["blocks"]
            if (element := block.get("element", {})).get("type") == "datepicker"
        )
        assert picker["initial_date"] == (today + timedelta(days=days)).isoformat()


async def test_each_door_and_each_press_goes_by_the_days_of_whoever_uses_it(bot: Services) -> None:
    known = bot.directory.people[ADA.user_id]
    assert known
    bot.directory.people[ADA.user_id] = replace(known, time_zone="Pacific/Auckland")
    of_ada = await ref(bot)
    standing, _ = await bot.submitting.standing(ADA)
    pressed = await bot.setup.choose_plan(ADA, of_ada, Plan.TEAM)
    for found in (
        standing,
        (await bot.setup.start(ADA)).situation,
        pressed.situation,
    ):
        assert found
        assert found.time_zone == "Pacific/Auckland"


@pytest.mark.parametrize("name", ["America/New_York", "Europe/Berlin"])
async def test_nobody_has_upgraded_tomorrow(bot: Services, name: str) -> None:
    known = bot.directory.people[ADA.user_id]
    assert known
    bot.directory.people[ADA.user_id] = replace(known, time_zone=name)
    early = await upgraded(bot, TODAY + timedelta(days=1))
    assert [each.code for each in early.errors] == [ErrorCode.DATE_IN_FUTURE]
    assert not (await upgraded(bot, TODAY)).errors
