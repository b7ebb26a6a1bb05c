"""Org-wide installs: consent, workspaces that an admin grants and revokes, leaving."""

import secrets
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from playground.slack.manifest import Manifest
from playground.slack.typing_in import NotVisible
from tests.globex import ASIA, ASIA_GENERAL, EUROPE, EUROPE_GENERAL, GLOBEX, HANK, INES, JUN
from tests.playground.orgs import BOTH, ORG_EVENTS, globex, org, org_manifest, take
from tests.playground.slack_app import Bench
from tests.playground.slack_blocks import home, modal, section, text_input
from tests.playground.test_slack_install import REDIRECT, installable


async def test_install_org_wide_with_bolt(tmp_path: Any) -> None:
    async with globex(installed=False) as slack:
        store = installable(slack, tmp_path)
        result = await slack.world.install_org_wide(HANK)
        assert (result.ok, result.status) == (True, 200)
        saved = store.find_bot(enterprise_id=GLOBEX.id, team_id=None, is_enterprise_install=True)
        assert saved is not None
        assert (saved.bot_token, saved.team_id) == (org(slack).token, None)
        assert slack.world.installations.keys() == {"T0ACME00001", GLOBEX.id}
        assert org(slack).granted == []
        assert (await post(slack, INES))["error"] == "team_access_not_granted"


async def test_answer_to_the_code_of_an_org() -> None:
    async with globex(installed=False) as slack:
        answer = await exchanged(slack, f"{HANK}/{GLOBEX.id}")
        assert (answer["team"], answer["is_enterprise_install"]) == (None, True)
        assert answer["enterprise"] == {"id": GLOBEX.id, "name": "Globex"}
        assert answer["authed_user"] == {"id": HANK}
        me = await slack.call("auth.test", token=answer["access_token"])
        assert (me["team_id"], me["enterprise_id"]) == (GLOBEX.id, GLOBEX.id)
        assert (me["url"], me["is_enterprise_install"]) == (
            "https://globex.enterprise.slack.com/",
            True,
        )


async def test_answer_to_the_code_of_one_workspace_of_an_org() -> None:
    async with globex(installed=False) as slack:
        answer = await exchanged(slack, JUN)
        assert answer["team"] == {"id": ASIA.id, "name": "Globex Asia"}
        assert answer["enterprise"] == {"id": GLOBEX.id, "name": "Globex"}
        assert answer["is_enterprise_install"] is False
        me = await slack.call("auth.test", token=answer["access_token"])
        assert (me["team_id"], me["enterprise_id"]) == (ASIA.id, GLOBEX.id)
        assert me["is_enterprise_install"] is False


async def test_only_admins_of_the_org_install_for_it(tmp_path: Any) -> None:
    async with globex(installed=False) as slack:
        installable(slack, tmp_path)
        assert not (await slack.world.install_org_wide(JUN)).ok
        assert GLOBEX.id not in slack.world.installations
        page = await slack.http.get(f"{slack.address}/oauth/v2/authorize", params=asked(slack))
        assert "Hank Scorpio for all of Globex" in page.text
        assert "Jun Okabe for all" not in page.text


async def test_app_that_is_not_ready_for_orgs(tmp_path: Any) -> None:
    async with globex(installed=False) as slack:
        slack.world.manifest.raw["settings"]["org_deploy_enabled"] = False
        installable(slack, tmp_path)
        result = await slack.world.install_org_wide(HANK)
        assert (result.ok, "org_not_offered" in result.page) == (False, True)
        assert slack.breaches() == ["org_not_offered"]
        page = await slack.http.get(f"{slack.address}/oauth/v2/authorize", params=asked(slack))
        assert "for all of Globex" not in page.text


async def test_workspaces_come_and_go() -> None:
    async with globex() as slack:
        told = take(slack, *ORG_EVENTS)
        await slack.world.grant(*BOTH)
        assert (await post(slack, EUROPE_GENERAL))["ok"]
        assert (await post(slack, JUN))["ok"]
        await slack.world.grant(ASIA.id)
        await slack.world.revoke(ASIA.id)
        assert [(t["event"]["type"], t["event"]["team_ids"]) for t in told] == [
            ("team_access_granted", [*BOTH]),
            ("team_access_revoked", [ASIA.id]),
        ]
        assert {t["enterprise_id"] for t in told} == {GLOBEX.id}
        assert not any("team_id" in t or "authorizations" in t for t in told)
        assert (await post(slack, EUROPE_GENERAL))["ok"]
        refused = [(await post(slack, where))["error"] for where in (ASIA_GENERAL, JUN)]
        assert refused == ["team_access_not_granted"] * 2
        assert slack.breaches() == refused
        await slack.world.grant(ASIA.id)
        assert (await post(slack, JUN))["ok"]


