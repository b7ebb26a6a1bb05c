"""What people report of Segment's answer: what is refused, and when the next reminder comes."""

import zoneinfo
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from flows.errors import ErrorCode, Field
from flows.model import Integration, Situation
from flows.reminders.facts import Reminded, Reminders
from flows.reminders.hours import Calendar
from flows.reminders.schedule import Rules, asked_about, begins, next_reminder
from flows.replay.facts import Scheduled
from flows.replay.reports import check_schedule
from flows.replay.steps import not_started_on, schedule_replay
from flows.vocabulary import Person, Stamp
from flows.zones import LAST_ZONE, zone
from tests.unit.views.message_cases import ADA, NOW, stages

TODAY = NOW.date()


@pytest.mark.parametrize(
    ("on", "ticket", "field", "code"),
    [
        (None, "", Field.SCHEDULED_ON, ErrorCode.REQUIRED),
        (TODAY - timedelta(days=2), "4711", Field.SCHEDULED_ON, ErrorCode.DATE_NOT_AHEAD),
        (TODAY + timedelta(days=400), "", Field.SCHEDULED_ON, ErrorCode.DATE_NOT_AHEAD),
        (TODAY, "x" * 61, Field.TICKET, ErrorCode.TOO_LONG),
        (TODAY, "sgp_" + "a" * 64, Field.TICKET, ErrorCode.LOOKS_SECRET),
    ],
)
def test_each_mistake_stands_beside_its_field(
    on: date | None, ticket: str, field: Field, code: ErrorCode
) -> None:
    (error,) = check_schedule(on, ticket, TODAY)
    assert (error.field, error.code) == (field, code)
    assert check_schedule(TODAY, "4711", TODAY) == ()


def planned(of: Integration, situation: Situation) -> datetime | None:
    found = next_reminder(of, situation.observed, Rules())
    return found.at if found else None


def test_the_one_question_comes_on_the_promised_day_and_no_reminder_before_it() -> None:
    sent = dict(stages())["replay sent"]
    due = planned(sent.integration, sent)
    assert due == ADA.at + timedelta(days=5)
    scheduled = Scheduled(Stamp("", NOW), date(2026, 5, 20))
    later = replace(sent.integration, replay_scheduled=scheduled)
    assert planned(later, sent) == datetime(2026, 5, 19, 10, tzinfo=UTC), "the first people's day"
    at = datetime(2026, 5, 20, 12, tzinfo=UTC)
    asked = Reminded("replay_not_running", 1, at - timedelta(hours=2), "U0ADA00001")
    once = replace(later, reminders=Reminders(sent=(asked,)))
    assert planned(once, sent) is None  # once a promised day
    moved = schedule_replay(once, date(2026, 5, 27), "", Stamp("U0BOB", at)).integration
    assert moved.replay_scheduled
    assert moved.replay_scheduled.missed == date(2026, 5, 20)
    assert planned(moved, sent) == datetime(2026, 5, 26, 10, tzinfo=UTC)
    no_day = schedule_replay(once, None, "", Stamp("U0BOB", at)).integration
    assert planned(no_day, sent) == at + timedelta(days=5)
    running = replace(once, replay_running=Stamp("U0BOB", at))
    assert planned(running, sent) == at + timedelta(days=5)


def test_who_reports_a_day_that_has_begun_is_asked_a_day_later() -> None:
    sent = dict(stages())["replay sent"]
    scheduled = Scheduled(Stamp("", NOW), TODAY)
    known = replace(sent.integration, replay_scheduled=scheduled)
    due = next_reminder(known, sent.observed, Rules())
    assert due
    assert begins(due, known, Rules(), UTC) == NOW + timedelta(days=1)
    assert not_started_on(known, NOW + timedelta(hours=23), UTC) is None
    assert not_started_on(known, NOW + timedelta(days=1), UTC) == TODAY


ZONES = sorted(zoneinfo.available_timezones())
DAYS = (date(2026, 5, 20), date(2026, 7, 15), date(2026, 12, 16))  # Wednesdays


@pytest.mark.parametrize("on", DAYS)
def test_everybody_is_asked_on_that_day_in_their_hours_and_nobody_says_before_it_that_it_passed(
    on: date,
) -> None:
    sent, calendar = dict(stages())["replay sent"], Calendar()
    known = replace(sent.integration, replay_scheduled=Scheduled(Stamp("", NOW), on))
    due = next_reminder(known, sent.observed, Rules())
    assert due
    for name in ZONES:
        person, here = Person(name, "en-US", is_active=True), zone(name)
        opens = begins(due, known, Rules(), here)
        assert due.at <= opens, name
        assert opens.astimezone(here).date() == on, name
        assert calendar.next_allowed(opens, person, "int_1").astimezone(here).date() == on, name
        assert not_started_on(known, opens - timedelta(seconds=1), here) is None, name
        assert not_started_on(known, opens, here) == on, name
        assert not_started_on(known, opens, LAST_ZONE) in (None, on), name


def test_the_evening_before_a_day_is_changed_without_being_called_missed() -> None:
    """Ten in the evening in New York, where it is tomorrow in UTC."""
    sent = dict(stages())["replay sent"].integration
    on, new = date(2026, 5, 20), date(2026, 5, 25)
    promised = schedule_replay(sent, on, "", Stamp("U0BOB", NOW)).integration
    evening, new_york = Stamp("U0BOB", datetime(2026, 5, 20, 3, 30, tzinfo=UTC)), "America/New_York"
    for here, missed in ((zone(new_york), None), (LAST_ZONE, None), (zone("Europe/Berlin"), on)):
        after = schedule_replay(promised, new, "", evening, here).integration.replay_scheduled
        assert after
        assert (after.on, after.missed) == (new, missed)
    morning = Stamp("U0BOB", evening.at + timedelta(hours=10))
    late = schedule_replay(promised, new, "", morning, zone(new_york)).integration.replay_scheduled
    assert late
    assert late.missed == on


def test_a_reminder_from_before_the_day_does_not_ask_whether_it_started() -> None:
    sent = dict(stages())["replay sent"].integration
    promised = replace(sent, replay_scheduled=Scheduled(Stamp("", NOW), date(2026, 5, 20)))
    for at, named in ((NOW, None), (datetime(2026, 5, 20, 9, tzinfo=UTC), date(2026, 5, 20))):
        reminded = Reminded("replay_not_running", 1, at, "U0ADA00001")
        known = replace(promised, reminders=Reminders(sent=(reminded,)))
        assert asked_about(known) == named
        assert asked_about(replace(known, replay_running=ADA)) is None


def test_an_empty_day_answers_only_a_promise_that_has_passed() -> None:
    sent = dict(stages())["replay sent"].integration
    promised = schedule_replay(sent, TODAY + timedelta(days=3), "", ADA).integration
    ticket = schedule_replay(promised, None, "4711", Stamp("U0BOB", NOW)).integration
    assert ticket.replay_scheduled
    assert (ticket.replay_scheduled.on, ticket.replay_scheduled.missed) == (
        TODAY + timedelta(days=3),
        None,
    )
    assert check_schedule(None, "", TODAY, may_be_empty=True) == ()
