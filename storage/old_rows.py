"""Reads rows of the version that stored each field of an event or a message as text."""

import dataclasses
import json
from typing import Any

from flows.errors import error_code
from flows.outbox.bodies import CheckDone

Fields = dict[str, Any]

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


def kind_of(kind: str, fields: Fields) -> str:
    """Formerly, being stuck after the last reminder had no kind of its own."""
    return _RAN_OUT if kind == "stuck" and "blocker" in fields else kind


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
    return {
        name: value for name, value in found.items() if not _is_left_out(known.get(name), value)
    }


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


def _is_left_out(field: "dataclasses.Field[Any] | None", value: Any) -> bool:
    """An empty text meant that an optional field has no value."""
    return value == "" and field is not None and field.default is not dataclasses.MISSING
