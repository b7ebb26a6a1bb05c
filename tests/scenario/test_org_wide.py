"""An Enterprise Grid org installs the app once. Each of its workspaces has its own set-up."""

import json
from dataclasses import replace
from typing import Any

import pytest

from playground.sample import ACME, TOPLYNE
from playground.slack.model import Enterprise
from playground.slack.person import Person
from tests.forging import changed, send, template
from tests.globex import ASIA, EUROPE, GLOBEX, HANK, move_in
from tests.scenario.database import ask
from tests.scenario.looking import answer, cards, left_of, rows
from tests.scenario.story import (
    PLAN,
    SOURCES,
    choose_plan,
    choose_sources,
    enter_token,
    let_data_arrive,
    minutes_pass,
    press_plan,
    see,
    token,
    told,
)
from tests.scenario.test_rights import forget_who_they_are
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


def facts_of(world: World, team_id: str) -> dict[str, Any]:
    (row,) = ask(world, "SELECT facts FROM integrations WHERE team_id = ?", team_id)
    found: dict[str, Any] = json.loads(row[0])
    return found


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


async def test_its_installer_hears_what_was_done_in_a_workspace_where_they_are_not(
    both: World, hank: Person, jun: Person
) -> None:
    hank.user.other_teams = []
    forget_who_they_are(both)
    await connect(both, jun, "beacon", "Team", "App")
    await jun.command("/segment disconnect")
    await see(jun, "from this app?")
    await jun.submit()
    heard = await told(hank, "@Jun Okabe disconnected Segment from Toplyne")
    assert "Globex Asia" in heard.visible_text


async def test_what_is_pressed_below_a_message_acts_in_its_slack_workspace(
    both: World, hank: Person, mira: Person
) -> None:
    """Hank is in Europe all the time and has one conversation with the app."""
    welcome = await told(hank, "now in the Slack workspace Globex Asia")
    await hank.click("Start the set-up", message=welcome)
    await see(hank, PLAN)
    await press_plan(hank, "Team")
    await enter_token(hank, token(both, "beacon"))
    await see(hank, SOURCES)
    assert tokens(both) == [f"int_{ASIA.id}"]
    await hank.close()
    await hank.command("/segment")  # which is about where he is
    await see(hank, PLAN)
    await hank.close()
    for when in (21 * 60, 24 * 60):
        await minutes_pass(both, when)
        await both.work_off()
    europe = await told(hank, "your Slack workspace Globex Europe")
    asia = await told(hank, "your Slack workspace Globex Asia")

    before = facts_of(both, EUROPE.id)
    await hank.click("reminder_stop", message=asia, option="Stop all reminders")
    drawn = await told(hank, "stopped all reminders")
    assert "your Slack workspace Globex Asia" in drawn.visible_text
    assert drawn.ts == asia.ts
    assert "quiet" in str(facts_of(both, ASIA.id)["reminders"])
    assert facts_of(both, EUROPE.id) == before
    await hank.click("Choose the plan", message=europe)
    await see(hank, PLAN)


async def test_an_answer_goes_to_the_slack_workspace_that_was_asked(
    both: World, hank: Person, mira: Person
) -> None:
    await card_of(mira, "Globex Asia")
    before = facts_of(both, EUROPE.id)
    (card,) = [each for each in cards(mira) if "Globex Asia" in each.visible_text]
    await mira.click("Message the customer", message=card)
    mira.fill("input_text", "What is your account?")
    await mira.submit()
    asked = await told(hank, "What is your account?")
    assert "your Slack workspace Globex Asia" in asked.visible_text
    await hank.click("Reply", message=asked)
    hank.fill("input_text", "It is asia-42")
    await hank.submit()
    line = await told(mira, "asia-42", "#customers")
    assert line.thread_ts == card.ts

    await both.slack.revoke(ASIA.id)
    await soon(lambda: teams(both) == [EUROPE.id])
    await hank.close()
    await hank.click("Reply", message=asked)
    assert "a Slack workspace that the app has left" in answer(hank, None).visible_text
    assert facts_of(both, EUROPE.id) == before
    await hank.command("/segment")  # as it says
    await see(hank, PLAN)


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
    "a workspace that was not granted": {
        "user.team_id": "T0INITECH01",
        "view.private_metadata": '{"i":"int_T0INITECH01","g":0,"r":0}',
    },
    "a workspace where the person is not": {
        "view.private_metadata": f'{{"i":"int_{EUROPE.id}","g":0,"r":0}}'
    },
    "another company's form": {"view.app_installed_team_id": ACME.id},
    "no org-wide installation": {"is_enterprise_install": False, "team": {"id": ASIA.id}},
}

REFUSED = ("not installed", "another company", "for full members of this Slack workspace")


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
    assert any(words in answered.body.decode() for words in REFUSED)
    assert ask(both, "SELECT tenant_id, team_id, facts FROM integrations ORDER BY 1, 2") == before
    await see(jun, "Access token")
    await enter_token(jun, token(both, "beacon"))
    await see(jun, SOURCES)
