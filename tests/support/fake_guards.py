"""The in-memory storage's audit trail, tries to enter credentials, and requests seen before."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from flows.audit import AuditEntry
from flows.checks.limits import TooSoon, Try, TryLimits, too_soon
from flows.entry_links import EntryLink
from flows.errors import Repeated
from flows.vocabulary import Actor
from tests.support.fake_repositories import Repository


class FakeAudit(Repository):
    async def add(self, entry: AuditEntry) -> None:
        rows = self._tables.audit
        if not entry.once or all(key != self._key(entry.once) for key, _ in rows):
            rows.append((self._key(entry.once), entry))

    async def latest(self, team_id: str, limit: int) -> Sequence[AuditEntry]:
        own = [entry for (tenant_id, _), entry in self._tables.audit if self._is(tenant_id)]
        return [each for each in reversed(own) if each.team_id == team_id][:limit]

    def _is(self, tenant_id: str) -> bool:
        return tenant_id == self._tenant_id


class FakeRequests(Repository):
    async def first(self, request: str) -> None:
        if request in self._tables.requests:
            raise Repeated
        self._tables.requests.append(request)


class FakeEntryLinks(Repository):
    async def put(self, link: EntryLink) -> None:
        same = (link.tenant_id, link.integration_id, link.screen, link.user_id)
        self._tables.entry_links[same] = link

    async def use(self, link_id: str, at: datetime) -> None:
        for key, link in self._tables.entry_links.items():
            if (link.tenant_id, link.id, link.used_at) == (self._tenant_id, link_id, None):
                self._tables.entry_links[key] = replace(link, used_at=at)
                return
        raise Repeated


class FakeTries(Repository):
    async def begin(
        self, who: Actor, integration_id: str, limits: TryLimits, lease: float
    ) -> TooSoon | None:
        now, rows = self._unit.clock.now(), self._tables.tries
        own = [each for tenant_id, each in rows if tenant_id == self._tenant_id]
        if found := too_soon(who, integration_id, own, limits, now):
            return found
        until = now + timedelta(seconds=lease)
        made = Try(who.user_id, who.team_id, integration_id, now, until)
        rows.append((self._tenant_id, made))
        return None

    async def end(self, integration_id: str) -> None:
        now = self._unit.clock.now()
        self._tables.tries = [
            (tenant_id, replace(each, runs_until=min(each.runs_until, now)))
            if (tenant_id, each.integration_id) == (self._tenant_id, integration_id)
            else (tenant_id, each)
            for tenant_id, each in self._tables.tries
        ]
