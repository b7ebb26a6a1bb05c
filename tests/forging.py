"""Signed requests that contradict themselves or name what belongs to others."""

import copy
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from playground.slack.app_link import Ack
from playground.slack.ids import new_id
from playground.slack.world import SlackWorld

Json = dict[str, Any]
ABSENT = object()


def template(slack: SlackWorld, kind: str) -> Json:
    """The newest request of this kind that Slack sent. Ids that work only once are replaced.

    `kind` is the type of an event or interaction (`view_submission`), or a command (`/segment`).
    """
    sent = [e.request for e in slack.traffic if e.direction == "to_app"]
    payload = next(p for p in map(_read, reversed(sent)) if _kind(p) == kind)
    if "event_id" in payload:
        payload["event_id"] = new_id("Ev")
    if "trigger_id" in payload:
        payload["trigger_id"] = _trigger(slack, payload)
    return payload


def changed(payload: Json, changes: Mapping[str, Any]) -> Json:
    """A copy with other values at paths, like `{"team.id": "T2", "authorizations.0": ABSENT}`."""
    made = copy.deepcopy(payload)
    for path, value in changes.items():
        *way, last = path.split(".")
        place: Any = made
        for step in way:
            place = place[int(step)] if isinstance(place, list) else place[step]
        key = int(last) if isinstance(place, list) else last
        if value is ABSENT:
            del place[key]
        else:
            place[key] = value
    return made


async def send(slack: SlackWorld, payload: Json) -> Ack:
    """Sign it and post it to the app as Slack does. The answer changes no screen."""
    link, manifest = slack.core.link, slack.manifest
    if "command" in payload:
        return await link.post_form(manifest.commands[payload["command"]].url, payload)
    if payload.get("type") == "event_callback":
        return await link.post_json(manifest.events_url, payload, {})
    return await link.post_payload(manifest.interactivity_url, payload)


def _read(request: bytes) -> Json:
    text = request.decode()
    form = {} if text.startswith("{") else dict(parse_qsl(text, keep_blank_values=True))
    found: Json = json.loads(form.get("payload", "{}") if form else text) or form
    return dict(found["payload"]) if "envelope_id" in found else found  # of Socket Mode


def _kind(payload: Json) -> str:
    event = payload.get("event") or {}
    return str(payload.get("command") or event.get("type") or payload.get("type"))


def _trigger(slack: SlackWorld, payload: Json) -> str:
    """A new trigger from the same place. A trigger from a modal remembers the modal."""
    user, view = payload.get("user") or {}, payload.get("view") or {}
    view_id = view["id"] if view.get("type") == "modal" else ""
    return slack.core.triggers.issue(
        user.get("id") or payload["user_id"], user.get("team_id") or payload["team_id"], view_id
    )
