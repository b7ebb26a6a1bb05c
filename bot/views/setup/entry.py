"""Where a secret is typed: in the window, or on a one-time page of our own that a button opens.

And whether Toplyne receives it, too, as the words beside it then say.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import Block, InputBlock
from slack_sdk.models.views import View

from bot.ids import ASKS_FOR, Action, Callback
from bot.strings import entry as strings
from bot.strings import setup as common
from bot.views.kit.blocks import (
    actions,
    button,
    context,
    link_button,
    make_metadata,
    modal,
    progress_line,
    section,
)
from bot.views.setup.common import screen_view
from flows.model import Screen
from flows.setup.results import ShowLink, ShowStep

ENTER_PATH = "/enter/"


@dataclass(frozen=True, slots=True)
class Entry:
    """Where secrets may be typed. `address` is ours, under which people reach pages.

    `takes_secrets`: Toplyne takes them, encrypted for its key. Else no write key is asked for.
    """

    here: bool = True
    on_page: bool = False
    address: str = ""
    takes_secrets: bool = False


TYPED_HERE = Entry()


def entered(
    screen: Screen, field: InputBlock, entry: Entry, *, unless: str = "", beside: bool = False
) -> Sequence[Block]:
    """The input of a secret, the button beside it, or both. `unless`: what else one can do.

    `beside`: the main button does something else, so that the page has a button of its own.
    """
    if entry.here:
        page = actions(button(strings.OFFER, Action.OPEN_PAGE, screen))
        return [field, page] if entry.on_page else [field]
    words = " ".join(filter(None, (strings.ONLY_PAGE[screen], unless)))
    said = section(words, block_id=f"{ASKS_FOR}:{screen}")
    return [said, actions(button(strings.OPEN, Action.OPEN_PAGE, screen))] if beside else [said]


def with_entry(
    callback: Callback, result: ShowStep, blocks: Sequence[Block], entry: Entry, *, keeps: bool
) -> View:
    """A screen whose main button checks a secret, goes on with one, or leads to the page for it."""
    if keeps:
        return screen_view(callback, result, blocks, submit=common.CONTINUE)
    if entry.here:
        return screen_view(callback, result, blocks, submit=common.CHECK)
    return screen_view(Callback.ON_PAGE, result, blocks, submit=strings.OPEN)


def link_view(result: ShowLink, entry: Entry) -> View:
    """Leads to the page, and waits: its `external_id` is the link's, by which it is found again."""
    integration = result.situation.integration
    url = f"{entry.address}{ENTER_PATH}{result.path.get_secret_value()}"
    opens = link_button(strings.LINK_OPEN, url)
    opens.style = "primary"
    return modal(
        common.TITLE,
        Callback.ENTRY,
        [
            context(progress_line(result.situation)),
            section(f"{strings.LINK_TITLE}\n{strings.LINK[result.screen]}"),
            actions(opens),
            context(strings.LINK_TERMS, strings.LINK_WAITS),
            actions(button(common.BACK, Action.GO_TO, result.screen)),
        ],
        metadata=make_metadata(integration),
        external_id=result.link_id,
    )
