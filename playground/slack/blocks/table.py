"""The table of blocks, and where each may appear."""

from typing import Any

from playground.slack.blocks.composition import (
    ID,
    IMAGE_SOURCE,
    ONE_IMAGE_SOURCE,
    WEB_URL,
    mrkdwn,
    plain,
    text,
)
from playground.slack.blocks.elements import (
    ELEMENTS,
    IN_ACTIONS,
    IN_INPUT,
    IN_SECTION,
)
from playground.slack.blocks.rich_text import RICH_TEXT, RICH_TEXT_BLOCK
from playground.slack.blocks.spec import (
    Check,
    Report,
    at_least_one,
    boolean,
    list_of,
    one_of,
    shape,
    string,
    typed,
)
from playground.slack.model import Json

_ID: dict[str, Check] = {"block_id": ID}
_CONTEXT_TEXT = text(3000)
_BUTTON = typed(ELEMENTS, {"button"})
_IMAGE = typed(ELEMENTS, {"image"})
_SOURCE = typed({"url": shape({"url": string(3000, pattern=WEB_URL), "text": string(3000)})})
_CELL = typed({"raw_text": shape({"text": string(3000)}), "rich_text": RICH_TEXT})
_COLUMN = shape({}, {"align": one_of("left", "center", "right"), "is_wrapped": boolean})


def _image_or_text(element: Any, path: str, report: Report) -> None:
    is_image = isinstance(element, dict) and element.get("type") == "image"
    (_IMAGE if is_image else _CONTEXT_TEXT)(element, path, report)


def _same_width(block: Json, path: str, report: Report) -> None:
    if len({len(row) for row in block["rows"]}) > 1:
        report.add(f"{path}/rows", "all rows must have the same number of cells")


def _dispatch_known(block: Json, path: str, report: Report) -> None:
    if "dispatch_action_config" in block["element"] and not block.get("dispatch_action"):
        report.add(path, "dispatch_action_config without dispatch_action has no effect")


_TASK_CARD = shape(
    {
        "task_id": string(255),
        "title": string(255),
        "status": one_of("pending", "in_progress", "complete", "error"),
    },
    _ID | {"details": RICH_TEXT_BLOCK, "output": RICH_TEXT_BLOCK, "sources": list_of(_SOURCE, 50)},
)

BLOCKS: dict[str, Check] = {
    "actions": shape({"elements": list_of(typed(ELEMENTS, IN_ACTIONS), 25, 1)}, _ID),
    "alert": shape(
        {"text": text(200)},
        _ID | {"level": one_of("default", "info", "warning", "error", "success")},
    ),
    "card": shape(
        {},
        _ID
        | {
            "title": mrkdwn(150),
            "subtitle": mrkdwn(150),
            "body": mrkdwn(200),
            "icon": _IMAGE,
            "hero_image": _IMAGE,
            "actions": list_of(_BUTTON, 3, 1),
        },
        at_least_one("title", "body", "hero_image", "actions"),
    ),
    "context": shape({"elements": list_of(_image_or_text, 10, 1)}, _ID),
    "divider": shape({}, _ID),
    "header": shape({"text": plain(150)}, _ID),
    "image": shape(
        {"alt_text": string(2000)}, _ID | IMAGE_SOURCE | {"title": plain(2000)}, ONE_IMAGE_SOURCE
    ),
    "input": shape(
        {"label": plain(2000), "element": typed(ELEMENTS, IN_INPUT)},
        _ID | {"hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
        _dispatch_known,
    ),
    "markdown": shape({"text": string(12_000)}, _ID),
    "plan": shape(
        {"title": string(255)},
        _ID | {"tasks": list_of(typed({"task_card": _TASK_CARD}), 50)},
    ),
    "rich_text": RICH_TEXT,
    "section": shape(
        {},
        _ID
        | {
            "text": text(3000),
            "fields": list_of(text(2000), 10, 1),
            "accessory": typed(ELEMENTS, IN_SECTION),
            "expand": boolean,
        },
        at_least_one("text", "fields"),
    ),
    "table": shape(
        {"rows": list_of(list_of(_CELL, 20, 1), 100, 1)},
        _ID | {"column_settings": list_of(_COLUMN, 20)},
        _same_width,
    ),
    "task_card": _TASK_CARD,
}

_EVERYWHERE = {
    "actions",
    "card",
    "context",
    "divider",
    "header",
    "image",
    "input",
    "rich_text",
    "section",
}
SURFACES: dict[str, frozenset[str]] = {
    "modal": frozenset(_EVERYWHERE | {"alert"}),
    "home": frozenset(_EVERYWHERE | {"table"}),
    "message": frozenset(_EVERYWHERE | {"table", "markdown", "plan", "task_card"}),
}
