"""A set-up that cannot be read is left like any other, and holds up no other one's leaving."""

from playground.sample import ACME
from playground.slack.person import Person
from tests.globex import ASIA, EUROPE, GLOBEX, HANK, move_in
from tests.scenario.beta import BROKEN, keep_facts
from tests.scenario.database import ask, execute
from tests.scenario.looking import cards, left_of
from tests.scenario.story import choose_plan, reach_live_sync
from tests.support.world import World, soon


async def test_an_uninstall(a_world: World, ada: Person, mira: Person) -> None:
    """The card says so, all is erased, and whoever installs the app again begins anew."""
    await reach_live_sync(a_world, ada)
    await ada.close(everything=True)
    await a_world.work_off()
    await keep_facts(a_world, BROKEN)
    await a_world.slack.uninstall(ACME.id)
    await mira.wait_for(lambda: any("ninstalled" in card.visible_text for card in cards(mira)))
    await soon(lambda: not left_of(a_world, ACME.id) - {"teams", "installations"})
    assert not ask(a_world, "SELECT 1 FROM inbox WHERE error IS NOT NULL")
    await a_world.slack.install(ACME.id, ada.user.id)
    await choose_plan(ada, "Business")


async def test_an_organisation_of_which_one_workspace_is_damaged(a_world: World) -> None:
    move_in(a_world.slack)
    await a_world.slack.install_org_wide(HANK)
    await a_world.slack.grant(EUROPE.id, ASIA.id)
    there = "SELECT team_id FROM integrations WHERE tenant_id = ? ORDER BY team_id"
    await soon(lambda: ask(a_world, there, GLOBEX.id) == [(ASIA.id,), (EUROPE.id,)])
    jun = a_world.person("jun")
    await reach_live_sync(a_world, jun)
    await jun.close(everything=True)
    await a_world.work_off()
    damaged = "UPDATE integrations SET facts = ? WHERE team_id = ?"
    await execute(a_world, damaged, BROKEN, ASIA.id)
    await a_world.slack.revoke(ASIA.id)
    await soon(lambda: ask(a_world, there, GLOBEX.id) == [(EUROPE.id,)])
    assert not ask(a_world, "SELECT 1 FROM vault WHERE tenant_id = ?", GLOBEX.id)
    await execute(a_world, damaged, BROKEN, EUROPE.id)
    await a_world.slack.uninstall(GLOBEX.id)
    await soon(lambda: not ask(a_world, there, GLOBEX.id))
