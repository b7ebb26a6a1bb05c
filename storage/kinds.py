"""Values of many types in one table: a row holds the type's name, and the fields as JSON."""

import json
from datetime import datetime
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from flows.history import EVENTS, Event
from flows.model import ReceivedEvent
from flows.outbox.bodies import BODIES, Body
from flows.vocabulary import Stamp
from storage.old_rows import Fields, kind_of, modern

SIDE, TOPLYNE = "side", "toplyne"  # added to the fields of an event that a CSM caused
_EVENTS = {each.kind: each for each in EVENTS}
_BODIES = {each.kind: each for each in BODIES}


@cache
def _event(kind: str) -> TypeAdapter[Any]:
    return TypeAdapter(_EVENTS[kind])


def event_fields(event: Event) -> str:
    """All but its kind, who and when, which have columns of their own."""
    side = {SIDE: TOPLYNE} if event.stamp.of_toplyne else {}
    return _to_text({**_dump(_event(event.kind), event, "stamp"), **side})


def read_event(kind: str, at: datetime, by: str, fields: str) -> Event:
    """Raises `KeyError` for a kind that this version does not know, and pydantic's
    `ValidationError` for fields that it cannot read.
    """
    read: Fields = json.loads(fields)
    kind = kind_of(kind, read)
    stamp = Stamp(by, at, of_toplyne=read.pop(SIDE, "") == TOPLYNE)
    read = {**modern(_EVENTS[kind], read), "stamp": stamp}
    event: Event = _event(kind).validate_python(read)
    return event


@cache
def _body(kind: str) -> TypeAdapter[Any]:
    return TypeAdapter(_BODIES[kind])


def body_fields(body: Body) -> str:
    """All but its kind."""
    return _to_text(_dump(_body(body.kind), body))


def read_body(kind: str, fields: str) -> Body:
    """Raises what `read_event` raises."""
    body: Body = _body(kind).validate_python(modern(_BODIES[kind], json.loads(fields)))
    return body


def received_fields(event: ReceivedEvent) -> str:
    """All but its id and kind."""
    return _to_text(_dump(_received(), event, "event_id", "kind"))


def read_received(event_id: str, kind: str, fields: str) -> ReceivedEvent:
    """Raises what `read_event` raises."""
    read = {**modern(ReceivedEvent, json.loads(fields)), "event_id": event_id, "kind": kind}
    event: ReceivedEvent = _received().validate_python(read)
    return event


@cache
def _received() -> TypeAdapter[Any]:
    return TypeAdapter(ReceivedEvent)


def _dump(adapter: TypeAdapter[Any], value: object, *without: str) -> Fields:
    """Leaves out fields that have their default."""
    fields: Fields = adapter.dump_python(
        value, mode="json", exclude=set(without), exclude_defaults=True
    )
    return fields


def _to_text(fields: Fields) -> str:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
