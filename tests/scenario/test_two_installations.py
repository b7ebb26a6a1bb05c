"""A Slack workspace has the app, and its organisation installs it too: the first one answers."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from playground.sample import TOPLYNE
from playground.slack.person import Person
from tests.globex import ASIA, EUROPE, HANK, move_in
from tests.scenario.database import ask
from tests.scenario.looking import answer, left_of
from tests.scenario.story import choose_plan, see, told
from tests.scenario.test_org_wide import (
    TOPLYNE_ORG,
    both,
    card_of,
    connect,
    globex,
    hank,
    mira,
    teams,
    tokens,
)
from tests.support.template import sqlite_url
from tests.support.world import CUSTOMERS, World, soon, world

__all__ = ["both", "globex", "hank", "mira"]  # fixtures


@pytest.fixture
async def unbound(tmp_path: Path) -> AsyncIterator[World]:
    """The app is installed at Acme and at Toplyne, where nobody has bound a channel."""
    async with world(sqlite_url(tmp_path), csm_channel_id=None) as made:
        await made.start_bot()
        await made.install()
        yield made
        made.slack.breach_free()


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
