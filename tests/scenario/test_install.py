"""The app is installed in a Slack workspace, again, and removed: by OAuth and by one token."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from pydantic import SecretStr

from bot.inbound.oauth import COOKIE
from playground.sample import ACME, TOPLYNE
from playground.slack.faults import Cut, Fault
from playground.slack.person import Person
from tests.scenario.database import ask, execute
from tests.scenario.looking import card_says, cards, left_of, rows
from tests.scenario.oauth import begin, decide, state_in, visit
from tests.scenario.posting import JSON, post
from tests.scenario.story import (
    SOURCES,
    choose_plan,
    enter_token,
    let_data_arrive,
    minutes_pass,
    reach_live_sync,
    see,
    token,
    told,
)
from tests.support.template import sqlite_url
from tests.support.world import APP_URL, World, soon, world

BACK = "/slack/oauth_redirect"


def welcomes(person: Person) -> int:
    return sum("now in this Slack workspace" in m.visible_text for m in person.messages())


async def test_installing_ends_with_a_page_a_welcome_and_a_card(empty_world: World) -> None:
    await empty_world.slack.install(TOPLYNE.id, empty_world.person("mira").user.id)
    ada, mira = empty_world.person("ada"), empty_world.person("mira")
    back = await decide(empty_world, await begin(empty_world), ada.user.id)
    page = await visit(empty_world, back)
    assert page.status_code == 200
    assert "Go back to Slack (Acme) and type /segment" in page.text
    assert page.headers["cache-control"] == "no-store"
    welcome = await ada.wait_for(lambda: ada.messages()[-1:])
    assert welcomes(ada) == 1
    await ada.click("Start the set-up", message=welcome[0])
    await see(ada, "Which Segment plan do you have?")
    await told(mira, "Installed", "#customers")
    assert not mira.messages()  # Toplyne's own workspace is not a customer


@pytest.mark.parametrize("query", ["", "?code=1", "?code=1&state=", "?code=1&state=forged"])
async def test_nobody_installs_without_a_state_of_ours(empty_world: World, query: str) -> None:
    page = await visit(empty_world, BACK + query)
    assert page.status_code == 400
    assert "not begun in this browser" in page.text
    assert f'<a href="{APP_URL}/slack/install">Start again</a>' in page.text
    assert rows(empty_world, "installations") == 0
    assert (await empty_world.slack.install(ACME.id, empty_world.person("ada").user.id)).ok


async def test_another_browser_cannot_end_what_was_begun_in_this_one(empty_world: World) -> None:
    ada = empty_world.person("ada")
    back = await decide(empty_world, await begin(empty_world), ada.user.id)
    ours, empty_world.cookies = empty_world.cookies, httpx.Cookies()
    for theirs in ({}, {COOKIE: "forged"}):
        empty_world.cookies = httpx.Cookies(theirs)
        page = await visit(empty_world, back)
        assert page.status_code == 400
        assert "not begun in this browser" in page.text
    assert rows(empty_world, "installations") == 0
    empty_world.cookies = ours
    assert (await visit(empty_world, back)).status_code == 200
    assert empty_world.cookies[COOKIE].strip('"').startswith("ended-"), (
        "it finishes nothing any more"
    )


async def test_the_cookie_is_for_this_alone(empty_world: World) -> None:
    await empty_world.stop_bot()
    await empty_world.start_bot(public_url="https://bot.test/segment/")
    (cookie,) = (await visit(empty_world, "/slack/install")).headers.get_list("set-cookie")
    said = cookie.casefold().split("; ")
    assert {"httponly", "secure", "samesite=lax", "max-age=600"} <= set(said)
    assert "path=/segment/slack/oauth_redirect" in said


async def test_a_state_works_once_even_for_two_at_the_same_moment(empty_world: World) -> None:
    ada = empty_world.person("ada")
    back = await decide(empty_world, await begin(empty_world), ada.user.id)
    pages = await asyncio.gather(*(visit(empty_world, back) for _ in range(5)))
    assert sorted(page.status_code for page in pages) == [200, 400, 400, 400, 400]
    await told(ada, "/segment")
    assert rows(empty_world, "installations") == 1
    assert welcomes(ada) == 1


async def test_a_page_that_is_loaded_again_does_not_say_that_nothing_was_installed(
    empty_world: World,
) -> None:
    back = await decide(empty_world, await begin(empty_world), empty_world.person("ada").user.id)
    first, again = await visit(empty_world, back), await visit(empty_world, back)
    assert (first.status_code, again.status_code) == (200, 200)
    assert "is installed already" in again.text
    assert "Nothing was installed" not in again.text
    assert rows(empty_world, "installations") == 1


async def test_cancelling_in_slack_uses_the_link_up_and_changes_nothing(
    empty_world: World,
) -> None:
    ada = empty_world.person("ada")
    back = await decide(empty_world, await begin(empty_world), ada.user.id, "cancel")
    page = await visit(empty_world, back)
    assert page.status_code == 400
    assert "You pressed Cancel in Slack" in page.text
    assert rows(empty_world, "installations") == 0
    assert (await visit(empty_world, back)).status_code == 400
    assert (await empty_world.slack.install(ACME.id, ada.user.id)).ok


async def test_a_code_that_slack_refuses_is_not_the_end(empty_world: World) -> None:
    state = state_in(await begin(empty_world))
    page = await visit(empty_world, f"{BACK}?{urlencode({'code': 'made up', 'state': state})}")
    assert page.status_code == 502
    assert "Slack did not finish" in page.text
    assert rows(empty_world, "installations") == 0
    assert (await empty_world.slack.install(ACME.id, empty_world.person("ada").user.id)).ok


@pytest.mark.parametrize(
    "fault", [Fault.server_error(), Fault.rate_limited(), Fault(cut=Cut.BEFORE_HEAD)]
)
async def test_slack_in_trouble_is_said_and_the_link_can_be_opened_again(
    empty_world: World, fault: Fault
) -> None:
    ada = empty_world.person("ada")
    empty_world.slack.faults.next_calls("oauth.v2.access", fault)
    failed = await empty_world.slack.install(ACME.id, ada.user.id)
    assert failed.status == 502
    assert "Slack did not finish" in failed.page
    done = await empty_world.slack.install(ACME.id, ada.user.id)
    assert done.ok
    await told(ada, "/segment")


async def test_installing_again_uses_the_new_token_at_once_and_welcomes_once_more(
    a_world: World, ada: Person
) -> None:
    await told(ada, "/segment")
    await choose_plan(ada, "Business")
    assert (await a_world.slack.install(ACME.id, ada.user.id)).ok
    await ada.close()
    await ada.command("/segment")
    assert "Create an access token in Segment" in ada.modal.text
    await soon(lambda: welcomes(ada) == 2)
    assert rows(a_world, "installations") == 2
    assert rows(a_world, "integrations") == 1


async def test_a_request_from_where_the_app_is_not_installed_is_answered_kindly(
    a_world: World, ada: Person
) -> None:
    await ada.command("/segment")
    # The bot knows that the app is gone, but Slack does not yet.
    await a_world.stop_bot()
    await execute(a_world, "DELETE FROM installations WHERE tenant_id = ?", ACME.id)
    await a_world.start_bot()
    await ada.click("Free")
    await ada.close()
    await ada.command("/segment")
    assert ada.modal is None
    assert "not installed in this Slack workspace" in ada.messages("#general")[-1].visible_text
    assert (await a_world.slack.install(ACME.id, ada.user.id)).ok
    await choose_plan(ada, "Business")
    assert "Create an access token in Segment" in ada.modal.text


def secrets_kept(world: World) -> int:
    """The number of Acme's sealed tokens, Slack's and Segment's."""
    bot = "SELECT count(sealed_token) FROM installations WHERE tenant_id = ?"
    return (
        int(ask(world, bot, ACME.id)[0][0]) + rows(world, "vault") + rows(world, "pending_checks")
    )


