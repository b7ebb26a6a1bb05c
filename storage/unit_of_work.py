"""The unit of work: one transaction for one tenant, and every repository on it."""

import asyncio
from datetime import timedelta
from functools import cached_property
from types import TracebackType
from typing import Self

from sqlalchemy.ext.asyncio import AsyncEngine

from flows.outbox.jobs import Job
from flows.ports import Clock
from flows.repositories import (
    Cards,
    Checks,
    CsmChannel,
    Deliveries,
    History,
    HomeViewers,
    Inbox,
    Incidents,
    Installations,
    Integrations,
    Observations,
    Outbox,
    Overviews,
    ReplayRequests,
    Vault,
)
from storage.cipher import Cipher
from storage.engine import reading
from storage.repositories.deliveries import SqlDeliveries
from storage.repositories.history import SqlHistory
from storage.repositories.incidents import SqlIncidents
from storage.repositories.installations import SqlCsmChannel, SqlHomeViewers, SqlInstallations
from storage.repositories.integrations import SqlCards, SqlIntegrations, SqlOverviews
from storage.repositories.messages import SqlInbox, SqlOutbox
from storage.repositories.observations import SqlObservations
from storage.repositories.replay_requests import SqlReplayRequests
from storage.repositories.secrets import SqlChecks, token_vault, write_key_vault
from storage.transaction import Transaction


class SqlUnitOfWork:
    """Fills `flows.ports.UnitOfWork`; a repository is made when it is first used."""

    def __init__(
        self, transaction: Transaction, cipher: Cipher, clock: Clock, *, write: bool
    ) -> None:
        self._transaction = transaction
        self._cipher = cipher
        self._clock = clock
        self._write = write
        self.tenant_id = transaction.tenant_id

    @cached_property
    def integrations(self) -> Integrations:
        return SqlIntegrations(self._transaction)

    @cached_property
    def observations(self) -> Observations:
        return SqlObservations(self._transaction)

    @cached_property
    def incidents(self) -> Incidents:
        return SqlIncidents(self._transaction)

    @cached_property
    def history(self) -> History:
        return SqlHistory(self._transaction)

    @cached_property
    def vault(self) -> Vault:
        return token_vault(self._transaction, self._cipher)

    @cached_property
    def write_keys(self) -> Vault:
        return write_key_vault(self._transaction, self._cipher)

    @cached_property
    def checks(self) -> Checks:
        return SqlChecks(self._transaction, self._cipher)

    @cached_property
    def outbox(self) -> Outbox:
        return SqlOutbox(self._transaction, self._clock)

    @cached_property
    def deliveries(self) -> Deliveries:
        return SqlDeliveries(self._transaction, self._clock)

    @cached_property
    def overviews(self) -> Overviews:
        return SqlOverviews(self._transaction)

    @cached_property
    def replay_requests(self) -> ReplayRequests:
        return SqlReplayRequests(self._transaction)

    @cached_property
    def cards(self) -> Cards:
        return SqlCards(self._transaction)

    @cached_property
    def home_viewers(self) -> HomeViewers:
        return SqlHomeViewers(self._transaction)

    @cached_property
    def inbox(self) -> Inbox:
        return SqlInbox(self._transaction)

    @cached_property
    def installations(self) -> Installations:
        return SqlInstallations(self._transaction, self._cipher)

    @cached_property
    def csm_channel(self) -> CsmChannel:
        return SqlCsmChannel(self._transaction)

    async def enqueue(self, job: Job) -> None:
        at = self._clock.now() + timedelta(seconds=job.delay)
        self._transaction.nudge(job.kind, job.subject, at)

    async def commit(self) -> None:
        if not self._write:
            raise RuntimeError("this unit of work promised only to read")
        await self._transaction.commit()

    async def __aenter__(self) -> Self:
        await self._transaction.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._transaction.close()


class SqlUnitOfWorkFactory:
    """Fills `flows.ports.UnitOfWorkFactory`: a new unit of work for each call.

    `clock` is the real time. `news` is set when something that is due was committed: for a worker
    in the same process.
    """

    def __init__(
        self, engine: AsyncEngine, cipher: Cipher, clock: Clock, news: asyncio.Event | None = None
    ) -> None:
        self._writer = engine
        self._reader = reading(engine)
        self._cipher = cipher
        self._clock = clock
        self._news = news or asyncio.Event()

    def __call__(self, tenant_id: str, *, write: bool = True) -> SqlUnitOfWork:
        engine = self._writer if write else self._reader
        transaction = Transaction(engine, tenant_id, self._clock, self._news)
        return SqlUnitOfWork(transaction, self._cipher, self._clock, write=write)
