"""What a person can read in blocks: one line for each text, with markup resolved."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from playground.slack.elements import placed
from playground.slack.model import Json

Names = Callable[[str], str]

_REFERENCE = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")
_MARKS = frozenset("*_~`")
_EMPHASIS = re.compile(r"(?<![\w*_~`])([*_~`])(?=\S)(.+?)(?<=\S)\1(?![\w*_~`])")


def plain_mrkdwn(text: str, names: Names) -> str:
    """Mrkdwn as shown: links by their label, no asterisks, entities resolved."""

    def shown(match: re.Match[str]) -> str:
        target, label = match.group(1), match.group(2)
        if target.startswith(("@", "#")):
            return target[0] + names(target[1:])
        if target.startswith("!date"):
            return label or target
        if target.startswith("!"):
            return "@" + target[1:].split("^")[0]
        return label or target.removeprefix("mailto:")

    return _without_markup(_REFERENCE.sub(shown, text))


@lru_cache(maxsize=4096)  # a screen is read again and again, and hardly any of it has changed
def _without_markup(text: str) -> str:
    previous = "" if _MARKS.intersection(text) else text  # most have none
    while previous != text:
        previous, text = text, _EMPHASIS.sub(r"\2", text)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def visible_text(blocks: list[Json], names: Names) -> str:
    """All text in the blocks, without the options and placeholders of selects."""
    return "\n".join(line for block in blocks for line in _lines(block, names) if line)


def buttons(blocks: list[Json]) -> list[str]:
    return [p.label for p in placed(blocks) if p.type == "button"]


def _lines(block: Json, names: Names) -> Iterator[str]:
    kind = block.get("type")
    if kind == "rich_text":
        yield from (_rich(part, names) for part in block["elements"])
    elif kind == "table":
        for row in block["rows"]:
            yield " | ".join(_cell(cell, names) for cell in row)
    elif kind == "markdown":
        yield str(block["text"])
    elif kind in ("plan", "task_card"):
        yield from _task(block, names)
    else:
        yield from _texts(block, names)


def _texts(node: Any, names: Names) -> Iterator[str]:
    """Text objects in reading order."""
    if isinstance(node, list):
        for item in node:
            yield from _texts(item, names)
    elif isinstance(node, dict):
        if node.get("type") in ("plain_text", "mrkdwn"):
            text = str(node.get("text", ""))
            yield plain_mrkdwn(text, names) if node["type"] == "mrkdwn" else text
            return
        offers = node.get("type") in ("radio_buttons", "checkboxes")
        for key, value in node.items():
            if key in ("placeholder", "confirm") or (key == "options" and not offers):
                continue
            if isinstance(value, dict | list):
                yield from _texts(value, names)
        if node.get("type") == "image":
            yield str(node.get("alt_text", ""))


def _rich(part: Json, names: Names) -> str:
    if part["type"] == "rich_text_list":
        return "\n".join(f"- {_rich(item, names)}" for item in part["elements"])
    return "".join(_inline(e, names) for e in part["elements"])


def _inline(element: Json, names: Names) -> str:
    kind = element["type"]
    if kind == "user":
        return "@" + names(element["user_id"])
    if kind == "channel":
        return "#" + names(element["channel_id"])
    if kind == "emoji":
        return f":{element['name']}:"
    if kind == "broadcast":
        return f"@{element['range']}"
    return str(element.get("text") or element.get("fallback") or element.get("url") or "")


def _cell(cell: Json, names: Names) -> str:
    if cell["type"] == "rich_text":
        return " ".join(_rich(part, names) for part in cell["elements"])
    return str(cell.get("text", ""))


def _task(block: Json, names: Names) -> Iterator[str]:
    status = f" ({block['status']})" if "status" in block else ""
    yield f"{block['title']}{status}"
    for key in ("details", "output"):
        if key in block:
            yield from _lines(block[key], names)
    for task in block.get("tasks") or []:
        yield from _task(task, names)
