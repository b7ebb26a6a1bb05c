"""Every message of an organisation × who presses where: the set-up that it is about, or a refusal.

A person has one conversation with the app for all Slack workspaces of an organisation.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from pydantic import SecretStr

from bot.ids import PLACE, Action
from bot.inbound.authorize import claim_of, identify
from bot.inbound.press import answering
from bot.inbound.refusals import sentence
from bot.outbound.clients import InstallationLookup
from bot.views.kit.message import Rendered
from bot.views.people.messages import render
from bot.views.people.status import expired_trigger_message
from flows.errors import LeftWorkspace, NotInstalled
from flows.installed import Installation, Team
from flows.model import Situation
from flows.outbox.bodies import Welcome
from flows.vocabulary import Stamp
from tests.support.fakes import FakeStorage, FakeTenants
from tests.unit.views.every_view import elements
from tests.unit.views.message_cases import MESSAGES, NOW, stages
from tests.unit.views.message_checks import plain_blocks

ORG, HANK = "E1", "U1"
ASIA, EUROPE, AFRICA, AMERICA = "TASIA", "TEUROPE", "TAFRICA", "TAMERICA"
NAMES = {ASIA: "Globex <Asia>", EUROPE: "Globex Europe", AFRICA: "Globex Africa"}
SET_UPS = {ASIA: "int_TASIA", EUROPE: "int_TEUROPE"}  # Africa has none yet
ELSEWHERE = {
    "another one with a set-up": EUROPE,
    "another one without a set-up": AFRICA,
    "another one without the app": AMERICA,
}


def of(team_id: str, situation: Situation) -> Situation:
    mine = {"id": SET_UPS[team_id], "team_id": team_id, "tenant_id": ORG, "generation": 7}
    return replace(situation, integration=replace(situation.integration, **mine))


@cache
def messages_of_asia() -> tuple[tuple[str, Rendered], ...]:
    """Every message in every standing, but not two with the same words."""
    found: dict[str, tuple[str, Rendered]] = {}
    for body in MESSAGES:
        for _, situation in stages():
            rendered = render(body, of(ASIA, situation), NAMES[ASIA])
            found[rendered.fingerprint] = (type(body).__name__, rendered)
    return tuple(found.values())


def press(element: dict[str, Any], blocks: list[dict[str, Any]], here: str) -> dict[str, Any]:
    """As Slack posts it under an org-wide installation: only the person says where they are."""
    return {
        "type": "block_actions",
        "team": None,
        "user": {"id": HANK, "team_id": here},
        "enterprise": {"id": ORG},
        "is_enterprise_install": True,
        "message": {"blocks": blocks},
        "actions": [element],
    }


def presses(here: str) -> Iterator[dict[str, Any]]:
    """One for each button and menu of each kind of message."""
    seen = set[tuple[str, str, str]]()
    for kind, rendered in messages_of_asia():
        blocks = plain_blocks(rendered.blocks)
        for block in blocks:
            for element in elements([block]):
                pressed = {**element, "block_id": block.get("block_id", "")}
                if (key := (kind, element["action_id"], pressed["block_id"])) not in seen:
                    seen.add(key)
                    yield press(pressed, blocks, here)


@pytest.fixture
async def globex() -> FakeStorage:
    """Granted to Asia, Europe and Africa, which nobody has opened yet."""
    storage = FakeStorage()
    made = Installation(ORG, "", ORG, True, "Globex", "", "", "", (), Stamp(HANK, NOW))
    storage.tables.installations[ORG] = (made, SecretStr("of the bot"))
    for team_id, name in NAMES.items():
        storage.tables.teams[ORG, team_id] = Team(team_id, name, NOW)
    some = next(iter(stages()))[1]
    for team_id in SET_UPS:
        async with storage(ORG) as work:
            await work.integrations.add(of(team_id, some).integration)
            await work.commit()
    return storage


async def whose(storage: FakeStorage, body: dict[str, Any]) -> str:
    actor, _ = await identify(InstallationLookup(storage, FakeTenants(storage)), claim_of(body))
    return actor.team_id


@pytest.mark.parametrize("here", [ASIA, *ELSEWHERE.values()], ids=["its own", *ELSEWHERE])
async def test_a_press_acts_on_the_set_up_that_the_message_is_about(
    globex: FakeStorage, here: str
) -> None:
    found = [await whose(globex, body) for body in presses(here)]
    assert len(found) > 50
    assert set(found) == {ASIA}


@pytest.mark.parametrize("here", [ASIA, *ELSEWHERE.values()], ids=["its own", *ELSEWHERE])
@pytest.mark.parametrize("erased", [False, True], ids=["erased later", "erased"])
async def test_a_message_of_a_workspace_that_left_does_nothing_elsewhere(
    globex: FakeStorage, here: str, *, erased: bool
) -> None:
    globex.tables.teams[ORG, ASIA] = Team(ASIA, "", NOW, left_at=NOW)
    if erased:
        del globex.tables.integrations[ORG, SET_UPS[ASIA]]
    refused = LeftWorkspace if here in (EUROPE, AFRICA) else NotInstalled
    for body in presses(here):
        with pytest.raises(NotInstalled) as raised:
            await whose(globex, body)
        assert raised.type is refused
    globex.tables.teams[ORG, ASIA] = Team(ASIA, NAMES[ASIA], NOW)  # it is added again
    async with globex(ORG) as work:
        if erased:
            await work.integrations.add(of(ASIA, next(iter(stages()))[1]).integration)
        await work.commit()
    assert {await whose(globex, body) for body in presses(here)} == {ASIA}


async def test_a_message_of_a_workspaces_own_installation_acts_there(globex: FakeStorage) -> None:
    """It came before the organisation's, which Slack names all the same."""
    del globex.tables.integrations[ORG, SET_UPS[ASIA]]
    globex.install(ASIA)
    globex.tables.teams[ASIA, ASIA] = Team(ASIA, "Asia", NOW - timedelta(days=9))
    async with globex(ASIA) as work:
        made = of(ASIA, next(iter(stages()))[1]).integration
        await work.integrations.add(replace(made, tenant_id=ASIA))
        await work.commit()
    lookup = InstallationLookup(globex, FakeTenants(globex))
    for body in presses(EUROPE):
        actor, _ = await identify(lookup, claim_of(body))
        assert (actor.tenant_id, actor.team_id) == (ASIA, ASIA)


