"""The digest: ten lines at most, who owns which customer, and on Mondays the week in figures."""

from dataclasses import replace

import pytest

from bot.strings.board import FIGURES
from bot.views.csm.digest import digest_message, former_message, funnel_bars, funnel_words
from bot.views.kit.text import dated
from flows.csm.digest import MOVES, Digest, Week
from flows.csm.facts import Need
from flows.overview import Milestone
from flows.setup.events import Installed
from tests.unit.any_situation import NOW
from tests.unit.views.board_cases import CSM, OWNERS, address, customer
from tests.unit.views.message_cases import NAMES
from tests.unit.views.message_checks import check_message

FUNNEL = {milestone: 10 - milestone for milestone in Milestone}


def needy(name: str = "Acme", need: Need = Need.HELP, owner: str = "") -> object:
    return customer(name, need=need.value, urgency=need.urgency, need_at=NOW, owner=owner)


def week(name: str = "Acme", finished: int = 12) -> Week:
    moved = dict.fromkeys(MOVES, 3)
    return Week(moved, [customer(name)] * min(finished, 10), finished, FUNNEL)


def digest(*needing: object, count: int | None = None, monday: Week | None = None) -> Digest:
    return Digest(list(needing), count or len(needing), monday, NOW)  # type: ignore[arg-type]


def text_of(made: Digest) -> str:
    blocks = digest_message(made, address, OWNERS).blocks
    return "\n".join(block.to_dict()["text"]["text"] for block in blocks[:-1])


@pytest.mark.parametrize("name", NAMES)
def test_it_stays_within_slacks_limits(name: str) -> None:
    label = NAMES[name]
    needing = [needy(label, need, CSM) for need in list(Need) * 2][:10]
    check_message(digest_message(digest(*needing, count=999), address, OWNERS))
    check_message(digest_message(digest(*needing, monday=week(label)), address, OWNERS))
    check_message(digest_message(digest(monday=week(label)), address, OWNERS))


def test_a_line_says_who_why_how_long_and_whose() -> None:
    shown = text_of(digest(needy(owner=CSM), needy(), needy(need=Need.UNOWNED)))
    lines = [line.partition("|Acme>: ")[2] for line in shown.splitlines()[1:]]
    assert lines == [
        f"asked for help · {dated('since {day}', NOW)} · Mira",
        f"asked for help · {dated('since {day}', NOW)} · nobody’s yet",
        f"not claimed yet · {dated('since {day}', NOW)}",
    ]


def test_what_broke_is_named() -> None:
    shown = text_of(digest(needy(need=Need.BROKEN)))
    assert f"Toplyne destination switched off on Web app · {dated('since {day}', NOW)}" in shown


def test_nobody_is_called_by_it() -> None:
    assert "<@" not in text_of(digest(needy(owner=CSM), monday=week()))


def test_that_of_an_earlier_day_keeps_its_week_and_names_nobody_who_is_needed() -> None:
    told = replace(week(), funnel={})
    message = former_message(3, replace(digest(monday=told), done=2), address)
    check_message(message)
    shown = "\n".join(block.to_dict()["text"]["text"] for block in message.blocks[:-1])
    assert "Customers in it: 3. Need nobody any more: 2.\nNext: open the board" in shown
    assert "Moved: 3 installed the app" in shown
    assert "How far" not in shown


def test_the_rest_is_counted() -> None:
    shown = text_of(digest(needy(), count=14))
    assert "and 13 more. Customers whom nobody has claimed count here" in shown
    assert "“stuck or waiting for a CSM” on the board" in shown
    assert "stuck or waiting for a CSM" in FIGURES
    said = digest_message(digest(needy(), count=14), address, OWNERS).text
    assert said.startswith("Needs you today: Acme and 13 more.")


def test_mondays_tell_the_week() -> None:
    shown = text_of(digest(monday=week()))
    assert shown.startswith("Nobody needs you today.")
    assert "Moved: 3 installed the app, 3 chose a plan" in shown
    assert shown.count("|Acme>") == 10
    assert "and 2 more" in shown
    quiet = replace(week(finished=0), moved={Installed: 0})
    assert "Moved: nobody\nFinished: nobody" in text_of(digest(monday=quiet))


def test_each_step_of_the_funnel_counts_those_who_went_on() -> None:
    counts = [count for _, count in funnel_bars(FUNNEL)]
    assert counts == [45, 35, 26, 18, 11, 5]
    assert funnel_words(FUNNEL).startswith("App installed 45, Plan chosen 35, ")
