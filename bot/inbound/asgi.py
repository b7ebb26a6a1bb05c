"""The ASGI app around the bot: requests over HTTP, or over sockets that we opened."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from enum import Enum, auto

import structlog
from starlette.applications import Starlette
from starlette.routing import Route

from bot.app import Bot, running
from bot.inbound.http import Probe, SlackEndpoint, handle_healthz, handle_metrics, readyz
from bot.inbound.oauth import INSTALL_PATH, REDIRECT_PATH
from bot.inbound.serving import Drain
from bot.inbound.socket_mode import SocketMode
from bot.settings import Settings
from flows.checks.run import USUAL_POLICY, CheckPolicy

EVENTS_PATH = "/slack/events"

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
) -> Starlette:
    """The ASGI app: nothing is opened before its lifespan starts, all is closed when it ends."""
    drain = drain or Drain()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            bot = await stack.enter_async_context(
                running(settings, worker=worker, check_policy=check_policy)
            )
            app.state.bot = bot
            probes: list[Probe] = [bot.problem]
            if transport is Transport.SOCKET:
                probes.append(await _open_sockets(bot, settings, stack))
            app.router.routes.append(Route("/readyz", readyz(drain, probes)))
            app.router.routes.append(Route("/metrics", handle_metrics(bot.metrics, bot.count)))
            if transport is Transport.HTTP:
                app.router.routes.extend(_routes(bot, settings))
            _log.info("started", worker=worker)
            yield

    return Starlette(routes=[Route("/healthz", handle_healthz)], lifespan=lifespan)


async def _open_sockets(bot: Bot, settings: Settings, stack: AsyncExitStack) -> Probe:
    """Opens the sockets. Returns a probe that says whether they are connected."""
    if settings.slack_app_token is None:
        raise ValueError("Socket Mode needs SLACK_APP_TOKEN")
    sockets = SocketMode(bot.bolt, bot.slack, settings.slack_app_token, bot.metrics)
    sockets.start()
    stack.push_async_callback(sockets.stop)

    async def problem() -> str:
        return "" if sockets.connected else "not connected to Slack"

    return problem


def _routes(bot: Bot, settings: Settings) -> list[Route]:
    routes: list[Route] = []
    if settings.slack_signing_secret:
        endpoint = SlackEndpoint(bot.bolt, settings.slack_signing_secret, bot.metrics)
        routes.append(Route(EVENTS_PATH, endpoint.handle, methods=["POST"]))
    if bot.oauth:
        routes.append(Route(INSTALL_PATH, bot.oauth.handle_install))
        routes.append(Route(REDIRECT_PATH, bot.oauth.handle_redirect))
    return routes
