"""Two customers of the same bot. Neither ever sees or changes anything of the other."""

import json
from typing import Any

import pytest

from bot.ids import customer_value
from playground.sample import ACME, TOPLYNE
from playground.slack.model import Channel, Team, User
from playground.slack.person import Person
from tests.scenario.database import ask
from tests.scenario.looking import answer, rows
from tests.scenario.posting import post_payload, sent_payloads
from tests.scenario.story import PLAN, SOURCES, choose_plan, enter_token, see, token, told
from tests.support.world import World, soon

INITECH = Team("T0INITECH01", "Initech", "initech")
PETER = "U0INITPETER"


@pytest.fixture
async def peter(a_world: World) -> Person:
    """An admin at a second customer, who also has the app."""
    user = User(PETER, INITECH.id, "peter", "Peter Ng", is_admin=True)
    a_world.slack.add(
        INITECH, user, Channel("C0INITGENRL", INITECH.id, "office", members=[user.id])
    )
    assert (await a_world.slack.install(INITECH.id, user.id)).ok
    return a_world.person("peter")


def plan_of(world: World, team_id: str) -> Any:
    stated = "SELECT facts FROM integrations WHERE tenant_id = ?"
    ((facts,),) = ask(world, stated, team_id)
    return json.loads(facts)["plan"]


async def last_payload(world: World, kind: str, user_id: str) -> dict[str, Any]:
    found = [p for p in sent_payloads(world) if p.get("type") == kind]
    return next(p for p in reversed(found) if p["user"]["id"] == user_id)


async def test_each_customer_has_a_set_up_and_a_card_of_their_own(
    a_world: World, ada: Person, peter: Person, mira: Person
) -> None:
    await choose_plan(ada, "Business")
    await enter_token(ada, token(a_world, "acme"))
    await ada.close()
    await peter.command("/segment status")
    assert "Acme" not in answer(peter, "#office").visible_text
    await peter.open_home()
    await peter.wait_for(lambda: peter.home)
    assert "Acme" not in peter.home.text
    await choose_plan(peter, "Team")
    await enter_token(peter, token(a_world, "beacon"))
    await see(peter, SOURCES)
    assert "Beacon" in peter.modal.text
    assert "Acme" not in peter.modal.text
    assert rows(a_world, "vault") == 2
    await told(mira, "workspace Acme Inc", "#customers")
    await told(mira, "workspace Beacon", "#customers")
    assert not [m for m in ada.messages() if "Beacon" in m.visible_text]


async def test_a_forged_set_up_in_a_modal_changes_nothing_of_its_owner(
    a_world: World, ada: Person, peter: Person
) -> None:
    await choose_plan(ada, "Business")
    await choose_plan(peter, "Team")
    await enter_token(ada, "no token")
    forged = await last_payload(a_world, "view_submission", ada.user.id)
    forged["team"]["id"] = INITECH.id
    forged["user"] = {"id": PETER, "team_id": INITECH.id, "username": "peter", "name": "peter"}
    forged["view"]["app_installed_team_id"] = forged["view"]["team_id"] = INITECH.id
    answered = await post_payload(a_world, forged)
    assert answered.status_code == 200
    assert "Acme" not in answered.text
    assert plan_of(a_world, "T0ACME00001") == "business"
    assert plan_of(a_world, INITECH.id) == "team"
    await enter_token(peter, token(a_world, "beacon"))
    assert "Beacon is connected" in peter.modal.text


async def test_options_are_those_of_the_asking_workspace(
    a_world: World, ada: Person, peter: Person
) -> None:
    await choose_plan(ada, "Business")
    await enter_token(ada, token(a_world, "acme"))
    await peter.command("/segment")
    await see(peter, PLAN)
    view = peter.modal.view
    asked = {
        "type": "block_suggestion",
        "team": {"id": INITECH.id, "domain": INITECH.domain},
        "user": {"id": PETER, "team_id": INITECH.id},
        "action_id": "search_sources",
        "block_id": "sources",
        "value": "",
        "view": {"id": view.id, "type": "modal", "callback_id": "sources"},
    }
    answered = await post_payload(a_world, asked)
    assert answered.status_code == 200
    assert "Web app" not in answered.text


