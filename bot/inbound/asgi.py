"""The ASGI app around the bot: requests over HTTP, or over sockets that we opened."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from enum import Enum, auto
from urllib.parse import urlsplit

import structlog
from starlette.applications import Starlette
from starlette.routing import Host, Route, Router
from starlette.types import Receive, Scope, Send

from bot.app import Bot, running
from bot.inbound.endpoint import EVENTS_PATH, SlackEndpoint
from bot.inbound.http import Probe, handle_healthz, metrics_app, readyz
from bot.inbound.oauth import INSTALL_PATH, REDIRECT_PATH, OAuth
from bot.inbound.serving import Drain, listening
from bot.inbound.socket_mode import SocketMode
from bot.settings import Settings
from flows.checks.run import USUAL_POLICY, CheckPolicy

_log = structlog.get_logger(__name__)


class Transport(Enum):
    """How Slack's requests reach this process."""

    HTTP = auto()
    SOCKET = auto()
    NOTHING = auto()  # background work alone


def build_asgi(
    settings: Settings,
    *,
    worker: bool = True,
    check_policy: CheckPolicy = USUAL_POLICY,
    transport: Transport = Transport.HTTP,
    drain: Drain | None = None,
) -> "App":
    """The ASGI app: nothing is opened before its lifespan starts, all is closed when it ends."""
    drain = drain or Drain()

    @asynccontextmanager
    async def lifespan(app: "App") -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            bot = await stack.enter_async_context(
                running(settings, worker=worker, check_policy=check_policy)
            )
            app.state.bot = bot
            probes: list[Probe] = [bot.problem]
            if transport is Transport.SOCKET:
                probes.append(await _open_sockets(bot, settings, stack))
            app.router.routes.append(Route("/readyz", readyz(drain, probes)))
            if settings.metrics_port:
                shown = metrics_app(bot.metrics, bot.count)
                address = settings.metrics_host, settings.metrics_port
                await stack.enter_async_context(listening(shown, *address))
            if transport is Transport.HTTP:
                app.take_requests(bot, settings)
            _log.info("started", worker=worker)
            yield

    app = App(routes=[Route("/healthz", handle_healthz)], lifespan=lifespan)
    app.router.redirect_slashes = False
    return app


class App(Starlette):
    """Slack's requests reach their endpoint without routes and middlewares in between."""

    slack: SlackEndpoint | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.slack and scope["type"] == "http" and scope["path"] == EVENTS_PATH:
            await self.slack(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    def take_requests(self, bot: Bot, settings: Settings) -> None:
        if settings.slack_signing_secret:
            self.slack = SlackEndpoint(bot.dispatch, settings.slack_signing_secret, bot.metrics)
        if bot.oauth:
            self._take_people(settings, bot.oauth)

    def _take_people(self, settings: Settings, oauth: OAuth) -> None:
        """Pages for people are there under our public name only, whatever `Host` a request says."""
        pages = [
            Route(INSTALL_PATH, oauth.handle_install),
            Route(REDIRECT_PATH, oauth.handle_redirect),
        ]
        name = urlsplit(settings.public_url or "").hostname or ""
        self.router.routes.append(Host(name, Router(pages, redirect_slashes=False)))


async def _open_sockets(bot: Bot, settings: Settings, stack: AsyncExitStack) -> Probe:
    """Opens the sockets. Returns a probe that says whether they are connected."""
    if settings.slack_app_token is None:
        raise ValueError("Socket Mode needs SLACK_APP_TOKEN")
    sockets = SocketMode(bot.dispatch, bot.slack, settings.slack_app_token, bot.metrics)
    sockets.start()
    stack.push_async_callback(sockets.stop)

    async def problem() -> str:
        return "" if sockets.connected else "not connected to Slack"

    return problem
