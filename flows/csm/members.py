"""Who is a CSM. Each use case checks it, regardless of the button or command used."""

import time

from flows.errors import FlowError
from flows.ports import Directory, Tenants
from flows.setup.permissions import acting_person
from flows.vocabulary import Actor, Person

TENANT_AGE = 60.0  # seconds of real time for which we rely on a known installation


class NotCsm(FlowError):
    """The person is of another Slack workspace, a guest, or has left."""


class CsmTeam:
    """Toplyne's own Slack workspace, and the installation that reaches it.

    The installation may be an organisation's. `team_id` may be empty until the only workspace
    is known (`default`).
    """

    def __init__(self, tenants: Tenants, team_id: str) -> None:
        self.team_id = team_id
        self._tenants = tenants
        self._tenant: tuple[float, str] | None = None

    def default(self, team_id: str) -> None:
        """Makes this the CSMs' workspace if no other was set."""
        self.team_id = self.team_id or team_id

    async def tenant_id(self, *, anew: bool = False) -> str:
        """The tenant that answers in the workspace, or the workspace's id if none does."""
        if not self.team_id:
            return ""
        if not anew and self._tenant and time.monotonic() - self._tenant[0] < TENANT_AGE:
            return self._tenant[1]
        found = await self._tenants.of_team(self.team_id)
        self._tenant = (time.monotonic(), found) if found else None
        return found or self.team_id


class Csms:
    """The full members of Toplyne's own Slack workspace."""

    def __init__(self, directory: Directory, team: CsmTeam) -> None:
        self.team = team
        self._directory = directory

    async def require(self, actor: Actor) -> Person:
        """The CSM as a person. Raises `NotCsm`, `DirectoryUnavailable`."""
        team_id = self.team.team_id
        if not team_id or actor.team_id != team_id:
            raise NotCsm(actor.user_id)
        person = await acting_person(self._directory, actor)
        if person is None or not person.is_member_of(team_id):
            raise NotCsm(actor.user_id)
        return person

    async def has_left(self, actor: Actor, user_id: str) -> bool:
        """Whether somebody of the actor's workspace left it. Raises `DirectoryUnavailable`."""
        person = await self._directory.person(actor.tenant_id, user_id)
        return person is None or not person.is_active
