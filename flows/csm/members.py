"""Who is a CSM: checked in the use case, whatever button or command somebody came through."""

from flows.errors import FlowError
from flows.ports import Directory
from flows.reminders.hours import Person
from flows.vocabulary import Actor

MEMBER_AGE = 60.0  # seconds of real time for which somebody is taken for what they were


class NotCsm(FlowError):
    """Somebody of another Slack workspace, a guest, or a person who has left."""


class Csms:
    """The full members of Toplyne's own Slack workspace.

    `team_id` may be empty until the only workspace there is has been seen (`default_team`).
    """

    def __init__(self, directory: Directory, team_id: str) -> None:
        self._directory = directory
        self._team_id = team_id

    @property
    def team_id(self) -> str:
        return self._team_id

    def default_team(self, team_id: str) -> None:
        """Where CSMs are when no other workspace was set."""
        self._team_id = self._team_id or team_id

    async def require(self, actor: Actor) -> Person:
        """Who this CSM is. Raises `NotCsm`, `DirectoryUnavailable`."""
        if not self._team_id or actor.team_id != self._team_id:
            raise NotCsm(actor.user_id)
        person = await self._directory.person(actor.tenant_id, actor.user_id, max_age=MEMBER_AGE)
        if person is None or not person.is_active or not person.is_full_member:
            raise NotCsm(actor.user_id)
        if self._team_id not in person.teams:
            raise NotCsm(actor.user_id)
        return person
