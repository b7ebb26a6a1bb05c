"""Slack's limits hold with a hundred of everything that can be a list, at the longest names."""

from collections.abc import Iterator
from dataclasses import fields
from typing import get_args, get_origin

import pytest

from bot.views.csm.card import card_message
from bot.views.csm.questions import answered_view
from bot.views.csm.thread import thread_message
from bot.views.kit.message import Rendered
from bot.views.kit.text import user
from bot.views.people import managing, status
from bot.views.people.history_lines import home_line, thread_line
from bot.views.people.home import HISTORY_SHOWN, home_view
from bot.views.people.messages import render
from flows.csm.deciding import Looked
from flows.history import EVENTS, StoredEvent
from flows.model import Screen, Situation
from flows.outbox.announce import THREAD_EVENTS
from flows.outbox.bodies import ColleagueDid, Deed, Personal
from flows.setup.events import SourcesChosen
from flows.setup.people_steps import MOST_ADDED
from flows.setup.permissions import Wide, onlooker
from playground.slack.blocks.check import check_view
from tests.unit.views.crowd_cases import (
    crowded_bodies,
    crowded_events,
    crowded_stages,
    deliveries,
    names_of,
)
from tests.unit.views.message_cases import ADA, MESSAGES, NAMES, stages
from tests.unit.views.message_checks import check_home, check_message
from tests.unit.views.modal_checks import check_modal, travelling

VALUE = "T0000000001:int_" + "0" * 32


# Escaped, five times as long as it is: no other name takes more room.
LONGEST = NAMES["ampersands"]


@pytest.mark.parametrize("name", ["long", "ampersands"])
def test_every_line_of_an_event_fits(name: str) -> None:
    found, names = crowded_events(NAMES[name]), names_of(NAMES[name])
    for event in found:
        if type(event) in THREAD_EVENTS:
            check_message(thread_message(event, names=names, owner="U1", card_link="x" * 200))
    _, situation = next(crowded_stages(NAMES[name]))
    for start in range(0, len(found), HISTORY_SHOWN):
        check_home(home_view(situation, [StoredEvent(1, each) for each in found[start:]]))


def test_a_long_list_ends_with_whole_names_and_how_many_more() -> None:
    stores = tuple(f"Store {number:03}" for number in range(60))
    chosen = SourcesChosen(ADA, stores)
    did = ColleagueDid(ADA.by, Deed.SOURCES_CHANGED, ", ".join(stores), sources=stores)
    _, situation = next(stages())
    for line in (home_line(chosen, user), thread_line(chosen, user), render(did, situation).text):
        assert "Store 004 and 55 more" in line
        assert "Store 005" not in line


def test_nothing_that_holds_a_list_is_left_out() -> None:
    cases = [*crowded_events("a"), *crowded_bodies("a")]
    for kind in (*EVENTS, *get_args(Personal)):
        lists = [each.name for each in fields(kind) if get_origin(each.type) is tuple]
        full = (all(len(getattr(case, each)) >= MOST_ADDED for each in lists) for case in cases
                if type(case) is kind)  # fmt: skip
        assert not lists or any(full), kind


def test_every_message_fits() -> None:
    drawn = (each for _, situation in crowded_stages(LONGEST) for each in _messages(situation))
    for rendered in {each.fingerprint: each for each in drawn}.values():  # many stages say the same
        check_message(rendered)


def test_every_home_and_window_fits() -> None:
    for _, situation in crowded_stages(LONGEST):
        check_home(home_view(situation, [], situation.now))
        looks = onlooker(situation, Screen.SOURCES)
        check_home(home_view(situation, [], situation.now, onlooker=looks, manages=False))
        if situation.integration.csm.open_matters:
            looked = Looked(situation, LONGEST)
            check_modal(answered_view(looked, VALUE, names_of(LONGEST)))
        assert check_view(travelling(managing.people_view(situation)), "modal") == []
        check_modal(managing.refused_view(situation, onlooker(situation, Wide.MANAGE)))
        check_modal(managing.refused_view(situation, looks))


def _messages(situation: Situation) -> Iterator[Rendered]:
    yield status.status_message(situation)
    yield managing.refused_message(situation, onlooker(situation, Wide.MANAGE))
    yield card_message(
        situation,
        installation_name=LONGEST,
        customer_value=VALUE,
        names=names_of(LONGEST),
        deliveries=deliveries(),
    )
    for body in (*MESSAGES, *crowded_bodies(LONGEST)):
        yield render(body, situation)
