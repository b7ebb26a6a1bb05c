"""Whoever a line in the thread names is looked up, so that no line says “somebody” of them."""

import pytest

from bot.outbound.channel import _people_of
from bot.strings.messages import SOMEBODY
from bot.views.csm.thread import thread_message
from flows.history import EVENTS, Event
from flows.outbox.announce import THREAD_EVENTS
from tests.unit.views.event_cases import events
from tests.unit.views.message_cases import stages

SHOWN = [each for each in events() if type(each) in THREAD_EVENTS]
SITUATION = dict(stages())["no credentials"]


def test_every_kind_is_here() -> None:
    assert {type(each) for each in SHOWN} == {each for each in EVENTS if each in THREAD_EVENTS}


@pytest.mark.parametrize("event", SHOWN, ids=lambda each: type(each).__name__)
def test_everybody_whom_a_line_names_is_looked_up(event: Event) -> None:
    theirs, ours = _people_of(SITUATION, event)
    names = {each: f"Name of {each}" for each in (*theirs, *ours)}
    line = thread_message(event, names=names)
    assert SOMEBODY not in line.text
    if event.stamp.of_toplyne and event.stamp.by:
        assert event.stamp.by in ours
