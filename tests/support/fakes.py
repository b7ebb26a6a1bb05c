"""An in-memory storage with the same behaviour as the real one, for pure tests of use cases."""

import asyncio
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import Self

from pydantic import SecretStr

from flows.audit import Audit
from flows.checks.limits import Tries
from flows.drawn import Cards, CsmChannel, HomeViewers, OpenedWindows, SeenHome
from flows.entry_links import EntryLinks
from flows.errors import NotFound, NotInstalled, StorageUnavailable
from flows.installed import Installation, Installations, Team, Teams
from flows.invitations import Invitations
from flows.model import Integration, Observed
from flows.outbox.jobs import Job
from flows.outbox.messages import StoredMessage
from flows.outbox.windows import MAX_WINDOWS, OPEN_FOR
from flows.ports import Unguarded
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
from flows.vocabulary import ReceivedEvent, Stamp
from tests.support import fake_repositories as repositories
from tests.support.fake_csm_channel import FakeCsmChannel, FakeInvitations
from tests.support.fake_deliveries import FakeDeliveries
from tests.support.fake_guards import FakeAudit, FakeEntryLinks, FakeRequests, FakeTries
from tests.support.fake_installations import (
    FakeHomeViewers,
    FakeInbox,
    FakeInstallations,
    FakeTeams,
)
from tests.support.fake_observations import FakeIncidents, FakeObservations
from tests.support.fake_tables import FakeClock, Tables

LOCK_TIMEOUT = 5.0  # seconds: a writer inside a writer must fail, not hang


class FakeStorage:
    """Implements `flows.ports.UnitOfWorkFactory` and keeps what was committed in `tables`.

    `available = False` makes every unit of work fail, as if the database were away.
    """

    def __init__(self, clock: FakeClock | None = None) -> None:
        self.clock = clock or FakeClock()
        self.tables = Tables()
        self.available = True
        self.writer = asyncio.Lock()

    def __call__(
        self, tenant_id: str, *, write: bool = True, unguarded: Unguarded | None = None
    ) -> "FakeUnitOfWork":
        return FakeUnitOfWork(self, tenant_id, write, is_guarded=write and unguarded is None)

    def install(self, *tenant_ids: str) -> None:
        """Installs the app in these Slack workspaces without telling anybody."""
        for each in tenant_ids:
            stamp = Stamp("", self.clock.now())
            made = Installation(each, each, "", False, each, "", "", "", (), stamp)
            self.tables.installations[each] = (made, SecretStr("of the bot"))
            self.tables.teams[each, each] = Team(each, each, stamp.at)

    def is_installed(self, tenant_id: str) -> bool:
        installation, _ = self.tables.installations.get(tenant_id, (None, None))
        return installation is not None and installation.revoked_at is None

    async def glance(self, tenant_id: str, team_id: str) -> tuple[Integration, Observed] | None:
        async with self(tenant_id, write=False) as work:
            integration = await work.integrations.of_team(team_id)
            if integration is None:
                return None
            observed = await work.observations.of(integration.id)
        checks = {
            check.user_id: f"{check.id} {check.kind}"
            for (tenant, _), (check, _) in self.tables.checks.items()
            if (tenant, check.integration_id) == (tenant_id, integration.id) and not check.is_held
        }
        return integration, replace(observed, checks=checks, windows={})

    async def home(self, tenant_id: str, team_id: str, user_id: str) -> SeenHome:
        seen = await self.glance(tenant_id, team_id)
        async with self(tenant_id, write=False) as work:
            drawn = await work.home_viewers.drawn(user_id)
            said = await work.history.latest(seen[0].id, 1) if seen else ()
        return SeenHome(seen, (str(said[0].sequence) if said else None,), drawn)

    async def look(self, tenant_id: str, integration_id: str) -> tuple[Integration, Observed]:
        async with self(tenant_id, write=False) as work:
            installation = await work.installations.get()
            if installation is None or installation.revoked_at:
                raise NotFound(integration_id)
            integration = await work.integrations.get(integration_id)
            observed = await work.observations.of(integration.id)
        return integration, replace(observed, windows={})

    async def accept(self, tenant_id: str, event: ReceivedEvent) -> bool:
        async with self(tenant_id) as work:
            is_new = await work.inbox.accept(event)
            await work.commit()
        return is_new

    async def first(self, tenant_id: str, request: str) -> None:
        async with self(tenant_id) as work:
            await work.requests.first(request)
            await work.commit()

    async def looked(self, looks: Sequence[OpenedWindows], at: datetime) -> None:
        for look in looks:
            with suppress(NotInstalled, NotFound):
                async with self(look.tenant_id) as work:
                    await work.integrations.get(look.integration_id)
                    await _look(work, look, at)
                    await work.commit()

    async def saw_home(
        self, tenant_id: str, team_id: str, user_id: str, mark: str, at: datetime
    ) -> None:
        with suppress(NotInstalled):
            async with self(tenant_id) as work:
                await work.home_viewers.seen(user_id, team_id, at)
                await work.home_viewers.keep_drawn(user_id, mark)
                await work.commit()

    @property
    def jobs(self) -> Sequence[Job]:
        return tuple(self.tables.jobs)

    @property
    def messages(self) -> Sequence[StoredMessage]:
        return tuple(self.tables.outbox.values())


