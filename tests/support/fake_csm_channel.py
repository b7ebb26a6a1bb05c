"""The CSM channel in the in-memory storage."""

from collections.abc import Sequence
from datetime import datetime

from flows.csm.facts import ChannelBinding
from flows.invitations import Invitation
from tests.support.fake_repositories import Repository


class FakeCsmChannel(Repository):
    async def get(self) -> ChannelBinding | None:
        return self._tables.csm_channel.get(self._tenant_id)

    async def bind(self, binding: ChannelBinding) -> None:
        self._tables.csm_channel[self._tenant_id] = binding
        await self.well()

    async def trouble(self, channel_id: str, error: str, at: datetime) -> bool:
        known = self._tenant_id in self._tables.csm_trouble
        self._tables.csm_trouble.setdefault(self._tenant_id, (channel_id, error, at))
        return not known

    async def current_trouble(self) -> str:
        return self._tables.csm_trouble.get(self._tenant_id, ("", "", None))[1]

    async def well(self) -> None:
        self._tables.csm_trouble.pop(self._tenant_id, None)

    async def next_digest(self) -> datetime | None:
        return self._tables.digests.get(self._tenant_id)

    async def plan_digest(self, at: datetime | None) -> None:
        self._tables.digests.pop(self._tenant_id, None)
        if at:
            self._tables.digests[self._tenant_id] = at


class FakeInvitations(Repository):
    async def put(self, invitation: Invitation) -> None:
        self._tables.invitations[invitation.tenant_id, invitation.account] = (invitation, None)

    async def installed(self, account: str, at: datetime) -> None:
        key = (self._tenant_id, account)
        if key in self._tables.invitations:
            self._tables.invitations[key] = (self._tables.invitations[key][0], at)

    async def waiting(self, now: datetime, limit: int, owner: str = "") -> Sequence[Invitation]:
        found = [
            each
            for each, installed_at in self._tables.invitations.values()
            if each.tenant_id == self._tenant_id and not installed_at and each.expires_at > now
            if owner in ("", each.owner)
        ]
        return sorted(found, key=lambda e: (e.invited_at, e.account), reverse=True)[:limit]