async def revoke(world: World, first: str) -> None:
    """Slack removes the app and says so in two events, in either order."""
    second = {"app_uninstalled": "tokens_revoked", "tokens_revoked": "app_uninstalled"}[first]
    installation = world.slack.installations[ACME.id]
    installation.active = False
    world.slack.core.state.dead_tokens[installation.token] = "account_inactive"
    for kind in (first, second):
        event = {"type": kind}
        if kind == "tokens_revoked":
            event |= {"tokens": {"oauth": [], "bot": [installation.bot_user_id]}}
        world.slack.events.emit(installation, kind, event)
        await world.slack.events.first_answers()


@pytest.mark.parametrize("first", ["app_uninstalled", "tokens_revoked"])
async def test_uninstalling_erases_everything_and_coming_back_starts_anew(
    a_world: World, ada: Person, mira: Person, first: str
) -> None:
    await reach_live_sync(a_world, ada)
    await ada.close()
    await card_says(mira, "Live sync")
    await revoke(a_world, first)
    card = await card_says(mira, "app uninstalled, data deleted", "Acme")
    assert card.buttons == []
    await told(mira, "everything that was stored of this customer is deleted", "#customers")
    assert secrets_kept(a_world) == 0
    lines = [m.visible_text for m in mira.messages("#customers") if "Uninstalled" in m.visible_text]
    assert len(lines) == 1
    await soon(lambda: left_of(a_world, ACME.id) == {"teams"})

    # Data arrives and days pass. The app does not ask Segment and writes to nobody.
    let_data_arrive(a_world, "acme", "Web app")
    asked, told_before = len(a_world.segment.panel()["calls"]), len(ada.messages())
    await minutes_pass(a_world, 3 * 24 * 60)
    await a_world.work_off()
    assert len(a_world.segment.panel()["calls"]) == asked
    assert len(ada.messages()) == told_before

    assert (await a_world.slack.install(ACME.id, ada.user.id)).ok
    await told(ada, "in this Slack workspace again. What it had stored before was deleted")
    await choose_plan(ada, "Business")
    await enter_token(ada, token(a_world, "acme"))
    await see(ada, SOURCES)
    former, _ = await mira.wait_for(lambda: len(both := cards(mira)) == 2 and both)
    assert "data deleted" in former.visible_text
    await mira.wait_for(lambda: "Acme Inc" in cards(mira)[1].visible_text)


