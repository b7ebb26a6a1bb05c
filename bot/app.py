"""The composition root: settings → engine, stores, clients, use cases, Bolt app, ASGI app."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp
import httpx
import structlog
from prometheus_client import CollectorRegistry
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.routing import Route

from bot import handlers
from bot.answers import Answers
from bot.authorize import Installations
from bot.clock import OffsetClock, SystemClock, new_id
from bot.csm_desk import CsmDesk
from bot.delivery import Delivery
from bot.dependencies import Dependencies
from bot.events import Events
from bot.failures import handle_failure
from bot.http import SlackEndpoint, handle_healthz, metrics, readyz
from bot.jobs import Jobs, make_client
from bot.manifest import bot_scopes
from bot.oauth import INSTALL_PATH, REDIRECT_PATH, OAuth
from bot.people import People
from bot.seeding import Seeding
from bot.settings import Settings
from bot.slack import TIMEOUT, SlackClients
from flows.checking import Checking
from flows.clients.segment import SegmentClient, SegmentUrls
from flows.concluding import Concluder
from flows.errors import StorageUnavailable
from flows.examining import Examiner
from flows.lifecycle import Lifecycle
from flows.ports import Clock
from flows.recording import Recorder
from flows.reviewing import Reviewing
from flows.service import SetUp
from storage import schema
from storage.agenda import SqlAgenda
from storage.cipher import Cipher
from storage.dbos_jobs import DbosJobWriter
from storage.engine import make_engine
from storage.oauth_states import SqlOAuthStates
from storage.unit_of_work import SqlUnitOfWorkFactory

CHECK_DEADLINE = 2.0  # seconds of the three that Slack gives
STOP_GRACE = 5.0  # seconds for checks that outlived their acknowledgement
SLACK_CONNECTIONS = 100
READY_TIMEOUT = 2.0  # seconds
EVENTS_PATH = "/slack/events"

_log = structlog.get_logger(__name__)


class SchemaTooOld(Exception):
    """The database has an older schema; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Bot:
    """Everything that runs, started."""

    bolt: AsyncApp
    oauth: OAuth | None
    engine: AsyncEngine
    registry: CollectorRegistry

    async def problem(self) -> str:
        """What keeps this process from serving; empty when nothing does."""
        try:
            async with asyncio.timeout(READY_TIMEOUT):
                current = await schema.is_current(self.engine)
        except (StorageUnavailable, TimeoutError):
            return "database unreachable"
        return "" if current else "database schema is not current"


@asynccontextmanager
async def running(settings: Settings, *, worker: bool) -> AsyncIterator[Bot]:
    """Builds and starts the whole bot, and stops it in the opposite order."""
    async with AsyncExitStack() as stack:
        engine = make_engine(settings.database_url.get_secret_value())
        stack.push_async_callback(engine.dispose)
        await _bring_up_to_date(engine)
        http = await stack.enter_async_context(httpx.AsyncClient())
        session = await stack.enter_async_context(
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=SLACK_CONNECTIONS))
        )
        slack = AsyncWebClient(
            base_url=settings.slack_api_url, timeout=TIMEOUT, session=session, retry_handlers=[]
        )
        clock = await _clock(settings, http, stack)
        engine_url = settings.database_url.get_secret_value()
        client = make_client(engine_url)
        stack.callback(client.destroy)
        cipher = Cipher(settings.encryption_keys)
        uow = SqlUnitOfWorkFactory(engine, cipher, DbosJobWriter(client), SystemClock())
        recorder = Recorder(uow, clock, settings.poll_interval)
        segment = SegmentClient(http, _segment_urls(settings))
        checking = Checking(
            recorder, Examiner(uow, segment), Concluder(recorder), new_id, CHECK_DEADLINE
        )
        stack.push_async_callback(checking.stop, STOP_GRACE)
        installations = Installations(uow)
        clients = SlackClients(slack)
        lifecycle = Lifecycle(recorder, settings.csm_team_id or "")
        desk = CsmDesk(
            recorder,
            installations,
            clients,
            People(),
            settings.csm_team_id or "",
            settings.csm_channel_id or "",
        )
        words = in_words(settings.poll_interval)
        if not settings.oauth:
            seeding = Seeding(settings, slack, lifecycle, installations, desk, clock)
            await seeding.start()
            stack.push_async_callback(seeding.stop)
        if worker:
            jobs = Jobs(
                engine_url=engine_url,
                uow=uow,
                agenda=SqlAgenda(engine),
                clock=clock,
                checking=checking,
                delivery=Delivery(recorder, installations, clients, desk, words),
                desk=desk,
                lifecycle=lifecycle,
                installations=installations,
            )
            await jobs.start()
            stack.push_async_callback(jobs.stop)
        deps = Dependencies(
            setup=SetUp(recorder, checking, segment, CHECK_DEADLINE),
            reviewing=Reviewing(recorder),
            answers=Answers(words, toplyne_gets_token=bool(settings.toplyne_public_key)),
            csm_team_id=settings.csm_team_id or "",
        )
        bolt = make_bolt(slack, installations, Events(uow), deps)
        oauth = _oauth(settings, slack, engine, lifecycle, installations, clock)
        yield Bot(bolt, oauth, engine, CollectorRegistry())


