"""Events and messages as rows: all that is written can be read again, and older rows too."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from flows.history import EVENTS, Event
from flows.outbox.bodies import BODIES, MessageBody
from flows.setup.events import PlanChosen
from flows.vocabulary import Plan, ReceivedEvent
from storage.documents import (
    event_fields,
    read_body,
    read_event,
    read_received,
    stored_fields,
)
from tests.unit.storage.old_rows import BY, NOON, OLD_EVENTS, OLD_MESSAGES, OLD_RECEIVED
from tests.unit.views.event_cases import events
from tests.unit.views.message_cases import CHANNEL_MESSAGES, LEFT, MESSAGES, NAMES


@pytest.mark.parametrize(("kind", "params", "event"), OLD_EVENTS)
def test_an_event_of_the_version_before_is_read(
    kind: str, params: dict[str, str], event: Event
) -> None:
    assert read_event(kind, NOON, "UANNA", json.dumps(params)) == event


@pytest.mark.parametrize(("kind", "params", "body"), OLD_MESSAGES)
def test_a_message_of_the_version_before_is_read(
    kind: str, params: dict[str, str], body: MessageBody
) -> None:
    assert read_body(kind, json.dumps(params)) == body


@pytest.mark.parametrize(("params", "event"), OLD_RECEIVED)
def test_an_event_of_slack_that_the_version_before_kept_is_read(
    params: dict[str, str], event: ReceivedEvent
) -> None:
    assert read_received(event.event_id, event.kind, json.dumps(params)) == event
    assert (
        read_received(event.event_id, event.kind, stored_fields(event, "event_id", "kind")) == event
    )


def test_an_old_row_of_each_kind_is_at_hand() -> None:
    assert {type(event) for *_, event in OLD_EVENTS} == set(EVENTS)
    assert {type(body) for *_, body in OLD_MESSAGES} == set(BODIES)


def test_each_kind_has_a_name_of_its_own() -> None:
    assert len({each.kind for each in EVENTS}) == len(EVENTS)
    assert len({each.kind for each in BODIES}) == len(BODIES)


@pytest.mark.parametrize("name", NAMES)
def test_whatever_happened_is_read_as_it_was_written(name: str) -> None:
    for event in [*events(NAMES[name]), *(event for *_, event in OLD_EVENTS)]:
        stamp = event.stamp
        assert read_event(event.kind, stamp.at, stamp.by, event_fields(event)) == event


def test_whatever_is_to_be_said_is_read_as_it_was_written() -> None:
    for body in (*MESSAGES, *CHANNEL_MESSAGES, LEFT, *(body for *_, body in OLD_MESSAGES)):
        assert read_body(body.kind, stored_fields(body)) == body


@pytest.mark.parametrize("fields", [{"plan": "platinum"}, {}])
def test_fields_that_make_no_sense_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        read_event("plan_chosen", NOON, "UANNA", json.dumps(fields))


def test_a_field_that_a_newer_version_has_added_is_ignored() -> None:
    fields = json.dumps({"plan": "team", "invented_later": {"anything": 1}})
    assert read_event("plan_chosen", NOON, "UANNA", fields) == PlanChosen(BY, Plan.TEAM)
