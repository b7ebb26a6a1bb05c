"""The unit of work: one transaction for one tenant, with every repository on it."""

import asyncio
from datetime import timedelta
from functools import cached_property
from types import TracebackType
from typing import Self

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from flows.errors import NotInstalled
from flows.model import Integration, Observed
from flows.outbox.jobs import Job
from flows.ports import Clock, Unguarded
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
    Teams,
    Vault,
)
from storage import tables
from storage.cipher import Cipher
from storage.engine import reading
from storage.repositories.deliveries import SqlDeliveries
from storage.repositories.history import SqlHistory
from storage.repositories.incidents import SqlIncidents
from storage.repositories.installations import (
    SqlCsmChannel,
    SqlHomeViewers,
    SqlInstallations,
    SqlTeams,
)
from storage.repositories.integrations import SqlCards, SqlIntegrations, SqlOverviews
from storage.repositories.messages import SqlInbox, SqlOutbox
from storage.repositories.observations import SqlObservations
from storage.repositories.replay_requests import SqlReplayRequests
from storage.repositories.secrets import SqlChecks, token_vault, write_key_vault
from storage.repositories.situations import SqlSituations
from storage.transaction import Transaction

_i = tables.installations
# SQLite has one writer at a time, so its dialect leaves the lock out.
_LIVING = (
    sa.select(_i.c.tenant_id)
    .where(_i.c.tenant_id == sa.bindparam("tenant"), _i.c.revoked_at.is_(None))
    .with_for_update(read=True)
)


class SqlUnitOfWork:
    """Implements `flows.ports.UnitOfWork`. Makes each repository when it is first used."""

    def __init__(
        self,
        transaction: Transaction,
        cipher: Cipher,
        clock: Clock,
        *,
        write: bool,
        unguarded: Unguarded | None,
    ) -> None:
        self._transaction = transaction
        self._cipher = cipher
        self._clock = clock
        self._write = write
        self._is_guarded = write and unguarded is None
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
    def teams(self) -> Teams:
        return SqlTeams(self._transaction)

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
        """Locks the installation against an uninstall until this transaction ends."""
        await self._transaction.open()
        try:
            if self._is_guarded:
                living = await self._transaction.execute(_LIVING, {"tenant": self.tenant_id})
                if living.one_or_none() is None:
                    raise NotInstalled(self.tenant_id)
        except BaseException:
            await self._transaction.close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._transaction.close()


class SqlUnitOfWorkFactory:
    """Implements `flows.ports.UnitOfWorkFactory`: a new unit of work for each call.

    `clock` is the real time. `news` tells a worker in the same process that something due was
    committed.
    """

    def __init__(
        self, engine: AsyncEngine, cipher: Cipher, clock: Clock, news: asyncio.Event | None = None
    ) -> None:
        self._writer = engine
        self._reader = reading(engine)
        self._cipher = cipher
        self._clock = clock
        self._news = news or asyncio.Event()
        self._situations = SqlSituations(engine)

    async def glance(self, tenant_id: str, team_id: str) -> tuple[Integration, Observed] | None:
        return await self._situations.of_team(tenant_id, team_id)

    def __call__(
        self, tenant_id: str, *, write: bool = True, unguarded: Unguarded | None = None
    ) -> SqlUnitOfWork:
        engine = self._writer if write else self._reader
        transaction = Transaction(engine, tenant_id, self._clock, self._news)
        return SqlUnitOfWork(
            transaction, self._cipher, self._clock, write=write, unguarded=unguarded
        )
