"""The unit of work: one transaction for one tenant, and every repository on it."""

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
from storage.jobs import JobWriter
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
    """Fills `flows.ports.UnitOfWork`."""

    def __init__(
        self, transaction: Transaction, cipher: Cipher, clock: Clock, *, write: bool
    ) -> None:
        self._transaction = transaction
        self._write = write
        self.tenant_id = transaction.tenant_id
        self.integrations: Integrations = SqlIntegrations(transaction)
        self.observations: Observations = SqlObservations(transaction)
        self.incidents: Incidents = SqlIncidents(transaction)
        self.history: History = SqlHistory(transaction)
        self.vault: Vault = token_vault(transaction, cipher)
        self.write_keys: Vault = write_key_vault(transaction, cipher)
        self.checks: Checks = SqlChecks(transaction, cipher)
        self.outbox: Outbox = SqlOutbox(transaction, clock)
        self.deliveries: Deliveries = SqlDeliveries(transaction, clock)
        self.overviews: Overviews = SqlOverviews(transaction)
        self.replay_requests: ReplayRequests = SqlReplayRequests(transaction)
        self.cards: Cards = SqlCards(transaction)
        self.home_viewers: HomeViewers = SqlHomeViewers(transaction)
        self.inbox: Inbox = SqlInbox(transaction)
        self.installations: Installations = SqlInstallations(transaction, cipher)
        self.csm_channel: CsmChannel = SqlCsmChannel(transaction)

    async def enqueue(self, job: Job) -> None:
        await self._transaction.enqueue(job)

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
    """Fills `flows.ports.UnitOfWorkFactory`: a new unit of work for each call."""

    def __init__(self, engine: AsyncEngine, cipher: Cipher, jobs: JobWriter, clock: Clock) -> None:
        self._writer = engine
        self._reader = reading(engine)
        self._cipher = cipher
        self._jobs = jobs
        self._clock = clock

    def __call__(self, tenant_id: str, *, write: bool = True) -> SqlUnitOfWork:
        engine = self._writer if write else self._reader
        transaction = Transaction(engine, tenant_id, self._jobs)
        return SqlUnitOfWork(transaction, self._cipher, self._clock, write=write)
