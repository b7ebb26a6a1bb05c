"""Looks up installations and their bot tokens, and remembers them for a minute."""

import time
from collections import OrderedDict

from pydantic import SecretStr

from flows.model import Installation
from flows.ports import UnitOfWorkFactory

REMEMBERED = 60.0  # seconds; the process that receives an uninstall forgets at once
MOST_REMEMBERED = 2000


class InstallationLookup:
    """Installations and their bot tokens, by tenant."""

    def __init__(self, uow: UnitOfWorkFactory) -> None:
        self._uow = uow
        self._known: OrderedDict[str, tuple[float, Installation, SecretStr]] = OrderedDict()

    async def find(self, tenant_id: str) -> tuple[Installation, SecretStr] | None:
        """Returns the installation and its token. None if the app is not installed there."""
        known = self._known.get(tenant_id)
        if known and time.monotonic() - known[0] < REMEMBERED:
            return known[1], known[2]
        async with self._uow(tenant_id, write=False) as work:
            installation = await work.installations.get()
            token = await work.installations.token()
        if installation is None or token is None:
            self.forget(tenant_id)
            return None
        self._known[tenant_id] = (time.monotonic(), installation, token)
        self._known.move_to_end(tenant_id)
        while len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)
        return installation, token

    async def reaches(self, tenant_id: str, team_id: str) -> bool:
        """Whether an organisation's admins have let the app into this Slack workspace."""
        async with self._uow(tenant_id, write=False) as work:
            team = await work.teams.get(team_id)
        return team is not None and team.left_at is None

    def forget(self, tenant_id: str) -> None:
        self._known.pop(tenant_id, None)
