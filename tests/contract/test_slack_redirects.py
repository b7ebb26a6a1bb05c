"""Whichever way a call to Slack goes: it follows no redirect, and says who asks."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import cast

import aiohttp
import pytest
from aiohttp import web
from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient

from bot.inbound.press import Press
from bot.outbound.calls import Outgoing
from bot.outbound.clients import SlackClients, open_session, slack_client
from bot.outbound.errors import UNREACHABLE, ErrorClass, class_of, error_name
from bot.views.kit.message import compose
from flows.vocabulary import AGENT
from tests.contract import samples
from tests.contract.test_slack_client import served
from tests.faults.mortal import OpenGates

Call = Callable[[AsyncWebClient], Awaitable[object]]


async def upload(client: AsyncWebClient) -> object:
    clients = cast(
        "SlackClients",
        SimpleNamespace(with_token=lambda _: client, of_organisation=lambda *_: client),
    )
    until = datetime.now(UTC) + timedelta(seconds=10)
    found = samples.installation("T1"), SecretStr("made-up")
    return await Outgoing(found, clients, OpenGates(), until)._upload(
        f"{client.base_url}upload", b"picture"
    )


async def open_socket(client: AsyncWebClient) -> object:
    assert client.session
    return await client.session.ws_connect(f"{client.base_url}socket")


CALLS: dict[str, Call] = {
    "chat.postMessage": lambda client: client.chat_postMessage(channel="C1", text="text"),
    "views.open": lambda client: client.views_open(trigger_id="1", view={"type": "modal"}),
    "users.info": lambda client: client.users_info(user="U1"),
    "auth.test": lambda client: client.auth_test(),
    "conversations.history": lambda client: client.conversations_history(channel="C1"),
    "files.getUploadURLExternal": lambda client: client.files_getUploadURLExternal(
        filename="a.png", length=7
    ),
    "apps.connections.open": lambda client: client.apps_connections_open(app_token="xapp-1"),
    "oauth.v2.access": lambda client: client.oauth_v2_access(
        client_id="1.2", client_secret="made-up", code="a-code"
    ),
    "a renewal": lambda client: client.oauth_v2_access(
        client_id="1.2",
        client_secret="made-up",
        grant_type="refresh_token",
        refresh_token="a-token",
    ),
    "an upload": upload,
    "a socket": open_socket,
}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("token", ["", "xoxb-1"], ids=["the app's", "an installation's"])
@pytest.mark.parametrize("name", CALLS)
async def test_a_redirect_is_no_answer(name: str, token: str, status: int) -> None:
    """It leads elsewhere with what was sent. Once Slack answers again, the same call succeeds."""
    asked: list[str] = []
    agents: set[str] = set()
    moved = True

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        agents.add(request.headers["User-Agent"])
        if moved:
            headers = {"Location": f"{request.scheme}://{request.host}/elsewhere"}
            return web.json_response({"ok": True}, status=status, headers=headers)
        if "Upgrade" in request.headers:
            socket = web.WebSocketResponse()
            await socket.prepare(request)
            return socket
        return web.json_response({"ok": True})

    async with served(answer) as port, open_session("http://127.0.0.1/api/") as session:
        client = slack_client(f"http://127.0.0.1:{port}/api/", session, token)
        with pytest.raises(UNREACHABLE) as refused:
            await CALLS[name](client)
        assert class_of(refused.value) is ErrorClass.DOUBTFUL
        assert error_name(refused.value) == "unreadable_answer"
        moved = False
        await CALLS[name](client)
    assert len(asked) == 2
    assert len(set(asked)) == 1
    assert agents == {AGENT}


async def test_an_answer_where_somebody_pressed_follows_no_redirect() -> None:
    asked: list[tuple[str, str]] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append((request.path, request.headers["User-Agent"]))
        return web.Response(status=307, headers={"Location": "/elsewhere"})

    async with served(answer) as port, open_session("") as session:
        client = slack_client(f"http://127.0.0.1:{port}/api/", session)
        press = Press({"response_url": f"http://127.0.0.1:{port}/response"}, client)
        await press.reply(compose("What is.", "What comes next."))
    assert asked == [("/response", AGENT)]


@pytest.mark.parametrize("name", ["users.info", "oauth.v2.access"])
async def test_no_session_but_ours_is_used(name: str) -> None:
    """The SDK opens one of its own where ours is closed: it would follow redirects."""
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.json_response({"ok": True})

    async with served(answer) as port:
        async with open_session("") as session:
            client = slack_client(f"http://127.0.0.1:{port}/api/", session, "xoxb-1")
        with pytest.raises(aiohttp.ClientConnectionError):
            await CALLS[name](client)
        await asyncio.sleep(0)
    assert asked == []
