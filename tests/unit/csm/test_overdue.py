"""Card and board say the same of a Replay that is with Segment, whether anybody owns it or not."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.strings import board, cards
from bot.views.csm.card import card_message
from bot.views.csm.customer_lines import customer_line
from bot.views.csm.labels import Labels
from flows.csm.board import Customer
from flows.csm.calls import postpone_call
from flows.csm.facts import CsmFacts, Need
from flows.csm.needs import REPLAY_TAKES, holding, needed, next_call
from flows.model import Integration, Situation
from flows.projection import project
from flows.replay.facts import Scheduled
from flows.vocabulary import Stamp
from tests.unit.views.message_cases import ADA, MIRA, NOW, PEOPLE, stages

DAY = timedelta(days=1)
LATE = board.NEED[Need.REPLAY_OVERDUE]
SENT = ADA.at
NAMED = Scheduled(ADA, date(2026, 5, 3))  # over on the 4th
RUNNING = Stamp(ADA.by, NOW - DAY)


def _as_noted(integration: Integration, situation: Situation) -> Integration:
    """What a worker has noted by now."""
    while True:
        due = next_call(integration, holding(replace(situation, integration=integration)))
        if due is None or due.at > situation.now:
            return integration
        at = due.at if due.need is Need.REPLAY_OVERDUE else due.since + DAY
        integration = postpone_call(integration, due, at)


# What is reported, how long after it was sent, and whether it is late by then.
STANDINGS = {
    "sent": ({}, 2 * DAY, False),
    "sent long ago": ({}, 6 * DAY, True),
    "promised": ({"replay_scheduled": NAMED}, DAY, False),
    "not started on its day": ({"replay_scheduled": NAMED}, 4 * DAY, True),
    "started on its day": ({"replay_scheduled": NAMED, "replay_running": RUNNING}, 4 * DAY, False),
    "not finished since": ({"replay_scheduled": NAMED, "replay_running": RUNNING}, 8 * DAY, True),
    "running long ago": ({"replay_running": RUNNING}, 6 * DAY, True),
    "finished": ({"replay_running": RUNNING, "replay_finished": RUNNING}, 9 * DAY, False),
}


def cases() -> Iterator[tuple[str, Stamp | None]]:
    for name in STANDINGS:
        yield name, MIRA
        yield name, None


@pytest.mark.parametrize(("name", "owner"), [*cases()])
def test_card_and_board_agree_on_what_is_late(name: str, owner: Stamp | None) -> None:
    facts, after, is_late = STANDINGS[name]
    situation = dict(stages())["replay sent"]
    integration = replace(situation.integration, csm=CsmFacts(owner=owner), **facts)
    later = replace(situation, integration=integration, now=SENT + after)
    later = replace(later, integration=_as_noted(integration, later))
    row = project(later, DAY)
    customer = Customer("T1", "Acme", row, None, left=False)
    line = customer_line(customer, later.now, Labels([customer], lambda _: ""))
    assert (row.need == Need.REPLAY_OVERDUE and customer.needs(later.now)) is is_late
    assert (LATE in line.lower().replace("replay", "Replay")) is is_late
    card = card_message(later, installation_name="Acme", customer_value="v", names=PEOPLE)
    said = cards.NEXT_OVERDUE.partition("{contact}")[2] in card.text
    assert said is is_late
    first = str(card.blocks[-1].to_dict()["elements"][0])
    assert (cards.MESSAGE_BUTTON in first) is is_late


def test_a_new_day_ends_what_was_noted() -> None:
    situation = dict(stages())["replay sent"]
    later = replace(situation, now=SENT + 6 * DAY)
    noted = _as_noted(later.integration, later)
    promised = replace(noted, replay_scheduled=Scheduled(ADA, date(2026, 5, 20)))
    assert [each.need for each in holding(replace(later, integration=noted))] == [
        Need.REPLAY_OVERDUE
    ]
    assert not [*holding(replace(later, integration=promised))]
    found = needed(promised, ())
    assert found
    assert found.need is Need.UNOWNED


def test_it_takes_its_time_from_the_day_on_which_it_began() -> None:
    situation = dict(stages())["replay sent"]
    csm = CsmFacts(owner=MIRA)
    facts = {"replay_scheduled": NAMED, "replay_running": RUNNING, "csm": csm}
    found = needed(replace(situation.integration, **facts), ())
    assert found
    assert found.at == RUNNING.at + REPLAY_TAKES
