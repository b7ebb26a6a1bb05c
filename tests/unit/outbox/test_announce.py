"""Who is told what when something happens."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.csm.events import CredentialsConfirmed, CredentialsRejected
from flows.history import EVENTS, Event
from flows.model import Integration, Screen
from flows.outbox.announce import THREAD_EVENTS, messages_for
from flows.outbox.bodies import (
    ArrivalConfirmed,
    ColleagueAsked,
    Confirmed,
    DelegationNews,
    Farewell,
    FirstData,
    HelpReceived,
    MessageBody,
    Rejected,
    Reminder,
    ReplayInstructions,
    ThreadLine,
    Welcome,
)
from flows.outbox.messages import Message
from flows.reminders.events import (
    ReminderNotSent,
    ReminderSent,
)
from flows.reminders.facts import Reminded, Reminders, Role
from flows.replay.events import ReplayRequested
from flows.setup.blockers import Blocker
from flows.setup.events import (
    CheckFailed,
    Delegated,
    Disconnected,
    HelpAsked,
    Installed,
    LiveSyncStarted,
    Started,
)
from flows.setup.permissions import contact
from flows.vocabulary import Source, Stamp
from tests.unit.views.event_cases import event
from tests.unit.views.message_cases import ADA, NOW, credentials, integration, request

BOB = "U0BOB00001"
BY_BOB = Stamp(BOB, NOW)
# Events that are only a line in the history. Nobody is told.
QUIET = {Started, CheckFailed}
# Said once for each request, to a colleague or for a Replay, which its key names.
NAMED_BY_REQUEST = (ColleagueAsked, DelegationNews, ReplayInstructions)
SENT = Reminded("no_events", 2, NOW, "U0GRACE")
REMINDED = replace(integration(), reminders=Reminders((SENT,)))


def told(found: Event, of: Integration | None = None) -> list[Message]:
    return messages_for(found, 7, of or integration())


def to_people(found: Event, of: Integration | None = None) -> list[Message]:
    return [each for each in told(found, of) if not isinstance(each.body, ThreadLine)]


def test_csms_read_everything_but_first_steps_and_typing_errors() -> None:
    assert set(EVENTS) - THREAD_EVENTS == QUIET | {ReminderSent, ReminderNotSent}


def _with_newest(number: int) -> Integration:
    """A set-up whose newest reminder and Replay request have this number."""
    reminders = Reminders((replace(SENT, number=number),))
    asked = replace(request(integration()), number=number)
    return replace(integration(), reminders=reminders, replay=asked)


@given(st.sampled_from(EVENTS), st.integers(1, 999))
def test_one_event_makes_each_message_once(kind: type[Event], sequence: int) -> None:
    of, after = _with_newest(sequence), _with_newest(sequence + 1)
    first, again = (messages_for(event(kind), sequence, of) for _ in range(2))
    assert first == again
    assert len({each.key for each in first}) == len(first)
    later = messages_for(event(kind), sequence + 1, after)
    others = {each.key for each in later if not isinstance(each.body, NAMED_BY_REQUEST)}
    assert not others & {each.key for each in first}
    in_thread = [each for each in first if isinstance(each.body, ThreadLine)]
    assert len(in_thread) == (kind in THREAD_EVENTS)
    for each in in_thread:
        assert each.conversation == f"csm:{of.id}"
        assert each.body == ThreadLine(sequence)


@pytest.mark.parametrize(
    ("found", "body", "to"),
    [
        (Installed(BY_BOB), Welcome(), BOB),
        (
            Delegated(BY_BOB, "U0GRACE", Screen.SOURCES),
            ColleagueAsked(BOB, Screen.SOURCES, "U0GRACE", at=BY_BOB.at),
            "U0GRACE",
        ),
        (CredentialsConfirmed(BY_BOB), Confirmed("Web app"), ADA.by),
        (
            CredentialsRejected(BY_BOB, "no"),
            Rejected("no", workspace="Web app", at=BY_BOB.at),
            ADA.by,
        ),
        (
            LiveSyncStarted(Stamp("", NOW), Source("src0", "", "Web")),
            FirstData("src0"),
            ADA.by,
        ),
        (
            LiveSyncStarted(
                Stamp("", NOW), Source("src0", "", "Web"), (Source("src1", "", "iOS"),)
            ),
            FirstData("src0", ("src1",)),
            ADA.by,
        ),
        (
            LiveSyncStarted(BY_BOB),
            ArrivalConfirmed(),
            ADA.by,
        ),
        (HelpAsked(BY_BOB, Screen.PLAN), HelpReceived(goes_on=False), BOB),
        (HelpAsked(ADA, Screen.PLAN), HelpReceived(), ADA.by),
        (Disconnected(BY_BOB), Farewell(), BOB),
    ],
)
def test_who_is_told_what(found: Event, body: MessageBody, to: str) -> None:
    (message,) = to_people(found)
    assert (message.body, message.conversation) == (body, f"user:{to}")
    assert message.integration_id == integration().id


def test_a_reminder_goes_to_whom_the_facts_name() -> None:
    sent = ReminderSent(ADA, Blocker.NO_EVENTS, 2, BOB, Role.ASKED, None, BOB, True, NOW)
    (message,) = to_people(sent, REMINDED)
    assert message.conversation == "user:U0GRACE"
    assert message.key == SENT.key(REMINDED.id)
    assert message.body == Reminder(Blocker.NO_EVENTS, Role.ASKED, BOB, True, NOW, ADA.at)


REQUESTED = replace(integration(), replay=request(integration()), revision=4)


def test_a_replay_request_goes_to_whoever_pressed_the_button() -> None:
    (message,) = to_people(ReplayRequested(BY_BOB, 2), REQUESTED)
    assert (message.body, message.conversation) == (ReplayInstructions(2), f"user:{BOB}")


def test_a_request_after_a_new_beginning_is_another_message() -> None:
    asked = request(integration())
    later = replace(asked, requested=replace(asked.requested, at=NOW))
    assert asked.number == later.number
    assert asked.key("int_1") != later.key("int_1")


def test_a_verdict_goes_to_whoever_entered_the_credentials() -> None:
    entered = replace(credentials("Acme"), entered=replace(ADA, by="U0GRACE"))
    of = replace(integration(), credentials=entered)
    (message,) = to_people(CredentialsConfirmed(BY_BOB), of)
    assert message.conversation == "user:U0GRACE"


def test_the_contact_is_whoever_acted_last_else_the_installer() -> None:
    assert contact(replace(integration(), last_active=replace(ADA, by=BOB))) == BOB
    assert contact(replace(integration(), last_active=None)) == ADA.by
