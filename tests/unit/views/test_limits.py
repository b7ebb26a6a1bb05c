"""Every message and Home keeps Slack's limits, even with the longest names."""

from collections.abc import Iterator

import pytest

from bot.views.csm.card import card_message, farewell_card
from bot.views.csm.thread import thread_message
from bot.views.kit.message import Rendered
from bot.views.people import status
from bot.views.people.home import home_view
from bot.views.people.messages import render
from flows.checks.question import CheckKind
from flows.errors import ErrorCode, Field, FieldError
from flows.history import StoredEvent
from flows.model import Screen
from flows.outbox.announce import THREAD_EVENTS
from flows.outbox.bodies import CheckDone, Rejected
from flows.outbox.toplyne_bodies import CustomerLeft
from tests.faults.size import LONG
from tests.unit.inbound.refusal_cases import refused
from tests.unit.views.event_cases import events
from tests.unit.views.every_view import invitation_answers, left
from tests.unit.views.message_cases import LONG_NAMES, MESSAGES, NAMES, PEOPLE, stages
from tests.unit.views.message_checks import (
    NO_SCHEMAS,
    check_home,
    check_message,
    judged_once,
    plain_blocks,
    schema,
)

# Where there is most of everything: `make faults` takes every kind of name, `make test` those that
# are long. The others reach no limit that these do not.
WORST = [*((name, 100) for name in (NAMES if LONG else LONG_NAMES)), ("long", 1), ("markup", 1)]
VALUE = "T0000000001:int_" + "0" * 32


def every_message(label: str, count: int) -> Iterator[Rendered]:
    for _, situation in stages(label, count):
        yield status.status_message(situation)
        yield card_message(situation, installation_name=label, customer_value=VALUE, names=PEOPLE)
        yield farewell_card(CustomerLeft(label, "C1", "1.1", account=label))
        for body in MESSAGES:
            yield render(Rejected(label) if isinstance(body, Rejected) else body, situation)
    for each in events(label):
        if type(each) in THREAD_EVENTS:
            yield thread_message(each, names=PEOPLE)


def short_answers() -> list[Rendered]:
    return [
        status.status_message(None),
        status.help_message(),
        status.unknown_command_message(),
        status.token_in_command_message(),
        status.token_of_outsider_message(),
        status.csm_help_message(),
        *invitation_answers(),
        status.csm_bound_message("C0CSM00001"),
        *(each.message for each in refused("ref-0123456789")),
        status.expired_trigger_message(),
        status.csm_channel_set_message("C0CSM00001"),
        status.decided_message(),
        status.nothing_to_disconnect_message(None),
        status.ended_message(None),
        status.ended_message(left()),
    ]


@pytest.mark.parametrize(("name", "count"), WORST)
def test_messages_stay_within_slacks_limits(name: str, count: int) -> None:
    for rendered in every_message(NAMES[name], count):
        check_message(rendered)


def test_short_answers_stay_within_slacks_limits() -> None:
    for rendered in short_answers():
        check_message(rendered)


@pytest.mark.parametrize(("name", "count"), WORST)
def test_home_stays_within_slacks_limits(name: str, count: int) -> None:
    history = [StoredEvent(n, each) for n, each in enumerate(events(NAMES[name]))]
    for _, situation in stages(NAMES[name], count):
        check_home(home_view(situation, history))
    check_home(home_view(None, []))


def test_messages_conform_to_slacks_published_types() -> None:
    validator = schema("message")
    if validator is None:
        pytest.skip(NO_SCHEMAS)
    messages = [
        {"text": rendered.text, "blocks": plain_blocks(rendered.blocks)}
        for rendered in [*every_message(NAMES["markup"], 3), *short_answers()]
    ]
    for each in judged_once(messages):
        problems = list(validator.iter_errors(each))
        assert problems == [], problems[0].message


def test_home_conforms_to_slacks_published_types() -> None:
    validator = schema("home")
    if validator is None:
        pytest.skip(NO_SCHEMAS)
    history = [StoredEvent(n, each) for n, each in enumerate(events())]
    for _, situation in stages(NAMES["markup"], 3):
        blocks = check_home(home_view(situation, history))
        problems = list(validator.iter_errors({"type": "home", "blocks": blocks}))
        assert problems == [], problems[0].message


@pytest.mark.parametrize("code", list(ErrorCode))
def test_each_problem_fits_into_a_message(code: ErrorCode) -> None:
    params = {
        "call": "sources", "role": "Workspace Owner", "found": "a", "expected": "b",
        "region": "EU", "slug": "acme", "source": "Web", "id": "1", "destination": "d",
        "workspace": "Acme", "limit": "100", "number": "2", "years": "3", "sign": "“",
        "wait": "90",
    }  # fmt: skip
    error = FieldError(Field.TOKEN, code, params)
    _, situation = next(stages())
    done = CheckDone("chk_1", CheckKind.TOKEN, Screen.CREDENTIALS, error=error)
    check_message(render(done, situation))
