"""The unit of work: one transaction for one tenant, with every repository on it."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cached_property

from flows.audit import Audit
from flows.checks.limits import Tries
from flows.drawn import Cards, CsmChannel, HomeViewers, OpenedWindows
from flows.entry_links import EntryLinks
from flows.installed import Installations, Teams
from flows.invitations import Invitations
from flows.outbox.jobs import Job
from flows.ports import Clock, Unguarded
from flows.repositories import (
    Checks,
    Deliveries,
    History,
    Inbox,
    Incidents,
    Integrations,
    Observations,
    Outbox,
    Overviews,
    ReplayRequests,
    Requests,
    Vault,
)
from flows.vocabulary import ReceivedEvent
from storage.accepting import accepting
from storage.cipher import Cipher
from storage.connections import Engine
from storage.engine import reading
from storage.looking import Looking
from storage.raw import raw_write
from storage.repositories.deliveries import SqlDeliveries
from storage.repositories.entry_links import SqlEntryLinks
from storage.repositories.history import SqlAudit, SqlHistory
from storage.repositories.installations import (
    SqlCsmChannel,
    SqlHomeViewers,
    SqlInstallations,
    SqlTeams,
)
from storage.repositories.integrations import SqlCards, SqlIntegrations, SqlOverviews, SqlSituations
from storage.repositories.invitations import SqlInvitations
from storage.repositories.messages import SqlInbox, SqlOutbox, SqlRequests, first_request
from storage.repositories.observations import SqlIncidents, SqlObservations
from storage.repositories.replay_requests import SqlReplayRequests
from storage.repositories.secrets import SqlChecks, SqlTokens, SqlTries, SqlWriteKeys
from storage.transaction import Transaction


class SqlUnitOfWork(Transaction):
    """Implements `flows.ports.UnitOfWork`. Makes each repository when it is first used."""

    integrations: cached_property[Integrations] = cached_property(SqlIntegrations)
    observations: cached_property[Observations] = cached_property(SqlObservations)
    incidents: cached_property[Incidents] = cached_property(SqlIncidents)
    vault: cached_property[Vault] = cached_property(SqlTokens)
    write_keys: cached_property[Vault] = cached_property(SqlWriteKeys)
    checks: cached_property[Checks] = cached_property(SqlChecks)
    history: cached_property[History] = cached_property(SqlHistory)
    audit: cached_property[Audit] = cached_property(SqlAudit)
    requests: cached_property[Requests] = cached_property(SqlRequests)
    tries: cached_property[Tries] = cached_property(SqlTries)
    entry_links: cached_property[EntryLinks] = cached_property(SqlEntryLinks)
    outbox: cached_property[Outbox] = cached_property(SqlOutbox)
    deliveries: cached_property[Deliveries] = cached_property(SqlDeliveries)
    overviews: cached_property[Overviews] = cached_property(SqlOverviews)
    replay_requests: cached_property[ReplayRequests] = cached_property(SqlReplayRequests)
    cards: cached_property[Cards] = cached_property(SqlCards)
    home_viewers: cached_property[HomeViewers] = cached_property(SqlHomeViewers)
    inbox: cached_property[Inbox] = cached_property(SqlInbox)
    installations: cached_property[Installations] = cached_property(SqlInstallations)
    teams: cached_property[Teams] = cached_property(SqlTeams)
    invitations: cached_property[Invitations] = cached_property(SqlInvitations)
    csm_channel: cached_property[CsmChannel] = cached_property(SqlCsmChannel)

    async def enqueue(self, job: Job) -> None:
        at = self.clock.now() + timedelta(seconds=job.delay)
        self.wishes.nudge(job.kind, job.subject, at)


class SqlUnitOfWorkFactory:
    """Implements `flows.ports.UnitOfWorkFactory`: a new unit of work for each call.

    `clock` is the real time. `news` is set for the worker in the same process when something due
    was committed. Without `has_channel`, messages for CSMs wait until somebody has bound a channel.
    """

    def __init__(
        self,
        engine: Engine,
        cipher: Cipher,
        clock: Clock,
        news: asyncio.Event | None = None,
        *,
        has_channel: bool = True,
    ) -> None:
        self._has_channel = has_channel
        self._writer = engine
        self._reader = reading(engine)
        self._cipher = cipher
        self._clock = clock
        self._news = news or asyncio.Event()
        situations = SqlSituations(engine)
        self.glance, self.look = situations.of_team, situations.of
        self.home = situations.home
        self._accept = accepting(engine)
        self._requests = raw_write(engine, first_request(engine.dialect.name))
        self._looking = Looking(engine)
        self.saw_home = self._looking.saw_home

    async def accept(self, tenant_id: str, event: ReceivedEvent) -> bool:
        is_new = await self._accept(tenant_id, event, self._clock.now())
        if is_new is None:
            async with self(tenant_id) as work:  # which waits for its turn
                is_new = await work.inbox.accept(event)
                await work.commit()
        if is_new:
            self._news.set()
        return is_new

    async def first(self, tenant_id: str, request: str) -> None:
        asked = {"tenant": tenant_id, "digest": request, "seen_at": self._clock.now()}
        if not await self._requests.rows(asked):
            async with self(tenant_id) as work:  # which says why, or waits for its turn
                await work.requests.first(request)
                await work.commit()

    async def looked(self, looks: Sequence[OpenedWindows], at: datetime) -> None:
        await self._looking.looked(looks, at, self._clock.now())
        if any(look.poll_at for look in looks):
            self._news.set()

    def __call__(
        self, tenant_id: str, *, write: bool = True, unguarded: Unguarded | None = None
    ) -> SqlUnitOfWork:
        engine = self._writer if write else self._reader
        return SqlUnitOfWork(
            engine,
            tenant_id,
            self._clock,
            self._news,
            self._cipher,
            write=write,
            guarded=write and unguarded is None,
            has_channel=self._has_channel,
        )
