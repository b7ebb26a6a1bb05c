"""Fills in what the app left out, as Slack does."""

from typing import Any

from playground.slack.elements import placed
from playground.slack.ids import short_id
from playground.slack.model import Blocks, Json

_TEXT_DEFAULTS = {"plain_text": ("emoji", True), "mrkdwn": ("verbatim", False)}


def filled_in(payload: Json) -> Json:
    """A copy of a view in which every block and element has an id."""
    rest = {key: _copied(value) for key, value in payload.items() if key != "blocks"}
    return {**rest, "blocks": with_ids(payload.get("blocks") or [])}


def with_ids(blocks: Blocks) -> Blocks:
    """A copy with the missing ids, and with Slack's defaults for texts."""
    copied: Blocks = _copied(blocks)
    for block in copied:
        if "block_id" not in block:
            block["block_id"] = short_id()
    for item in placed(copied):
        if "action_id" not in item.element:
            item.element["action_id"] = short_id()
    return copied


def _copied(node: Any) -> Any:
    if isinstance(node, list):
        return [_copied(item) for item in node]
    if not isinstance(node, dict):
        return node
    copied = {key: _copied(value) for key, value in node.items()}
    if default := _TEXT_DEFAULTS.get(node.get("type", "")):
        copied.setdefault(*default)
    return copied
