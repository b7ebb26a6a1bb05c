"""What people report of Segment's answer: what is refused, and when the next reminder comes."""

import zoneinfo
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo

import pytest

from flows.errors import ErrorCode, Field
from flows.model import Integration, Situation
from flows.reminders.facts import Reminded, Reminders, Role
from flows.reminders.hours import Calendar
from flows.reminders.schedule import Rules, begins, next_day, next_reminder, rules_of
from flows.reminders.steps import Recipient, remind
from flows.replay.facts import Scheduled
from flows.replay.reports import check_schedule
from flows.replay.steps import schedule_replay
from flows.setup.replays import asked_about, day_come, not_started_on
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
    found = next_reminder(replace(situation, integration=of), Rules())
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
    due = next_reminder(replace(sent, integration=known), Rules())
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
    due = next_reminder(replace(sent, integration=known), Rules())
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


ON = date(2026, 12, 10)  # a Thursday
NEW_YORK, AUCKLAND = zone("America/New_York"), zone("Pacific/Auckland")
OWN_DELAYS = rules_of((timedelta(days=3),), Calendar())


def promised() -> Situation:
    """Segment named the day; nobody was reminded yet."""
    sent = dict(stages())["replay sent"]
    named = Stamp("U0ADA00001", datetime(2026, 12, 6, 15, tzinfo=UTC))
    scheduled = Scheduled(named, ON)
    known = replace(sent.integration, replay_sent=named, replay_scheduled=scheduled)
    return replace(sent, integration=known, now=named.at)


def reminded(situation: Situation, at: datetime, here: tzinfo, rules: Rules) -> Integration:
    due = next_reminder(situation, rules)
    assert due
    to = Recipient("U0ADA00001", Role.DID_LAST)
    return remind(situation.integration, due, to, at, here=here).integration


@pytest.mark.parametrize(
    ("at", "here", "rules", "named"),
    [
        (datetime(2026, 12, 9, 15, tzinfo=UTC), NEW_YORK, OWN_DELAYS, None),  # the day before
        (datetime(2026, 12, 10, 15, tzinfo=UTC), NEW_YORK, OWN_DELAYS, ON),
        (datetime(2026, 12, 9, 22, tzinfo=UTC), AUCKLAND, OWN_DELAYS, ON),
        (datetime(2026, 12, 9, 22, tzinfo=UTC), AUCKLAND, Rules(), ON),
    ],
)
def test_a_reminder_asks_whether_it_started_once_the_day_has_come_for_its_reader(
    at: datetime, here: tzinfo, rules: Rules, named: date | None
) -> None:
    known = reminded(promised(), at, here, rules)
    assert asked_about(known) == named
    assert asked_about(replace(known, replay_running=ADA)) is None
    assert day_come(known, at, NEW_YORK) == named
    assert day_come(known, at + timedelta(days=2), NEW_YORK) == ON
    before = promised().integration
    assert asked_about(before) is None


def test_whoever_sees_the_question_can_answer_it_wherever_they_are() -> None:
    """Ada was asked in Auckland. It is the day before for Grace in New York, who sees it too."""
    at = datetime(2026, 12, 9, 22, tzinfo=UTC)
    known = reminded(promised(), at, AUCKLAND, Rules())
    grace, new = Stamp("U0GRACE", at + timedelta(hours=1)), date(2026, 12, 15)
    for on, missed in ((new, ON), (None, ON), (ON, None)):
        change = schedule_replay(known, on, "", grace, NEW_YORK)
        after = change.integration.replay_scheduled
        assert after
        assert (after.on, after.missed, after.reported) == (on, missed, grace)
        assert change.events
        assert day_come(change.integration, grace.at, NEW_YORK) is None, "it was answered"
        twice = schedule_replay(change.integration, on, "", grace, NEW_YORK)
        assert not twice.events


@pytest.mark.parametrize(
    ("at", "time_zone", "on"),
    [
        (datetime(2026, 12, 7, 15, tzinfo=UTC), "America/New_York", ON),
        (datetime(2026, 12, 7, 15, tzinfo=UTC), "America/Los_Angeles", ON),
        (datetime(2026, 12, 7, 15, tzinfo=UTC), "Asia/Kolkata", ON),
        (datetime(2026, 12, 7, 15, tzinfo=UTC), "Pacific/Auckland", ON),
        # Its hours are over there, and a weekend follows.
        (datetime(2026, 12, 10, 22, tzinfo=UTC), "America/New_York", date(2026, 12, 11)),
        (datetime(2026, 12, 11, 22, tzinfo=UTC), "America/New_York", date(2026, 12, 14)),
    ],
)
def test_home_names_a_day_on_which_a_reminder_can_come(
    at: datetime, time_zone: str, on: date
) -> None:
    reader = Person(time_zone, "en-US", is_active=True)
    assert next_day(replace(promised(), now=at), Rules(), reader) == on


def test_home_names_the_next_day_where_the_promised_one_had_begun() -> None:
    named = Stamp("U0ADA00001", datetime(2026, 12, 10, 17, tzinfo=UTC))
    known = promised()
    known = replace(
        known,
        integration=replace(known.integration, replay_scheduled=Scheduled(named, ON)),
        now=named.at + timedelta(hours=1),
    )
    reader = Person("America/New_York", "en-US", is_active=True)
    assert next_day(known, Rules(), reader) == date(2026, 12, 11)


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
