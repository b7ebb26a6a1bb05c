"""The people of a customer's Slack workspace: asked whenever a reminder falls due, never kept.

Nobody tells an app in time that somebody moved or left, and reminders are rare.
"""

from bot.authorize import Installations
from bot.slack import SlackClients
from bot.slack_errors import UNREACHABLE, Verdict, error_name, verdict_of
from flows.errors import DirectoryUnavailable
from flows.working_hours import Person


class SlackDirectory:
    """Fills `flows.reminding.Directory`."""

    def __init__(self, installations: Installations, clients: SlackClients) -> None:
        self._installations = installations
        self._clients = clients

    async def person(self, tenant_id: str, user_id: str) -> Person | None:
        found = await self._installations.find(tenant_id)
        if found is None:
            raise DirectoryUnavailable(tenant_id)
        client = self._clients.with_token(found[1])
        try:
            answer = await client.users_info(user=user_id, include_locale=True)
        except UNREACHABLE as error:
            if verdict_of(error) is Verdict.GONE:
                return None
            raise DirectoryUnavailable(error_name(error)) from error
        user = answer.get("user") or {}
        return Person(
            time_zone=str(user.get("tz") or ""),
            locale=str(user.get("locale") or ""),
            is_active=not user.get("deleted"),
        )
