"""The optional step after live sync: its screen, and its lines on other screens."""

from collections.abc import Mapping

from slack_sdk.models.blocks import Block, ContextBlock, InputBlock, PlainTextInputElement
from slack_sdk.models.views import View

from bot.ids import TOLD_TOPLYNE, Action, Callback, input_action, input_block
from bot.strings import write_back as strings
from bot.views.kit.blocks import button, context, field, plain, section
from bot.views.kit.links import Page
from bot.views.kit.next_step import person
from bot.views.kit.text import name, stamp
from bot.views.setup.common import foot, screen_view, steps_section
from bot.views.setup.entry import TYPED_HERE, Entry, entered, with_entry
from flows.errors import Field
from flows.model import Integration, Screen
from flows.setup.results import ShowStep


def write_back_view(
    result: ShowStep,
    *,
    nonce: str = "",
    entry: Entry = TYPED_HERE,
) -> View:
    """`nonce` empties the input. A write key is never drawn back into a modal."""
    integration = result.situation.integration
    if not entry.takes_secrets:
        return _not_offered_view(result)
    there = integration.write_back.entered is not None
    how = strings.HOW_AGAIN if there else strings.HOW
    skip = [] if there else [button(strings.SKIP, Action.SKIP_WRITE_BACK)]
    blocks: list[Block] = [
        section(strings.TITLE),
        *([section(_done(integration))] if there else []),
        steps_section(how, strings.STEPS, Page.HTTP_API, integration),
        *entered(Screen.WRITE_BACK, _input(nonce, optional=there), entry, beside=there),
        key_line(),
        foot(Screen.WRITE_BACK, back=Screen.RECEIPT, more=skip),
    ]
    return with_entry(Callback.WRITE_BACK, result, blocks, entry, keeps=there)


def _not_offered_view(result: ShowStep) -> View:
    """Where Toplyne takes no write keys, none is collected, even from an old button."""
    blocks: list[Block] = [
        section(strings.NOT_OFFERED),
        foot(Screen.WRITE_BACK, back=Screen.RECEIPT, delegate=False),
    ]
    return screen_view(Callback.WRITE_BACK, result, blocks)


def _input(nonce: str, *, optional: bool) -> InputBlock:
    element = PlainTextInputElement(
        action_id=input_action(Field.WRITE_KEY), placeholder=plain(strings.PLACEHOLDER)
    )
    label = strings.LABEL_AGAIN if optional else strings.LABEL
    return field(label, element, input_block(Field.WRITE_KEY, nonce), optional=optional)


def key_sentence() -> str:
    """What the key allows, who gets it, and how it ends."""
    return f"{strings.RIGHTS} {strings.GIVEN} {strings.END}"


def key_line() -> ContextBlock:
    return context(key_sentence(), block_id=TOLD_TOPLYNE)


def _done(integration: Integration) -> str:
    entered = integration.write_back.entered
    who = stamp(entered) if entered else ""
    return strings.DONE.format(source=_source(integration), who=who)


def _source(integration: Integration) -> str:
    source = integration.write_back.source
    return name(source.label) if source else strings.SOME_SOURCE


def write_back_row(integration: Integration, action: Action, entry: Entry) -> list[Block]:
    """The row on the receipt, and on Home after it."""
    entered = integration.write_back.entered
    offered = entry.takes_secrets and integration.outcome is not None
    if integration.live_started is None or not (entered or offered):
        return []
    if entered is None:
        show = button(strings.OFFER_BUTTON, action, Screen.WRITE_BACK)
        return [section(strings.ROW_NONE, accessory=show)]
    text = strings.ROW_DONE.format(source=_source(integration), who=stamp(entered))
    replace = button(strings.REPLACE, action, Screen.WRITE_BACK) if entry.takes_secrets else None
    return [section(text, accessory=replace)]


def stored_words(integration: Integration) -> list[str]:
    """What the receipt says about the key."""
    entered = integration.write_back.entered
    if entered is None:
        return []
    return [strings.STORED.format(source=_source(integration), who=stamp(entered))]


def card_lines(integration: Integration, names: Mapping[str, str]) -> list[str]:
    """What CSMs read on the card, once a key was entered or skipped."""
    facts = integration.write_back
    if facts.entered:
        who = person(facts.entered.by, names)
        return [strings.CARD_DONE.format(source=_source(integration), who=who)]
    if facts.skipped:
        return [strings.CARD_SKIPPED.format(who=person(facts.skipped.by, names))]
    return []
