"""An onlooker is offered nothing that they may not press, in whatever message and standing."""

from typing import get_args

import pytest

from bot.ids import Action
from bot.views.people.messages import render
from flows.model import Screen
from flows.outbox.bodies import Asking, Summary
from flows.setup.permissions import Onlooker
from tests.unit.views.message_cases import ADA, MESSAGES, stages
from tests.unit.views.message_checks import buttons, check_message

ALONE = Onlooker(Screen.CREDENTIALS, ())
ASKS = Onlooker(Screen.CREDENTIALS, (ADA.by,))
# Looking, asking for help and quiet are for whoever reads it.
FOR_ALL = {
    Action.OPEN_SETUP,
    Action.ASK_HELP,
    Action.REMINDERS_RESUME,
    Action.REMINDER_SNOOZE,
    Action.REMINDER_STOP,
}
# After the end nothing is due, so nobody only looks at its summary.
KINDS = [body for body in MESSAGES if isinstance(body, Asking) and not isinstance(body, Summary)]


@pytest.mark.parametrize("body", KINDS, ids=[f"{n}-{b.kind}" for n, b in enumerate(KINDS)])
def test_an_onlooker_is_offered_only_what_is_for_all(body: Asking) -> None:
    for stage, situation in stages():
        for onlooker, also in ((ALONE, set()), (ASKS, {Action.ASK_MANAGERS})):
            blocks = check_message(render(body, situation, onlooker=onlooker))
            pressed = {each["action_id"] for each in buttons(blocks)}
            assert pressed <= FOR_ALL | also, stage


def test_every_kind_that_asks_is_in_the_table() -> None:
    assert {type(body) for body in KINDS} == {*get_args(Asking)} - {Summary}
