"""An Enterprise Grid org installs the app once. Each of its workspaces has its own set-up."""

import json
from dataclasses import replace
from typing import Any

import pytest

from playground.sample import ACME, TOPLYNE
from playground.slack.model import Enterprise
from playground.slack.person import Person
from storage.tenants import lacking
from tests.forging import changed, send, template
from tests.globex import ASIA, EUROPE, GLOBEX, HANK, move_in
from tests.scenario.database import ask
from tests.scenario.looking import answer, cards, left_of, rows
from tests.scenario.oauth import decide, visit
from tests.scenario.posting import JSON, post
from tests.scenario.story import (
    SOURCES,
    choose_plan,
    choose_sources,
    enter_token,
    let_data_arrive,
    minutes_pass,
    see,
    token,
    told,
)
from tests.support.world import CUSTOMERS, World, soon

TOPLYNE_ORG = Enterprise("E0TOPLYNE01", "Toplyne Holding", "toplyne-holding")


@pytest.fixture
async def globex(a_world: World) -> World:
    """The app is installed at Toplyne and in the org, but not yet granted any workspace."""
    move_in(a_world.slack)
    installed = await a_world.slack.install_org_wide(HANK)
    assert installed.ok
    assert "Add the app to those Slack workspaces of Globex" in installed.page
    return a_world


@pytest.fixture
async def both(globex: World) -> World:
    await globex.slack.grant(EUROPE.id, ASIA.id)
    await soon(lambda: teams(globex) == [ASIA.id, EUROPE.id])
    return globex


@pytest.fixture
def jun(globex: World) -> Person:
    """A person who is only in Asia."""
    return globex.person("jun")


@pytest.fixture
def hank(globex: World) -> Person:
    return globex.person("hank")


@pytest.fixture
def mira(globex: World) -> Person:
    return globex.person("mira")


def teams(world: World) -> list[str]:
    """The org's workspaces that have a set-up."""
    stored = "SELECT team_id FROM integrations WHERE tenant_id = ? ORDER BY team_id"
    return [team_id for (team_id,) in ask(world, stored, GLOBEX.id)]


def tokens(world: World) -> list[str]:
    """The set-ups that have a Segment token."""
    sealed = "SELECT integration_id FROM vault WHERE tenant_id = ? ORDER BY integration_id"
    return [id_ for (id_,) in ask(world, sealed, GLOBEX.id)]


async def connect(world: World, person: Person, workspace: str, plan: str, source: str) -> None:
    await choose_plan(person, plan)
    await enter_token(person, token(world, workspace))
    await see(person, SOURCES)
    await choose_sources(person, source)
    await person.close()


async def card_of(csm: Person, customer: str, *texts: str) -> None:
    def found() -> bool:
        shown = [card.visible_text for card in cards(csm) if customer in card.visible_text]
        return len(shown) == 1 and all(text in shown[0] for text in texts)

    await csm.wait_for(found)


async def test_each_workspace_that_is_granted_gets_a_welcome_and_a_card(
    globex: World, hank: Person, mira: Person
) -> None:
    assert rows(globex, "integrations") == 1  # Acme's; the org has granted no workspace yet
    await globex.slack.grant(EUROPE.id)
    await told(hank, "now in the Slack workspace Globex Europe")
    await card_of(mira, "Globex Europe")
    await globex.slack.grant(ASIA.id)
    await told(hank, "now in the Slack workspace Globex Asia")
    await card_of(mira, "Globex Asia")
    await mira.command("/segment-csm")
    await see(mira, "Globex Europe", "Globex Asia", "Acme")


async def test_before_its_workspace_is_granted_nobody_is_let_in(globex: World, jun: Person) -> None:
    await globex.slack.grant(EUROPE.id)
    await soon(lambda: teams(globex) == [EUROPE.id])
    await globex.slack.grant(ASIA.id)
    await soon(lambda: teams(globex) == [ASIA.id, EUROPE.id])
    await choose_plan(jun, "Team")
    await see(jun, "Access token")


async def test_workspaces_of_one_org_do_not_see_each_other(both: World, jun: Person) -> None:
    ines, abroad = both.person("ines"), both.slack.person("ines", ASIA.id)
    await connect(both, ines, "acme", "Business", "Web app")
    await jun.command("/segment status")
    assert "plan is not known yet" in jun.messages("#general")[-1].visible_text
    await connect(both, jun, "beacon", "Team", "App")
    assert tokens(both) == [f"int_{ASIA.id}", f"int_{EUROPE.id}"]
    await jun.open_home()
    await jun.wait_for(lambda: jun.home and "Beacon" in jun.home.text)
    await ines.command("/segment")  # a change in Europe, which does not redraw a Home in Asia
    await ines.click("Check again")
    await ines.close()
    assert "Acme" not in jun.home.text
    # A member of both sees the set-up of the workspace that they are in.
    await abroad.command("/segment status", "general")
    assert "Beacon" in abroad.messages("#general")[-1].visible_text


