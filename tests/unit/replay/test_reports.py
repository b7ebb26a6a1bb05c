"""What people report of Segment's answer: what is refused, and when the next reminder comes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from flows.errors import ErrorCode, Field
from flows.model import Integration, Situation
from flows.reminders.facts import Reminded, Reminders
from flows.reminders.schedule import Rules, next_reminder
from flows.replay.facts import Scheduled
from flows.replay.reports import check_schedule
from flows.replay.steps import schedule_replay
from flows.vocabulary import Stamp
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
    asked_at = datetime(2026, 5, 20, 3, tzinfo=UTC)
    assert planned(later, sent) == asked_at
    asked = Reminded("replay_not_running", 1, asked_at, "U0ADA00001")
    once = replace(later, reminders=Reminders(sent=(asked,)))
    assert planned(once, sent) is None  # once a promised day
    at = asked_at + timedelta(hours=9)
    moved = schedule_replay(once, date(2026, 5, 27), "", Stamp("U0BOB", at)).integration
    assert moved.replay_scheduled
    assert moved.replay_scheduled.missed == date(2026, 5, 20)
    assert planned(moved, sent) == datetime(2026, 5, 27, 3, tzinfo=UTC)
    no_day = schedule_replay(once, None, "", Stamp("U0BOB", at)).integration
    assert planned(no_day, sent) == at + timedelta(days=5)
    running = replace(once, replay_running=Stamp("U0BOB", at))
    assert planned(running, sent) == at + timedelta(days=5)


def test_who_reports_a_day_that_has_begun_is_asked_a_day_later() -> None:
    sent = dict(stages())["replay sent"]
    scheduled = Scheduled(Stamp("", NOW), TODAY)
    assert planned(replace(sent.integration, replay_scheduled=scheduled), sent) == NOW + timedelta(
        days=1
    )


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
