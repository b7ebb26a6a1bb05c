"""One customer in one line, for the board, Home and the digest."""

from collections.abc import Callable
from datetime import datetime

from bot.strings import board as strings
from bot.strings import names
from bot.views.kit.text import link, name, user
from bot.views.kit.wording import blocked_text
from flows.csm.board import MOST_COUNTED, Customer
from flows.csm.facts import Need
from flows.overview import Standing
from flows.setup.blockers import Blocked, Blocker
from flows.vocabulary import Source

CardUrl = Callable[[Customer], str]  # empty if there is no card or no link to it


def customer_line(customer: Customer, now: datetime, urls: CardUrl) -> str:
    """Name and state, and below them what is needed, for how long, and who looks after it."""
    owner, need = customer.overview.owner, need_words(customer, now)
    named_since = customer.overview.need_at if need else customer.overview.blocked_since
    details = [days_words(named_since or now, now)]
    if owner:
        details.append(strings.OWNER.format(owner=user(owner)))
    elif need != strings.NEED[Need.UNOWNED]:  # that need says it already
        details.append(strings.UNOWNED)
    if need:
        details.insert(0, strings.NEED_YOU.format(need=need[:1].upper() + need[1:]))
    return strings.LINE.format(
        customer=linked_name(customer, urls),
        state=state_words(customer),
        details=" · ".join(details),
    )


def count(number: int, counted: int | None = None) -> str:
    """A number of customers, for instance those of `counted` that are not shown. Counts end at
    `MOST_COUNTED`.
    """
    is_all = (number if counted is None else counted) < MOST_COUNTED
    return str(number) if is_all else strings.OR_MORE.format(count=number)


def linked_name(customer: Customer, urls: CardUrl) -> str:
    """The name with a link to the card, and the Toplyne account, if known."""
    url = urls(customer)
    shown = link(url, customer.name) if url else name(customer.name)
    account = customer.overview.account
    if not account:
        return shown
    return strings.ACCOUNT.format(customer=shown, account=name(account))


def need_words(customer: Customer, now: datetime) -> str:
    """What a CSM is needed for, and who asked. Empty while no CSM is needed."""
    overview = customer.overview
    if customer.left or not overview.need or overview.need_at is None or overview.need_at > now:
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
    blocker = blocker_words(customer)
    return strings.STEP.format(step=names.STEP[overview.step], blocker=blocker)


def blocker_words(customer: Customer) -> str:
    """The first outstanding thing. There must be one."""
    overview = customer.overview
    source = Source("", "", overview.subject) if overview.subject else None
    return blocked_text(Blocked(Blocker(overview.blocker), source)).csm


def days_words(since: datetime, now: datetime) -> str:
    """The time since then in whole days, in words."""
    days = (now - since).days
    if days < 1:
        return strings.TODAY
    return strings.ONE_DAY if days == 1 else strings.DAYS.format(count=days)
