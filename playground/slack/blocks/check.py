"""Checks whole messages and views, for rules that no table about single blocks can state."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from playground.slack.blocks.composition import ID, plain
from playground.slack.blocks.spec import (
    Check,
    Report,
    boolean,
    list_of,
    one_of,
    shape,
    string,
    typed,
)
from playground.slack.blocks.table import BLOCKS, SURFACES
from playground.slack.elements import placed
from playground.slack.model import Json

MOST_BLOCKS = {"message": 50, "modal": 100, "home": 100}
MESSAGE_CHARACTERS = 13_200
MARKDOWN_CHARACTERS = 12_000
_NO_TEXT = re.compile(r"<[@#!\w][^<>]*>|^>+|&(?:amp|lt|gt);", re.MULTILINE)
_UNESCAPED = re.compile(r"[&<>]")


def _anything(_value: Any, _path: str, _report: Report) -> None:
    """Blocks are checked one by one later."""


_VIEW: dict[str, Check] = {
    "callback_id": ID,
    "external_id": ID,
    "private_metadata": string(3000, shortest=0),
}
_VIEW_FIELDS: dict[str, Check] = {
    "modal": shape(
        {"type": one_of("modal"), "title": plain(24), "blocks": list_of(_anything, 100)},
        _VIEW
        | {
            "submit": plain(24),
            "close": plain(24),
            "clear_on_close": boolean,
            "notify_on_close": boolean,
        },
    ),
    "home": shape({"type": one_of("home"), "blocks": list_of(_anything, 100)}, _VIEW),
}


def check_blocks(blocks: Any, surface: str, path: str = "/blocks") -> list[str]:
    """Problems in Slack's wording. Empty if this surface accepts the blocks."""
    report = Report(surface)
    block = typed(BLOCKS, SURFACES[surface])
    list_of(block, MOST_BLOCKS[surface])(blocks, path, report)
    if not report.problems:
        for rule in (_unique_ids, _one_focus, _totals):
            rule(blocks, path, report)
    return report.problems


def check_view(view: Any, surface: str) -> list[str]:
    """Problems of a whole view, in Slack's wording. `surface` is `modal` or `home`."""
    report = Report(surface)
    _VIEW_FIELDS[surface](view, "/view", report)
    if report.problems:
        return report.problems
    problems = check_blocks(view["blocks"], surface, "/view/blocks")
    has_input = any(b.get("type") == "input" for b in view["blocks"])
    if surface == "modal" and has_input and "submit" not in view and not problems:
        report.add("/view", "missing required field: submit")
    return problems + report.problems


def check_mrkdwn(node: Any, path: str) -> list[str]:
    """Texts with a sign that the app forgot to escape, as far as one can tell.

    A `<` belongs to a reference, a `>` to the end of one or to the beginning of a quoted line.
    https://docs.slack.dev/messaging/formatting-message-text#escaping
    """
    return [
        f"unescaped {sign!r} in {where}"
        for where, text in _mrkdwn_texts(node, path)
        for sign in sorted(set(_UNESCAPED.findall(_NO_TEXT.sub("", text))))
    ]


def _mrkdwn_texts(node: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, str):
        yield path, node
    elif isinstance(node, list):
        for index, item in enumerate(node):
            if not isinstance(item, str):
                yield from _mrkdwn_texts(item, f"{path}/{index}")
    elif isinstance(node, dict) and node.get("type") == "mrkdwn":
        yield path, str(node.get("text", ""))
    elif isinstance(node, dict):
        for key, value in node.items():
            if isinstance(value, dict | list):
                yield from _mrkdwn_texts(value, f"{path}/{key}")


def _unique_ids(blocks: list[Json], path: str, report: Report) -> None:
    ids = Counter(b["block_id"] for b in blocks if "block_id" in b)
    for block_id, count in ids.items():
        if count > 1:
            report.add(path, f"block_id {block_id!r} already exists")
    for index, block in enumerate(blocks):
        elements = [*block.get("elements", []), *block.get("actions", [])]
        actions = Counter(e["action_id"] for e in elements if "action_id" in e)
        for action_id, count in actions.items():
            if count > 1:
                report.add(f"{path}/{index}", f"action_id {action_id!r} already exists")


def _one_focus(blocks: list[Json], path: str, report: Report) -> None:
    if sum(item.element.get("focus_on_load", False) for item in placed(blocks)) > 1:
        report.add(path, "only one element can have focus_on_load")


def _totals(blocks: list[Json], path: str, report: Report) -> None:
    if report.surface != "message":
        return
    if sum(b["type"] == "table" for b in blocks) > 1:
        report.add(path, "only one table is allowed in a message")
    markdown = sum(len(b["text"]) for b in blocks if b["type"] == "markdown")
    if markdown > MARKDOWN_CHARACTERS:
        report.add(path, f"markdown blocks hold more than {MARKDOWN_CHARACTERS} characters")
    if sum(map(_characters, blocks)) > MESSAGE_CHARACTERS:
        report.add(path, f"blocks hold more than {MESSAGE_CHARACTERS} characters")


def _characters(node: Any) -> int:
    if isinstance(node, list):
        return sum(map(_characters, node))
    if isinstance(node, dict):
        own = node.get("text")
        return (len(own) if isinstance(own, str) else 0) + sum(
            _characters(v) for v in node.values() if isinstance(v, dict | list)
        )
    return 0
