"""One customer in one line, for the board, Home and the digest."""

from datetime import datetime

from slack_sdk.models.blocks import ContextBlock, InteractiveElement

from bot.ids import Action, customer_value
from bot.strings import board as strings
from bot.strings import csm, names
from bot.views.csm.labels import CardUrl, Labels
from bot.views.kit.blocks import button, context, link_button
from bot.views.kit.text import dated, name
from bot.views.kit.wording import blocked_text
from flows.csm.board import MOST_COUNTED, Customer
from flows.csm.deciding import Looked
from flows.csm.facts import Need
from flows.model import WaitingOn
from flows.overview import Standing
from flows.setup.blockers import Blocked, Blocker
from flows.vocabulary import Source


def customer_line(customer: Customer, now: datetime, labels: Labels) -> str:
    """Name and state, and below them what is needed, for how long, and who looks after it."""
    owner, need = customer.overview.owner, need_words(customer, now)
    details = [since_words(customer, now, is_first=not need)]
    if owner:
        details.append(strings.OWNER.format(owner=labels.owner(owner)))
    elif need != strings.NEED[Need.UNOWNED]:  # that need says it already
        details.append(strings.UNOWNED)
    if need:
        details.insert(0, strings.NEED_YOU.format(need=need[:1].upper() + need[1:]))
    return strings.LINE.format(
        customer=labels.linked(customer),
        state=state_words(customer),
        details=" · ".join(details),
    )


_BY_NEED: dict[str, tuple[str, Action]] = {
    Need.HELP: (strings.ANSWER, Action.CSM_ANSWER),
    Need.REPLIED: (strings.ANSWER, Action.CSM_ANSWER),
    Need.UNCONFIRMED: (strings.CONFIRM, Action.CSM_OPEN_CONFIRM),
    Need.CONNECTED: (strings.CONFIRM, Action.CSM_OPEN_CONFIRM),
    Need.CONFIRM: (strings.CONFIRM, Action.CSM_OPEN_CONFIRM),
    Need.TOKEN_REVOKED: (strings.MESSAGE, Action.CSM_MESSAGE),
    Need.BROKEN: (strings.MESSAGE, Action.CSM_MESSAGE),
    Need.STUCK: (strings.MESSAGE, Action.CSM_MESSAGE),
    Need.REPLAY_OVERDUE: (strings.MESSAGE, Action.CSM_MESSAGE),
}


def line_button(
    customer: Customer, now: datetime, urls: CardUrl, claim: Action
) -> InteractiveElement | None:
    """The one button of a line.

    It is for what needs the CSM. Else it is `claim` if nobody owns the customer, a message if the
    customer has to act, or a link to the card if there is one.
    """
    overview = customer.overview
    value = customer_value(customer.tenant_id, overview.integration_id)
    if customer.needs(now) and overview.need in _BY_NEED:
        label, action = _BY_NEED[overview.need]
        return button(label, action, value)
    if not overview.owner and not customer.left:
        return button(strings.CLAIM, claim, value)
    if overview.waiting_on is WaitingOn.CUSTOMER and not customer.left:
        return button(strings.MESSAGE, Action.CSM_MESSAGE, value)
    url = urls(customer)
    return link_button(strings.OPEN_CARD, url) if url else None


def whose(looked: Looked, block_id: str | None = None) -> ContextBlock:
    """Which customer a window is about, with what tells it from others of the name."""
    shown, account = name(looked.name), name(looked.situation.integration.csm.account)
    credentials = looked.situation.integration.credentials
    slug = name(credentials.workspace.slug) if credentials else ""
    words = csm.CUSTOMER_WORKSPACE if slug else csm.CUSTOMER
    words = csm.CUSTOMER_ACCOUNT if account else words
    told = words.format(customer=shown, account=account, slug=slug)
    return context(told, block_id=block_id)


def count(number: int, counted: int | None = None) -> str:
    """A number of customers, for instance those of `counted` that are not shown. Counts end at
    `MOST_COUNTED`.
    """
    is_all = (number if counted is None else counted) < MOST_COUNTED
    return str(number) if is_all else strings.OR_MORE.format(count=number)


def need_words(customer: Customer, now: datetime) -> str:
    """What a CSM is needed for, and who asked. Empty while no CSM is needed."""
    overview = customer.overview
    if not customer.needs(now):
        return ""
    words = strings.NEED_OF if customer.asked_by else strings.NEED
    return words[Need(overview.need)].format(who=name(customer.asked_by))


def state_words(customer: Customer) -> str:
    overview = customer.overview
    if overview.standing is Standing.LEFT:
        return strings.STATE_DISCONNECTED
    if customer.left:
        return strings.STATE_UNINSTALLED
    if overview.standing is Standing.NOT_STARTED:
        return strings.STATE_NOT_STARTED
    if not overview.blocker:
        return strings.STATE_FINISHED
    if overview.step is None:
        return strings.STATE_UNKNOWN
    blocker = blocker_words(customer)
    finished = overview.standing is Standing.FINISHED
    template = strings.STEP_AFTER_END if finished else strings.STEP
    return template.format(step=names.STEP[overview.step], blocker=blocker)


def blocker_words(customer: Customer) -> str:
    """The first outstanding thing. There must be one."""
    overview = customer.overview
    if overview.step is None:
        return strings.STATE_UNKNOWN
    source = Source("", "", overview.subject) if overview.subject else None
    return blocked_text(Blocked(Blocker(overview.blocker), source)).csm


def since_words(customer: Customer, now: datetime, *, is_first: bool = False) -> str:
    """Since which day a CSM is needed, or else the state holds. Slack words it for each reader
    whenever they read it: a digest is read long after it was written.
    """
    words = strings.SINCE_FIRST if is_first else strings.SINCE
    return dated(words, customer.named_since(now))
