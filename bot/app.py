"""The composition root: starts and stops everything that runs."""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cached_property, partial

from slack_bolt.async_app import AsyncApp

from bot import handlers
from bot.container import Container
from bot.inbound.authorize import authorizing
from bot.inbound.dispatch import Dispatch, Listeners, Table
from bot.inbound.enter import EnterPages
from bot.inbound.events import KEPT_EVENTS, Events
from bot.inbound.failures import handle_failure_in_bolt
from bot.inbound.http import AskedOnce
from bot.inbound.oauth import OAuth
from bot.inbound.seeding import Seeding
from bot.outbound.deliver import Deliverer
from bot.outbound.digest import DigestSender
from bot.outbound.home import Homes
from bot.outbound.render import Sender
from bot.outbound.windows import Windows
from bot.periodic import tasks_of_others, tasks_of_workers
from bot.settings import Settings
from bot.worker.background import Background
from bot.worker.kinds import erasing, receiving
from bot.worker.loop import Worker, WorkHandler
from bot.worker.upkeep import Upkeep
from flows.checks.poll import Poller
from flows.checks.run import USUAL_POLICY, CheckPolicy
from flows.clients.segment import SegmentClient
from flows.csm.calls import Calling
from flows.csm.digest import Digesting
from flows.csm.working_day import ChannelOwner
from flows.errors import StorageUnavailable, Trouble
from flows.outbox.jobs import JobKind
from flows.outbox.rebinding import Redrawing
from flows.reminders.readers import PassingOn
from flows.toplyne.send import ToplyneSender
from storage import schema
from storage.backlog import Backlog
from storage.engine import all_in_use
from storage.given_up import GivenUp
from storage.leases import Leases
from storage.oauth_states import SqlOAuthStates
from storage.tenants import is_installed
from storage.usable import require_usable

READY_TIMEOUT, COUNT_TIMEOUT = 2.0, 5.0  # seconds
LISTENING = 1.0  # seconds that acknowledged listeners get at the end


