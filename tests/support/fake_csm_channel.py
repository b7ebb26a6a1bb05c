"""The CSM channel in the in-memory storage."""

from datetime import datetime

from flows.csm.facts import ChannelBinding
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