async def test_a_workspace_that_is_taken_away_is_erased_and_the_others_go_on(
    both: World, jun: Person, hank: Person, mira: Person
) -> None:
    await connect(both, both.person("ines"), "acme", "Business", "Web app")
    await connect(both, jun, "beacon", "Team", "App")
    await card_of(mira, "Globex Asia", "Live sync")
    await both.slack.revoke(ASIA.id)
    await soon(lambda: teams(both) == [EUROPE.id])
    assert tokens(both) == [f"int_{EUROPE.id}"]
    await card_of(mira, "Globex Asia", "app uninstalled, data deleted")
    late = template(both.slack, "view_submission")
    answered = await send(both.slack, changed(late, {"user.team_id": ASIA.id}))
    assert "not installed" in answered.body.decode()
    assert teams(both) == [EUROPE.id]

    await both.slack.grant(ASIA.id)
    await told(hank, "in the Slack workspace Globex Asia again")
    await told(hank, "deleted when the app was uninstalled, so you start from the beginning")
    await choose_plan(jun, "Team")
    await see(jun, "Access token")


async def test_uninstalling_deletes_every_workspaces_secrets_and_stops_all_work(
    both: World, jun: Person, mira: Person
) -> None:
    await connect(both, both.person("ines"), "acme", "Business", "Web app")
    await connect(both, jun, "beacon", "Team", "App")
    assert len(tokens(both)) == 2
    for customer in ("Globex Europe", "Globex Asia"):
        await card_of(mira, customer, "Live sync")
    await both.slack.uninstall(GLOBEX.id)
    await soon(lambda: not tokens(both))
    for customer in ("Globex Europe", "Globex Asia"):
        await card_of(mira, customer, "app uninstalled, data deleted")

    let_data_arrive(both, "acme", "Web app")
    asked = len(both.segment.panel()["calls"])
    await minutes_pass(both, 3 * 24 * 60)
    await both.work_off()
    assert len(both.segment.panel()["calls"]) == asked
    await soon(lambda: left_of(both, GLOBEX.id) == {"teams"})


async def test_toplynes_own_workspace_can_be_one_of_an_org(empty_world: World) -> None:
    slack = empty_world.slack
    slack.add(TOPLYNE_ORG, replace(TOPLYNE, enterprise_id=TOPLYNE_ORG.id))
    mira, ada = empty_world.person("mira"), empty_world.person("ada")
    mira.user.is_org_admin = True
    assert (await slack.install_org_wide(mira.user.id)).ok
    await slack.grant(TOPLYNE.id)
    known = "SELECT 1 FROM teams WHERE team_id = ?"
    await soon(lambda: bool(ask(empty_world, known, TOPLYNE.id)))  # else the channel is closed yet
    assert (await slack.install(ACME.id, ada.user.id)).ok
    await choose_plan(ada, "Business")
    await told(mira, "Plan Business", "#customers")
    assert slack.core.state.channels[CUSTOMERS]
    await mira.command("/segment-csm")
    await see(mira, "Acme")
    await mira.close()
    (card,) = cards(mira)
    await mira.click("Claim", message=card)
    await card_of(mira, "Acme", "Owner: mira")
    await mira.command("/segment", "#general")
    assert "nothing to set up" in mira.messages("#general")[-1].visible_text
    assert ask(empty_world, "SELECT DISTINCT tenant_id FROM integrations") == [(ACME.id,)]


async def test_toplynes_organisation_is_told_what_its_own_workspace_lacks(
    empty_world: World,
) -> None:
    slack, mira = empty_world.slack, empty_world.person("mira")
    slack.add(TOPLYNE_ORG, replace(TOPLYNE, enterprise_id=TOPLYNE_ORG.id))
    mira.user.is_org_admin = True
    assert (await slack.install_org_wide(mira.user.id)).ok
    await slack.grant(TOPLYNE.id)
    await soon(lambda: bool(ask(empty_world, "SELECT 1 FROM teams WHERE team_id = ?", TOPLYNE.id)))
    own, engine = ("channels:read", "groups:read"), empty_world.asgi.state.bot.engine
    assert await lacking(engine, (), own, TOPLYNE.id) == {TOPLYNE_ORG.id: [*own]}
    again = await slack.install_org_wide(mira.user.id)
    assert "<code>channels:read</code>" in again.page
    link = f"/slack/install?team={TOPLYNE.id}"
    assert link in again.page
    asked = (await visit(empty_world, link)).headers["location"]
    assert "team=" not in asked, "it would be for the workspace alone"
    back = await decide(empty_world, asked, f"{mira.user.id}/{TOPLYNE_ORG.id}")
    assert "<code>" not in (await visit(empty_world, back)).text
    assert await lacking(engine, (), own, TOPLYNE.id) == {}


