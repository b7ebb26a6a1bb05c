"""The table of block elements."""

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any

from playground.slack.blocks.composition import (
    APP_URL,
    CONFIRM,
    CONVERSATION_FILTER,
    DISPATCH,
    ID,
    IMAGE_SOURCE,
    ONE_IMAGE_SOURCE,
    OPTION_GROUPS,
    OVERFLOW_OPTION,
    PLAIN_OPTION,
    RICH_OPTION,
    options,
    plain,
)
from playground.slack.blocks.rich_text import RICH_TEXT_BLOCK
from playground.slack.blocks.spec import (
    Check,
    Report,
    boolean,
    exactly_one,
    integer,
    list_of,
    one_of,
    shape,
    string,
)
from playground.slack.model import Json

_ACTION: dict[str, Check] = {"action_id": ID}
_FOCUS: dict[str, Check] = _ACTION | {"focus_on_load": boolean}
_CHOICE: dict[str, Check] = _FOCUS | {"confirm": CONFIRM}
_SELECT: dict[str, Check] = _CHOICE | {"placeholder": plain(150)}
_MULTI: dict[str, Check] = _SELECT | {"max_selected_items": integer(1, 1_000)}
_INPUT: dict[str, Check] = _FOCUS | {"placeholder": plain(150), "dispatch_action_config": DISPATCH}
_OFFERED: dict[str, Check] = {"options": options(PLAIN_OPTION, 100), "option_groups": OPTION_GROUPS}
_OPTIONS_ONCE = exactly_one(*_OFFERED)
_QUERY: dict[str, Check] = {"min_query_length": integer(0, 3_000)}
_RESPOND: dict[str, Check] = {"response_url_enabled": boolean}
_CONVERSATIONS: dict[str, Check] = {
    "default_to_current_conversation": boolean,
    "filter": CONVERSATION_FILTER,
}
_TIME = string(5, pattern=r"([01]\d|2[0-3]):[0-5]\d")
_SLACK_ID = string(255)
_BUTTON: dict[str, Check] = _ACTION | {
    "url": string(3000, pattern=APP_URL),
    "value": string(2000),
    "style": one_of("primary", "danger"),
    "confirm": CONFIRM,
    "accessibility_label": string(75),
}


def _date(value: Any, path: str, report: Report) -> None:
    try:
        shown = dt.date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        shown = ""
    if shown != value:
        report.add(path, "must be a date like 2026-01-31")


def _initial_offered(value: Json, path: str, report: Report) -> None:
    groups = value.get("option_groups") or []
    offered = [*(value.get("options") or []), *(o for g in groups for o in g["options"])]
    initial = value.get("initial_options") or []
    if "initial_option" in value:
        initial = [value["initial_option"]]
    if any(option not in offered for option in initial):
        report.add(path, "the initial option must be one of the options")


def _initial_within_limit(value: Json, path: str, report: Report) -> None:
    most = value.get("max_selected_items")
    for name in ("initial_options", "initial_users", "initial_channels", "initial_conversations"):
        if most is not None and len(value.get(name) or []) > most:
            report.add(path, f"{name} holds more than max_selected_items")


def _lengths_agree(value: Json, path: str, report: Report) -> None:
    least, most = value.get("min_length", 0), value.get("max_length", 3_000)
    initial = value.get("initial_value", "")
    if least > most:
        report.add(path, "min_length must not be above max_length")
    elif len(initial) > most:
        report.add(path, "initial_value is longer than max_length")


def _numbers_agree(value: Json, path: str, report: Report) -> None:
    whole = not value["is_decimal_allowed"]
    names = ("min_value", "initial_value", "max_value")
    for name in names:
        if name in value and not re.fullmatch(r"-?\d+" if whole else r"-?\d+(\.\d+)?", value[name]):
            report.add(path, f"{name} must be a number in a string")
            return
    given = [float(value[name]) for name in names if name in value]
    if given != sorted(given):
        report.add(path, "min_value, initial_value and max_value must not cross")


def _select(extra: dict[str, Check], *rules: Any) -> Check:
    return shape({}, _SELECT | extra, *rules)


