"""What customers are called on one screen: two of one name can be told apart."""

import pytest

from bot.views.csm.labels import Labels
from flows.csm.board import Customer
from tests.unit.views.board_cases import address, customer


def acme(team: str, account: str = "", slug: str = "", called: str = "Acme") -> Customer:
    found = [each for each in (account.casefold(), slug) if each]
    search = "\n".join(found)
    return customer(called, integration_id=f"int_{team}", account=account, search=search)


SCREENS: dict[str, tuple[list[Customer], list[str]]] = {
    "alone": ([acme("T1")], ["Acme"]),
    "alone, with an account": ([acme("T1", "EMEA", "one")], ["Acme (EMEA)"]),
    "by their accounts": (
        [acme("T1", "EMEA"), acme("T2", "APAC")],
        ["Acme (EMEA)", "Acme (APAC)"],
    ),
    "by their Segment workspaces": (
        [acme("T1", slug="one"), acme("T2", slug="two")],
        ["Acme (Segment workspace one)", "Acme (Segment workspace two)"],
    ),
    "of one account": (
        [acme("T1", "EMEA", "one"), acme("T2", "EMEA", "two")],
        ["Acme (Segment workspace one)", "Acme (Segment workspace two)"],
    ),
    "nothing is known of either": (
        [acme("T1"), acme("T2", called="ACME")],
        ["Acme (Slack workspace T1)", "ACME (Slack workspace T2)"],
    ),
    "all else is the same": (
        [acme("T1", "EMEA", "one"), acme("T2", "EMEA", "one"), acme("T3", "APAC", "one")],
        ["Acme (Slack workspace T1)", "Acme (Slack workspace T2)", "Acme (APAC)"],
    ),
    "the same one twice": ([acme("T1"), acme("T1")], ["Acme", "Acme"]),
}


@pytest.mark.parametrize("screen", SCREENS)
def test_each_is_called_what_no_other_is(screen: str) -> None:
    found, called = SCREENS[screen]
    labels = Labels(found, address)
    assert [labels.spoken(each) for each in found] == called
    for each, words in zip(found, called, strict=True):
        assert labels.linked(each) == words.replace(each.name, f"<{address(each)}|{each.name}>", 1)
