"""The last requests between Slack and the app, in a few words each."""

import json
from collections.abc import Mapping
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from playground.slack.model import Json
from playground.slack.traffic import Exchange, Traffic

_SHOWN = 40
_LONGEST = 300_000  # bytes; longer bodies are not examined


def last_calls(traffic: Traffic) -> list[Json]:
    """Oldest first. `error` is Slack's name for the refusal."""
    exchanges = list(traffic)
    first = max(0, len(exchanges) - _SHOWN)
    numbered = enumerate(islice(exchanges, first, None), first)
    return [_call(number, exchange) for number, exchange in numbered]


def _call(number: int, exchange: Exchange) -> Json:
    from_app = exchange.direction == "from_app"
    return {
        "id": number,
        "direction": exchange.direction,
        "name": exchange.name if from_app else _sent(exchange),
        "status": exchange.status,
        "error": _refusal(exchange) if from_app else "",
    }


def _refusal(exchange: Exchange) -> str:
    """Slack refuses with status 200 and the error's name in the body."""
    return str(_object(exchange.answer).get("error") or "")


def _sent(exchange: Exchange) -> str:
    """What was sent to the app: `/command`, `view_submission callback_id`, `event type`."""
    body = _object(exchange.request)
    if body:
        event = body.get("event")
        kind = event.get("type") if isinstance(event, Mapping) else body.get("type")
        return f"event {kind}"
    form = _form(exchange.request)
    if "command" in form:
        return form["command"]
    payload = _object(form.get("payload", "").encode())
    return _interaction(payload) if payload else urlsplit(exchange.name).path


def _interaction(payload: Mapping[str, Any]) -> str:
    actions = payload.get("actions") or [{}]
    view = payload.get("view") or {}
    ids = (payload.get("callback_id"), payload.get("action_id"), actions[0].get("action_id"))
    about = next((one for one in (*ids, view.get("callback_id")) if one), "")
    return f"{payload.get('type')} {about}".strip()


def _form(raw: bytes) -> dict[str, str]:
    if len(raw) > _LONGEST:
        return {}
    return dict(parse_qsl(raw.decode(errors="replace")))


def _object(raw: bytes) -> Json:
    if len(raw) > _LONGEST or not raw.startswith(b"{"):
        return {}
    try:
        found = json.loads(raw)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