def _multi(extra: dict[str, Check], *rules: Any) -> Check:
    return shape({}, _MULTI | extra, _initial_within_limit, *rules)


_PLAIN_OPTIONS = options(PLAIN_OPTION, 100)
_RICH_OPTIONS = options(RICH_OPTION, 10)
_TEN_IDS = list_of(_SLACK_ID, 1_000, 1)

ELEMENTS: dict[str, Check] = {
    "button": shape({"text": plain(75)}, _BUTTON),
    "checkboxes": shape(
        {"options": _RICH_OPTIONS}, _CHOICE | {"initial_options": _RICH_OPTIONS}, _initial_offered
    ),
    "radio_buttons": shape(
        {"options": _RICH_OPTIONS}, _CHOICE | {"initial_option": RICH_OPTION}, _initial_offered
    ),
    "overflow": shape({"options": options(OVERFLOW_OPTION, 5)}, _ACTION | {"confirm": CONFIRM}),
    "datepicker": _select({"initial_date": _date}),
    "timepicker": _select({"initial_time": _TIME, "timezone": string(64)}),
    "datetimepicker": shape(
        {}, _CHOICE | {"initial_date_time": integer(1_000_000_000, 9_999_999_999)}
    ),
    "static_select": _select(
        _OFFERED | {"initial_option": PLAIN_OPTION}, _OPTIONS_ONCE, _initial_offered
    ),
    "multi_static_select": _multi(
        _OFFERED | {"initial_options": _PLAIN_OPTIONS}, _OPTIONS_ONCE, _initial_offered
    ),
    "external_select": _select(_QUERY | {"initial_option": PLAIN_OPTION}),
    "multi_external_select": _multi(_QUERY | {"initial_options": _PLAIN_OPTIONS}),
    "users_select": _select({"initial_user": _SLACK_ID}),
    "multi_users_select": _multi({"initial_users": _TEN_IDS}),
    "channels_select": _select(_RESPOND | {"initial_channel": _SLACK_ID}),
    "multi_channels_select": _multi({"initial_channels": _TEN_IDS}),
    "conversations_select": _select(
        _RESPOND | _CONVERSATIONS | {"initial_conversation": _SLACK_ID}
    ),
    "multi_conversations_select": _multi(_CONVERSATIONS | {"initial_conversations": _TEN_IDS}),
    "plain_text_input": shape(
        {},
        _INPUT
        | {
            "initial_value": string(3_000),
            "multiline": boolean,
            "min_length": integer(0, 3_000),
            "max_length": integer(1, 3_000),
        },
        _lengths_agree,
    ),
    "email_text_input": shape({}, _INPUT | {"initial_value": string(3_000)}),
    "url_text_input": shape({}, _INPUT | {"initial_value": string(3_000)}),
    "number_input": shape(
        {"is_decimal_allowed": boolean},
        _INPUT | {"initial_value": string(50), "min_value": string(50), "max_value": string(50)},
        _numbers_agree,
    ),
    "rich_text_input": shape(
        {},
        _INPUT
        | {
            "initial_value": RICH_TEXT_BLOCK,
            "min_lines": integer(1, 100),
            "max_lines": integer(1, 100),
        },
    ),
    "image": shape({"alt_text": string(2000)}, IMAGE_SOURCE, ONE_IMAGE_SOURCE),
}

_SELECTS = [
    f"{multi}{kind}_select"
    for multi in ("", "multi_")
    for kind in ("static", "external", "users", "channels", "conversations")
]
_PICKERS = ["datepicker", "timepicker", "checkboxes", "radio_buttons", *_SELECTS]


def _set(*names: Iterable[str]) -> frozenset[str]:
    return frozenset(n for group in names for n in group)


IN_SECTION = _set(_PICKERS, ["button", "overflow", "image"])
IN_ACTIONS = _set(_PICKERS, ["button", "overflow", "datetimepicker", "rich_text_input"])
IN_INPUT = _set(
    _PICKERS,
    ["datetimepicker", "plain_text_input", "email_text_input", "url_text_input"],
    ["number_input", "rich_text_input"],
)
