"""OAuth: installing, refusing, installing again, leaving."""

import secrets
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from slack_bolt.adapter.asgi.async_handler import AsyncSlackRequestHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.oauth.installation_store import FileInstallationStore
from slack_sdk.oauth.state_store import FileOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient

from tests.playground.slack_app import SCOPES, Bench, bench, manifest

TOPLYNE, MIRA, TOM = "T0TOPLYNE01", "U0TOPLMIRA1", "U0TOPLTOM01"
REDIRECT = "http://app.example/slack/oauth_redirect"


def installable(slack: Bench, folder: Any, **settings: Any) -> FileInstallationStore:
    """Replace the small app by a Bolt app with OAuth."""
    config = slack.world.core.config
    store = FileInstallationStore(base_dir=str(folder / "installations"))
    oauth = {
        "client_id": config.client_id,
        "client_secret": config.client_secret,
        "scopes": SCOPES,
        "redirect_uri": REDIRECT,
        "installation_store": store,
        "state_store": FileOAuthStateStore(expiration_seconds=60, base_dir=str(folder / "states")),
        "authorization_url": f"{slack.address}/oauth/v2/authorize",
    }
    app = AsyncApp(
        signing_secret=config.signing_secret,
        client=AsyncWebClient(base_url=f"{slack.address}/api/"),
        oauth_settings=AsyncOAuthSettings(**(oauth | settings)),
    )
    handler = AsyncSlackRequestHandler(app, path="/slack/events")
    slack.world.core.link._http = httpx.AsyncClient(transport=httpx.ASGITransport(handler))
    return store


async def test_install_with_bolt(slack: Bench, tmp_path: Any) -> None:
    store = installable(slack, tmp_path)
    result = await slack.world.install(TOPLYNE, MIRA)
    assert (result.ok, result.status) == (True, 200)
    installation = slack.world.installations[TOPLYNE]
    saved = store.find_bot(enterprise_id=None, team_id=TOPLYNE)
    assert saved is not None
    assert saved.bot_token == installation.token
    assert saved.bot_id == installation.bot_id
    assert installation.bot_user_id in slack.world.channels["C0TOPLCUSTS"].members
    slack.world.breach_free()


async def test_install_again_keeps_the_bot_and_changes_the_token(
    slack: Bench, tmp_path: Any
) -> None:
    installable(slack, tmp_path)
    await slack.world.install(TOPLYNE, MIRA)
    installation = slack.world.installations[TOPLYNE]
    first, bot = installation.token, installation.bot_user_id
    await slack.world.install(TOPLYNE, MIRA)
    assert installation.bot_user_id == bot
    assert (await slack.call("auth.test", token=first))["error"] == "token_revoked"
    assert (await slack.call("auth.test", token=installation.token))["ok"]


async def test_only_admins_install(slack: Bench, tmp_path: Any) -> None:
    installable(slack, tmp_path)
    result = await slack.world.install(TOPLYNE, TOM)
    assert not result.ok
    assert TOPLYNE not in slack.world.installations


async def test_scope_that_the_manifest_does_not_declare(slack: Bench, tmp_path: Any) -> None:
    installable(slack, tmp_path, scopes=[*SCOPES, "files:write"])
    result = await slack.world.install(TOPLYNE, MIRA)
    assert (result.ok, "invalid_scope" in result.page) == (False, True)
    assert slack.breaches() == ["invalid_scope"]


async def test_consent_in_a_browser(slack: Bench) -> None:
    url = f"{slack.address}/oauth/v2/authorize"
    query = {
        "client_id": slack.world.core.config.client_id,
        "scope": "chat:write",
        "state": "s<1>",
        "redirect_uri": REDIRECT,
    }
    page = await slack.http.get(url, params=query)
    assert page.status_code == 200
    assert "Mira Castellanos in Toplyne" in page.text
    assert "Tom Breitner" not in page.text
    refused = await slack.http.post(url, params=query, data={"answer": "cancel", "user": MIRA})
    back = urlsplit(refused.headers["location"])
    assert parse_qs(back.query) == {"error": ["access_denied"], "state": ["s<1>"]}
    allowed = await slack.http.post(url, params=query, data={"answer": "allow", "user": MIRA})
    assert parse_qs(urlsplit(allowed.headers["location"]).query).keys() == {"code", "state"}
    wrong = {"client_id": "9.9"}, {"scope": ""}, {"state": ""}, {"redirect_uri": "http://e.com/x"}
    answers = [await slack.http.get(url, params=query | w) for w in wrong]
    assert [a.status_code for a in answers] == [400] * 4


