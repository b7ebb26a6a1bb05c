"""Composition objects: texts, options, confirmations."""

from typing import Any

from playground.slack.blocks.spec import (
    Check,
    Report,
    at_least_one,
    boolean,
    exactly_one,
    list_of,
    one_of,
    shape,
    string,
    typed,
)

WEB_URL = r"https?://\S+"
APP_URL = r"(https?|slack)://\S+"
ANY_URL = r"[a-zA-Z][a-zA-Z0-9+.-]*:\S+"

ID = string(255)


def plain(longest: int) -> Check:
    return typed({"plain_text": shape({"text": string(longest)}, {"emoji": boolean})})


def mrkdwn(longest: int) -> Check:
    return typed({"mrkdwn": shape({"text": string(longest)}, {"verbatim": boolean})})


def text(longest: int) -> Check:
    """Plain text or mrkdwn."""
    return typed(
        {
            "plain_text": shape({"text": string(longest)}, {"emoji": boolean}),
            "mrkdwn": shape({"text": string(longest)}, {"verbatim": boolean}),
        }
    )


OPTION_VALUE = string(75)
PLAIN_OPTION = shape({"text": plain(75), "value": OPTION_VALUE}, {"description": plain(75)})
RICH_OPTION = shape({"text": text(75), "value": OPTION_VALUE}, {"description": text(75)})
OVERFLOW_OPTION = shape(
    {"text": plain(75), "value": OPTION_VALUE},
    {"description": plain(75), "url": string(3000, pattern=APP_URL)},
)


def options(option: Check, most: int) -> Check:
    """A list of options with distinct values."""

    def check(value: Any, path: str, report: Report) -> None:
        before = len(report.problems)
        list_of(option, most, 1)(value, path, report)
        if len(report.problems) > before:
            return
        values = [o["value"] for o in value]
        if len(set(values)) < len(values):
            report.add(path, "option values must be unique")

    return check


OPTION_GROUP = shape({"label": plain(75), "options": options(PLAIN_OPTION, 100)})
OPTION_GROUPS = list_of(OPTION_GROUP, 100, 1)

CONFIRM = shape(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)
DISPATCH = shape(
    {"trigger_actions_on": list_of(one_of("on_enter_pressed", "on_character_entered"), 2, 1)}
)
CONVERSATION_FILTER = shape(
    {},
    {
        "include": list_of(one_of("im", "mpim", "private", "public"), 4, 1),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
    at_least_one("include", "exclude_external_shared_channels", "exclude_bot_users"),
)
_SLACK_FILE = shape(
    {}, {"id": string(255), "url": string(3000, pattern=WEB_URL)}, exactly_one("id", "url")
)
IMAGE_SOURCE: dict[str, Check] = {
    "image_url": string(3000, pattern=WEB_URL),
    "slack_file": _SLACK_FILE,
}
ONE_IMAGE_SOURCE = exactly_one(*IMAGE_SOURCE)
