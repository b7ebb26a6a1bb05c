"""What the bot is made of, from settings: what is opened once, and the use cases on top."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta

import httpx
from dbos import DBOSClient
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.cli.database import bring_up_to_date
from bot.clock import OffsetClock, SystemClock, new_id
from bot.inbound.authorize import Installations
from bot.metrics import CountedExaminer, Metrics
from bot.outbound.board_screens import BoardScreens
from bot.outbound.channel import CsmDesk
from bot.outbound.clients import SlackClients, open_session, slack_client
from bot.outbound.directory import SlackDirectory
from bot.outbound.people import People
from bot.outbound.permalinks import Permalinks
from bot.outbound.removal import Removal
from bot.outbound.waiting_modal import ProgressWindow
from bot.settings import Settings
from bot.worker.kinds import make_client
from bot.worker.segment_budget import SegmentBudget
from flows.checks.conclude import Concluder
from flows.checks.examine import Examiner
from flows.checks.poll import Poller
from flows.checks.run import Checking, Pace
from flows.clients.segment import SegmentClient, SegmentUrls
from flows.clients.transport import new_http_client
from flows.clients.webhook import WebhookClient
from flows.csm.board import Boards
from flows.csm.customers import Customers
from flows.csm.digest import Digesting
from flows.csm.members import Csms
from flows.ports import Clock, Directory, RateGates, UnitOfWorkFactory
from flows.reactions import usual_reactions
from flows.recording import Recorder
from flows.reminders.hours import Calendar
from flows.reminders.schedule import Rules
from flows.reminders.service import Reminding
from flows.setup.installations import Lifecycle
from flows.setup.submission import Submitting
from flows.toplyne.triggers import HandingOver
from storage.cipher import Cipher
from storage.customers import SqlCustomers
from storage.dbos_jobs import DbosJobWriter
from storage.engine import close_engine, make_engine
from storage.rate_gates import SqlRateGates
from storage.unit_of_work import SqlUnitOfWorkFactory


@dataclass(frozen=True, slots=True)
class Stores:
    """The database, and the job engine's client on the same one."""

    engine: AsyncEngine
    jobs: DBOSClient
    uow: UnitOfWorkFactory
    gates: RateGates


@dataclass(frozen=True, slots=True)
class Outside:
    """Whom we speak with: Slack, Segment, Toplyne's backend; and what time it is."""

    slack: AsyncWebClient
    segment: SegmentClient  # for people who wait
    polled: SegmentClient  # for polls, which leave room
    toplyne: WebhookClient | None
    clock: Clock


@dataclass(frozen=True, slots=True)
class Services:
    """Use cases, and what finds its way to Slack for them."""

    recorder: Recorder
    checking: Checking
    poller: Poller
    submitting: Submitting
    reminding: Reminding
    lifecycle: Lifecycle
    removal: Removal
    installations: Installations
    clients: SlackClients
    desk: CsmDesk
    people: People
    csms: Csms
    customers: Customers
    screens: BoardScreens
    digesting: Digesting
    permalinks: Permalinks
    directory: Directory
    poll_interval: timedelta
    metrics: Metrics


async def open_stores(settings: Settings, stack: AsyncExitStack) -> Stores:
    """Raises `DatabaseOutdated`, `StorageUnavailable`."""
    address = settings.database_url.get_secret_value()
    engine = make_engine(address)
    stack.push_async_callback(close_engine, engine)
    await bring_up_to_date(engine)
    jobs = make_client(address)
    stack.callback(jobs.destroy)
    cipher = Cipher(settings.encryption_keys)
    uow = SqlUnitOfWorkFactory(engine, cipher, DbosJobWriter(jobs), SystemClock())
    return Stores(engine, jobs, uow, SqlRateGates(engine))


async def open_outside(settings: Settings, gates: RateGates, stack: AsyncExitStack) -> Outside:
    """One HTTP session for Slack and one for all others, for everybody."""
    http = await stack.enter_async_context(new_http_client())
    slack = slack_client(settings.slack_api_url, await stack.enter_async_context(open_session()))
    urls, per_minute = _segment_urls(settings), settings.segment_calls_per_minute
    segment, polled = (
        SegmentClient(http, urls, gate=SegmentBudget(gates, per_minute, polls=polls))
        for polls in (False, True)
    )
    clock = await _clock(settings, http, stack)
    return Outside(slack, segment, polled, _webhook(settings, http), clock)


def _webhook(settings: Settings, http: httpx.AsyncClient) -> WebhookClient | None:
    url, secret = settings.toplyne_webhook_url, settings.toplyne_webhook_secret
    return WebhookClient(http, url, secret) if url and secret else None


def _segment_urls(settings: Settings) -> SegmentUrls:
    return SegmentUrls(
        us=settings.segment_api_url,
        eu=settings.segment_eu_api_url,
        config=settings.segment_config_api_url,
        cdn=settings.segment_cdn_url,
    )


async def _clock(settings: Settings, http: httpx.AsyncClient, stack: AsyncExitStack) -> Clock:
    if settings.clock_url is None:
        return SystemClock()
    clock = OffsetClock(settings.clock_url, http)
    await clock.start()
    stack.push_async_callback(clock.stop)
    return clock


def make_services(settings: Settings, stores: Stores, outside: Outside, pace: Pace) -> Services:
    """Nothing runs yet."""
    csm_team_id, csm_channel_id = settings.csm_team_id or "", settings.csm_channel_id or ""
    rules = reminder_rules(settings)
    recorder = Recorder(
        stores.uow,
        outside.clock,
        usual_reactions(
            settings.poll_interval, rules, HandingOver(new_id) if outside.toplyne else None
        ),
    )
    submitting = Submitting(recorder, csm_team_id if settings.oauth else "")
    metrics = Metrics()
    examiner = CountedExaminer(stores.uow, outside.segment, metrics)
    installations, clients = Installations(stores.uow), SlackClients(outside.slack)
    lifecycle = Lifecycle(recorder, csm_team_id)
    removal = Removal(installations, lifecycle)
    directory = SlackDirectory(installations, clients, stores.gates, removal)
    window = ProgressWindow(installations, clients)
    concluder = Concluder(recorder)
    csms, customers, people = Csms(directory, csm_team_id), SqlCustomers(stores.engine), People()
    permalinks = Permalinks(installations, clients)
    boards = Boards(csms, customers, outside.clock)
    checking = Checking(recorder, examiner, concluder, new_id, window, pace)
    return Services(
        recorder=recorder,
        checking=checking,
        poller=Poller(recorder, Examiner(stores.uow, outside.polled), concluder, pace.longest),
        submitting=submitting,
        reminding=Reminding(recorder, submitting, directory, rules),
        lifecycle=lifecycle,
        removal=removal,
        installations=installations,
        clients=clients,
        people=people,
        desk=CsmDesk(
            recorder,
            installations,
            clients,
            stores.gates,
            people,
            csm_team_id,
            csm_channel_id,
        ),
        csms=csms,
        customers=customers,
        screens=BoardScreens(boards, permalinks, people),
        digesting=Digesting(recorder, customers, directory, csm_channel_id),
        permalinks=permalinks,
        directory=directory,
        poll_interval=settings.poll_interval,
        metrics=metrics,
    )


def reminder_rules(settings: Settings) -> Rules:
    """When the operator wants customers to be reminded."""
    calendar = Calendar(settings.reminder_hours, settings.quiet_dates)
    return Rules(settings.reminder_delays, calendar)
