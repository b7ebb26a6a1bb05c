"""What is said to whom when something happened."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.announcements import THREAD_EVENTS, contact, messages_for
from flows.history import Event, EventKind
from flows.model import Integration
from flows.records import Message, MessageKind
from flows.reminder_facts import Reminded, Reminders
from tests.unit.message_cases import ADA, NOW, credentials, event, integration

BOB = "U0BOB00001"
# Events that are only a line in the history: nobody is told.
QUIET = {EventKind.STARTED, EventKind.CHECK_FAILED}
SENT = Reminded("no_events", 2, NOW, "U0GRACE")
REMINDED = replace(integration(), reminders=Reminders((SENT,)))


def told(found: Event, of: Integration | None = None) -> list[Message]:
    return messages_for(found, 7, of or integration())


def to_people(found: Event, of: Integration | None = None) -> list[Message]:
    return [each for each in told(found, of) if each.kind is not MessageKind.THREAD]


def happened(kind: EventKind, by: str = BOB, **params: str) -> Event:
    return Event(kind, NOW, by, params)


def test_csms_read_everything_but_first_steps_and_typing_errors() -> None:
    assert set(EventKind) - THREAD_EVENTS == QUIET | {EventKind.REMINDED}


@given(st.sampled_from(EventKind), st.integers(1, 999))
def test_one_event_makes_each_message_once(kind: EventKind, sequence: int) -> None:
    of = replace(integration(), reminders=Reminders((replace(SENT, number=sequence),)))
    after = replace(of, reminders=Reminders((replace(SENT, number=sequence + 1),)))
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
        (happened(EventKind.INSTALLED), MessageKind.WELCOME, BOB, {}),
        (
            happened(EventKind.DELEGATED, to="U0GRACE", screen="sources"),
            MessageKind.DELEGATED,
            "U0GRACE",
            {"by": BOB, "screen": "sources"},
        ),
        (happened(EventKind.CREDENTIALS_CONFIRMED), MessageKind.CONFIRMED, ADA.by, {}),
        (
            happened(EventKind.CREDENTIALS_REJECTED, reason="no"),
            MessageKind.REJECTED,
            ADA.by,
            {"reason": "no"},
        ),
        (
            happened(EventKind.LIVE_SYNC_STARTED, "", source="Web", source_id="src0"),
            MessageKind.FIRST_DATA,
            ADA.by,
            {"source_id": "src0"},
        ),
        (
            happened(EventKind.LIVE_SYNC_STARTED),
            MessageKind.ARRIVAL_CONFIRMED,
            ADA.by,
            {},
        ),
        (
            happened(EventKind.REPLAY_REQUESTED, number="2"),
            MessageKind.REPLAY_REQUEST,
            BOB,
            {"number": "2"},
        ),
        (happened(EventKind.HELP_ASKED), MessageKind.HELP_RECEIVED, BOB, {}),
        (happened(EventKind.DISCONNECTED), MessageKind.DISCONNECTED, BOB, {}),
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
    (message,) = to_people(event(EventKind.REMINDED), REMINDED)
    assert (message.kind, message.conversation) == (MessageKind.REMINDER, "user:U0GRACE")
    assert message.key == SENT.key(REMINDED.id)
    assert message.params.keys() == {"blocker", "role", "instead_of", "last", "closes"}


@pytest.mark.parametrize(
    "kind", [EventKind.SNOOZED, EventKind.ASKED_FOR_QUIET, EventKind.REMINDERS_RESUMED]
)
def test_what_is_said_about_reminders_shows_in_the_newest_one(kind: EventKind) -> None:
    (edit,) = to_people(event(kind), REMINDED)
    assert (edit.kind, edit.conversation) == (MessageKind.REMINDER_EDITED, "user:U0GRACE")
    assert edit.params == {"of": SENT.key(REMINDED.id)}
    assert to_people(event(kind)) == []  # none was sent yet


def test_a_verdict_goes_to_whoever_entered_the_credentials() -> None:
    entered = replace(credentials("Acme"), entered=replace(ADA, by="U0GRACE"))
    of = replace(integration(), credentials=entered)
    (message,) = to_people(happened(EventKind.CREDENTIALS_CONFIRMED), of)
    assert message.conversation == "user:U0GRACE"


def test_the_contact_is_whoever_acted_last_else_the_installer() -> None:
    assert contact(replace(integration(), last_active=replace(ADA, by=BOB))) == BOB
    assert contact(replace(integration(), last_active=None)) == ADA.by
