"""A small app under test, and a Slack around it."""

import contextlib
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
from slack_bolt.adapter.asgi.async_handler import AsyncSlackRequestHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from playground.clock import Clock
from playground.config import PlaygroundConfig
from playground.sample import ACME, fill
from playground.server import run_server
from playground.slack.model import Json
from playground.slack.person import Person
from playground.slack.world import SlackWorld

EVENTS = "https://app.example/slack/events"
SCOPES = ["commands", "chat:write", "users:read", "im:write", "im:history"]


def manifest(**settings: Any) -> Json:
    """A manifest that declares everything the small app can do."""
    interactivity = {
        "is_enabled": True,
        "request_url": EVENTS,
        "message_menu_options_url": EVENTS,
    }
    return {
        "display_information": {"name": "Small app"},
        "features": {
            "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
            "bot_user": {"display_name": "small"},
            "slash_commands": [{"command": "/small", "url": EVENTS, "description": "Does little"}],
            "shortcuts": [
                {"name": "Small thing", "type": "global", "callback_id": "small"},
                {"name": "About this", "type": "message", "callback_id": "about"},
            ],
        },
        "oauth_config": {
            "redirect_urls": ["https://app.example/slack/oauth_redirect"],
            "scopes": {"bot": list(SCOPES)},
        },
        "settings": {
            "event_subscriptions": {
                "request_url": EVENTS,
                "bot_events": [
                    "app_home_opened",
                    "app_uninstalled",
                    "message.im",
                    "tokens_revoked",
                ],
            },
            "interactivity": interactivity,
        }
        | settings,
    }


@dataclass
class Bench:
    """A Slack, a small Bolt app in it that is installed at Acme, and one person."""

    world: SlackWorld
    app: AsyncApp
    address: str
    http: httpx.AsyncClient
    seen: list[Any] = field(default_factory=list)

    @property
    def ada(self) -> Person:
        return self.world.person("ada")

    def client(self, team_id: str = ACME.id) -> AsyncWebClient:
        token = self.world.installations[team_id].token
        return AsyncWebClient(token=token, base_url=f"{self.address}/api/")

    async def call(self, method: str, /, **args: Any) -> Json:
        """One Web API call as the app at Acme. A refusal is returned like any other answer."""
        token = args.pop("token", self.world.installations[ACME.id].token)
        headers = {"authorization": f"Bearer {token}"} if token else {}
        url = f"{self.address}/api/{method}"
        answer: Json = (await self.http.post(url, json=args, headers=headers)).json()
        return answer

    def breaches(self) -> list[str]:
        return [b.error for b in self.world.breaches]


class _Later:
    """An ASGI app that exists only once its address is known."""

    def __init__(self) -> None:
        self.app: Any = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


@contextlib.asynccontextmanager
async def bench(app_manifest: Json | None = None, **config: Any) -> AsyncIterator[Bench]:
    """Starts everything. `config` are fields of PlaygroundConfig."""
    later, secret = _Later(), secrets.token_hex(16)
    async with run_server(later) as address, httpx.AsyncClient(timeout=10) as http:
        worlds: list[SlackWorld] = []
        app = _app(address, secret, worlds)
        world = _world(address, secret, app_manifest, config, app)
        worlds.append(world)
        later.app = Starlette(routes=world.routes())
        world.seed_installation(ACME.id, "U0ACMEADA01")
        try:
            yield Bench(world, app, address, http)
        finally:
            await world.close()


def _world(
    address: str, secret: str, app_manifest: Json | None, config: dict[str, Any], app: AsyncApp
) -> SlackWorld:
    transport = httpx.ASGITransport(AsyncSlackRequestHandler(app, path="/slack/events"))
    defaults: dict[str, Any] = {
        "base_url": address,
        "app_url": "http://app.example",
        "manifest": app_manifest or manifest(),
        "client_id": "1.2",
        "client_secret": secrets.token_hex(16),
        "signing_secret": secret,
        "event_retry_delays": (0.0, 0.0, 0.0),
    }
    http = httpx.AsyncClient(transport=transport, timeout=10)
    world = SlackWorld(PlaygroundConfig(**(defaults | config)), Clock(), http)
    fill(world)
    return world


def _app(address: str, secret: str, worlds: list[SlackWorld]) -> AsyncApp:
    async def authorize(
        context: AsyncBoltContext, enterprise_id: str, team_id: str
    ) -> AuthorizeResult:
        org_wide = context.is_enterprise_install or not team_id
        installation = worlds[0].installations[enterprise_id if org_wide else team_id]
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_token=installation.token,
            bot_id=installation.bot_id,
            bot_user_id=installation.bot_user_id,
        )

    client = AsyncWebClient(base_url=f"{address}/api/")
    return AsyncApp(name="bench", signing_secret=secret, authorize=authorize, client=client)


def opens(slack: Bench, view: Json) -> None:
    """Make `/small` open this view."""

    @slack.app.command("/small")
    async def open_modal(ack: Any, body: Any, client: Any) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=view)
        await ack()
