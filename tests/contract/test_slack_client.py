"""Our shorter way to the Web API: what comes of an answer is the same as by the SDK's own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import MarkdownBlock
from slack_sdk.web.async_client import AsyncWebClient

from bot.inbound.press import Press
from bot.outbound.clients import (
    InstallationLookup,
    Ready,
    SlackClient,
    SlackClients,
    open_session,
    post_response,
    slack_client,
)
from bot.outbound.errors import UNREACHABLE, class_of, error_name, retry_after
from bot.views.kit.message import Rendered
from flows.ports import Unguarded
from tests.contract import samples
from tests.support.fakes import FakeStorage, FakeTenants

JSON, PAGE = "application/json", "text/html"
ANSWERS = {
    "ok": (200, JSON, '{"ok": true, "view": {"id": "V1"}}', {}),
    "refused": (200, JSON, '{"ok": false, "error": "expired_trigger_id"}', {}),
    "limited": (429, JSON, '{"ok": false, "error": "ratelimited"}', {"Retry-After": "7"}),
    "limited by a page": (429, PAGE, "<p>slow down", {"Retry-After": "7"}),
    "broken": (500, JSON, '{"ok": false, "error": "internal_error"}', {}),
    "a page": (503, PAGE, "<p>later", {}),
    "a page as JSON": (200, JSON, "<p>", {}),
    "nothing": (200, JSON, "", {}),
    "ok with a wrong status": (502, JSON, '{"ok": true}', {}),
}
Outcome = tuple[Any, ...]


@pytest.fixture
async def asked() -> AsyncIterator[list[dict[str, Any]]]:
    """What reached the server; the answer is that of the name in `trigger_id`."""
    seen: list[dict[str, Any]] = []

    async def answer(request: web.Request) -> web.Response:
        body = await request.json()
        seen.append({"body": body, "token": request.headers["Authorization"], "path": request.path})
        status, kind, text, headers = ANSWERS[body["trigger_id"]]
        return web.Response(status=status, content_type=kind, text=text, headers=headers)

    async with served(answer) as port:
        seen.append({"port": port})
        yield seen


@asynccontextmanager
async def served(answer: Callable[[web.Request], Awaitable[web.Response]]) -> AsyncIterator[int]:
    """The port where every request gets this answer."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def outcome(kind: type[AsyncWebClient], name: str, port: int) -> Outcome:
    async with open_session("http://127.0.0.1/api/") as session:
        client = kind(
            token="xoxb-1",
            base_url=f"http://127.0.0.1:{port}/api/",
            session=session,
            retry_handlers=[],
        )
        try:
            answer = await client.views_open(trigger_id=name, view={"type": "modal"})
        except UNREACHABLE as error:
            return type(error), class_of(error), error_name(error), retry_after(error)
        return answer.data, answer["view"]["id"], answer.status_code


@pytest.mark.parametrize("name", ANSWERS)
async def test_it_ends_as_by_the_sdks_own_way(name: str, asked: list[dict[str, Any]]) -> None:
    port = asked.pop()["port"]
    assert await outcome(SlackClient, name, port) == await outcome(AsyncWebClient, name, port)
    ours, theirs = asked
    assert ours == theirs


async def test_what_is_json_already_goes_into_the_body_as_it_is(
    asked: list[dict[str, Any]],
) -> None:
    port = asked.pop()["port"]
    async with open_session(f"http://127.0.0.1:{port}/") as session:
        client = SlackClient(
            token="xoxb-1", base_url=f"http://127.0.0.1:{port}/api/", session=session
        )
        for view in ({"type": "modal", "title": "„A“"}, Ready('{"type": "modal", "title": "„A“"}')):
            await client.views_open(trigger_id="ok", view=view)
    plain, ready = asked
    assert plain == ready
    assert plain["body"]["view"]["title"] == "„A“"


