"""Names of an organisation's Slack workspaces."""

from collections.abc import Mapping

from bot.outbound.clients import InstallationLookup, SlackClients
from bot.outbound.errors import UNREACHABLE, error_name
from bot.outbound.names import first_seen
from flows.errors import DirectoryUnavailable

TEAMS_PAGE, MOST_PAGES = 1000, 10


class TeamNames:
    """Implements `flows.setup.installations.NamesOfTeams` for workspaces that the app may be in."""

    def __init__(self, installations: InstallationLookup, clients: SlackClients) -> None:
        self._installations = installations
        self._clients = clients

    async def __call__(self, tenant_id: str) -> Mapping[str, str]:
        """Returns names by team id. Raises `DirectoryUnavailable` unless Slack tells all."""
        found = await self._installations.find(tenant_id)
        if found is None:
            return {}
        client, names, cursor = self._clients.with_token(found[1]), dict[str, str](), ""
        for _ in range(MOST_PAGES):
            try:
                answer = await client.auth_teams_list(limit=TEAMS_PAGE, cursor=cursor)
            except UNREACHABLE as error:
                raise DirectoryUnavailable(error_name(error)) from error
            names |= {
                team["id"]: first_seen(team["name"], team["id"])
                for team in answer.get("teams") or ()
            }
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                break
        return names
