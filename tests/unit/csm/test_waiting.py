"""Whom a customer waits for: the card and the row of the board say the same."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given

from bot.strings.cards import WAITING_NAME
from bot.views.csm.card import card_message
from bot.views.kit.next_step import header_words
from bot.views.kit.text import since
from flows.csm.facts import CsmFacts, Matter, Need
from flows.csm.waiting import awaited
from flows.model import Situation, WaitingOn
from flows.projection import project
from flows.setup.blockers import first_blocker
from tests.support.flow_services import POLL_INTERVAL
from tests.unit.any_situation import situations
from tests.unit.views.message_cases import ADA, MIRA, NOW, stages
from tests.unit.views.message_checks import check_message, mrkdwn_of

STAGES = dict(stages(count=2))
DONE = STAGES["finished with history"]


def stage(name: str, **changed: object) -> Situation:
    situation = STAGES[name]
    return replace(situation, integration=replace(situation.integration, **changed))  # type: ignore[arg-type]


CONFIRMED = stage("finished with history", replay_confirmed=MIRA)
FIRST, *_ = DONE.integration.sources
SILENT = replace(
    CONFIRMED,
    observed=replace(
        CONFIRMED.observed,
        statuses={
            key: replace(each, first_delivered_at=None) if key == FIRST.id else each
            for key, each in CONFIRMED.observed.statuses.items()
        },
    ),
)
QUESTION = Matter(Need.HELP, NOW - timedelta(days=2), 1, ADA.by, "What now?")
ASKED = CsmFacts(matters=(QUESTION,))


def of(situation: Situation, **changed: object) -> Situation:
    return replace(situation, integration=replace(situation.integration, **changed))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("situation", "who"),
    [
        (STAGES["no credentials"], WaitingOn.CUSTOMER),
        (STAGES["replay sent"], WaitingOn.SEGMENT),
        (STAGES["free unverified"], WaitingOn.CSM),
        (DONE, WaitingOn.CSM),
        (CONFIRMED, None),
        (of(CONFIRMED, csm=ASKED), WaitingOn.CSM),
        (SILENT, None),  # nobody reminds them
        (of(SILENT, token_forgotten=ADA), None),
        (STAGES["disconnected"], None),
        (of(STAGES["disconnected"], csm=ASKED), WaitingOn.CSM),
    ],
)
def test_each_waits_for(situation: Situation, who: WaitingOn | None) -> None:
    assert awaited(situation).who is who


@given(situations)
def test_the_card_and_the_board_say_the_same(situation: Situation) -> None:
    row = project(situation, POLL_INTERVAL)
    who = WAITING_NAME[row.waiting_on] if row.waiting_on else "nobody"
    card = card_message(situation, installation_name="Acme", customer_value="T1|int_1", names={})
    small = mrkdwn_of(check_message(card))[1]
    assert f"*Waiting on*: {who}, since {since(row.blocked_since)}" in small


@given(situations)
def test_home_waits_for_the_customer_only_where_the_card_does(situation: Situation) -> None:
    if "Waiting for you" in header_words(situation) and not situation.integration.disconnected:
        assert awaited(situation).who in (WaitingOn.CUSTOMER, WaitingOn.CSM)


@given(situations)
def test_nobody_waits_for_a_customer_whom_nothing_asks(situation: Situation) -> None:
    """After the end, a reminder or the news of what broke would ask."""
    asks = first_blocker(situation)
    if asks is None:
        assert awaited(situation).who is not WaitingOn.CUSTOMER
        assert "Waiting for you" not in header_words(situation)


def test_the_card_names_what_is_left_open_and_only_while_somebody_looks() -> None:
    def shown(situation: Situation) -> str:
        drawn = card_message(
            situation, installation_name="Acme", customer_value="T1|int_1", names={}
        )
        return "\n".join(mrkdwn_of(check_message(drawn)))

    assert "*Left open by the customer*: connected, no events yet from" in shown(SILENT)
    assert "Next*: write to" in shown(SILENT)
    assert "no reminders come about it" in shown(SILENT)
    assert "Left open" not in shown(of(SILENT, token_forgotten=ADA))
    assert "Next*: nothing for you" in shown(of(SILENT, token_forgotten=ADA))
    assert "Left open" not in shown(CONFIRMED)