async def test_a_connection_that_is_refused_is_said_to_be() -> None:
    async with open_session("http://127.0.0.1/api/") as session:
        client = SlackClient(token="xoxb-1", base_url="http://127.0.0.1:1/api/", session=session)
        with pytest.raises(aiohttp.ClientConnectorError):
            await client.views_open(trigger_id="x", view={"type": "modal"})


async def test_an_answer_where_somebody_pressed_is_whole() -> None:
    got: list[dict[str, Any]] = []

    async def handle(request: web.Request) -> web.Response:
        got.append(await request.json())
        return web.Response()

    async with served(handle) as port, open_session("") as session:
        client = slack_client(f"http://127.0.0.1:{port}/api/", session)
        press = Press({"response_url": f"http://127.0.0.1:{port}/response/1"}, client)
        await press.reply(Rendered("Hello.", [MarkdownBlock(text="Hello.")]))
    (message,) = got
    assert message == {
        "text": "Hello.",
        "blocks": [{"type": "markdown", "text": "Hello."}],
        "response_type": "ephemeral",
        "replace_original": False,
    }


async def test_an_answer_goes_to_slack_or_nowhere() -> None:
    asked: list[str] = []

    async def handle(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response()

    async with served(handle) as slack, served(handle) as other, open_session("") as session:
        client = slack_client(f"http://127.0.0.1:{slack}/api/", session)
        await post_response(client, f"http://127.0.0.1:{other}/elsewhere", {"text": "hello"})
        await post_response(client, f"http://127.0.0.1:{slack}@127.0.0.1:{other}/x", {})
        await post_response(client, f"http://127.0.0.1:{slack}/response", {"text": "hello"})
    assert asked == ["/response"]


CALLS: dict[str, Callable[[AsyncWebClient], Awaitable[Any]]] = {
    "a view": lambda client: client.views_open(trigger_id="1", view={"type": "modal"}),
    "a read": lambda client: client.users_info(user="U1"),
}


@pytest.mark.parametrize("newest", ["new", "", "old"])
@pytest.mark.parametrize("call", CALLS)
async def test_a_token_that_another_process_has_replaced_is_replaced_here(
    call: str, newest: str
) -> None:
    """Within the minute in which the old one is remembered; the refused call has done nothing."""
    tokens: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        tokens.append(request.headers["Authorization"].removeprefix("Bearer "))
        refused = {"ok": False, "error": "token_revoked"}
        return web.json_response({"ok": True} if tokens[-1] == "new" else refused)

    async def stored(refused: SecretStr) -> SecretStr | None:
        other = newest if newest != refused.get_secret_value() else ""
        return SecretStr(other) if other else None

    async with served(answer) as port, open_session("http://127.0.0.1/api/") as session:
        base = slack_client(f"http://127.0.0.1:{port}/api/", session)
        client = SlackClients(base, stored).with_token(SecretStr("old"))
        if newest == "new":
            assert (await CALLS[call](client))["ok"]
            assert tokens == ["old", "new"]
            return
        with pytest.raises(SlackApiError):
            await CALLS[call](client)
        assert tokens == ["old"]


async def test_the_newest_token_is_what_another_process_has_stored() -> None:
    storage = FakeStorage()
    lookup = InstallationLookup(storage, FakeTenants(storage))
    assert await lookup.newest(SecretStr("unknown")) is None
    first, second = SecretStr("first"), SecretStr("second")
    await put(storage, "T1", first)
    assert await lookup.find("T1")
    assert await lookup.newest(first) is None
    assert await lookup.find("T1")
    await put(storage, "T1", second)
    for _ in range(2):  # a handler makes several calls with what it was given
        assert await lookup.newest(first) == second
    found = await lookup.find("T1")
    assert found
    assert found[1] == second


async def put(storage: FakeStorage, tenant_id: str, token: SecretStr) -> None:
    async with storage(tenant_id, unguarded=Unguarded.INSTALLING) as work:
        await work.installations.put(samples.installation(tenant_id), token)
        await work.commit()
