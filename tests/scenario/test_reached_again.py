"""What Slack's list of an organisation's workspaces begins again, and what it leaves alone."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from bot.cli.database import opened
from bot.cli.workspace import _Records
from playground.slack.faults import Fault
from playground.slack.person import Person
from storage.cipher import Cipher
from storage.export import SqlExport
from storage.housekeeping import SqlHousekeeping
from tests.globex import ASIA, EUROPE, GLOBEX, HANK
from tests.scenario.database import all_sent, ask
from tests.scenario.looking import answer, cards
from tests.scenario.story import PLAN, choose_plan, minutes_pass, see, told
from tests.scenario.test_disconnect import leave
from tests.scenario.test_org_wide import (
    both,
    card_of,
    connect,
    globex,
    hank,
    jun,
    mira,
    teams,
)
from tests.support.world import World

__all__ = ["both", "globex", "hank", "jun", "mira"]  # fixtures


async def test_what_an_operator_erased_stays_out_until_somebody_adds_it(
    both: World, jun: Person, hank: Person
) -> None:
    await connect(both, jun, "beacon", "Team", "App")
    await all_sent(both)
    bot = both.asgi.state.bot
    export = SqlExport(bot.engine, Cipher(bot.settings.encryption_keys))
    assert await _Records(bot, export).erase(ASIA.id)
    await jun.command("/segment")  # which has Slack asked
    assert "have an admin install it again" in answer(jun).visible_text
    assert (await both.slack.install_org_wide(HANK)).ok
    await both.work_off()
    assert teams(both) == [EUROPE.id]

    await both.slack.revoke(ASIA.id)
    await both.slack.grant(ASIA.id)
    await told(hank, "in the Slack workspace Globex Asia again")
    await choose_plan(jun, "Team")
    await see(jun, "Access token")


async def test_what_was_tidied_begins_again_only_by_a_press(
    both: World, jun: Person, hank: Person, mira: Person
) -> None:
    await connect(both, jun, "beacon", "Team", "App")
    await leave(jun)
    await jun.close()
    farewell = await told(jun, "Segment is disconnected")
    await all_sent(both)
    async with opened(both.database_url) as engine:
        tomorrow = both.segment.now() + timedelta(days=1)
        assert await SqlHousekeeping(engine).remove_ended(tomorrow) == 1
    drawn, written = len(cards(mira)), len(hank.messages())
    assert (await both.slack.install_org_wide(HANK)).ok
    await both.work_off()
    await all_sent(both)
    assert (teams(both), len(cards(mira)), len(hank.messages())) == ([EUROPE.id], drawn, written)

    await jun.click("Connect again", message=farewell)
    await see(jun, PLAN)
    assert teams(both) == [ASIA.id, EUROPE.id]


async def test_a_name_that_slack_did_not_tell_follows(
    globex: World, hank: Person, mira: Person
) -> None:
    globex.slack.faults.next_calls("auth.teams.list", Fault.server_error(), 99)
    await globex.slack.grant(ASIA.id)
    await told(hank, "now in this Slack workspace")
    assert not any("workspace Globex." in each.visible_text for each in hank.messages())
    globex.slack.faults.clear()
    await globex.asgi.state.bot.lifecycle.reaching.reach_all(GLOBEX.id)  # as its job goes on to
    await card_of(mira, "Globex Asia")
    await mira.command("/segment-csm find Globex Asia")
    await see(mira, "Globex Asia")


async def test_what_leaves_while_slack_is_asked_stays_out(
    both: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slack tells the second alone, so it seems to have left before the question."""
    await minutes_pass(both, 1)
    bot = both.asgi.state.bot
    names = bot.lifecycle.reaching._names

    async def and_meanwhile(tenant_id: str) -> Mapping[str, str]:
        found: Mapping[str, str] = await names(tenant_id)
        both.slack.installations[GLOBEX.id].granted.remove(ASIA.id)
        heard_at = bot.clock.now().replace(microsecond=0)
        await bot.lifecycle.revoke(GLOBEX.id, [ASIA.id], heard_at)
        return found

    monkeypatch.setattr(bot.lifecycle.reaching, "_names", and_meanwhile)
    await bot.lifecycle.reaching.reach_all(GLOBEX.id)
    left = "SELECT 1 FROM teams WHERE team_id = ? AND left_at IS NOT NULL"
    assert ask(both, left, ASIA.id)