@pytest.mark.parametrize("block_id", ["aB3x", "actions_0", ""])
async def test_a_message_of_earlier_versions_acts_where_the_person_is(
    globex: FakeStorage, block_id: str
) -> None:
    for here in (ASIA, EUROPE, AFRICA):
        pressed = {"action_id": Action.START, "block_id": block_id}
        assert await whose(globex, press(pressed, [], here)) == here


async def test_a_window_acts_on_the_set_up_that_it_shows(globex: FakeStorage) -> None:
    shown = '{"i":"int_TASIA","g":7,"r":1}'
    for kind in ("view_submission", "view_closed", "block_suggestion", "block_actions"):
        view = {"callback_id": "reply", "private_metadata": shown}
        pressed = {"action_id": Action.GO_TO, "block_id": "actions_0"}
        body = {**press(pressed, [], EUROPE), "type": kind, "view": view}
        if kind != "block_actions":
            del body["actions"]
        assert await whose(globex, body) == ASIA


async def test_a_csms_button_acts_where_the_csm_is(globex: FakeStorage) -> None:
    pressed = {"action_id": Action.CSM_CLAIM, "block_id": "int_TASIA@7:1"}
    assert await whose(globex, press(pressed, [], EUROPE)) == EUROPE


def test_every_message_says_which_slack_workspace_it_is_about() -> None:
    for kind, rendered in messages_of_asia():
        assert "Globex &lt;Asia&gt;" in rendered.text or "Globex Asia" in rendered.text, kind
    bodies = [Welcome("Globex Asia"), *MESSAGES]
    some = next(iter(stages()))[1]
    assert not any(PLACE in str(plain_blocks(render(body, some).blocks)) for body in bodies)


@pytest.mark.parametrize(
    "answer", [expired_trigger_message(), sentence(ValueError(), "0123abcd").message]
)
async def test_the_answer_to_a_press_is_about_the_same_set_up(
    globex: FakeStorage, answer: Rendered
) -> None:
    """“Ask for help” below an error must not ask another Slack workspace's CSM."""
    for body in presses(EUROPE):
        if not any(each.get("block_id") == PLACE for each in body["message"]["blocks"]):
            continue
        said = answering(Rendered(answer.text, list(answer.blocks)), body)
        assert "Globex &lt;Asia&gt;" in said.text
        blocks = plain_blocks(said.blocks)
        (last,) = elements(blocks)
        pressed = {**last, "block_id": blocks[-1]["block_id"]}
        assert await whose(globex, press(pressed, blocks, EUROPE)) == ASIA
