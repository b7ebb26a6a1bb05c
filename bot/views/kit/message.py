"""What a message is, and the only way to put its sentences together."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement

from bot.ids import PLACE
from bot.strings import messages as strings
from bot.views.kit.blocks import actions, context, section
from bot.views.kit.text import name
from flows.model import Integration

MOST_BLOCKS = 100  # in a window or on Home


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message ready to send. Screen readers and notifications get only `text`."""

    text: str
    blocks: list[Block]

    @property
    def fingerprint(self) -> str:
        return fingerprint_of(self.text, *(block.to_dict() for block in self.blocks))


def has_buttons(rendered: Rendered) -> bool:
    return any(isinstance(block, ActionsBlock) for block in rendered.blocks)


def fingerprint_of(*drawn: object) -> str:
    """Two drawings have one fingerprint only if they look the same."""
    return sha256(json.dumps(drawn, sort_keys=True).encode()).hexdigest()[:32]


def naming(rendered: Rendered, integration: Integration) -> Rendered:
    """The message, with each button and menu naming the set-up that the message is about.

    The name is in the `block_id`, which comes back with a press. It holds no revision, so that a
    message that looks the same is the same.
    """
    return named_as(rendered, f"{integration.id}@{integration.generation}")


def named_as(rendered: Rendered, set_up: str) -> Rendered:
    """The message with the set-up's name in each block. Blocks that have one keep it."""
    for place, block in enumerate(rendered.blocks):
        if isinstance(block, ActionsBlock) or getattr(block, "accessory", None):
            block.block_id = block.block_id or f"{set_up}:{place}"
    return rendered


def parse_naming(block_id: str) -> tuple[str, int]:
    """Returns integration and generation, both empty where earlier versions named none."""
    match block_id.replace("@", ":").split(":"):
        case [integration_id, generation, _] if generation.isdecimal():
            return integration_id, int(generation)
    return "", 0


def placed_in(rendered: Rendered, team: str) -> Rendered:
    """The message, saying which Slack workspace it is about, for readers who may be in several.

    An organisation's people have one conversation with the app for all of them.
    """
    return _with_place(rendered, place_said(team))


def place_said(team: str) -> str:
    return strings.OF_SLACK_WORKSPACE.format(team=name(team))


def with_place(made: Mapping[str, Any], said: str) -> dict[str, Any]:
    """Adds the line to JSON: on top of a window, below the first block of a message."""
    blocks = list(made["blocks"])
    is_full = len(blocks) >= MOST_BLOCKS
    if is_full or any(each.get("block_id") == PLACE for each in blocks):
        return dict(made)
    blocks.insert(0 if made.get("type") == "modal" else 1, context(said, block_id=PLACE).to_dict())
    text = {"text": f"{made['text']} {said}"} if made.get("text") else {}
    return {**made, **text, "blocks": blocks}


def keep_place(rendered: Rendered, before: Sequence[Mapping[str, Any]]) -> Rendered:
    """The message in place of, or in answer to, one with these blocks: it says the same."""
    for block in before:
        if block.get("block_id") == PLACE:
            return _with_place(rendered, str(block["elements"][0]["text"]))
    return rendered


def _with_place(rendered: Rendered, said: str) -> Rendered:
    first, *others = rendered.blocks
    return Rendered(f"{rendered.text} {said}", [first, context(said, block_id=PLACE), *others])


def compose(
    state: str,
    next_step: str,
    buttons: Sequence[ButtonElement] = (),
    *,
    between: Sequence[Block] = (),
) -> Rendered:
    """Puts state and next step in a paragraph, then `between`, then the buttons, main one first."""
    blocks: list[Block] = [section(f"{state}\n{next_step}"), *between]
    if buttons:
        blocks.append(actions(*buttons))
    return Rendered(spoken([state, next_step], buttons), blocks)


def spoken(sentences: Sequence[str], buttons: Sequence[ButtonElement] = ()) -> str:
    """The sentences of a message, and a hint at its main button."""
    where = [strings.BUTTON_BELOW.format(label=label_of(button)) for button in buttons[:1]]
    return " ".join([*sentences, *where])


def label_of(button: ButtonElement) -> str:
    """The words on a button."""
    text = button.text
    return text.text if text and text.text else ""
