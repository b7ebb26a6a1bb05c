"""What is open although the set-up has ended: one paragraph each, with its button."""

from slack_sdk.models.blocks import Block

from bot.ids import Action
from bot.strings import replay as strings
from bot.views.kit.blocks import section
from bot.views.kit.next_step import end_button
from bot.views.kit.wording import open_words
from bot.views.setup.common import SOURCES_SHOWN, more_line
from flows.model import Situation
from flows.replay.steps import open_ends


def end_blocks(situation: Situation, action: Action) -> list[Block]:
    """`action` opens a screen from a modal or from a message."""
    ends = open_ends(situation)
    if not ends:
        return []
    shown: list[Block] = [section(strings.STILL_OPEN)]
    for end in ends[:SOURCES_SHOWN]:
        words, _ = open_words(end)
        shown.append(section(f"{words}.", accessory=end_button(end, action, main=False)))
    return [*shown, *more_line(len(ends) - SOURCES_SHOWN)]