@pytest.mark.parametrize("kind", ["app_uninstalled", "tokens_revoked"])
@pytest.mark.parametrize("authorized", [True, False], ids=["authorized", "no authorizations"])
async def test_an_event_that_names_one_workspace_ends_the_organisations_only_if_slack_says_so(
    both: World, jun: Person, kind: str, authorized: bool
) -> None:
    await connect(both, jun, "beacon", "Team", "App")
    org = both.slack.installations[GLOBEX.id]
    org_wide = {"enterprise_id": GLOBEX.id, "team_id": None, "is_enterprise_install": True}
    body = {
        "type": "event_callback",
        "enterprise_id": GLOBEX.id,
        "team_id": ASIA.id,
        "event": {"type": kind, "tokens": {"bot": [org.bot_user_id]}},
        "event_time": int(both.asgi.state.bot.clock.now().timestamp()) + 60,
        **({"authorizations": [org_wide]} if authorized else {}),
    }
    await post_event(both, body | {"event_id": "Ev1"})
    await both.work_off()
    assert teams(both) == [ASIA.id, EUROPE.id]
    assert tokens(both) == [f"int_{ASIA.id}"]
    await jun.command("/segment status")
    assert "Beacon" in answer(jun).visible_text
    org.active = False
    both.slack.core.state.dead_tokens[org.token] = "account_inactive"
    await post_event(both, body | {"event_id": "Ev2"})
    await soon(lambda: left_of(both, GLOBEX.id) == {"teams"})


async def post_event(world: World, body: dict[str, Any]) -> None:
    assert (await post(world, json.dumps(body).encode(), JSON)).status_code == 200


async def test_what_no_event_tells_of_is_reached_by_the_next_installation(
    both: World, jun: Person, hank: Person
) -> None:
    """Slack has taken the token alone, so that the app stays added to both workspaces."""
    await both.slack.uninstall(GLOBEX.id)
    await soon(lambda: not teams(both))
    both.slack.installations[GLOBEX.id].granted = [EUROPE.id, ASIA.id]
    again = await both.slack.install_org_wide(HANK)
    assert "Those that have it already are told within a minute" in again.page
    await soon(lambda: teams(both) == [ASIA.id, EUROPE.id])
    await told(hank, "in the Slack workspace Globex Asia again")
    await choose_plan(jun, "Team")
    await see(jun, "Access token")


async def test_a_grant_that_was_never_heard_is_found_by_whoever_comes_first(
    globex: World, jun: Person, hank: Person
) -> None:
    globex.slack.installations[GLOBEX.id].granted = [ASIA.id]
    await jun.command("/segment")
    assert "not installed" in answer(jun).visible_text
    await told(hank, "now in the Slack workspace Globex Asia")
    await choose_plan(jun, "Team")
    await see(jun, "Access token")


FORGED = {
    "another org": {"enterprise": {"id": "E0INITECH01", "name": "Initech"}},
    "a workspace that was not granted": {"user.team_id": "T0INITECH01"},
    "another company's form": {"view.app_installed_team_id": ACME.id},
    "no org-wide installation": {"is_enterprise_install": False, "team": {"id": ASIA.id}},
}


@pytest.mark.parametrize("name", FORGED)
async def test_ids_that_do_not_fit_the_org_change_nothing(
    both: World, jun: Person, name: str
) -> None:
    await choose_plan(jun, "Team")
    await enter_token(jun, "no token")
    before = ask(both, "SELECT tenant_id, team_id, facts FROM integrations ORDER BY 1, 2")
    forged = changed(template(both.slack, "view_submission"), FORGED[name])
    answered = await send(both.slack, forged)
    assert answered.status == 200
    assert "not installed" in answered.body.decode() or "another company" in answered.body.decode()
    assert ask(both, "SELECT tenant_id, team_id, facts FROM integrations ORDER BY 1, 2") == before
    await see(jun, "Access token")
    await enter_token(jun, token(both, "beacon"))
    await see(jun, SOURCES)
