"""The lines in the thread of a customer's card."""

from collections.abc import Mapping

from slack_sdk.models.blocks import Block

from bot.strings import cards as strings
from bot.strings import events as event_strings
from bot.views.csm.messages import quoted
from bot.views.csm.questions import answer_buttons
from bot.views.kit.blocks import actions, section
from bot.views.kit.message import Rendered
from bot.views.kit.next_step import person
from bot.views.kit.text import EVERYBODY, since, user
from bot.views.people.history_lines import said, thread_line
from bot.views.replay.lines import event_button
from flows.csm.calls import QuestionEvent, calls_owner
from flows.csm.events import CsmWrote, CustomerReplied
from flows.csm.meanwhile import CameFirst
from flows.history import Event
from flows.model import Integration


def thread_message(
    event: Event,
    *,
    names: Mapping[str, str],
    customer_value: str = "",
    owner: str = "",
    owner_left: bool = False,
    card_link: str = "",
) -> Rendered:
    """One event as a line in the thread. Its kind must be one of `THREAD_EVENTS`.

    `owner` is a CSM's user id. If `calls_owner`, the line mentions them, or everybody in the
    channel if they have left. `card_link` leads to the card and its buttons.
    """
    line = thread_line(event, lambda user_id: person(user_id, names))
    if owner and calls_owner(event):
        called = EVERYBODY if owner_left else user(owner)
        line = event_strings.OWNER_CALLED.format(owner=called, line=line)
    linked = f"{line} {event_strings.SEE_CARD.format(link=card_link)}" if card_link else line
    blocks: list[Block] = [section(linked)]
    if isinstance(event, CsmWrote | CustomerReplied):
        blocks.append(quoted(event.text))
        line = f"{line} {said(event.text)}"
    if to_see := event_button(event, customer_value):
        blocks.append(actions(*to_see))
    if customer_value and isinstance(event, QuestionEvent):
        blocks.append(actions(*answer_buttons(customer_value, event.number)))
    return Rendered(line, blocks)


def happened_words(word: CameFirst, names: Mapping[str, str]) -> str:
    """What happened, for a CSM who came too late."""
    line = thread_line(word.event, lambda user_id: person(user_id, names))
    says = strings.HAPPENED if word.is_known else strings.HAPPENED_LAST
    return says.format(line=line, when=since(word.event.stamp.at))


def replaced_words(integration: Integration, names: Mapping[str, str]) -> str:
    """Who ended the set-up that something was about, and who began the one that is there now."""
    began, left = integration.started or integration.created, integration.left_before
    began_words = {"began": person(began.by, names), "when": since(began.at)}
    if left is None:
        return strings.REINSTALLED.format(**began_words)
    return strings.REPLACED.format(
        left=person(left.by, names), left_when=since(left.at), **began_words
    )


def former_card_message(link: str) -> Rendered:
    """The line in a new card's thread that links to the card it replaces, by Slack's permalink."""
    line = strings.FORMER.format(link=link)
    return Rendered(line, [section(line)])
