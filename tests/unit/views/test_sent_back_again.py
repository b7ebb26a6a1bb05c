"""What a CSM sends back twice: each message is about its own rejection, and only the last one asks.

Those of earlier versions do not say which one they are about. Their reason does.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.views.people.messages import render
from flows.csm.facts import Rejectable
from flows.csm.steps import confirm_arrival, reject
from flows.model import Integration, Screen, Situation, Verification
from flows.outbox.announce import messages_for
from flows.outbox.bodies import Rejected
from flows.replay.steps import request_replay
from flows.says import says
from flows.setup.replays import CORRECTED_ON
from flows.setup.steps import choose_sources, say_connected
from flows.vocabulary import Plan, Stamp
from tests.unit.views.message_cases import (
    ADA,
    MIRA,
    NOW,
    at,
    credentials,
    delivering,
    integration,
    request,
)
from tests.unit.views.message_checks import buttons, check_message

LIVE = replace(integration(), live_started=ADA)
FREE = replace(
    LIVE,
    plan=Plan.FREE,
    live_started=None,
    sources=(),
    credentials=credentials("Web app", Verification.UNVERIFIED),
)


def _entered_again(of: Integration) -> Integration:
    return replace(of, credentials=credentials("Web app", Verification.UNVERIFIED))


def _asked_again(of: Integration) -> Integration:
    number = of.replay.number + 1 if of.replay else 1
    return request_replay(of, replace(request(of), number=number)).integration


def _arrives_again(of: Integration) -> Integration:
    return confirm_arrival(say_connected(of, ADA).integration, MIRA).integration


# What there is to send back, and how the customer corrects it.
TWICE: dict[Rejectable, tuple[Integration, Callable[[Integration], Integration]]] = {
    Rejectable.CREDENTIALS: (FREE, _entered_again),
    Rejectable.SOURCES: (LIVE, lambda of: choose_sources(of, of.sources, ADA).integration),
    Rejectable.REPLAY: (_asked_again(LIVE), _asked_again),
    Rejectable.ARRIVAL: (_arrives_again(FREE), _arrives_again),
}


def _rejected(
    of: Integration, what: Rejectable, reason: str, day: int
) -> tuple[Situation, Rejected]:
    change = reject(of, what, reason, Stamp(MIRA.by, NOW + timedelta(days=day), of_toplyne=True))
    (event,) = change.events
    (body,) = (
        each.body
        for each in messages_for(event, day, change.integration)
        if isinstance(each.body, Rejected)
    )
    return at(change.integration, delivering(of)), body


def _asks(body: Rejected, situation: Situation) -> list[str]:
    return [each["value"] for each in buttons(check_message(render(body, situation)))][:1]


def test_all_that_can_be_sent_back_has_its_line() -> None:
    assert TWICE.keys() == {*Rejectable}


@pytest.mark.parametrize("is_old", [False, True], ids=["", "of an earlier version"])
@pytest.mark.parametrize("what", TWICE)
def test_of_two_that_sent_the_same_back_only_the_last_one_asks(
    what: Rejectable, *, is_old: bool
) -> None:
    of, correct = TWICE[what]
    screen = [CORRECTED_ON[what].value]
    once, first = _rejected(of, what, "Please add it.", 1)
    first = replace(first, at=None) if is_old else first
    assert _asks(first, once) == screen
    corrected = replace(once, integration=correct(once.integration))
    assert _asks(first, corrected) == []
    again, second = _rejected(corrected.integration, what, "Please leave it out.", 2)
    assert (_asks(first, again), _asks(second, again)) == ([], screen)
    assert says(first, corrected) != says(first, once)


def test_the_same_reason_twice_is_two_rejections() -> None:
    of, correct = TWICE[Rejectable.SOURCES]
    once, first = _rejected(of, Rejectable.SOURCES, "No.", 1)
    again, second = _rejected(correct(once.integration), Rejectable.SOURCES, "No.", 2)
    assert (_asks(first, again), _asks(second, again)) == ([], [Screen.SOURCES.value])


def test_no_data_arrives_is_over_once_the_customer_has_said_so_again() -> None:
    """A person at Toplyne looks then, who may not have yet."""
    of, _ = TWICE[Rejectable.ARRIVAL]
    back, body = _rejected(of, Rejectable.ARRIVAL, "None.", 1)
    for told in (body, replace(body, at=None)):
        said = replace(back, integration=say_connected(back.integration, ADA).integration)
        assert (_asks(told, back), _asks(told, said)) == ([Screen.LIVE_SYNC.value], [])


def test_what_an_earlier_version_stored_of_data_that_does_not_arrive_still_asks() -> None:
    """It kept no rejection of it."""
    body = Rejected("None.", Rejectable.ARRIVAL, "Web app")
    assert _asks(body, at(FREE, delivering(FREE))) == [Screen.LIVE_SYNC.value]
    left = replace(FREE, disconnected=ADA)
    assert _asks(body, at(left, delivering(FREE))) == []
