"""What the bot holds open while it runs: the database, HTTP clients and clocks."""

import asyncio
from contextlib import AsyncExitStack
from functools import cached_property

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.cli.database import bring_up_to_date, told
from bot.clock import OffsetClock
from bot.logs import note_unreadable
from bot.outbound.clients import open_session, slack_client
from bot.settings import Settings
from bot.worker.lease import ensure_held
from bot.worker.segment_budget import SegmentBudget
from flows.clients.segment import SegmentClient, SegmentUrls
from flows.clients.transport import HttpClient, new_http_client
from flows.clients.webhook import WebhookClient
from flows.csm.board import Customers
from flows.ports import Clock, RateGates, Tenants, UnitOfWorkFactory
from storage.cipher import Cipher
from storage.connections import Engine
from storage.customers import SqlCustomers
from storage.engine import SharedClock, close_engine, make_engine
from storage.rate_gates import SqlRateGates
from storage.rotation import keys_missing
from storage.tenants import SqlTenants
from storage.unit_of_work import SqlUnitOfWorkFactory

_log = structlog.get_logger(__name__)


class Opened:
    """The database, the HTTP clients and the clocks. `closing` closes what was opened."""

    def __init__(self, settings: Settings, closing: AsyncExitStack) -> None:
        self.settings = settings
        self._closing = closing
        self.real = SharedClock()  # the database's time, even where `clock` is another
        self.news = asyncio.Event()  # set when something may be due

    async def open(self) -> None:
        """Prepares the database and the clocks. Raises `DatabaseOutdated`, `StorageUnavailable`."""
        await bring_up_to_date(self.engine)
        await self.real.ask(self.engine)
        if missing := await keys_missing(self.engine, self.cipher):
            _log.error("encryption_keys_missing", key_ids=told(missing), setting="ENCRYPTION_KEYS")
        if isinstance(self.clock, OffsetClock):
            await self.clock.start()

    @cached_property
    def engine(self) -> Engine:
        engine = make_engine(self.settings.database_url.get_secret_value())
        self._closing.push_async_callback(close_engine, engine)
        return engine

    @cached_property
    def cipher(self) -> Cipher:
        return Cipher(self.settings.encryption_keys)

    @cached_property
    def uow(self) -> UnitOfWorkFactory:
        parts = (self.engine, self.cipher, self.real, self.news)
        return SqlUnitOfWorkFactory(*parts, has_channel=bool(self.settings.csm_channel_id))

    @cached_property
    def gates(self) -> RateGates:
        return SqlRateGates(self.engine, self.real)

    @cached_property
    def tenants(self) -> Tenants:
        return SqlTenants(self.engine, self.real)

    @cached_property
    def customers(self) -> Customers:
        return SqlCustomers(self.engine)

    @cached_property
    def http(self) -> HttpClient:
        """The HTTP client for everything but Slack."""
        http = new_http_client(before=ensure_held)
        self._closing.push_async_callback(http.aclose)
        return http

    @cached_property
    def slack(self) -> AsyncWebClient:
        """A client without a token. All Slack clients share its connections."""
        session = open_session(self.settings.slack_api_url, before=ensure_held)
        self._closing.push_async_callback(session.close)
        return slack_client(self.settings.slack_api_url, session)

    @cached_property
    def segment(self) -> SegmentClient:
        """The client for checks, where a person waits."""
        return self._segment(polls=False)

    def _segment(self, *, polls: bool) -> SegmentClient:
        settings = self.settings
        urls = SegmentUrls(
            us=settings.segment_api_url,
            eu=settings.segment_eu_api_url,
            config=settings.segment_config_api_url,
            cdn=settings.segment_cdn_url,
        )
        budget = SegmentBudget(self.gates, settings.segment_calls_per_minute, polls=polls)
        return SegmentClient(lambda: self.http, urls, gate=budget, note=note_unreadable)

    @cached_property
    def backend(self) -> WebhookClient | None:
        """Toplyne's webhook, if the settings name one."""
        url, secret = self.settings.toplyne_webhook_url, self.settings.toplyne_webhook_secret
        return WebhookClient(self.http, url, secret, self.real) if url and secret else None

    @cached_property
    def clock(self) -> Clock:
        if self.settings.clock_url is None:
            return self.real
        clock = OffsetClock(self.settings.clock_url, self.http, self.real, moved=self.news.set)
        self._closing.push_async_callback(clock.stop)
        return clock
