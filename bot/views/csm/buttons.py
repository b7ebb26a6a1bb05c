"""The buttons of a status card: only those that make sense in the customer's current state."""

from collections.abc import Callable, Mapping

from slack_sdk.models.blocks import (
    ButtonElement,
    InteractiveElement,
    Option,
    OverflowMenuElement,
)

from bot.ids import Action, More, more_value, numbered_value
from bot.strings import cards as strings
from bot.views.kit.blocks import button, confirm, option
from bot.views.kit.text import clip, tidy
from bot.views.replay.lines import request_button
from flows.csm.marks import replay_marks
from flows.csm.needs import is_overdue
from flows.csm.seen import credentials_shown, owner_shown
from flows.csm.steps import Confirmable, confirmable, oldest_unconfirmed, rejectable, snoozable
from flows.csm.waiting import awaited
from flows.model import Integration, Situation, WaitingOn
from flows.setup.blockers import Blocked

PLAIN_NAME = 80


def card_buttons(
    situation: Situation, blocked: Blocked | None, customer: str, value: str, *, owner_left: bool
) -> list[InteractiveElement]:
    """All buttons, that of the card's "Next" first. `customer` names the Slack workspace."""
    integration = situation.integration
    asked = bool(integration.csm.questions)  # "Next" is an answer then, which has its own button
    write = [button(strings.MESSAGE_BUTTON, Action.CSM_MESSAGE, value)]
    own = _owning(integration, customer, value, owner_left=owner_left)
    writes = awaited(situation).who is WaitingOn.CUSTOMER or is_overdue(integration)
    return [
        *_decisions(situation, blocked, customer, value, is_next=not asked),
        *(write + own if writes else own + write),
        *request_button(integration, value),
        *_menu(situation, value),
    ]


def _decisions(
    situation: Situation, blocked: Blocked | None, customer: str, value: str, *, is_next: bool
) -> list[ButtonElement]:
    """What a CSM can decide. The first is the main button if it is what comes next."""
    integration, found = situation.integration, list[ButtonElement]()
    match confirmable(situation):
        case Confirmable.CREDENTIALS:
            found = [
                _confirm_button(integration, customer, value),
                button(strings.REJECT_BUTTON, Action.CSM_REJECT, value),
            ]
        case Confirmable.ARRIVAL:
            found = [_arriving_button(integration, customer, value)]
        case Confirmable.HISTORY if past := oldest_unconfirmed(integration):
            found = [_history_button(past.number, customer, value)]
            is_next = is_next and blocked is None
    if found and is_next:
        found[0].style = "primary"
    return found


def _history_button(number: int, customer: str, value: str) -> ButtonElement:
    question = confirm(
        strings.HISTORY_TITLE,
        strings.HISTORY_TEXT.format(customer=_plain(customer), number=number),
        yes=strings.HISTORY_YES,
        no=strings.NOT_YET,
    )
    about = numbered_value(value, number)
    return button(strings.HISTORY_BUTTON, Action.CSM_HISTORY, about, confirm=question)


def _owning(
    integration: Integration, customer: str, value: str, *, owner_left: bool
) -> list[ButtonElement]:
    assign = button(strings.ASSIGN_BUTTON, Action.CSM_ASSIGN, value)
    if integration.csm.owner is None:
        return [button(strings.CLAIM_BUTTON, Action.CSM_CLAIM, value), assign]
    about = numbered_value(value, owner_shown(integration))
    if owner_left:
        return [button(strings.CLAIM_BUTTON, Action.CSM_CLAIM, about), assign]
    question = confirm(
        strings.UNCLAIM_TITLE,
        strings.UNCLAIM_TEXT.format(customer=_plain(customer)),
        yes=strings.UNCLAIM_BUTTON,
        no=strings.NOT_YET,
    )
    give_back = button(strings.UNCLAIM_BUTTON, Action.CSM_UNCLAIM, about, confirm=question)
    return [give_back, assign]


def _menu(situation: Situation, value: str) -> list[OverflowMenuElement]:
    """The menu of rarer choices. Slack allows at most five."""
    options = [_choice(more, value) for more, is_open in OPEN_WHILE.items() if is_open(situation)]
    return [OverflowMenuElement(action_id=Action.CSM_MORE, options=options)]


# While each choice is offered. A card that is not redrawn yet offers more, and opens no more.
OPEN_WHILE: Mapping[More, Callable[[Situation], object]] = {
    More.ACCOUNT: lambda _: True,
    More.SNOOZE: snoozable,
    More.REPLAY: lambda now: replay_marks(now.integration),
    More.REJECT: lambda now: rejectable(now.integration),
    More.ANSWERED: lambda now: now.integration.csm.open_matters,
}
_MORE = {
    More.ACCOUNT: strings.MORE_ACCOUNT,
    More.SNOOZE: strings.MORE_SNOOZE,
    More.REPLAY: strings.MORE_REPLAY,
    More.REJECT: strings.MORE_REJECT,
    More.ANSWERED: strings.MORE_ANSWERED,
}


def _choice(more: More, value: str) -> Option:
    return option(_MORE[more], more_value(more, value))


def _confirm_button(integration: Integration, customer: str, value: str) -> ButtonElement:
    credentials = integration.credentials
    workspace = _plain(credentials.workspace.label) if credentials else ""
    question = confirm(
        strings.CONFIRM_TITLE,
        strings.CONFIRM_TEXT.format(customer=_plain(customer), workspace=workspace),
        yes=strings.CONFIRM_YES,
        no=strings.NOT_YET,
    )
    about = numbered_value(value, credentials_shown(integration))
    return button(strings.CONFIRM_BUTTON, Action.CSM_CONFIRM, about, confirm=question)


def _arriving_button(integration: Integration, customer: str, value: str) -> ButtonElement:
    question = confirm(
        strings.ARRIVING_TITLE,
        strings.ARRIVING_TEXT.format(customer=_plain(customer)),
        yes=strings.ARRIVING_YES,
        no=strings.NOT_YET,
    )
    about = numbered_value(value, credentials_shown(integration))
    return button(strings.ARRIVING_BUTTON, Action.CSM_ARRIVING, about, confirm=question)


def _plain(text: str) -> str:
    return clip(tidy(text), PLAIN_NAME)
