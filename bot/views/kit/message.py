"""What a message is, and the one way to put its sentences together."""

from collections.abc import Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import Block, ButtonElement

from bot.strings import messages as strings
from bot.views.kit.blocks import actions, section


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message as it is sent. `text` is all that a screen reader or a notification gets."""

    text: str
    blocks: list[Block]


def compose(
    state: str,
    next_step: str,
    buttons: Sequence[ButtonElement] = (),
    *,
    between: Sequence[Block] = (),
) -> Rendered:
    """State and next step as a paragraph, then `between`, then the buttons, the main one first."""
    blocks: list[Block] = [section(f"{state}\n{next_step}"), *between]
    if buttons:
        blocks.append(actions(*buttons))
    return Rendered(spoken([state, next_step], buttons), blocks)


def spoken(sentences: Sequence[str], buttons: Sequence[ButtonElement] = ()) -> str:
    """The sentences of a message, and where its main button stands."""
    where = [strings.BUTTON_BELOW.format(label=label_of(button)) for button in buttons[:1]]
    return " ".join([*sentences, *where])


def label_of(button: ButtonElement) -> str:
    """The words on a button."""
    text = button.text
    return text.text if text and text.text else ""