async def test_an_uninstall_that_is_heard_of_late_does_not_undo_a_new_installation(
    a_world: World, ada: Person
) -> None:
    late = {
        "type": "event_callback",
        "event_id": "EvLATE",
        "event_time": int(time.time()) - 86_400,  # before the installation
        "team_id": ACME.id,
        "event": {"type": "app_uninstalled"},
    }
    assert (await post(a_world, json.dumps(late).encode(), JSON)).status_code == 200
    await soon(lambda: _ended(a_world, "EvLATE"))
    await choose_plan(ada, "Business")
    assert "Create an access token in Segment" in ada.modal.text


def _ended(world: World, event_id: str) -> bool:
    return ask(world, "SELECT open, error FROM inbox WHERE event_id = ?", event_id) == [(0, None)]


# --- one workspace, one token -------------------------------------------------------------------


@pytest.fixture
async def single(tmp_path: Path) -> AsyncIterator[World]:
    """Customers and CSMs share one workspace. The settings have its token."""
    none = {"slack_client_id": None, "slack_client_secret": None, "public_url": None}
    async with world(sqlite_url(tmp_path), csm_team_id=None, csm_channel_id=None, **none) as made:
        installation = made.slack.seed_installation(ACME.id, made.person("ada").user.id)
        made.settings["slack_bot_token"] = SecretStr(installation.token)
        yield made
        made.slack.breach_free()


async def test_the_token_in_the_settings_is_the_one_installation(single: World) -> None:
    await single.start_bot()
    ada, grace = single.person("ada"), single.person("grace")
    assert (await visit(single, "/slack/install")).status_code == 404
    single.slack.invite_app("C0ACMEDATA1")
    await grace.command("/segment-csm here", "#data")
    await reach_live_sync(single, ada)
    await card_says(grace, "Live sync", channel="#data")


async def test_home_stays_that_of_the_set_up_and_leads_full_members_to_the_board(
    single: World,
) -> None:
    await single.start_bot()
    grace, linus = single.person("grace"), single.person("linus")
    grace.user.is_admin = True
    await choose_plan(single.person("ada"), "Team")
    await grace.open_home()
    await grace.wait_for(lambda: grace.home and "Manage" in grace.home.text)
    await grace.click("Open the board")
    await see(grace, "Acme · Credentials: no access token yet")
    linus.user.is_guest = True
    await linus.open_home()
    await linus.wait_for(lambda: linus.home and "for full members" in linus.home.text)
    assert "Open the board" not in linus.home.buttons


@pytest.mark.parametrize("fault", [Fault.server_error(), Fault(error="internal_error")])
async def test_slack_down_at_the_start_is_asked_again_until_it_answers(
    single: World, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.inbound.seeding.AGAIN_AFTER", 0.05)
    single.slack.faults.next_calls("auth.test", fault, times=3)
    await single.start_bot()
    await soon(lambda: rows(single, "installations") == 1)
    await choose_plan(single.person("ada"), "Business")


async def test_a_restart_with_a_new_token_uses_the_new_one(single: World) -> None:
    await single.start_bot()
    ada = single.person("ada")
    await choose_plan(ada, "Business")
    await single.stop_bot()
    renewed = single.slack.seed_installation(ACME.id, ada.user.id)
    await single.start_bot(slack_bot_token=SecretStr(renewed.token))
    await ada.close()
    await ada.command("/segment")
    assert "Create an access token in Segment" in ada.modal.text


async def test_a_visitor_writes_nothing(empty_world: World) -> None:
    for _ in range(20):
        await begin(empty_world)
    assert rows(empty_world, "oauth_states") == 0


async def test_pages_for_people_are_there_under_the_public_name_only(empty_world: World) -> None:
    transport = httpx.ASGITransport(app=empty_world)
    for path in ("/slack/install", "/slack/oauth_redirect"):
        async with httpx.AsyncClient(transport=transport, base_url=APP_URL) as http:
            ours = await http.get(path)
            others = await http.get(path, headers={"host": "evil.example.com"})
            slash = await http.get(f"{path}/")
        assert ours.status_code in (302, 400)
        assert others.status_code == slash.status_code == 404
        assert "frame-ancestors 'none'" in ours.headers["content-security-policy"]
        assert ours.headers["cache-control"] == "no-store"
        assert ours.headers["x-content-type-options"] == "nosniff"
        assert "max-age" in ours.headers["strict-transport-security"]
