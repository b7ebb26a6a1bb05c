"""The board and a CSM's Home: what a line says, what can be chosen, what empty lists show."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.handlers.board import filters_of
from bot.strings import board as strings
from bot.strings.messages import WITHHELD
from bot.views.csm.board import PAGE_BLOCK, board_view, csm_home_view, nonce_shown, page_shown
from bot.views.csm.customer_lines import count, customer_line
from bot.views.csm.labels import CardUrl, Labels
from bot.views.kit.text import dated
from flows.csm.board import MINE, MOST_COUNTED, NOBODY, CsmHome, Customer, Figures, Filters, Stage
from flows.csm.facts import Need
from flows.csm.paging import FIRST, Side, Spot, Turn, turn_of
from flows.model import WaitingOn
from flows.overview import Standing
from tests.unit.any_situation import NOW
from tests.unit.views.board_cases import (
    CSM,
    OWNERS,
    address,
    board,
    boards,
    customer,
    customers,
    homes,
)
from tests.unit.views.message_cases import NAMES
from tests.unit.views.message_checks import check_home
from tests.unit.views.modal_checks import check_modal, words


def line_of(one: Customer, at: datetime, urls: CardUrl) -> str:
    return customer_line(one, at, Labels([one], urls))


def drawn(found: Any, nonce: str = "") -> Any:
    return check_modal(board_view(found, address, OWNERS, nonce))


@pytest.mark.parametrize("name", NAMES)
def test_they_stay_within_slacks_limits(name: str) -> None:
    for each in boards(NAMES[name]):
        drawn(each)
    for home in homes(NAMES[name]):
        check_home(csm_home_view(home, address, OWNERS, "n1"))


@pytest.mark.parametrize(("count", "says_more"), [(0, False), (10, False), (11, True)])
def test_a_short_list_says_that_there_are_more_only_if_there_are(
    count: int, *, says_more: bool
) -> None:
    home = CsmHome(board([]), [customer(f"Acme {number}") for number in range(count)])
    shown = str(csm_home_view(home, address, OWNERS, "n1").to_dict())
    assert (strings.MORE in shown) == says_more
    assert ("Acme 9" in shown, "Acme 10" in shown) == (count > 9, False)


def test_a_list_of_one_has_no_first_and_last() -> None:
    assert "Most urgent first · 1 to 2" in words(drawn(board([customer(), customer("Globex")])))
    alone = words(drawn(board([customer()])))
    assert "Most urgent first · 1" in alone
    assert "1 to 1" not in alone


def test_a_line_says_who_what_and_since_when() -> None:
    line = line_of(customer(), NOW, address)
    when = dated("Since {day}", customer().overview.blocked_since)
    assert line == (
        "*<https://toplyne.slack.com/archives/C1/p171.000200|Acme>* · Live sync: Toplyne"
        f" destination switched off on Web app\n{when} · Owner: nobody yet"
    )


def test_what_a_csm_is_needed_for_comes_first_once_it_holds() -> None:
    helped = customer(need=Need.HELP.value, need_at=NOW, owner=CSM)
    assert line_of(helped, NOW, address).endswith(
        f"*Asked for help* · {dated('since {day}', NOW)} · Owner: <@{CSM}>"
    )
    later = customer(need=Need.UNOWNED.value, need_at=NOW.replace(year=2030))
    assert "ot claimed yet" not in line_of(later, NOW, address)


def test_who_is_not_in_a_set_up_is_said_so() -> None:
    not_started = customer(standing=Standing.NOT_STARTED)
    assert "nothing typed yet" in line_of(not_started, NOW, address)
    assert "app uninstalled" in line_of(customer(left=True), NOW, address)
    asked = {"need": Need.HELP.value, "need_at": NOW}
    gone = customer(standing=Standing.LEFT, left=True, **asked)
    assert "disconnected" in line_of(gone, NOW, address)
    assert "Asked for help" in line_of(gone, NOW, address), "they can be answered"
    assert "Asked for help" not in line_of(customer(left=True, **asked), NOW, address)


def test_a_line_of_who_has_finished_says_both() -> None:
    """They stand under “Finished” and under the step."""
    broken = customer(standing=Standing.FINISHED)
    assert "finished, but Live sync: " in line_of(broken, NOW, address)
    assert "finished" not in line_of(customer(), NOW, address)


def test_a_board_of_those_who_left_says_where_they_are() -> None:
    nobody = replace(board([]), figures=Figures(0, 0, 0, customers=0))
    assert "No customers yet" in str(board_view(nobody, address, OWNERS).to_dict())
    left = replace(nobody, figures=Figures(0, 0, 0, customers=0, left=2))
    shown = str(board_view(left, address, OWNERS).to_dict())
    assert "choose the step “Left”" in shown
    assert "No customers yet" not in shown


def test_a_customers_name_is_no_markup() -> None:
    line = line_of(customer("<!channel> *x*", account="<@U1>"), NOW, lambda _: "")
    assert "<!channel>" not in line
    assert "<@U1>" not in line


def test_a_line_holds_whenever_and_wherever_it_is_read() -> None:
    """Digests are read the whole day, in all time zones, and boards stay open."""
    for each in customers():
        later = replace(each, overview=replace(each.overview, need_at=NOW - timedelta(days=9)))
        lines = {line_of(later, NOW + timedelta(hours=n), address) for n in (0, 9, 47)}
        assert len(lines) == 1


def state_of(view: Any) -> Any:
    """The state that Slack sends back if nobody has changed anything on the board."""
    values: dict[str, Any] = {}
    for block in view["blocks"]:
        for element in [*block.get("elements", []), block.get("element") or {}]:
            if element.get("type") == "static_select":
                chosen = {"selected_option": element["initial_option"]}
                values.setdefault(block["block_id"], {})[element["action_id"]] = chosen
            if element.get("type") == "plain_text_input":
                typed = {"value": element.get("initial_value")}
                values[block["block_id"]] = {element["action_id"]: typed}
    return {"state": {"values": values}}


@pytest.mark.parametrize(
    "filters",
    [
        Filters(),
        Filters(owner=MINE, text="acme"),
        Filters(Stage.LEFT, WaitingOn.CSM.value, NOBODY, 30),
        Filters(Stage.LIVE_SYNC, "destination_disabled", CSM, 1, "x"),
    ],
)
def test_what_was_chosen_comes_back(filters: Filters) -> None:
    shown = board(list(customers())[:20], filters, 3)
    view = drawn(shown, "n7")
    assert filters_of(state_of(view)) == filters
    assert page_shown(view) == shown.here == Turn(3, Side.FROM, shown.customers[0].spot(NOW))
    assert nonce_shown(view) == "n7"


def test_a_token_in_the_search_is_not_drawn_again() -> None:
    state = state_of(drawn(board([], Filters(text="sgp_" + "a1" * 32)), "n7"))
    assert filters_of(state).text == WITHHELD


def test_a_board_that_an_earlier_version_drew_shows_its_first_page() -> None:
    """Its buttons and its block only had the page's number."""
    assert turn_of("2") == turn_of("") == turn_of("0") == FIRST


