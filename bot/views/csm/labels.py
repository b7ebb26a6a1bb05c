"""What customers are called to CSMs. Slack workspaces of several customers may have one name."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable

from bot.strings import board as strings
from bot.strings.names import HAS_LEFT
from bot.views.kit.text import link, name, tidy, user
from flows.csm.board import Customer
from flows.setup.beginning import team_of_set_up

CardUrl = Callable[[Customer], str]  # empty if there is no card or no link to it
Key = tuple[str, str]


class Labels:
    """The customers that stand on one screen. `urls` lead to their cards. `left` are CSMs who are
    gone.
    """

    def __init__(
        self, customers: Iterable[Customer], urls: CardUrl, left: Collection[str] = ()
    ) -> None:
        self.urls = urls
        self._left = left
        every = {_key(each): each for each in customers}.values()
        self._named = Counter(_called(each) for each in every)
        self._detailed = Counter(
            (_called(each), detail) for each in every for detail in dict.fromkeys(_details(each))
        )

    def linked(self, customer: Customer) -> str:
        """The name with a link to the card, and what tells it from others."""
        url = self.urls(customer)
        return self._with_detail(
            customer, link(url, customer.name) if url else self._name(customer)
        )

    def spoken(self, customer: Customer) -> str:
        return self._with_detail(customer, self._name(customer))

    def owner(self, user_id: str) -> str:
        mentioned = user(user_id)
        return HAS_LEFT.format(name=mentioned) if user_id in self._left else mentioned

    def _name(self, customer: Customer) -> str:
        return name(customer.name)

    def _with_detail(self, customer: Customer, shown: str) -> str:
        """The name with the Toplyne account, if it is known.

        Where several customers share the name, it has the first that is this one's alone: the
        account, the Segment workspace, or the id of the Slack workspace.
        """
        account, slug, team_id = details = _details(customer)
        called = _called(customer)
        own = account
        if self._named[called] > 1:
            own = next((each for each in details if self._detailed[called, each] == 1), team_id)
        if not own:
            return shown
        template = {slug: strings.OF_SEGMENT, team_id: strings.OF_SLACK}.get(own, strings.ACCOUNT)
        return template.format(customer=shown, account=name(own))


def _key(customer: Customer) -> Key:
    return customer.tenant_id, customer.overview.integration_id


def _called(customer: Customer) -> str:
    return tidy(customer.name).casefold()


def _details(customer: Customer) -> tuple[str, str, str]:
    """Account, slug of the Segment workspace, Slack's id. The first two may be empty."""
    of = customer.overview
    found = [each for each in of.search.splitlines() if each != of.account.casefold()]
    return of.account, found[-1] if found else "", team_of_set_up(of.integration_id)