class FakeUnitOfWork:
    """Works on a copy, which commit puts in place. One writer at a time, as on SQLite."""

    def __init__(
        self, storage: FakeStorage, tenant_id: str, write: bool, *, is_guarded: bool
    ) -> None:
        self._storage = storage
        self._is_guarded = is_guarded
        self._write = write
        self._tables: Tables | None = None
        self.tenant_id = tenant_id
        self.clock = storage.clock
        self.integrations: Integrations = repositories.FakeIntegrations(self)
        self.observations: Observations = FakeObservations(self)
        self.incidents: Incidents = FakeIncidents(self)
        self.history: History = repositories.FakeHistory(self)
        self.audit: Audit = FakeAudit(self)
        self.requests: Requests = FakeRequests(self)
        self.tries: Tries = FakeTries(self)
        self.entry_links: EntryLinks = FakeEntryLinks(self)
        self.vault: Vault = repositories.FakeVault(self)
        self.write_keys: Vault = repositories.FakeWriteKeys(self)
        self.checks: Checks = repositories.FakeChecks(self)
        self.outbox: Outbox = repositories.FakeOutbox(self)
        self.deliveries: Deliveries = FakeDeliveries(self)
        self.overviews: Overviews = repositories.FakeOverviews(self)
        self.replay_requests: ReplayRequests = repositories.FakeReplayRequests(self)
        self.cards: Cards = repositories.FakeCards(self)
        self.home_viewers: HomeViewers = FakeHomeViewers(self)
        self.inbox: Inbox = FakeInbox(self)
        self.installations: Installations = FakeInstallations(self)
        self.teams: Teams = FakeTeams(self)
        self.csm_channel: CsmChannel = FakeCsmChannel(self)
        self.invitations: Invitations = FakeInvitations(self)

    @property
    def tables(self) -> Tables:
        if self._tables is None:
            raise RuntimeError("a unit of work is used inside `async with`")
        if not self._storage.available:
            raise StorageUnavailable("switched off")
        return self._tables

    async def enqueue(self, job: Job) -> None:
        self.tables.enqueue(job)

    async def commit(self) -> None:
        if not self._write:
            raise RuntimeError("this unit of work promised only to read")
        self._storage.tables = self.tables
        self._tables = self.tables.copied()

    async def __aenter__(self) -> Self:
        if not self._storage.available:
            raise StorageUnavailable("switched off")
        if self._write:
            await self._lock()
        if self._is_guarded and not self._storage.is_installed(self.tenant_id):
            self._storage.writer.release()
            raise NotInstalled(self.tenant_id)
        self._tables = self._storage.tables.copied()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._tables = None
        if self._write:
            self._storage.writer.release()

    async def _lock(self) -> None:
        try:
            await asyncio.wait_for(self._storage.writer.acquire(), LOCK_TIMEOUT)
        except TimeoutError:
            raise StorageUnavailable("locked") from None


class FakeTenants:
    """Implements `flows.ports.Tenants`, for whole tenants."""

    def __init__(self, storage: FakeStorage) -> None:
        self._storage = storage

    async def of_team(self, team_id: str) -> str | None:
        return next(iter(await self.reaching(team_id)), None)

    async def answering(self, named: str, team_id: str) -> str | None:
        found = await self.reaching(team_id)
        return found[0] if named in found else None

    async def reaching(self, team_id: str) -> list[str]:
        found = [
            (self._holds(tenant_id, team_id), team.granted_at, tenant_id != team_id, tenant_id)
            for (tenant_id, own), team in self._storage.tables.teams.items()
            if own == team_id and team.left_at is None
        ]
        return [found_id for *_, found_id in sorted(found)]

    def _holds(self, tenant_id: str, team_id: str) -> int:
        tables = self._storage.tables
        held = tables.integrations.values()
        if any((each.tenant_id, each.team_id) == (tenant_id, team_id) for each in held):
            return 0
        return 1 if tenant_id in tables.csm_channel else 2

    async def is_sending(self, tenant_id: str) -> bool:
        return False

    async def erase(self, tenant_id: str, at: datetime) -> bool:
        if not self._storage.is_installed(tenant_id):
            self._storage.tables.erase(tenant_id)
        return True


class FakeOAuthStates:
    """Implements `flows.ports.OAuthStates`. States do not expire."""

    def __init__(self) -> None:
        self._states: dict[str, str] = {}

    def issue(self, carried: str = "") -> str:
        state = secrets.token_urlsafe(32)
        self._states[state] = carried
        return state

    async def consume(self, state: str) -> str | None:
        return self._states.pop(state, None)


async def _look(work: "FakeUnitOfWork", look: OpenedWindows, at: datetime) -> None:
    for window in look.windows:
        FakeObservations(work).put_window(look.integration_id, window, at)
    windows = (await work.observations.of(look.integration_id)).windows
    newest = sorted(windows, key=lambda name: (windows[name], name in look.windows))[-MAX_WINDOWS:]
    old = [name for name in windows if name not in newest or at - windows[name] >= OPEN_FOR]
    await work.observations.forget_windows(look.integration_id, old)
    if look.poll_at:
        await work.observations.put_waited(look.integration_id, at)
        overview = await work.overviews.get(look.integration_id)
        if overview and overview.next_poll_at and overview.next_poll_at > look.poll_at:
            await work.overviews.put(replace(overview, next_poll_at=look.poll_at))
