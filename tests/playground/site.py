"""A playground with the small app, served on a free port."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from playground.app import Playground, create_playground
from playground.config import PlaygroundConfig
from playground.server import bind, run_server
from tests.playground.small_app import MANIFEST, small_app

ADA = "U0ACMEADA01"
TEAM = "T0ACME00001"


class Site:
    """One playground, reached over HTTP as the browser does."""

    def __init__(self, playground: Playground, client: httpx.AsyncClient) -> None:
        self.playground = playground
        self.client = client

    async def state(self, user: str = ADA) -> dict[str, Any]:
        answer = await self.client.get("/playground/api/state", params={"user": user})
        assert answer.status_code == 200
        return dict(answer.json())

    async def act(self, kind: str, **details: Any) -> dict[str, Any]:
        body = {"user": ADA, "type": kind, **details}
        answer = await self.client.post("/playground/api/act", json=body)
        assert answer.status_code == 200
        return dict(answer.json())

    async def done(self, kind: str, **details: Any) -> dict[str, Any]:
        result = await self.act(kind, **details)
        assert result["ok"], result
        return result

    async def form(self) -> dict[str, Any]:
        """The open modal after `/small`."""
        channel = (await self.state())["conversations"][0]["id"]
        await self.done("slash_command", line="/small", channel=channel)
        return dict((await self.state())["modals"][0])


class ToApp(httpx.AsyncBaseTransport):
    """Calls the app in this process. The app is set once the playground's address is known."""

    app: httpx.ASGITransport

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self.app.handle_async_request(request)


@asynccontextmanager
async def open_site() -> AsyncIterator[Site]:
    """The app is installed for Ada's team. If it breaks Slack's rules, the test fails."""
    port = _free_port()
    address, to_app = f"http://127.0.0.1:{port}", ToApp()
    config = PlaygroundConfig(
        base_url=address,
        app_url="http://app.test",
        manifest=MANIFEST,
        client_id="1.2",
        client_secret=secrets.token_hex(),
        signing_secret=secrets.token_hex(),
    )
    playground = create_playground(config, http=httpx.AsyncClient(transport=to_app))
    token = playground.slack.seed_installation(TEAM, ADA).token
    app = small_app(f"{address}/api/", token, config.signing_secret)
    to_app.app = httpx.ASGITransport(app)
    async with (
        run_server(playground.asgi, port=port),
        httpx.AsyncClient(base_url=address, timeout=10) as client,
    ):
        yield Site(playground, client)
    await playground.stop()
    playground.slack.breach_free()


def _free_port() -> int:
    with bind("127.0.0.1", 0) as listener:
        return int(listener.getsockname()[1])