async def test_exchange_of_the_code(slack: Bench) -> None:
    config = slack.world.core.config
    code = await _code(slack)
    good = {
        "client_id": config.client_id,
        "client_secret": config.client_secret,
        "code": code,
        "redirect_uri": REDIRECT,
    }
    wrong = [
        good | {"client_secret": secrets.token_hex(4)},
        good | {"client_id": "9.9"},
        good | {"code": "1.made-up"},
        good | {"redirect_uri": "http://app.example/elsewhere"},
    ]
    errors = [(await slack.call("oauth.v2.access", token="", **w))["error"] for w in wrong]
    assert errors == ["bad_client_secret", "invalid_client_id", "invalid_code", "bad_redirect_uri"]
    answer = await slack.call("oauth.v2.access", token="", **good)
    assert answer["team"] == {"id": TOPLYNE, "name": "Toplyne"}
    assert (answer["scope"], answer["authed_user"]) == ("chat:write", {"id": MIRA})
    again = await slack.call("oauth.v2.access", token="", **good)
    assert again["error"] == "code_already_used"


async def _code(slack: Bench) -> str:
    query = {
        "client_id": slack.world.core.config.client_id,
        "scope": "chat:write",
        "state": "s",
        "redirect_uri": REDIRECT,
    }
    url = f"{slack.address}/oauth/v2/authorize"
    allowed = await slack.http.post(url, params=query, data={"answer": "allow", "user": MIRA})
    return parse_qs(urlsplit(allowed.headers["location"]).query)["code"][0]


async def test_uninstall(slack: Bench) -> None:
    events: list[dict[str, Any]] = []
    for name in ("app_uninstalled", "tokens_revoked"):

        @slack.app.event(name)
        async def note(event: Any) -> None:
            events.append(event)

    installation = slack.world.installations["T0ACME00001"]
    await slack.call("chat.postMessage", channel="U0ACMEADA01", text="Hi")
    await slack.world.uninstall("T0ACME00001")
    assert {e["type"] for e in events} == {"app_uninstalled", "tokens_revoked"}
    revoked = next(e for e in events if e["type"] == "tokens_revoked")
    assert revoked["tokens"] == {"oauth": [], "bot": [installation.bot_user_id]}
    assert (await slack.call("auth.test"))["error"] == "account_inactive"
    await slack.ada.command("/small")
    assert slack.ada.notices == ["/small is not a valid command"]
    slack.world.breach_free()


async def test_uninstall_ends_the_tokens_that_were_renewed_too() -> None:
    async with bench(manifest(token_rotation_enabled=True)) as slack:
        installation = slack.world.installations["T0ACME00001"]
        config, first = slack.world.core.config, installation.token
        client = {"client_id": config.client_id, "client_secret": config.client_secret}
        renewing = {"grant_type": "refresh_token", "refresh_token": installation.refresh_token}
        second = (await slack.call("oauth.v2.access", **client, **renewing))["access_token"]
        assert all([(await slack.call("auth.test", token=each))["ok"] for each in (first, second)])
        await slack.world.uninstall("T0ACME00001")
        for token in (first, second):
            assert (await slack.call("auth.test", token=token))["error"] == "account_inactive"


async def test_app_gives_its_token_back(slack: Bench) -> None:
    assert (await slack.call("auth.revoke", test=True))["revoked"] is False
    assert (await slack.call("auth.revoke"))["revoked"] is True
    assert (await slack.call("auth.test"))["error"] == "token_revoked"


async def test_app_uninstalls_itself(slack: Bench) -> None:
    config = slack.world.core.config
    wrong = await slack.call("apps.uninstall", client_id=config.client_id, client_secret="no")
    assert wrong["error"] == "bad_client_secret"
    secret = config.client_secret
    assert (await slack.call("apps.uninstall", client_id=config.client_id, client_secret=secret))[
        "ok"
    ]
    assert not slack.world.installations["T0ACME00001"].active
