"""Fills in what the app left out, as Slack does."""

import copy
from typing import Any

from playground.slack.elements import placed
from playground.slack.ids import short_id
from playground.slack.model import Json


def filled_in(payload: Json) -> Json:
    """A copy of a view or message in which every block and element has an id."""
    rest = {key: value for key, value in payload.items() if key != "blocks"}
    return {**copy.deepcopy(rest), "blocks": with_ids(payload.get("blocks") or [])}


def with_ids(blocks: list[Json]) -> list[Json]:
    """A copy with the missing ids, and with Slack's defaults for texts."""
    blocks = copy.deepcopy(blocks)
    for block in blocks:
        block.setdefault("block_id", short_id())
    for item in placed(blocks):
        item.element.setdefault("action_id", short_id())
    _text_defaults(blocks)
    return blocks


def _text_defaults(node: Any) -> None:
    if isinstance(node, list):
        for item in node:
            _text_defaults(item)
    elif isinstance(node, dict):
        if node.get("type") == "plain_text":
            node.setdefault("emoji", True)
        elif node.get("type") == "mrkdwn":
            node.setdefault("verbatim", False)
        for value in node.values():
            _text_defaults(value)
