"""Which kind of request something from Slack is, if it has the shape of that kind."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from pydantic import BaseModel, ValidationError

from bot.inbound.payloads import INTERACTIONS, Command, Event


class Malformed(Exception):
    """Nothing that Slack sends; the message says what is wrong."""


def kind_of_body(body: bytes, content_type: str) -> str:
    """Of a signed request over HTTP. Raises `Malformed`."""
    try:
        text = body.decode()
        if content_type.startswith("application/json"):
            return _kind_of_event(json.loads(text))
        form = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=200))
        if "payload" in form:
            return _kind_of_interaction(json.loads(form["payload"]))
    except (ValueError, RecursionError):
        raise Malformed("unreadable body") from None
    return _kind_of_command(form)


def kind_of_envelope(envelope: Mapping[str, Any]) -> str:
    """Of what arrives over a socket. Raises `Malformed`."""
    match envelope:
        case {"envelope_id": str(), "type": "events_api", "payload": dict(payload)}:
            return _kind_of_event(payload)
        case {"envelope_id": str(), "type": "interactive", "payload": dict(payload)}:
            return _kind_of_interaction(payload)
        case {"envelope_id": str(), "type": "slash_commands", "payload": dict(payload)}:
            return _kind_of_command(payload)
    raise Malformed("unknown envelope")


def _kind_of_command(form: Mapping[str, str]) -> str:
    if form.get("ssl_check") == "1":
        return "ssl_check"
    _validate(Command, form)
    return "command"


def _kind_of_event(event: object) -> str:
    match event:
        case {"type": "url_verification", "challenge": str()}:
            return "url_verification"
        case {"type": "event_callback"}:
            _validate(Event, event)
            return "event"
        case {"type": "app_rate_limited"}:
            return "event"
    raise Malformed("unknown event")


def _kind_of_interaction(payload: object) -> str:
    match payload:
        case {"type": str(kind)} if kind in INTERACTIONS:
            _validate(INTERACTIONS[kind], payload)
            return kind
    raise Malformed("unknown interaction")


def _validate(shape: type[BaseModel], value: object) -> None:
    try:
        shape.model_validate(value, strict=True)
    except ValidationError as error:
        where = ".".join(str(step) for step in error.errors(include_input=False)[0]["loc"])
        raise Malformed(f"malformed {where[:100]}") from None
