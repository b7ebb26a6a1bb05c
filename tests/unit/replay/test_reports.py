"""What people report of Segment's answer: what is refused, and when the next reminder comes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from flows.errors import ErrorCode, Field
from flows.model import Integration, Situation
from flows.reminders.schedule import Rules, next_reminder
from flows.replay.facts import Scheduled
from flows.replay.reports import check_schedule
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


def test_nobody_is_reminded_before_the_promised_day_is_over() -> None:
    sent = dict(stages())["replay sent"]
    due = planned(sent.integration, sent)
    assert due == ADA.at + timedelta(days=5)
    scheduled = Scheduled(Stamp("", NOW), date(2026, 5, 20))
    later = replace(sent.integration, replay_scheduled=scheduled)
    assert planned(later, sent) == datetime(2026, 5, 21, tzinfo=UTC)
