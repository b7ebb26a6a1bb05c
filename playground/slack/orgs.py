"""What Enterprise Grid admins do with an app that is installed org-wide."""

from playground.slack.core import Core
from playground.slack.events import Events
from playground.slack.model import Installation
from playground.slack.presence import arrive, depart
from playground.slack.typing_in import NotVisible


class Orgs:
    """Grants the app single workspaces and revokes them. Installing alone grants none."""

    def __init__(self, core: Core, events: Events) -> None:
        self._core = core
        self._events = events

    def grant(self, *team_ids: str) -> None:
        """Grant workspaces of one org. Granting one again changes nothing."""
        installation = self._installation(team_ids)
        fresh = [team for team in team_ids if team not in installation.granted]
        installation.granted += fresh
        for team_id in fresh:
            arrive(self._core, installation, team_id)
        self._tell(installation, "team_access_granted", fresh)

    def revoke(self, *team_ids: str) -> None:
        """Revoke workspaces. The token still works for the org's other workspaces."""
        installation = self._installation(team_ids)
        gone = [team for team in team_ids if team in installation.granted]
        installation.granted = [team for team in installation.granted if team not in gone]
        depart(self._core, installation)
        self._tell(installation, "team_access_revoked", gone)

    def _installation(self, team_ids: tuple[str, ...]) -> Installation:
        orgs = {org.id if org else "" for org in map(self._core.state.enterprise_of, team_ids)}
        if len(orgs) != 1 or "" in orgs:
            raise NotVisible(f"{', '.join(team_ids)} are not workspaces of one org")
        installation = self._core.state.installations.get(orgs.pop())
        if installation is None or not installation.active:
            raise NotVisible("the app is not installed in this org")
        return installation

    def _tell(self, installation: Installation, event: str, team_ids: list[str]) -> None:
        if team_ids:
            self._events.emit(installation, event, {"type": event, "team_ids": team_ids})
