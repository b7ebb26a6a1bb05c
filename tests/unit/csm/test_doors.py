"""Knowing an id is not enough: every action and modal of CSMs, used by everybody who is not one.

The real handlers are called as Bolt calls them, on the in-memory storage.
"""

import copy
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import handlers
from bot.ids import OF_CSMS, Action, Callback, More
from bot.inbound.answers import Answers
from bot.inbound.press import Press
from bot.inbound.refusals import sentence
from flows.csm.members import NotCsm
from flows.errors import NotFound
from flows.vocabulary import Actor
from tests.support.fake_directory import HERE
from tests.support.flow_services import (
    ADA,
    CSM,
    CSM_TEAM,
    INTEGRATION,
    POLL_INTERVAL,
    TEAM,
    Services,
)

OTHER_TEAM = "T0OTHER"
# The board shows all customers by design. Its own tests cover who may see it.
BOARD = {Action.OPEN_BOARD, *(a for a in Action if a.value.startswith("board_")), Callback.BOARD}
IDS = [each for each in (*Action, *Callback) if each in OF_CSMS]
TRIED = sorted(each for each in IDS if each not in BOARD)
VALUES = [
    f"{TEAM}|{INTEGRATION}",
    f"{OTHER_TEAM}|{INTEGRATION}",
    f"{TEAM}|int_{OTHER_TEAM}",
    f"{CSM_TEAM}|{INTEGRATION}",
    f"{TEAM}|",
    "|",
    "",
    "nothing of ours",
]
STRANGERS = {
    "a customer": ADA,
    "somebody of another workspace": Actor(OTHER_TEAM, OTHER_TEAM, CSM.user_id),
    "a guest": Actor(CSM_TEAM, CSM_TEAM, "U0GUEST"),
    "somebody who has left": Actor(CSM_TEAM, CSM_TEAM, "U0GONE"),
    "nobody": Actor(CSM_TEAM, CSM_TEAM, "U0UNKNOWN"),
    "somebody of another workspace in a shared channel": Actor(CSM_TEAM, CSM_TEAM, "U0CONNECT"),
}


class Registry:
    """Takes registrations as Bolt does, and keeps the handlers."""

    def __init__(self) -> None:
        self.found: dict[str, Callable[..., Awaitable[Any]]] = {}

    def __getattr__(self, kind: str) -> Callable[[str], Callable[[Any], Any]]:
        def register(matched: str) -> Callable[[Any], Any]:
            def keep(handler: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
                self.found[f"{kind}:{matched}"] = handler
                return handler

            return keep

        return register


class Slack:
    """Records every answer of the app and every view that it draws."""

    def __init__(self) -> None:
        self.said: list[Any] = []

    async def __call__(self, *told: Any, **more: Any) -> None:
        self.said.append((told, more))

    async def views_open(self, **more: Any) -> Any:
        self.said.append(more["view"].to_dict())
        return {"view": {"id": "V1"}}

    views_push = views_update = views_open


class Deps:
    """What handlers are given. They do not ask for more."""

    def __init__(self, services: Services) -> None:
        self.__dict__.update(vars(services))
        self.answers = Answers(POLL_INTERVAL)
        self.csm_channel_id = ""

    def __getattr__(self, name: str) -> None:
        return None


@pytest.fixture
async def services() -> Services:
    made = Services()
    made.directory.people |= {
        "U0GUEST": replace(HERE, teams=(CSM_TEAM,), is_full_member=False),
        "U0GONE": replace(HERE, teams=(CSM_TEAM,), is_active=False),
        "U0UNKNOWN": None,
        "U0CONNECT": replace(HERE, teams=(OTHER_TEAM,)),
    }
    await made.install()
    await made.setup.start(ADA)
    return made


def filled_in(each: str) -> dict[str, Any]:
    """Every input of every modal of CSMs, filled in with accepted values."""
    mark = "running" if each == Callback.CSM_REPLAY else "1"
    return {
        "field_text": {"input_text": {"value": "Hello"}},
        "field_reason": {"input_reason": {"value": "Please correct it"}},
        "field_what:99": {
            "input_what": {
                "selected_option": {"value": "credentials"},
                "selected_options": [{"value": "1"}],
            }
        },
        "field_mark": {"input_mark": {"selected_option": {"value": mark}}},
        "field_colleague": {"input_colleague": {"selected_user": CSM.user_id}},
        "field_account": {"input_account": {"value": "Acme"}},
    }


def payload(each: str, value: str, who: Actor) -> dict[str, Any]:
    chosen = {"value": f"{More.ANSWERED}|{value}"}
    view = {
        "private_metadata": value,
        "callback_id": each,
        "blocks": [],
        "state": {"values": filled_in(each)},
    }
    return {
        "type": "block_actions",
        "team": {"id": who.team_id},
        "user": {"id": who.user_id, "team_id": who.team_id},
        "trigger_id": "1.2",
        "actions": [{"action_id": each, "value": value, "selected_option": chosen}],
        "view": view,
    }


async def press(services: Services, each: Action | Callback, value: str, who: Actor) -> Slack:
    """Calls the handler with its arguments, and answers its failure as Bolt's handler does."""
    registry, slack = Registry(), Slack()
    handlers.register(registry, Deps(services))  # type: ignore[arg-type]
    kind = "view" if isinstance(each, Callback) else "action"
    handler = registry.found[f"{kind}:{each}"]
    body = payload(each, value, who)
    given_to = {
        "ack": slack, "actor": who, "press": Press(body, slack), "view": body["view"],
    }  # fmt: skip
    wanted = inspect.signature(handler).parameters
    try:
        await handler(**{name: given_to[name] for name in wanted})
    except (NotCsm, NotFound) as error:
        slack.said.append(sentence(error, "0123abcd"))
    return slack


def stored(services: Services) -> str:
    tables = copy.copy(services.storage.tables)
    return repr(tables)


def test_every_id_of_csms_is_tried() -> None:
    assert {Callback.REJECT, Callback.CSM_MESSAGE, Action.CSM_CLAIM, Action.CSM_MORE} <= set(TRIED)
    spoken = [each for each in (*Action, *Callback) if each.name.startswith("CSM_")]
    assert set(spoken) <= set(TRIED) | BOARD


@pytest.mark.parametrize("each", TRIED)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.sampled_from(VALUES), name=st.sampled_from(sorted(STRANGERS)))
async def test_who_is_no_csm_changes_nothing_and_learns_nothing(
    services: Services, each: Action | Callback, value: str, name: str
) -> None:
    before = stored(services)
    slack = await press(services, each, value, STRANGERS[name])
    assert stored(services) == before
    told = str(slack.said)
    assert "Nothing was changed" in told or "for Toplyne’s own team" in told
    assert "Acme" not in told


@pytest.mark.parametrize("each", TRIED)
@pytest.mark.parametrize("value", VALUES[1:])
async def test_a_csm_with_a_value_of_nobody_changes_nothing(
    services: Services, each: Action | Callback, value: str
) -> None:
    before = stored(services)
    slack = await press(services, each, value, CSM)
    assert stored(services) == before
    assert "Nothing was changed" in str(slack.said)


async def test_a_csm_with_the_right_value_is_let_in(services: Services) -> None:
    await press(services, Action.CSM_CLAIM, VALUES[0], CSM)
    integration = services.integration()
    assert integration is not None
    assert integration.csm.owner is not None