def _segment_urls(settings: Settings) -> SegmentUrls:
    return SegmentUrls(
        us=settings.segment_api_url,
        eu=settings.segment_eu_api_url,
        config=settings.segment_config_api_url,
        cdn=settings.segment_cdn_url,
    )


async def _bring_up_to_date(engine: AsyncEngine) -> None:
    """SQLite migrates by itself. Raises `SchemaTooOld` on PostgreSQL, `StorageUnavailable`."""
    if engine.dialect.name == "sqlite":
        await schema.upgrade(engine)
    elif not await schema.is_current(engine):
        raise SchemaTooOld("The database has an older schema: run `python -m bot migrate` first.")


async def _clock(settings: Settings, http: httpx.AsyncClient, stack: AsyncExitStack) -> Clock:
    if settings.clock_url is None:
        return SystemClock()
    clock = OffsetClock(settings.clock_url, http)
    await clock.start()
    stack.push_async_callback(clock.stop)
    return clock


def make_bolt(
    slack: AsyncWebClient, installations: Installations, events: Events, deps: Dependencies
) -> AsyncApp:
    """Bolt with what we use of it: signatures are checked in front of it, events stored."""
    app = AsyncApp(
        name="connect-segment",
        client=slack,
        before_authorize=events,
        authorize=_authorize(installations),
        request_verification_enabled=False,
        ignoring_self_events_enabled=False,
        ignoring_self_assistant_message_events_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
        raise_error_for_unhandled_request=True,
    )
    app.error(handle_failure)
    handlers.register(app, deps)
    return app


def _authorize(installations: Installations) -> Any:
    """As a plain function, since Bolt looks at its arguments. None: not installed there."""

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult | None:
        return await installations.authorize(enterprise_id, team_id)

    return authorize


def _oauth(
    settings: Settings,
    slack: AsyncWebClient,
    engine: AsyncEngine,
    lifecycle: Lifecycle,
    installations: Installations,
    clock: Clock,
) -> OAuth | None:
    if not settings.slack_client_id or not settings.slack_client_secret or not settings.public_url:
        return None
    return OAuth(
        client=slack,
        client_id=settings.slack_client_id,
        client_secret=settings.slack_client_secret,
        authorize_url=settings.oauth_authorize_url,
        public_url=settings.public_url,
        scopes=bot_scopes(),
        states=SqlOAuthStates(engine),
        lifecycle=lifecycle,
        installations=installations,
        clock=clock,
    )


def build_asgi(settings: Settings, *, worker: bool = True) -> Starlette:
    """The ASGI app: nothing is opened before its lifespan starts, all is closed when it ends."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with running(settings, worker=worker) as bot:
            app.router.routes.extend(_routes(bot, settings))
            _log.info("started", worker=worker)
            yield

    return Starlette(routes=[Route("/healthz", handle_healthz)], lifespan=lifespan)


def _routes(bot: Bot, settings: Settings) -> list[Route]:
    routes = [
        Route("/readyz", readyz(bot.problem)),
        Route("/metrics", metrics(bot.registry)),
    ]
    if settings.slack_signing_secret:
        endpoint = SlackEndpoint(bot.bolt, settings.slack_signing_secret)
        routes.append(Route(EVENTS_PATH, endpoint.handle, methods=["POST"]))
    if bot.oauth:
        routes.append(Route(INSTALL_PATH, bot.oauth.handle_install))
        routes.append(Route(REDIRECT_PATH, bot.oauth.handle_redirect))
    return routes


async def run_worker(settings: Settings) -> None:
    """Background work alone, until a signal to stop."""
    async with running(settings, worker=True):
        await _until_stopped()


async def run_socket_mode(settings: Settings, *, worker: bool) -> None:
    """The bot over Socket Mode, until a signal to stop."""
    if settings.slack_app_token is None:
        raise ValueError("Socket Mode needs SLACK_APP_TOKEN")
    async with running(settings, worker=worker) as bot:
        token = settings.slack_app_token.get_secret_value()
        handler = AsyncSocketModeHandler(bot.bolt, token)
        await handler.connect_async()  # type: ignore[no-untyped-call]
        try:
            await _until_stopped()
        finally:
            await handler.close_async()  # type: ignore[no-untyped-call]


async def _until_stopped() -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()


def in_words(interval: timedelta) -> str:
    """What follows "every": "15 minutes", "day"."""
    seconds = max(1, int(interval.total_seconds()))
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        if seconds % size == 0:
            count = seconds // size
            return unit if count == 1 else f"{count} {unit}s"
    raise AssertionError("one second divides every whole number of seconds")
