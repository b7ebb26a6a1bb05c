"""The composition root: everything that runs, started and stopped."""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cached_property

from slack_bolt.async_app import AsyncApp

from bot import handlers
from bot.clock import SystemClock
from bot.container import Container
from bot.inbound.authorize import authorizing
from bot.inbound.events import KEPT, Events
from bot.inbound.failures import handle_failure
from bot.inbound.listeners import Listeners
from bot.inbound.oauth import OAuth
from bot.inbound.seeding import Seeding
from bot.outbound.deliver import Delivery
from bot.outbound.digest import DigestDesk
from bot.outbound.home import Homes
from bot.outbound.render import Sender
from bot.settings import Settings
from bot.worker.kinds import Jobs, polling, receiving
from bot.worker.loop import Work
from bot.worker.upkeep import Chore, Housekeeping, Reaper
from flows.checks.poll import Poller, farthest_poll
from flows.checks.run import USUAL_POLICY, CheckPolicy
from flows.csm.calls import Calling
from flows.csm.digest import Digesting
from flows.csm.working_day import ChannelOwner
from flows.errors import StorageUnavailable
from flows.outbox.jobs import JobKind
from flows.outbox.redraw import Redrawing
from flows.projection import Rebuilding
from flows.reminders.recipients import PassingOn
from flows.repositories import Agenda
from flows.toplyne.send import Handoffs
from storage import schema
from storage.agenda import SqlAgenda
from storage.given_up import GivenUp
from storage.housekeeping import SqlHousekeeping
from storage.life_locks import LifeLocks
from storage.oauth_states import SqlOAuthStates

READY_TIMEOUT = 2.0  # seconds
REAP_EVERY = 2.0  # seconds
TIDY_EVERY = 3600.0  # seconds
CATCH_UP_EVERY = 1.0  # seconds, until every overview row is by the newest rules
LISTENING = 1.0  # seconds that acknowledged listeners get at the end


