"""The composition root: the parts of `bot.parts`, the workers and Bolt."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import handlers
from bot.cli.manifest import bot_scopes, optional_bot_scopes
from bot.clock import SystemClock
from bot.dependencies import Dependencies
from bot.inbound.answers import Answers
from bot.inbound.authorize import Installations
from bot.inbound.events import Events
from bot.inbound.failures import handle_failure
from bot.inbound.listeners import Listeners
from bot.inbound.oauth import OAuth
from bot.inbound.seeding import Seeding
from bot.metrics import Metrics
from bot.outbound.contact_names import ContactNames
from bot.outbound.deliver import Delivery
from bot.outbound.digest import DigestDesk
from bot.outbound.home import Homes
from bot.outbound.render import Sender
from bot.parts import (
    Outside,
    Services,
    Stores,
    make_services,
    open_outside,
    open_stores,
    reminder_rules,
)
from bot.settings import Settings
from bot.settings.public_key import PublicKey
from bot.worker.kinds import Jobs
from bot.worker.upkeep import Chore, Housekeeping, Reaper
from flows.checks.polling import farthest_poll
from flows.checks.run import USUAL_PACE, Checking, Pace
from flows.csm.calls import Calling
from flows.csm.caring import Caring
from flows.csm.conversation import Conversing
from flows.csm.reviewing import Reviewing
from flows.csm.service import Deciding
from flows.errors import StorageUnavailable
from flows.outbox.redraw import Redrawing
from flows.projection import Rebuilding
from flows.reminders.passing_on import PassingOn
from flows.replay.form import Replaying
from flows.replay.reports import Following
from flows.setup.service import SetUp
from flows.setup.write_back import WritingBack
from flows.toplyne.send import Handoffs
from storage import schema
from storage.agenda import SqlAgenda
from storage.dead_letters import SqlDeadLetters
from storage.failed_events import SqlFailedEvents
from storage.handoff_log import SqlHandoffLog
from storage.housekeeping import SqlHousekeeping
from storage.life_locks import LifeLocks
from storage.oauth_states import SqlOAuthStates

READY_TIMEOUT = 2.0  # seconds
REAP_EVERY = 2.0  # seconds
TIDY_EVERY = 3600.0  # seconds
CATCH_UP_EVERY = 1.0  # seconds, until every overview row is by the newest rules
LISTENING = 1.0  # seconds that acknowledged listeners get at the end


@dataclass(frozen=True, slots=True)
class Bot:
    """Everything that runs, started."""

    bolt: AsyncApp
    slack: AsyncWebClient
    oauth: OAuth | None
    engine: AsyncEngine
    metrics: Metrics

    async def problem(self) -> str:
        """What keeps this process from serving; empty when nothing does."""
        try:
            async with asyncio.timeout(READY_TIMEOUT):
                current = await schema.is_current(self.engine)
        except (StorageUnavailable, TimeoutError):
            return "database unreachable"
        return "" if current else "database schema is not current"

    async def count(self) -> None:
        """Has the metrics say what waits and what was given up. Raises `StorageUnavailable`."""
        self.metrics.outbox(await SqlDeadLetters(self.engine).counts())
        self.metrics.failed_events(await SqlFailedEvents(self.engine).counts())
        self.metrics.handoffs(await SqlHandoffLog(self.engine).counts())


@asynccontextmanager
async def running(
    settings: Settings, *, worker: bool, pace: Pace = USUAL_PACE
) -> AsyncIterator[Bot]:
    """Builds and starts the whole bot, and stops it in the opposite order."""
    listeners, jobs = Listeners(), None
    async with AsyncExitStack() as stack:
        stores = await open_stores(settings, stack)
        outside = await open_outside(settings, stores.gates, stack)
        services = make_services(settings, stores, outside, pace)
        if not settings.oauth:
            seeding = _seeding(settings, outside, services)
            await seeding.start()
            stack.push_async_callback(seeding.stop)
        if worker:
            jobs = _jobs(settings, stores, outside, services)
            await jobs.start()
            stack.push_async_callback(jobs.stop)
        stack.push_async_callback(_wind_down, listeners, services.checking, jobs)
        bolt = make_bolt(
            outside.slack,
            services.installations,
            Events(stores.uow),
            _dependencies(settings, outside, services, pace),
        )
        listeners.watch(bolt)
        oauth = _oauth(settings, stores, outside, services)
        yield Bot(bolt, outside.slack, oauth, stores.engine, services.metrics)


async def _wind_down(listeners: Listeners, checking: Checking, jobs: Jobs | None) -> None:
    """What people wait for and what runs in the background, each for as long as there is time."""

    async def answer() -> None:
        await listeners.ended(LISTENING)
        await checking.stop()

    await asyncio.gather(answer(), *([jobs.rest()] if jobs else []))


def _seeding(settings: Settings, outside: Outside, services: Services) -> Seeding:
    return Seeding(
        settings,
        outside.slack,
        services.lifecycle,
        services.installations,
        services.desk,
        services.csms,
        outside.clock,
    )


def make_delivery(
    settings: Settings, stores: Stores, outside: Outside, services: Services
) -> Delivery:
    """What sends all that the app says on its own."""
    sender = Sender(
        services.recorder,
        services.installations,
        services.clients,
        stores.gates,
        services.desk,
        _answers(settings, services),
        PassingOn(services.recorder, services.directory),
        Homes(services.recorder, services.csms, services.screens, shared=not settings.oauth),
        DigestDesk(services.desk, services.digesting, services.permalinks, services.people),
    )
    return Delivery(
        stores.uow,
        outside.clock,
        sender,
        services.removal,
        services.metrics,
    )


def _jobs(settings: Settings, stores: Stores, outside: Outside, services: Services) -> Jobs:
    locks = LifeLocks(stores.engine)
    rebuilding = Rebuilding(services.recorder, services.customers)
    housekeeping = Housekeeping(SqlHousekeeping(stores.engine), stores.jobs)
    agenda = SqlAgenda(stores.engine, farthest_poll(settings.poll_interval))
    return Jobs(
        engine_url=settings.database_url.get_secret_value(),
        locks=locks,
        chores=(
            Chore(REAP_EVERY, Reaper(stores.jobs, locks).reap),
            Chore(TIDY_EVERY, housekeeping.tidy),
            Chore(CATCH_UP_EVERY, rebuilding.catch_up),
        ),
        uow=stores.uow,
        agenda=agenda,
        clock=outside.clock,
        checking=services.checking,
        poller=services.poller,
        reminding=services.reminding,
        delivery=make_delivery(settings, stores, outside, services),
        calling=Calling(
            services.recorder, services.directory, services.csms, reminder_rules(settings).calendar
        ),
        redrawing=Redrawing(stores.uow, agenda),
        handoffs=_handoffs(settings, outside, services),
        desk=services.desk,
        digesting=services.digesting,
        lifecycle=services.lifecycle,
        installations=services.installations,
    )


def _handoffs(settings: Settings, outside: Outside, services: Services) -> Handoffs:
    key = settings.toplyne_public_key
    return Handoffs(
        services.recorder,
        outside.toplyne,
        PublicKey(key) if key else None,
        SystemClock(),
        random.random,
        services.metrics.handed_over,
    )


def _dependencies(
    settings: Settings, outside: Outside, services: Services, pace: Pace
) -> Dependencies:
    submitting = services.submitting
    replaying = Replaying(services.recorder, submitting, outside.segment, pace.deadline)
    deciding = Deciding(services.recorder, services.csms)
    return Dependencies(
        setup=SetUp(
            services.recorder, submitting, services.checking, replaying, services.directory
        ),
        replaying=replaying,
        following=Following(services.recorder, submitting, services.csms),
        reviewing=Reviewing(services.recorder, deciding),
        caring=Caring(deciding, outside.clock),
        conversing=Conversing(services.recorder, deciding),
        names=ContactNames(services.installations, services.clients, services.people),
        reminding=services.reminding,
        writing_back=WritingBack(services.recorder, submitting, services.checking),
        answers=_answers(settings, services),
        csms=services.csms,
        screens=services.screens,
        csm_channel_id=settings.csm_channel_id or "",
    )


def _answers(settings: Settings, services: Services) -> Answers:
    gets_token = bool(settings.toplyne_public_key)
    return Answers(services.poll_interval, toplyne_gets_token=gets_token)


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
    """As a plain function, since Bolt looks at its arguments."""

    async def authorize(context: AsyncBoltContext) -> AuthorizeResult:
        return await installations.authorize(context)

    return authorize


def _oauth(
    settings: Settings, stores: Stores, outside: Outside, services: Services
) -> OAuth | None:
    if not settings.slack_client_id or not settings.slack_client_secret or not settings.public_url:
        return None
    return OAuth(
        client=outside.slack,
        client_id=settings.slack_client_id,
        client_secret=settings.slack_client_secret,
        authorize_url=settings.oauth_authorize_url,
        public_url=settings.public_url,
        scopes=bot_scopes(),
        own_scopes=optional_bot_scopes(),
        own_team_id=settings.csm_team_id or "",
        states=SqlOAuthStates(stores.engine),
        lifecycle=services.lifecycle,
        installations=services.installations,
        clock=outside.clock,
    )