class Bot(Container):
    """The whole bot: the container with Bolt in front of it and background work behind it."""

    # --- in front ---------------------------------------------------------------------------------

    @cached_property
    def table(self) -> Table:
        """Bolt with our listeners. What reaches it is signed, and events are stored already."""
        app = AsyncApp(
            name="connect-segment",
            client=self.slack,
            before_authorize=self.events,
            authorize=authorizing(self.installations),
            request_verification_enabled=False,
            ignoring_self_events_enabled=False,
            ignoring_self_assistant_message_events_enabled=False,
            attaching_function_token_enabled=False,
            attaching_conversation_kwargs_enabled=False,
            raise_error_for_unhandled_request=True,
        )
        app.error(handle_failure_in_bolt)
        table = Table(app)
        handlers.register(table, self)
        return table

    @property
    def bolt(self) -> AsyncApp:
        return self.table.app

    @cached_property
    def events(self) -> Events:
        return Events(self.uow, self.homes.show, self.answers.in_order)

    @cached_property
    def listeners(self) -> Listeners:
        return Listeners()

    @cached_property
    def dispatch(self) -> Dispatch:
        return Dispatch(
            self.table,
            self.events,
            self.installations,
            self.clients,
            self.listeners,
            self.uow,
            self.places,
            self.answers.in_order,
            self.members,
        )

    @cached_property
    def oauth(self) -> OAuth | None:
        settings = self.settings
        if not (settings.slack_client_id and settings.slack_client_secret and settings.public_url):
            return None
        return OAuth(
            client=self.slack,
            client_id=settings.slack_client_id,
            client_secret=settings.slack_client_secret,
            authorize_url=settings.oauth_authorize_url,
            public_url=settings.public_url,
            scopes=_scopes,
            own_team_id=settings.csm_team_id or "",
            own_tenant=self.csm_team.tenant_id,
            states=SqlOAuthStates(self.engine, self.cipher, self.real),
            lifecycle=self.lifecycle,
            removal=self.removal,
            inviting=self.inviting,
            installations=self.installations,
            clock=self.clock,
        )

    @cached_property
    def pages(self) -> EnterPages | None:
        """The pages on which people enter secrets outside Slack; None if they are turned off."""
        if not self.settings.has_pages:
            return None
        return EnterPages(self.entering, self.dispatch.pace, self.entry)

    @cached_property
    def seeding(self) -> Seeding:
        """Installs the app in the one workspace whose token the settings hold."""
        return Seeding(
            self.settings,
            self.slack,
            self.lifecycle,
            self.installations,
            self.csm_team,
            self.clock,
        )

    # --- behind -----------------------------------------------------------------------------------

    @cached_property
    def handlers(self) -> Mapping[JobKind, WorkHandler]:
        """The handler of each kind of background work. It gets a tenant and a subject."""
        return {
            JobKind.CHECK: self.checking.resume,
            JobKind.POLL: self.poller.poll,
            JobKind.DELIVER: self.delivery.drain,
            JobKind.EVENT: receiving(self.uow, self.lifecycle, self.installations),
            JobKind.REMIND: partial(self.reminding.remind, ask_segment=self.poller.poll),
            JobKind.DIGEST: self.digesting.prepare,
            JobKind.CALL: self.calling.call,
            JobKind.REDRAW: Redrawing(self.uow, self.customers).redraw,
            JobKind.SEND_TO_TOPLYNE: self.toplyne_sender.deliver,
            JobKind.ERASE: erasing(self.erasing, self.real),
            JobKind.REACH: self.lifecycle.reaching.reach_all,
            JobKind.CONFIRM_TOKEN: self.removal.ask_again,
        }

    @cached_property
    def background(self) -> Background:
        leases = Leases(self.engine, self.real, self.handlers)
        count = self.metrics.job
        worker = Worker(leases, self.handlers, self.clock, self.real, self.news, count)
        return Background(worker, Upkeep(tasks_of_workers(self)), self.engine, self.news)

    @cached_property
    def delivery(self) -> Deliverer:
        """Sends everything that the app says unprompted."""
        return Deliverer(self.uow, self.clock, self.real, self.sender, self.removal, self.metrics)

    @cached_property
    def homes(self) -> Homes:
        return Homes(
            self.recorder,
            self.people,
            self.csms,
            self.members,
            self.screens,
            self.installations,
            self.clients,
            self.rules,
            self.entry,
            shared=not self.settings.oauth,
        )

    @cached_property
    def polled(self) -> SegmentClient:
        """The client for polls, which leave part of the budget to people."""
        return self._segment(polls=True)

    @cached_property
    def passing_on(self) -> PassingOn:
        return PassingOn(self.recorder, self.people)

    @cached_property
    def sender(self) -> Sender:
        return Sender(
            self.recorder,
            self.installations,
            self.clients,
            self.gates,
            self.channel_sender,
            Windows(self.recorder, self.real, self.answers.view),
            self.passing_on,
            self.members,
            self.places,
            self.homes,
            DigestSender(self.channel_sender, self.digesting, self.permalinks, self.people),
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
    def toplyne_sender(self) -> ToplyneSender:
        public_key = None
        if key := self.settings.toplyne_public_key:
            from bot.settings.public_key import PublicKey  # slow to import, and few have one

            public_key = PublicKey(key)
        return ToplyneSender(
            self.recorder,
            self.backend,
            public_key,
            self.real,
            random.random,
            self.metrics.sent_to_toplyne,
        )

    # --- health -----------------------------------------------------------------------------------

    async def problem(self) -> str:
        """Says what keeps this process from serving. Empty when nothing does."""
        try:
            return await self._readiness.answer(READY_TIMEOUT)
        except StorageUnavailable as error:
            is_busy = error.trouble is Trouble.AWAY and all_in_use(self.engine)
            return f"database {Trouble.BUSY if is_busy else error.trouble}"

    @cached_property
    def _readiness(self) -> AskedOnce[str]:
        return AskedOnce(self._problem)

    async def _problem(self) -> str:
        """Raises `StorageUnavailable`."""
        if not await schema.is_current(self.engine):
            return "database schema is not current"
        await require_usable(self.engine)
        if self.settings.oauth or await is_installed(self.engine):
            return ""
        return "Slack refuses SLACK_BOT_TOKEN" if self.seeding.is_refused else "not installed"

    async def count(self) -> None:
        """Sets the metrics of what waits and what was given up. Raises `StorageUnavailable`."""
        await self._counting.answer(COUNT_TIMEOUT)

    @cached_property
    def _counting(self) -> AskedOnce[None]:
        return AskedOnce(self._count)

    async def _count(self) -> None:
        given_up = GivenUp(self.engine)
        self.metrics.outbox(await given_up.messages.counts())
        events = await given_up.events.counts()
        self.metrics.failed_events({**dict.fromkeys(KEPT_EVENTS, 0), **events})
        self.metrics.handoffs(await given_up.deliveries.counts())
        self.metrics.due(await Backlog(self.engine).of(self.clock.now(), self.real.now()))


def _scopes(own: bool) -> Sequence[str]:
    """The scopes that the app asks for at its installation. Imported late: only this needs YAML."""
    from bot.cli.manifest import bot_scopes, optional_bot_scopes

    return (*bot_scopes(), *(optional_bot_scopes() if own else ()))


@asynccontextmanager
async def running(
    settings: Settings, *, worker: bool, check_policy: CheckPolicy = USUAL_POLICY
) -> AsyncIterator[Bot]:
    """Builds and starts the bot, and stops it in the opposite order."""
    async with AsyncExitStack() as stack:
        closing = await stack.enter_async_context(AsyncExitStack())  # closes last of all
        bot = Bot(settings, closing, check_policy)
        await bot.open()
        if not settings.oauth:
            await bot.seeding.start()
            stack.push_async_callback(bot.seeding.stop)
        if worker:
            bot.background.start()
            stack.push_async_callback(bot.background.stop)
        else:
            upkeep = Upkeep(tasks_of_others(bot))
            upkeep.start()
            stack.push_async_callback(upkeep.stop)
        stack.push_async_callback(_wind_down, bot, worker=worker)
        bot.listeners.watch(bot.bolt)
        yield bot


async def _wind_down(bot: Bot, *, worker: bool) -> None:
    """Stops answers and background work side by side, so that each has all the time there is."""

    async def answer() -> None:
        await bot.listeners.ended(LISTENING)
        await bot.checking.stop()
        await bot.filling.stop()
        await bot.measuring.stop()
        await bot.people.stop()
        await bot.installations.stop()

    await asyncio.gather(answer(), *([bot.background.rest()] if worker else []))
