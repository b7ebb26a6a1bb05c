"""A customer's open questions, each with its own button."""

from collections.abc import Mapping

from slack_sdk.models.blocks import Block, ButtonElement, CheckboxesElement, SectionBlock
from slack_sdk.models.views import View

from bot.ids import Action, Callback, input_action, input_block, numbered_value
from bot.strings import cards as strings
from bot.strings import csm, dialogs
from bot.views.csm.customer_lines import whose
from bot.views.kit.blocks import button, field, modal, option, section
from bot.views.kit.next_step import person
from bot.views.kit.text import since, user
from bot.views.people.history_lines import said
from flows.csm.deciding import Looked
from flows.csm.facts import Matter, MatterEnd
from flows.csm.needs import matter_of
from flows.errors import Field
from flows.model import Integration

QUESTIONS_SHOWN = 5
MOST_OPTIONS = 10  # Slack takes no more checkboxes

Names = Mapping[str, str]


def question_blocks(integration: Integration, value: str, names: Names) -> list[Block]:
    """The card's open questions, of which the first is next. `value` is the customer's value."""
    found = integration.csm.questions
    hidden = len(found) - QUESTIONS_SHOWN
    more = [section(strings.MORE_MATTERS.format(count=hidden))] if hidden > 0 else []
    shown = [
        _question(each, value, names, is_next=each is found[0]) for each in found[:QUESTIONS_SHOWN]
    ]
    return [*shown, *more]


def next_answer(integration: Integration, names: Names) -> str:
    """Whom to answer first. Empty if nobody waits."""
    for matter in integration.csm.questions[:1]:
        return strings.NEXT_MATTER[matter.reason].format(who=person(matter.by, names))
    return ""


def answer_buttons(value: str, number: int) -> list[ButtonElement]:
    """The buttons in the thread, below what a customer said."""
    about = numbered_value(value, number)
    return [
        button(strings.ANSWER_BUTTON, Action.CSM_MESSAGE, about),
        button(strings.ANSWERED_BUTTON, Action.CSM_ANSWERED, about),
    ]


def about_blocks(integration: Integration, number: int, names: Names) -> list[Block]:
    """The matter that a message answers, and whether it has ended already. Raises `NotFound`."""
    matter = matter_of(integration, number)
    template = csm.MESSAGE_ABOUT if matter.asked else csm.MESSAGE_ABOUT_NOTHING
    text = template.format(
        matter=_matter_words(matter, names), when=since(matter.since), asked=said(matter.asked)
    )
    return [section(text), *([_ended(integration, matter.ended)] if matter.ended else [])]


def answered_view(looked: Looked, value: str, names: Names) -> View:
    """Asks which matters were dealt with elsewhere. At least one must be open."""
    open_matters = looked.situation.integration.csm.open_matters[:MOST_OPTIONS]
    options = [option(_item(each, names), str(each.number)) for each in open_matters]
    boxes = CheckboxesElement(action_id=input_action(Field.WHAT), options=options)
    return modal(
        csm.ANSWERED_TITLE,
        Callback.CSM_ANSWERED,
        [
            whose(looked),
            section(csm.ANSWERED),
            field(csm.ANSWERED_LABEL, boxes, input_block(Field.WHAT)),
        ],
        submit=csm.ANSWERED_SUBMIT,
        close=dialogs.CANCEL,
        metadata=value,
    )


def _question(matter: Matter, value: str, names: Names, *, is_next: bool) -> SectionBlock:
    template = strings.MATTER_ASKED if matter.asked else strings.MATTER
    text = template.format(
        matter=_matter_words(matter, names), since=since(matter.since), asked=said(matter.asked)
    )
    answer, _ = answer_buttons(value, matter.number)
    answer.style = "primary" if is_next else None
    return section(text, accessory=answer)


def _matter_words(matter: Matter, names: Names) -> str:
    return strings.MATTER_NAME[matter.reason].format(who=person(matter.by, names))


def _ended(integration: Integration, ended: MatterEnd) -> SectionBlock:
    """With its set-up, or by a CSM. Only a CSM can be mentioned in this Slack."""
    left = integration.disconnected or integration.left_before
    if left and not ended.stamp.of_toplyne and ended.stamp.at <= left.at:
        return section(csm.MESSAGE_LEFT)
    who, when = user(ended.stamp.by), since(ended.stamp.at)
    return section(csm.MESSAGE_ENDED.format(who=who, when=when))


def _item(matter: Matter, names: Names) -> str:
    """The matter in plain text."""
    if matter.reason in csm.ANSWERED_NAME:
        return csm.ANSWERED_NAME[matter.reason]
    who = names.get(matter.by, "") or csm.SOMEBODY
    words = strings.MATTER_NAME[matter.reason].format(who=who)
    return csm.ANSWERED_ITEM.format(matter=words, asked=matter.asked) if matter.asked else words
