"""What is stored as JSON: domain objects as a whole, and the fields of events and messages.

Unknown fields are ignored and missing ones take their defaults. So two versions of the program can
run on one database during an upgrade. The last functions read rows of the version that stored each
field of an event or a message as text.
"""

import dataclasses
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter

from flows.checks.question import Typed
from flows.errors import error_code
from flows.history import EVENTS, Event
from flows.model import Catalogue, Integration, SourceStatus
from flows.outbox.bodies import BODIES, CheckDone, MessageBody
from flows.replay.facts import Coverage, ReplayRequest
from flows.vocabulary import ReceivedEvent, Stamp, TokenHealth

T = TypeVar("T")
Fields = dict[str, Any]


class Document(Generic[T]):
    """Reads and writes one type. It is made ready at its first use, which takes up to 10 ms."""

    validate_json: Callable[[str], T]
    validate_python: Callable[[object], T]
    dump_json: Callable[[T], bytes]

    def __init__(self, of: Any) -> None:
        self._of = of

    def __getattr__(self, name: str) -> Any:
        adapter = TypeAdapter(self._of)
        self.validate_json = adapter.validate_json
        self.validate_python = adapter.validate_python
        self.dump_json = adapter.dump_json
        return vars(self)[name]


INTEGRATION = Document[Integration](Integration)
CATALOGUE = Document[Catalogue](Catalogue)
STATUS = Document[SourceStatus](SourceStatus)
COVERAGE = Document[Coverage](Coverage)
REPLAY_REQUEST = Document[ReplayRequest](ReplayRequest)
TYPED = Document[Typed](Typed)
MOMENT = Document[datetime](datetime)
ROUND = Document[datetime | None](datetime | None)
NUMBER = Document[int](int)
TOKEN = Document[TokenHealth](TokenHealth)
SCOPES = Document[tuple[str, ...]](tuple[str, ...])

SIDE, TOPLYNE = "side", "toplyne"  # added to the fields of an event that a CSM caused
_EVENTS: dict[str, type[Any]] = {each.kind: each for each in EVENTS}
_BODIES: dict[str, type[Any]] = {each.kind: each for each in BODIES}


class _Adapters(dict[type[Any], TypeAdapter[Any]]):
    """The adapter of each type, made when its first row is read or written."""

    def __missing__(self, of: type[Any]) -> TypeAdapter[Any]:
        self[of] = TypeAdapter(of)
        return self[of]


_ADAPTERS = _Adapters()


def to_text(document: Document[T], value: T) -> str:
    return document.dump_json(value).decode()


def stored_fields(value: Event | MessageBody | ReceivedEvent, *without: str, **more: str) -> str:
    """All fields but those that have columns of their own, and those that have their default."""
    fields: Fields = _ADAPTERS[type(value)].dump_python(
        value, mode="json", exclude=set(without), exclude_defaults=True
    )
    return json.dumps({**fields, **more}, ensure_ascii=False, separators=(",", ":"))


def event_fields(event: Event) -> str:
    """All but its kind, who and when, which have columns of their own."""
    return stored_fields(event, "stamp", **({SIDE: TOPLYNE} if event.stamp.of_toplyne else {}))


def read_event(kind: str, at: datetime, by: str, fields: str) -> Event:
    """Raises `KeyError` for a kind that this version does not know, and pydantic's
    `ValidationError` for fields that it cannot read.
    """
    read: Fields = json.loads(fields)
    # Formerly, being stuck after the last reminder had no kind of its own.
    of = _EVENTS[_RAN_OUT if kind == "stuck" and "blocker" in read else kind]
    stamp = Stamp(by, at, of_toplyne=read.pop(SIDE, "") == TOPLYNE)
    event: Event = _ADAPTERS[of].validate_python({**modern(of, read), "stamp": stamp})
    return event


def read_body(kind: str, fields: str) -> MessageBody:
    """Raises what `read_event` raises."""
    of = _BODIES[kind]
    body: MessageBody = _ADAPTERS[of].validate_python(modern(of, json.loads(fields)))
    return body


def read_received(event_id: str, kind: str, fields: str) -> ReceivedEvent:
    """Raises what `read_event` raises."""
    read = {**modern(ReceivedEvent, json.loads(fields)), "event_id": event_id, "kind": kind}
    event: ReceivedEvent = _ADAPTERS[ReceivedEvent].validate_python(read)
    return event


# A field's former name and its name now.
_RENAMED = {
    "date": "day",
    "last": "is_last",
    "open": "left_open",
    "events": "everything",
    "team": "team_id",
    "user": "user_id",
    "secret": "holds_secret",
}
_RAN_OUT = "ran_out"


def modern(of: type[Any], fields: Fields) -> Fields:
    """The fields as this type has them. Fields of a newer row stay as they are."""
    known = {field.name: field for field in dataclasses.fields(of)}
    found = {_RENAMED.get(name, name): value for name, value in fields.items()}
    if isinstance(found.get("source"), str) and "source" in known:
        found["source"] = _source(found["source"], found.get("source_id", ""))
    if of is CheckDone:
        found |= _check_done(fields)
    if isinstance(found.get("sources"), str):
        found["sources"] = found["sources"].split(", ")
    if isinstance(found.get("everything"), str):
        found["everything"] = found["everything"] == "all"
    if "code" in known:
        found["code"] = error_code(found.get("code", ""))
    # An empty text meant that an optional field has no value.
    optional = {name for name, field in known.items() if field.default is not dataclasses.MISSING}
    return {name: value for name, value in found.items() if value != "" or name not in optional}


def _source(label: str, source_id: str) -> Fields | None:
    return {"id": source_id, "slug": "", "name": label} if source_id or label else None


def typed_fields(fields: Fields) -> Fields:
    """What was typed. Sources were stored in two texts, and a flag as a word."""
    found = dict(fields)
    if "pasted" in found:
        chosen = [part for part in found.pop("chosen", "").split("\n") if part]
        found["sources"] = {"chosen": chosen, "pasted": found.pop("pasted")}
    if "for_toplyne" in found:
        found["for_toplyne"] = found["for_toplyne"] in (True, "yes")
    return found


def _check_done(fields: Fields) -> Fields:
    """`what` was called `kind`. The mistake was stored in pieces, two of them JSON."""
    if "kind" not in fields:
        return {}
    typed = typed_fields(json.loads(fields.get("typed", "{}")))
    found: Fields = {"what": fields["kind"], "typed": typed}
    if "error" in fields:
        params = json.loads(fields.get("details", "{}"))
        found["error"] = {"field": fields["field"], "code": fields["error"], "params": params}
    return found