class Bot(Container):
    """The whole bot: the container with Bolt in front of it and background work behind it."""

    # --- in front ---------------------------------------------------------------------------------

    @cached_property
    def bolt(self) -> AsyncApp:
        """Bolt with what we use of it: signatures are checked in front of it, events stored."""
        app = AsyncApp(
            name="connect-segment",
            client=self.slack,
            before_authorize=Events(self.uow),
            authorize=authorizing(self.installations),
            request_verification_enabled=False,
            ignoring_self_events_enabled=False,
            ignoring_self_assistant_message_events_enabled=False,
            attaching_function_token_enabled=False,
            attaching_conversation_kwargs_enabled=False,
            raise_error_for_unhandled_request=True,
        )
        app.error(handle_failure)
        handlers.register(app, self)
        return app

    @cached_property
    def oauth(self) -> OAuth | None:
        settings = self.settings
        if not (settings.slack_client_id and settings.slack_client_secret and settings.public_url):
            return None
        from bot.cli.manifest import bot_scopes, optional_bot_scopes

        return OAuth(
            client=self.slack,
            client_id=settings.slack_client_id,
            client_secret=settings.slack_client_secret,
            authorize_url=settings.oauth_authorize_url,
            public_url=settings.public_url,
            scopes=bot_scopes(),
            own_scopes=optional_bot_scopes(),
            own_team_id=settings.csm_team_id or "",
            states=SqlOAuthStates(self.engine),
            lifecycle=self.lifecycle,
            installations=self.installations,
            clock=self.clock,
        )

    @cached_property
    def seeding(self) -> Seeding:
        """For one workspace that is given by its token."""
        return Seeding(
            self.settings,
            self.slack,
            self.lifecycle,
            self.installations,
            self.desk,
            self.csms,
            self.clock,
        )

    # --- behind -----------------------------------------------------------------------------------

    @cached_property
    def work(self) -> Mapping[JobKind, Work]:
        """What is done for each kind of job: tenant and subject are all that it is given."""
        return {
            JobKind.CHECK: self.checking.resume,
            JobKind.POLL: polling(self.uow, self.clock, self.poller),
            JobKind.DELIVER: self.delivery.drain,
            JobKind.EVENT: receiving(self.lifecycle, self.installations),
            JobKind.REMIND: self.reminding.remind,
            JobKind.DIGEST: self.digesting.prepare,
            JobKind.CALL: self.calling.call,
            JobKind.REBUILD: Redrawing(self.uow, self.agenda).redraw,
            JobKind.HAND_OVER: self.handoffs.deliver,
        }

    @cached_property
    def jobs(self) -> Jobs:
        url, locks = self.settings.database_url.get_secret_value(), LifeLocks(self.engine)
        housekeeping = Housekeeping(SqlHousekeeping(self.engine), self.jobs_client)
        chores = (
            Chore(REAP_EVERY, Reaper(self.jobs_client, locks).reap),
            Chore(TIDY_EVERY, housekeeping.tidy),
            Chore(CATCH_UP_EVERY, Rebuilding(self.recorder, self.customers).catch_up),
        )
        return Jobs(url, locks, chores, self.uow, self.agenda, self.clock, self.desk, self.work)

    @cached_property
    def agenda(self) -> Agenda:
        return SqlAgenda(self.engine, farthest_poll(self.settings.poll_interval))

    @cached_property
    def delivery(self) -> Delivery:
        """What sends all that the app says on its own."""
        return Delivery(self.uow, self.clock, self.sender, self.removal, self.metrics)

    @cached_property
    def sender(self) -> Sender:
        return Sender(
            self.recorder,
            self.installations,
            self.clients,
            self.gates,
            self.desk,
            self.answers.view,
            PassingOn(self.recorder, self.people),
            Homes(self.recorder, self.csms, self.screens, shared=not self.settings.oauth),
            DigestDesk(self.desk, self.digesting, self.permalinks, self.people),
        )

    @cached_property
    def poller(self) -> Poller:
        return Poller(self.recorder, self.polled, self.concluder, self.check_policy.longest)

    @cached_property
    def channel_owner(self) -> ChannelOwner:
        is_set = bool(self.csm_channel_id)
        return ChannelOwner(self.uow, self.people, self.rules.calendar, is_set=is_set)

    @cached_property
    def digesting(self) -> Digesting:
        return Digesting(self.recorder, self.customers, self.channel_owner)

    @cached_property
    def calling(self) -> Calling:
        return Calling(self.recorder, self.channel_owner, self.csms)

    @cached_property
    def handoffs(self) -> Handoffs:
        from bot.settings.public_key import PublicKey

        key = self.settings.toplyne_public_key
        return Handoffs(
            self.recorder,
            self.backend,
            PublicKey(key) if key else None,
            SystemClock(),
            random.random,
            self.metrics.handed_over,
        )

    # --- how it is --------------------------------------------------------------------------------

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
        given_up = GivenUp(self.engine)
        self.metrics.outbox(await given_up.messages.counts())
        self.metrics.failed_events({**dict.fromkeys(KEPT, 0), **await given_up.events.counts()})
        self.metrics.handoffs(await given_up.deliveries.counts())


@asynccontextmanager
async def running(
    settings: Settings, *, worker: bool, check_policy: CheckPolicy = USUAL_POLICY
) -> AsyncIterator[Bot]:
    """Builds and starts the bot, and stops it in the opposite order."""
    listeners = Listeners()
    async with AsyncExitStack() as stack:
        closing = await stack.enter_async_context(AsyncExitStack())  # after all that is stopped
        bot = Bot(settings, closing, check_policy)
        await bot.open()
        if not settings.oauth:
            await bot.seeding.start()
            stack.push_async_callback(bot.seeding.stop)
        if worker:
            await bot.jobs.start()
            stack.push_async_callback(bot.jobs.stop)
        stack.push_async_callback(_wind_down, bot, listeners, worker=worker)
        listeners.watch(bot.bolt)
        yield bot


async def _wind_down(bot: Bot, listeners: Listeners, *, worker: bool) -> None:
    """What people wait for and what runs in the background, each for as long as there is time."""

    async def answer() -> None:
        await listeners.ended(LISTENING)
        await bot.checking.stop()

    await asyncio.gather(answer(), *([bot.jobs.rest()] if worker else []))
