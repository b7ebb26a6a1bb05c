"""Turns what a person types or picks into the value that `state.values` holds."""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from typing import Any

from playground.slack.elements import STATEFUL, Placed, initial_state, options_of
from playground.slack.model import Json, View
from playground.slack.state import State

REQUIRED = "Please complete this required field."


class NotVisible(LookupError):
    """The person looks for something that is not on the screen. The message says what is."""


class Typing:
    """Turns what people say ("Business", "2026-01-31", "ada") into element values."""

    def __init__(self, state: State, team_id: str) -> None:
        self._state = state
        self._team_id = team_id

    def value(self, item: Placed, given: Any, found: list[Json]) -> Json:
        """`found` are the options that a search returned. None and "" empty the element."""
        key, _, empty = STATEFUL[item.type]
        if given is None or given in ("", []):
            return initial_state({"type": item.type})
        if isinstance(empty, list):
            many = [given] if isinstance(given, str) else list(given)
            if len(many) > item.element.get("max_selected_items", len(many)):
                raise NotVisible(f"{item.label!r} takes no more than {many[:-1]}")
            return {"type": item.type, key: [self._one(item, g, found) for g in many]}
        return {"type": item.type, key: self._one(item, given, found)}

    def _one(self, item: Placed, given: Any, found: list[Json]) -> Any:
        kind = item.type.removeprefix("multi_")
        if kind in ("static_select", "radio_buttons", "checkboxes"):
            return pick_option(item, str(given), options_of(item.element))
        if kind == "external_select":
            return pick_option(item, str(given), found)
        if kind == "users_select":
            return self._user(str(given))
        if kind in ("channels_select", "conversations_select"):
            return self._channel(str(given))
        if kind == "datetimepicker":
            return _seconds(given)
        if kind == "rich_text_input":
            section = {"type": "rich_text_section", "elements": [{"type": "text", "text": given}]}
            return {"type": "rich_text", "elements": [section]}
        return _picked(kind, str(given))

    def _user(self, given: str) -> str:
        people = self._state.people(self._team_id)
        names = [(u.id, (u.id, u.name, u.real_name)) for u in people]
        return _by_name(given.removeprefix("@"), names, "person")

    def _channel(self, given: str) -> str:
        channels = [c for c in self._state.channels.values() if c.team_id == self._team_id]
        names = [(c.id, (c.id, c.name)) for c in channels]
        return _by_name(given.removeprefix("#"), names, "channel")


def pick_option(item: Placed, given: str, offered: list[Json]) -> Json:
    """Find an option by text, by value, or by a part of the text that only one option has."""
    for option in offered:
        if given in (option["text"]["text"], option["value"]):
            return option
    texts = [o["text"]["text"] for o in offered]
    near = [o for o in offered if given.casefold() in o["text"]["text"].casefold()]
    if len(near) == 1:
        return near[0]
    raise NotVisible(f"no option {given!r} in {item.label!r}; options: {texts}")


def complaints(view: View, items: Iterable[Placed]) -> dict[str, str]:
    """The client's own complaints about fields before it sends anything, by block_id."""
    found: dict[str, str] = {}
    for item in items:
        if item.block["type"] != "input" or item.key not in view.typed:
            continue
        key = STATEFUL[item.type][0]
        complaint = _complaint(item, view.typed[item.key].get(key))
        if complaint:
            found[item.key[0]] = complaint
    return found


def _complaint(item: Placed, value: Any) -> str:
    if value in (None, "", []):
        return "" if item.block.get("optional") else REQUIRED
    limits = item.element
    if item.type == "plain_text_input":
        if len(value) < limits.get("min_length", 0):
            return f"Please enter at least {limits['min_length']} characters."
        if len(value) > limits.get("max_length", 3_000):
            return f"Please enter at most {limits.get('max_length', 3_000)} characters."
    if item.type == "email_text_input" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
        return "Please enter a valid email address."
    if item.type == "url_text_input" and not re.fullmatch(r"\w+://\S+", value):
        return "Please enter a valid URL."
    return _number_complaint(limits, value) if item.type == "number_input" else ""


def _number_complaint(limits: Json, value: str) -> str:
    shape = r"-?\d+(\.\d+)?" if limits["is_decimal_allowed"] else r"-?\d+"
    if not re.fullmatch(shape, value):
        return "Please enter a number."
    if "min_value" in limits and float(value) < float(limits["min_value"]):
        return f"Please enter {limits['min_value']} or more."
    if "max_value" in limits and float(value) > float(limits["max_value"]):
        return f"Please enter {limits['max_value']} or less."
    return ""


def _seconds(given: Any) -> int:
    """Takes a datetime, seconds since 1970, or ISO text with an offset."""
    if isinstance(given, dt.datetime):
        return int(given.timestamp())
    text = str(given)
    return int(text) if text.isdigit() else int(dt.datetime.fromisoformat(text).timestamp())


def _picked(kind: str, given: str) -> str:
    shape = {"datepicker": r"\d{4}-\d\d-\d\d", "timepicker": r"\d\d:\d\d"}.get(kind)
    if shape and not re.fullmatch(shape, given):
        raise NotVisible(f"a {kind} offers no {given!r}")
    return given


def _by_name(given: str, names: Sequence[tuple[str, tuple[str, ...]]], what: str) -> str:
    for found_id, known in names:
        if given in known:
            return found_id
    raise NotVisible(f"no {what} {given!r}; there are {[known[1] for _, known in names]}")