async def test_a_customer_cannot_decide_what_csms_decide(
    a_world: World, ada: Person, peter: Person, mira: Person
) -> None:
    await choose_plan(ada, "Free")
    ada.fill("Workspace slug", "corner-shop")
    await ada.click("I cannot create a token")
    await told(mira, "Plan Free", "#customers")
    await choose_plan(peter, "Business")
    forged = await last_payload(a_world, "block_actions", PETER)
    value = customer_value("T0ACME00001", "int_T0ACME00001")
    for action_id in ("csm_confirm", "csm_arriving"):
        forged["trigger_id"] = a_world.slack.core.triggers.issue(PETER, "T0INITECH01", "")
        forged["actions"] = [{"type": "button", "action_id": action_id, "value": value}]
        assert (await post_payload(a_world, forged)).status_code == 200
    assert ask(a_world, "SELECT count(*) FROM history WHERE kind = 'credentials_confirmed'") == [
        (0,)
    ]
    await peter.close()
    await peter.command("/segment-csm here")
    assert "Toplyne’s own team" in answer(peter, "#office").visible_text
    assert rows(a_world, "csm_channel") == 0


async def test_disconnecting_one_leaves_the_other_connected(
    a_world: World, ada: Person, peter: Person
) -> None:
    await choose_plan(ada, "Business")
    await enter_token(ada, token(a_world, "acme"))
    await choose_plan(peter, "Team")
    await enter_token(peter, token(a_world, "beacon"))
    await peter.close()
    await peter.command("/segment disconnect")
    await peter.wait_for(lambda: peter.modal)
    await peter.submit()
    await soon(lambda: ask(a_world, "SELECT tenant_id FROM vault") == [("T0ACME00001",)])
    await ada.command("/segment")
    await see(ada, SOURCES)


async def test_a_form_that_names_two_workspaces_begins_nothing_in_either(
    a_world: World, ada: Person
) -> None:
    """This is what Slack sends if somebody from another company fills in a modal."""
    await choose_plan(ada, "Business")
    await enter_token(ada, "no token")
    forged = await last_payload(a_world, "view_submission", ada.user.id)
    forged["team"] = {"id": "T0ELSEWHERE", "domain": "elsewhere"}
    forged["user"] = {"id": "U0STRANGER", "team_id": "T0ELSEWHERE", "name": "stranger"}
    answered = await post_payload(a_world, forged)
    assert answered.status_code == 200
    assert "another company’s Slack" in str(answered.json()["errors"])
    assert ask(a_world, "SELECT DISTINCT tenant_id, team_id FROM integrations") == [
        (ACME.id, ACME.id)
    ]
    await enter_token(ada, token(a_world, "acme"))
    assert rows(a_world, "vault") == 1


async def test_no_button_begins_a_set_up_in_toplynes_own_workspace(
    a_world: World, ada: Person, mira: Person
) -> None:
    await choose_plan(ada, "Business")
    forged = await last_payload(a_world, "block_actions", ada.user.id)
    forged |= {"team": {"id": TOPLYNE.id}, "user": {"id": mira.user.id, "team_id": TOPLYNE.id}}
    for name in ("view", "container"):
        forged.pop(name)
    later = {"value": "3:no_events", "text": {"type": "plain_text", "text": "3 days"}}
    chosen = {"type": "static_select", "action_id": "reminder_snooze", "selected_option": later}
    forged["actions"] = [chosen]
    assert (await post_payload(a_world, forged)).status_code == 200
    await told(mira, "No set-up is under way")
    assert ask(a_world, "SELECT DISTINCT tenant_id FROM integrations") == [(ACME.id,)]
