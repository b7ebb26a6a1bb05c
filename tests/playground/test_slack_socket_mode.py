"""The simulated Slack's Socket Mode, and how strict it is."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from playground.app import Playground, create_playground
from playground.config import PlaygroundConfig
from playground.sample import ACME
from playground.server import bind, run_server

MANIFEST = {
    "display_information": {"name": "App"},
    "features": {
        "bot_user": {"display_name": "App"},
        "slash_commands": [{"command": "/hello", "description": "Says hello"}],
    },
    "oauth_config": {"scopes": {"bot": ["commands"]}},
    "settings": {"socket_mode_enabled": True},
}


@asynccontextmanager
async def slack(
    *, enabled: bool = True, scopes: tuple[str, ...] = ("connections:write",)
) -> AsyncIterator[Playground]:
    listener = bind("127.0.0.1", 0)
    port = listener.getsockname()[1]
    listener.close()
    config = PlaygroundConfig(
        base_url=f"http://127.0.0.1:{port}",
        app_url="http://nowhere.test",
        manifest={**MANIFEST, "settings": {"socket_mode_enabled": enabled}},
        client_id="1",
        client_secret="2",
        signing_secret="3",
        app_token=f"xapp-{secrets.token_hex(8)}",
        app_token_scopes=scopes,
    )
    playground = create_playground(config)
    async with run_server(playground.asgi, port=port):
        yield playground


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def opened(
    http: aiohttp.ClientSession, playground: Playground, token: str | None = None
) -> dict[str, str]:
    url = f"{playground.config.base_url}/api/apps.connections.open"
    given = playground.config.app_token if token is None else token
    headers = {"authorization": f"Bearer {given}"} if given else {}
    async with http.post(url, headers=headers) as answer:
        found: dict[str, str] = await answer.json()
        return found


def errors(playground: Playground) -> list[str]:
    return [breach.error for breach in playground.slack.breaches]


async def test_tokens_that_open_no_connection(http: aiohttp.ClientSession) -> None:
    async with slack() as playground:
        bot = playground.slack.seed_installation(ACME.id, playground.slack.person("ada").user.id)
        for token, error in (
            ("", "not_authed"),
            (bot.token, "not_allowed_token_type"),
            ("xapp-unknown", "invalid_auth"),
        ):
            assert (await opened(http, playground, token))["error"] == error
        app = playground.config.app_token
        url = f"{playground.config.base_url}/api/auth.test"
        async with http.post(url, headers={"authorization": f"Bearer {app}"}) as answer:
            assert (await answer.json())["error"] == "not_allowed_token_type"
        assert (await opened(http, playground))["url"].startswith("ws://127.0.0.1")
    async with slack(scopes=()) as playground:
        answer_without = await opened(http, playground)
        assert answer_without["needed"] == "connections:write"


async def test_an_address_is_good_for_one_connection(http: aiohttp.ClientSession) -> None:
    async with slack() as playground:
        url = (await opened(http, playground))["url"]
        async with http.ws_connect(url) as socket:
            hello = await socket.receive_json()
            assert (hello["type"], hello["num_connections"]) == ("hello", 1)
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await http.ws_connect(url)
        assert errors(playground) == ["invalid_ticket"]


async def test_only_with_the_manifest_and_not_more_than_ten(http: aiohttp.ClientSession) -> None:
    async with slack(enabled=False) as playground:
        async with http.ws_connect((await opened(http, playground))["url"]) as socket:
            assert (await socket.receive_json())["reason"] == "link_disabled"
        assert errors(playground) == ["link_disabled"]
    async with slack() as playground:
        sockets = []
        for _ in range(11):
            socket = await http.ws_connect((await opened(http, playground))["url"])
            sockets.append((socket, (await socket.receive_json())["type"]))
        assert [kind for _, kind in sockets] == ["hello"] * 10 + ["disconnect"]
        assert errors(playground) == ["too_many_websockets"]
        for socket, _ in sockets:
            await socket.close()


async def test_acknowledgements_are_looked_at(http: aiohttp.ClientSession) -> None:
    async with slack() as playground:
        playground.slack.seed_installation(ACME.id, playground.slack.person("ada").user.id)
        ada = playground.slack.person("ada")
        await ada.command("/hello")  # nobody is connected
        assert errors(playground) == ["dispatch_failed"]
        async with http.ws_connect((await opened(http, playground))["url"]) as socket:
            await socket.receive_json()
            command = asyncio.create_task(ada.command("/hello"))
            envelope = await socket.receive_json()
            assert envelope["type"] == "slash_commands"
            assert envelope["accepts_response_payload"] is True
            assert envelope["payload"]["command"] == "/hello"
            answered = {"envelope_id": envelope["envelope_id"], "payload": {"text": "Hello back"}}
            await socket.send_json(answered)
            await command
            assert [m.text for m in playground.slack.core.state.messages] == ["Hello back"]
            await socket.send_json(answered)
            await socket.send_str("what?")
            await ada.wait_for(lambda: len(errors(playground)) == 3)
    assert errors(playground)[1:] == ["unknown_envelope", "invalid_acknowledgement"]
