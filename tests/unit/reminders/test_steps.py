"""What a CSM's snooze may do to the quiet that a customer asked for."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from flows.errors import ErrorCode
from flows.reminders.facts import Quiet, Reminders, Snooze
from flows.reminders.steps import NotQuieter, csm_snooze
from flows.vocabulary import Stamp
from tests.unit.views.message_cases import ADA, NOW, integration


def day(number: int) -> datetime:
    return NOW + timedelta(days=number)


CSM = Stamp("U0MIRA0001", NOW, of_toplyne=True)
WEEK = Snooze(day(7), ADA.by, NOW)


@pytest.mark.parametrize(
    ("before", "until", "after"),
    [
        (Reminders(), day(1), day(1)),
        (Reminders(snooze=WEEK), day(8), day(8)),
        (Reminders(snooze=WEEK), day(1), ErrorCode.SNOOZED_LONGER),
        (Reminders(quiet=(Quiet("", ADA.by, NOW),)), day(8), ErrorCode.REMINDERS_STOPPED),
        (Reminders(quiet=(Quiet("no_events", ADA.by, NOW),)), day(1), day(1)),
    ],
)
def test_a_csm_can_only_make_it_quieter(
    before: Reminders, until: datetime, after: datetime | ErrorCode
) -> None:
    of = replace(integration(), reminders=before)
    if isinstance(after, ErrorCode):
        with pytest.raises(NotQuieter) as raised:
            csm_snooze(of, until, CSM)
        assert raised.value.code is after
        return
    facts = csm_snooze(of, until, CSM).integration.reminders
    assert facts.snooze
    assert facts.snooze.until == after
    assert facts.quiet == before.quiet, "what was stopped stays stopped"
