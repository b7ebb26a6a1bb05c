"""The in-memory storage: where the app is, what Slack tells it, and who looks at its Home."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pydantic import SecretStr

from flows.errors import NotFound
from flows.installed import Installation, Team
from flows.outbox.jobs import Job, JobKind
from flows.vocabulary import LEAVING, ReceivedEvent
from tests.support.fake_repositories import Repository


class FakeInstallations(Repository):
    async def get(self) -> Installation | None:
        return self._row()[0]

    async def hold(self) -> Installation | None:
        return self._row()[0]

    async def token(self) -> SecretStr | None:
        return self._row()[1]

    async def put(
        self, installation: Installation, token: SecretStr, refresh: SecretStr | None = None
    ) -> None:
        if installation.tenant_id != self._tenant_id:
            raise ValueError("this installation belongs to another tenant")
        self._tables.installations[self._tenant_id] = (installation, token)
        self._tables.refresh[self._tenant_id] = (refresh, None)
        if not installation.is_enterprise_install:
            before = self._tables.teams.get(self._key(installation.team_id))
            at = before.granted_at if before and not before.left_at else installation.installed.at
            team = Team(installation.team_id, installation.team_name, at)
            self._tables.teams[self._key(team.team_id)] = team

    async def claim_refresh(
        self, expires_at: datetime, now: datetime, until: datetime
    ) -> SecretStr | None:
        installation, _ = self._row()
        refresh, claimed = self._tables.refresh.get(self._tenant_id, (None, None))
        if installation is None or installation.expires_at != expires_at:
            return None
        if claimed and claimed >= now:
            return None
        self._tables.refresh[self._tenant_id] = (refresh, until)
        return refresh

    async def refreshed(
        self, expired_at: datetime, token: SecretStr, refresh: SecretStr, expires_at: datetime
    ) -> None:
        installation, _ = self._row()
        if installation and installation.expires_at == expired_at:
            await self.put(replace(installation, expires_at=expires_at), token, refresh)

    async def refused(self, since: datetime | None) -> bool:
        installation, token = self._row()
        if installation is None or installation.revoked_at:
            return False
        changed = replace(installation, refused_at=since)
        self._tables.installations[self._tenant_id] = (changed, token)
        return True

    async def revoke(self, at: datetime) -> None:
        installation, _ = self._row()
        if installation is not None:
            revoked = replace(installation, revoked_at=at, expires_at=None)
            self._tables.installations[self._tenant_id] = (revoked, None)
            self._tables.refresh.pop(self._tenant_id, None)
        for key, team in self._tables.teams.items():
            if key[0] == self._tenant_id and team.left_at is None:
                self._tables.teams[key] = replace(team, left_at=at)

    def _row(self) -> tuple[Installation | None, SecretStr | None]:
        return self._tables.installations.get(self._tenant_id, (None, None))


class FakeTeams(Repository):
    async def get(self, team_id: str) -> Team | None:
        return self._tables.teams.get(self._key(team_id))

    async def grant(self, team_id: str, name: str, at: datetime) -> None:
        self._tables.teams[self._key(team_id)] = Team(team_id, name, at)

    async def leave(self, team_id: str, at: datetime) -> None:
        if team := await self.get(team_id):
            self._tables.teams[self._key(team_id)] = replace(team, left_at=at)

    async def left(self) -> Sequence[str]:
        teams = self._tables.teams.items()
        own = (team for (tenant_id, _), team in teams if tenant_id == self._tenant_id)
        return [team.team_id for team in own if team.left_at]


class FakeHomeViewers(Repository):
    async def seen(self, user_id: str, team_id: str, at: datetime) -> None:
        self._tables.home_viewers[self._key(user_id)] = (team_id, at)
        self._tables.homes_drawn[self._key(user_id)] = ""

    async def drawn(self, user_id: str) -> str | None:
        return self._tables.homes_drawn.get(self._key(user_id))

    async def keep_drawn(self, user_id: str, mark: str) -> None:
        if self._key(user_id) in self._tables.home_viewers:
            self._tables.homes_drawn[self._key(user_id)] = mark

    async def forget(self, user_id: str) -> None:
        self._tables.home_viewers.pop(self._key(user_id), None)
        self._tables.homes_drawn.pop(self._key(user_id), None)

    async def recent(self, team_id: str, limit: int) -> Sequence[str]:
        own = [
            (at, user_id)
            for (tenant_id, user_id), (team, at) in self._tables.home_viewers.items()
            if (tenant_id, team) == (self._tenant_id, team_id)
        ]
        return [
            user_id for _, user_id in sorted(own, key=lambda row: (-row[0].timestamp(), row[1]))
        ][:limit]


class FakeInbox(Repository):
    async def accept(self, event: ReceivedEvent) -> bool:
        key = self._key(event.event_id)
        if key in self._tables.inbox:
            return False
        self._tables.inbox[key] = event
        self._tables.enqueue(Job(JobKind.EVENT, self._tenant_id, event.event_id))
        return True

    async def get(self, event_id: str) -> ReceivedEvent:
        found = self._tables.inbox.get(self._key(event_id))
        if found is None:
            raise NotFound(event_id)
        return found

    async def tells_of_leaving(self, *, surely: bool = True) -> bool:
        own = [e for (tenant, _), e in self._tables.inbox.items() if tenant == self._tenant_id]
        sure = [e for e in own if not surely or e.team_id in ("", self._tenant_id)]
        tells = any(e.kind in LEAVING and e not in self._tables.closed for e in sure)
        jobs = [job.kind for job in self._tables.jobs if job.tenant_id == self._tenant_id]
        return tells or (not surely and JobKind.CONFIRM_TOKEN in jobs)

    async def close(self, event_id: str, error: str = "") -> None:
        self._tables.closed.append(await self.get(event_id))
        if error:
            self._tables.failed_events[self._key(event_id)] = error
