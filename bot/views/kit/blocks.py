"""Builders for `slack_sdk.models` that messages, Home and modals share."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from slack_sdk.models.blocks import (
    ActionsBlock,
    AlertBlock,
    Block,
    ButtonElement,
    ConfirmObject,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    InputBlock,
    InputInteractiveElement,
    InteractiveElement,
    MarkdownTextObject,
    Option,
    PlainTextObject,
    RichTextBlock,
    RichTextElementParts,
    RichTextPreformattedElement,
    SectionBlock,
)
from slack_sdk.models.views import View

from bot.ids import Action
from bot.strings import dialogs, names
from bot.views.kit.text import clip, day_of, escape, size
from flows.model import Integration, Situation, Step
from flows.setup.progress import StepProgress, StepState, progress
from flows.vocabulary import Plan

Level = Literal["info", "warning", "error", "success"]

TITLE_LIMIT = 24
ALERT_LIMIT = 200
BUTTON_LIMIT = 75
OPTION_LIMIT = 75
LABEL_LIMIT = 2000


def plain(text: str, limit: int = LABEL_LIMIT) -> PlainTextObject:
    """Text that Slack shows as it is. Nothing in it counts as markup, not even `:codes:`."""
    return PlainTextObject(text=clip(text, limit), emoji=False)


def mrkdwn(text: str) -> MarkdownTextObject:
    """Markup, already escaped. `verbatim` keeps Slack from adding links or mentions."""
    return MarkdownTextObject(text=text, verbatim=True)


def section(
    text: str, *, accessory: InteractiveElement | None = None, block_id: str | None = None
) -> SectionBlock:
    """A paragraph of mrkdwn. Build long ones with `text.lines`, which keeps the limit."""
    return SectionBlock(text=mrkdwn(text), accessory=accessory, block_id=block_id)


def context(*texts: str, block_id: str | None = None) -> ContextBlock:
    """A small gray line of mrkdwn pieces, ten at most."""
    return ContextBlock(elements=[mrkdwn(text) for text in texts], block_id=block_id)


def header(text: str) -> HeaderBlock:
    """A heading in plain text."""
    return HeaderBlock(text=plain(text, 150))


def divider() -> DividerBlock:
    """A horizontal line."""
    return DividerBlock()


def alert(text: str, level: Level = "warning", *, markup: bool = False) -> Block:
    """An alert in plain text, or `markup`. A long one becomes a paragraph. Only for modals."""
    if size(text) <= ALERT_LIMIT:
        return AlertBlock(text=mrkdwn(text) if markup else plain(text), level=level)
    return section(f"⚠ {text if markup else escape(text)}")


def preformatted(text: str) -> RichTextBlock:
    """Text to copy, shown exactly as it is."""
    parts = [RichTextElementParts.Text(text=text)]
    return RichTextBlock(elements=[RichTextPreformattedElement(elements=parts)])


def to_copy(typed: str) -> list[Block]:
    """What somebody typed into a window that is over. Empty if they typed nothing."""
    return [section(dialogs.TYPED), preformatted(typed)] if typed else []


def with_ids(blocks: Sequence[Block]) -> list[Block]:
    """The blocks, each with an id that stays the same when it is drawn again.

    Slack gives new ids to blocks without one. Then an edit closes menus that are open.
    """
    counted: Counter[str] = Counter()
    for block in blocks:
        kind = str(block.type)
        block.block_id = block.block_id or f"{kind}_{counted[kind]}"
        counted[kind] += 1
    return list(blocks)


def actions(*elements: InteractiveElement, block_id: str | None = None) -> ActionsBlock:
    """A row of at most 25 buttons or selects."""
    return ActionsBlock(elements=list(elements), block_id=block_id)


def button(
    text: str,
    action: Action,
    value: str = "",
    *,
    style: Literal["primary", "danger"] | None = None,
    confirm: ConfirmObject | None = None,
) -> ButtonElement:
    """A button whose `value` comes back with the click."""
    return ButtonElement(
        text=plain(text, BUTTON_LIMIT),
        action_id=action,
        value=value or None,
        style=style,
        confirm=confirm,
    )


def link_button(text: str, url: str, *, value: str = "") -> ButtonElement:
    """A button that opens a page. Slack sends its click, too, which must be acknowledged."""
    return ButtonElement(
        text=plain(text, BUTTON_LIMIT), action_id=Action.OPEN_LINK, url=url, value=value or None
    )


def confirm(title: str, text: str, *, yes: str, no: str) -> ConfirmObject:
    """A question that must be confirmed before a click counts. All of it is plain text."""
    return ConfirmObject(
        title=plain(title, 100), text=plain(text, 300), confirm=plain(yes, 30), deny=plain(no, 30)
    )


def option(text: str, value: str, description: str = "") -> Option:
    """A choice in plain text, so that names need no escaping."""
    return Option(
        value=value,
        text=plain(text, OPTION_LIMIT),
        description=plain(description, OPTION_LIMIT) if description else None,
    )


def field(
    label: str,
    element: InputInteractiveElement,
    block_id: str,
    *,
    hint: str = "",
    optional: bool = False,
    dispatch: bool = False,
) -> InputBlock:
    """An input with its label. `dispatch` sends each choice at once."""
    return InputBlock(
        label=plain(label),
        element=element,
        block_id=block_id,
        hint=plain(hint) if hint else None,
        optional=optional,
        dispatch_action=dispatch,
    )


@dataclass(frozen=True, slots=True)
class Metadata:
    """Our data inside a modal or Home: which set-up it shows, and at which revision."""

    integration_id: str
    generation: int
    revision: int


def make_metadata(
    integration: Integration,
    *,
    revised: bool = True,
    shown: Mapping[str, Sequence[str]] | None = None,
) -> str:
    """`private_metadata` for a modal that shows this integration, or for Home.

    Home is not `revised`: it answers nothing, and looks the same until something on it changes.
    `shown` are ids that the modal compares with when it is submitted.
    """
    revision = integration.revision if revised else 0
    data = {"i": integration.id, "g": integration.generation, "r": revision, **(shown or {})}
    return json.dumps(data, separators=(",", ":"))


def parse_metadata(text: str) -> Metadata:
    """Reads `private_metadata` back. Raises `ValueError` if it is not ours.

    Windows that earlier versions opened name no generation, which is 0.
    """
    data = json.loads(text)
    match data:
        case {"i": str(integration_id), "r": int(revision)}:
            return Metadata(integration_id, data.get("g", 0), revision)
    raise ValueError("unknown private_metadata")


def modal(
    title: str,
    callback: str,
    blocks: Sequence[Block],
    *,
    submit: str = "",
    close: str = dialogs.CLOSE,
    metadata: str = "",
    external_id: str = "",
    notify_on_close: bool = False,
) -> View:
    """A modal. Without `submit` it must not contain inputs."""
    return View(
        type="modal",
        callback_id=callback,
        external_id=external_id or None,
        title=plain(title, TITLE_LIMIT),
        submit=plain(submit, TITLE_LIMIT) if submit else None,
        close=plain(close, TITLE_LIMIT),
        blocks=list(blocks),
        private_metadata=metadata,
        notify_on_close=notify_on_close,
    )


def progress_line(situation: Situation) -> str:
    """The four steps in order, each with its state in words."""
    return " · ".join(_step_words(row, situation.integration) for row in progress(situation))


def _step_words(row: StepProgress, integration: Integration) -> str:
    words = names.STEP_STATE[row.state]
    if row.state is StepState.BROKEN and row.since:
        count, every = row.part or (0, 0)
        template = names.STEP_PARTLY_SINCE if row.part else names.STEP_BROKEN_SINCE
        words = template.format(count=count, all=every, day=day_of(row.since))
    if row.step is Step.PLAN and integration.plan:
        words = names.PLAN[integration.plan]
        if integration.plan is Plan.BUSINESS and integration.credentials:
            words = f"{words} ({names.REGION[integration.region]})"
    return f"{names.STEP_MARK[row.state]}{names.STEP[row.step]}: {words}"