async def test_workspace_that_was_taken_away_shows_nothing_of_the_app() -> None:
    async with globex(*BOTH) as slack:
        jun, ines = slack.world.person("jun"), slack.world.person("ines")
        bot = org(slack).bot_user_id
        for user in (JUN, INES):
            view = home(section("Hello"))
            await slack.call("views.publish", token=org(slack).token, user_id=user, view=view)

        @slack.app.command("/small")
        async def open_modal(ack: Any, body: Any, client: Any) -> None:
            view = modal(text_input("Name", "name"))
            await client.views_open(trigger_id=body["trigger_id"], view=view)
            await ack()

        await jun.command("/small")
        assert (jun.modal, jun.home) != (None, None)
        take(slack, "team_access_revoked")
        await slack.world.revoke(ASIA.id)
        assert (jun.modal, jun.home) == (None, None)
        assert ines.home is not None
        assert bot not in slack.world.channels[ASIA_GENERAL].members
        assert bot in slack.world.channels[EUROPE_GENERAL].members
        await jun.command("/small")
        assert jun.notices == ["/small is not a valid command"]
        slack.world.breach_free()


async def test_uninstall_of_the_org() -> None:
    async with globex(*BOTH) as slack:
        told = take(slack, "app_uninstalled", "tokens_revoked")
        token, bot = org(slack).token, org(slack).bot_user_id
        await slack.world.uninstall(GLOBEX.id)
        assert {t["event"]["type"] for t in told} == {"app_uninstalled", "tokens_revoked"}
        assert {t["enterprise_id"] for t in told} == {GLOBEX.id}
        assert not any("team_id" in t or "authorizations" in t for t in told)
        revoked = next(t["event"] for t in told if t["event"]["type"] == "tokens_revoked")
        assert revoked["tokens"] == {"oauth": [], "bot": [bot]}
        assert (await slack.call("auth.test", token=token))["error"] == "account_inactive"
        assert (await post(slack, INES, token=token))["error"] == "account_inactive"
        await slack.world.person("ines").command("/small")
        assert slack.world.person("ines").notices == ["/small is not a valid command"]
        slack.world.breach_free()
        slack.world.seed_org_installation(HANK)
        assert (org(slack).granted, org(slack).bot_user_id) == ([], bot)


async def test_org_takes_over_from_an_installation_of_one_workspace() -> None:
    async with globex() as slack:
        own = slack.world.seed_installation(ASIA.id, JUN)
        state = slack.world.core.state
        assert state.active_installation(ASIA.id) is own
        take(slack, "team_access_granted")
        await slack.world.grant(ASIA.id)
        assert state.active_installation(ASIA.id) is org(slack)
        assert (await slack.call("auth.test", token=own.token))["ok"]
        assert own.bot_user_id != org(slack).bot_user_id


async def test_what_cannot_be_granted() -> None:
    async with globex(installed=False) as slack:
        for teams in ([EUROPE.id], ["T0ACME00001"], [ASIA.id, "T0ACME00001"]):
            with pytest.raises(NotVisible):
                await slack.world.grant(*teams)
        with pytest.raises(NotVisible, match="not installed"):
            await slack.world.uninstall(EUROPE.id)


async def test_orgs_survive_a_restart() -> None:
    async with globex(EUROPE.id) as slack:
        token = org(slack).token
        view = home(section("Hello"))
        await slack.call("views.publish", token=token, user_id=INES, view=view)
        slack.world.restore(slack.world.snapshot())
        assert (await post(slack, INES, token=token))["ok"]
        assert (await post(slack, JUN, token=token))["error"] == "team_access_not_granted"
        seen = slack.world.person("ines").home
        assert (seen and seen.text) == "Hello"


def test_org_events_in_a_manifest() -> None:
    declared = org_manifest()
    assert Manifest(declared, "http://app.example").problems() == []
    declared["settings"]["org_deploy_enabled"] = False
    problems = Manifest(declared, "http://app.example").problems()
    assert problems == ["team_access events without org_deploy_enabled"]


async def post(slack: Bench, where: str, token: str = "") -> dict[str, Any]:
    return await slack.call(
        "chat.postMessage", token=token or org(slack).token, channel=where, text="Hi"
    )


def asked(slack: Bench) -> dict[str, str]:
    client_id = slack.world.core.config.client_id
    query = {"scope": "chat:write", "state": secrets.token_hex(4), "redirect_uri": REDIRECT}
    return {"client_id": client_id} | query


async def exchanged(slack: Bench, chosen: str) -> dict[str, Any]:
    """What the app gets for the code after a person chose this on Slack's page."""
    config, query = slack.world.core.config, asked(slack)
    form = {"answer": "allow", "user": chosen}
    url = f"{slack.address}/oauth/v2/authorize"
    allowed = await slack.http.post(url, params=query, data=form)
    code = parse_qs(urlsplit(allowed.headers["location"]).query)["code"][0]
    return await slack.call(
        "oauth.v2.access",
        token="",
        client_id=config.client_id,
        client_secret=config.client_secret,
        code=code,
        redirect_uri=REDIRECT,
    )
