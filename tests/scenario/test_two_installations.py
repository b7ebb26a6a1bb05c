"""An organisation's installation and single Slack workspaces: which one answers, which one ends."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from bot.inbound.events import received_event
from bot.outbound.removal import Removal
from flows.setup.installations import Lifecycle
from playground.sample import TOPLYNE
from playground.slack.person import Person
from storage.tenants import lacking
from tests.globex import ASIA, EUROPE, GLOBEX, HANK, move_in
from tests.scenario.database import ask
from tests.scenario.looking import answer, left_of
from tests.scenario.oauth import decide, visit
from tests.scenario.posting import JSON, post
from tests.scenario.story import choose_plan, see, told
from tests.scenario.test_org_wide import (
    TOPLYNE_ORG,
    both,
    card_of,
    connect,
    globex,
    hank,
    jun,
    mira,
    teams,
    tokens,
)
from tests.support.world import CUSTOMERS, World, soon

__all__ = ["both", "globex", "hank", "jun", "mira"]  # fixtures


async def test_the_installation_that_came_first_answers_until_it_is_removed(
    a_world: World,
) -> None:
    move_in(a_world.slack)
    hank, mira = a_world.person("hank"), a_world.person("mira")
    assert (await a_world.slack.install(EUROPE.id, HANK)).ok
    await connect(a_world, hank, "acme", "Business", "Web app")
    assert (await a_world.slack.install_org_wide(HANK)).ok
    await a_world.slack.grant(EUROPE.id)
    await a_world.work_off()
    assert teams(a_world) == []
    await card_of(mira, "Globex Europe", "Live sync")
    await hank.command("/segment status", "#general")
    assert "not connected to a Toplyne destination" in answer(hank).visible_text
    await hank.open_home()
    await hank.wait_for(lambda: hank.home and "Acme Inc" in hank.home.text)
    await hank.click("Show me how", message=answer(hank))
    await see(hank, "Web app", "no Toplyne destination")
    await hank.close()

    await a_world.slack.uninstall(EUROPE.id)
    await told(hank, "now in the Slack workspace Globex Europe")
    assert left_of(a_world, EUROPE.id) == {"teams"}
    assert teams(a_world) == [EUROPE.id]
    await choose_plan(hank, "Team")
    await see(hank, "Access token")


async def test_an_installation_of_its_own_that_comes_later_waits_for_the_organisations(
    both: World, hank: Person, mira: Person
) -> None:
    await connect(both, hank, "acme", "Business", "Web app")
    assert (await both.slack.install(EUROPE.id, HANK)).ok
    await both.work_off()
    assert ask(both, "SELECT 1 FROM integrations WHERE tenant_id = ?", EUROPE.id) == []
    await card_of(mira, "Globex Europe", "Live sync")
    await hank.command("/segment status", "#general")
    assert "Acme Inc" in answer(hank).visible_text
    await both.slack.revoke(EUROPE.id)
    await told(hank, "now in this Slack workspace")
    assert (teams(both), tokens(both)) == ([ASIA.id], [])
    await choose_plan(hank, "Team")
    await see(hank, "Access token")


async def test_toplynes_channel_is_kept_by_the_organisations_installation(
    unbound: World,
) -> None:
    slack, mira, ada = unbound.slack, unbound.person("mira"), unbound.person("ada")
    await mira.command("/segment-csm here", "#customers")
    await card_of(mira, "Acme", "plan not chosen")
    slack.add(TOPLYNE_ORG, replace(TOPLYNE, enterprise_id=TOPLYNE_ORG.id))
    mira.user.is_org_admin = True
    assert (await slack.install_org_wide(mira.user.id)).ok
    await slack.grant(TOPLYNE.id)
    await unbound.work_off()
    await mira.open_home()
    await mira.wait_for(lambda: mira.home and "Acme" in mira.home.text)
    bound = "SELECT tenant_id, channel_id FROM csm_channel"
    assert ask(unbound, bound) == [(TOPLYNE.id, CUSTOMERS)]

    await slack.uninstall(TOPLYNE.id)
    await soon(lambda: ask(unbound, bound) == [(TOPLYNE_ORG.id, CUSTOMERS)])
    await choose_plan(ada, "Business")
    await told(mira, "Plan Business", "#customers")
    await mira.command("/segment-csm")
    await see(mira, "Acme")
    slack.breaches.clear()  # the former bot's card takes no edit by another


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


@pytest.mark.parametrize(
    "stands",
    [(Lifecycle, "receive"), (Removal, "_why_refused")],
    ids=["nobody has begun", "Slack is being asked"],
)
async def test_installing_anew_settles_an_uninstall_that_names_one_workspace(
    both: World, jun: Person, monkeypatch: pytest.MonkeyPatch, stands: tuple[type, str]
) -> None:
    """However far a worker is with it."""
    await connect(both, jun, "beacon", "Team", "App")
    bot, org = both.asgi.state.bot, both.slack.installations[GLOBEX.id]
    body = {
        "event": {"type": "app_uninstalled"},
        "event_id": "Ev1",
        "event_time": int(bot.clock.now().timestamp()),
    }
    org.active = False
    both.slack.core.state.dead_tokens[org.token] = "account_inactive"
    stopped, may_go_on = stands_still(monkeypatch, *stands)
    await bot.uow.accept(GLOBEX.id, received_event(body, ASIA.id))
    await stopped.wait()
    assert (await both.slack.install_org_wide(HANK)).ok
    may_go_on.set()
    await both.work_off()
    assert tokens(both) == []
    await choose_plan(jun, "Team")
    await see(jun, "Access token")


def stands_still(
    monkeypatch: pytest.MonkeyPatch, owner: type, name: str
) -> tuple[asyncio.Event, asyncio.Event]:
    """The first call of this method waits: whether it has begun, and that it may go on."""
    method, stopped, may_go_on = getattr(owner, name), asyncio.Event(), asyncio.Event()

    async def slow(*asked: Any) -> Any:
        if not stopped.is_set():
            stopped.set()
            await may_go_on.wait()
        return await method(*asked)

    monkeypatch.setattr(owner, name, slow)
    return stopped, may_go_on


async def post_event(world: World, body: dict[str, Any]) -> None:
    assert (await post(world, json.dumps(body).encode(), JSON)).status_code == 200