@pytest.mark.parametrize("side", Side)
def test_a_turn_fits_into_a_block_and_comes_back(side: Side) -> None:
    spot = Spot(1, 3, NOW, "E0" + "X" * 18, "int_" + "x" * 40)
    turn = Turn(99, side, spot)
    assert turn_of(str(turn)) == turn
    assert len(f"{PAGE_BLOCK}{turn}") <= 255


def test_a_count_that_ends_says_so() -> None:
    assert count(MOST_COUNTED - 1) == str(MOST_COUNTED - 1)
    assert count(MOST_COUNTED) == f"{MOST_COUNTED}+"
    assert count(MOST_COUNTED - 10, MOST_COUNTED) == f"{MOST_COUNTED - 10}+"


def test_pages_lead_back_and_on() -> None:
    (first, second, *_) = boards()
    assert "Next" in words(drawn(first))
    assert "Previous" not in words(drawn(first))
    assert "Previous" in words(drawn(second))


def test_where_nobody_is_one_reads_what_to_do() -> None:
    empty = [words(drawn(each)) for each in boards() if not each.customers]
    assert empty
    assert all("Next:" in text for text in empty)
    assert any("No customers yet" in text for text in empty)
    assert any("Nobody is yours yet" in text for text in empty)
    assert any("No customer matches" in text for text in empty)
