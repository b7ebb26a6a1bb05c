"""What is said to whom when something happened."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.csm.events import CredentialsConfirmed, CredentialsRejected
from flows.history import EVENTS, Event
from flows.model import Integration, Screen
from flows.outbox.announce import THREAD_EVENTS, contact, messages_for, replay_edits
from flows.outbox.messages import Message, MessageKind
from flows.reminders.events import AskedForQuiet, ReminderSent, RemindersResumed, Snoozed
from flows.reminders.facts import Reminded, Reminders
from flows.replay.events import ReplayRequested
from flows.setup.events import (
    CheckFailed,
    Delegated,
    Disconnected,
    HelpAsked,
    Installed,
    LiveSyncStarted,
    Started,
)
from flows.vocabulary import Source, Stamp
from tests.unit.views.event_cases import event
from tests.unit.views.message_cases import ADA, NOW, credentials, integration, request

BOB = "U0BOB00001"
BY_BOB = Stamp(BOB, NOW)
# Events that are only a line in the history: nobody is told.
QUIET = {Started, CheckFailed}
SENT = Reminded("no_events", 2, NOW, "U0GRACE")
REMINDED = replace(integration(), reminders=Reminders((SENT,)))


def told(found: Event, of: Integration | None = None) -> list[Message]:
    return messages_for(found, 7, of or integration())


def to_people(found: Event, of: Integration | None = None) -> list[Message]:
    return [each for each in told(found, of) if each.kind is not MessageKind.THREAD]


def test_csms_read_everything_but_first_steps_and_typing_errors() -> None:
    assert set(EVENTS) - THREAD_EVENTS == QUIET | {ReminderSent}


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
    others = {each.key for each in messages_for(event(kind), sequence + 1, after)}
    assert not others & {each.key for each in first}
    in_thread = [each for each in first if each.kind is MessageKind.THREAD]
    assert len(in_thread) == (kind in THREAD_EVENTS)
    for each in in_thread:
        assert each.conversation == f"csm:{of.id}"
        assert each.params == {"event": str(sequence)}


@pytest.mark.parametrize(
    ("found", "kind", "to", "params"),
    [
        (Installed(BY_BOB), MessageKind.WELCOME, BOB, {}),
        (
            Delegated(BY_BOB, "U0GRACE", Screen.SOURCES),
            MessageKind.DELEGATED,
            "U0GRACE",
            {"by": BOB, "screen": "sources"},
        ),
        (CredentialsConfirmed(BY_BOB), MessageKind.CONFIRMED, ADA.by, {}),
        (
            CredentialsRejected(BY_BOB, "no"),
            MessageKind.REJECTED,
            ADA.by,
            {"reason": "no", "what": "credentials"},
        ),
        (
            LiveSyncStarted(Stamp("", NOW), Source("src0", "", "Web")),
            MessageKind.FIRST_DATA,
            ADA.by,
            {"source_id": "src0"},
        ),
        (
            LiveSyncStarted(BY_BOB),
            MessageKind.ARRIVAL_CONFIRMED,
            ADA.by,
            {},
        ),
        (HelpAsked(BY_BOB, Screen.PLAN), MessageKind.HELP_RECEIVED, BOB, {}),
        (Disconnected(BY_BOB), MessageKind.DISCONNECTED, BOB, {}),
    ],
)
def test_who_is_told_what(
    found: Event, kind: MessageKind, to: str, params: Mapping[str, str]
) -> None:
    (message,) = to_people(found)
    assert (message.kind, message.conversation) == (kind, f"user:{to}")
    assert message.params == params
    assert message.integration_id == integration().id


def test_a_reminder_goes_to_whom_the_facts_name() -> None:
    (message,) = to_people(event(ReminderSent), REMINDED)
    assert (message.kind, message.conversation) == (MessageKind.REMINDER, "user:U0GRACE")
    assert message.key == SENT.key(REMINDED.id)
    assert message.params.keys() == {
        "blocker",
        "role",
        "instead_of",
        "last",
        "closes",
        "decided",
    }


@pytest.mark.parametrize("kind", [Snoozed, AskedForQuiet, RemindersResumed])
def test_what_is_said_about_reminders_shows_in_the_newest_one(kind: type[Event]) -> None:
    (edit,) = to_people(event(kind), REMINDED)
    assert (edit.kind, edit.conversation) == (MessageKind.REDRAWN, "user:U0GRACE")
    assert edit.params == {"of": SENT.key(REMINDED.id)}
    assert to_people(event(kind)) == []  # none was sent yet


REQUESTED = replace(integration(), replay=request(integration()), revision=4)


def test_a_replay_request_goes_to_whoever_pressed_the_button() -> None:
    (message,) = to_people(ReplayRequested(BY_BOB, 2), REQUESTED)
    assert (message.kind, message.conversation) == (MessageKind.REPLAY_REQUEST, f"user:{BOB}")
    assert message.params == {"number": "2"}


def test_a_request_after_a_new_beginning_is_another_message() -> None:
    asked = request(integration())
    later = replace(asked, requested=replace(asked.requested, at=NOW))
    assert asked.number == later.number
    assert asked.key("int_1") != later.key("int_1")


@pytest.mark.parametrize(
    "change",
    [
        {"replay_sent": ADA},
        {"replay_running": ADA},
        {"replay_finished": ADA},
        {"replay": replace(request(integration()), number=3)},
        {"replay": None, "disconnected": ADA},
    ],
)
def test_the_message_with_the_request_is_redrawn_when_it_is_not_true_any_more(
    change: Mapping[str, Any],
) -> None:
    assert REQUESTED.replay
    (edit,) = replay_edits(REQUESTED, replace(REQUESTED, revision=5, **change))
    assert (edit.kind, edit.conversation) == (MessageKind.REDRAWN, f"user:{ADA.by}")
    assert edit.params == {"of": REQUESTED.replay.key(REQUESTED.id)}


def test_the_message_with_the_request_stays_as_it_is_otherwise() -> None:
    assert replay_edits(REQUESTED, replace(REQUESTED, revision=5, last_active=ADA)) == []
    assert replay_edits(integration(), REQUESTED) == []  # the first request has just been written


def test_a_verdict_goes_to_whoever_entered_the_credentials() -> None:
    entered = replace(credentials("Acme"), entered=replace(ADA, by="U0GRACE"))
    of = replace(integration(), credentials=entered)
    (message,) = to_people(CredentialsConfirmed(BY_BOB), of)
    assert message.conversation == "user:U0GRACE"


def test_the_contact_is_whoever_acted_last_else_the_installer() -> None:
    assert contact(replace(integration(), last_active=replace(ADA, by=BOB))) == BOB
    assert contact(replace(integration(), last_active=None)) == ADA.by
