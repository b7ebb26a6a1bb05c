"""The name of a customer's contact, for CSMs, whose Slack does not know that person."""

from bot.outbound.clients import SlackClients
from bot.outbound.installations import Installations
from bot.outbound.people import People
from flows.model import Situation
from flows.outbox.announce import contact


class ContactNames:
    def __init__(self, installations: Installations, clients: SlackClients, people: People) -> None:
        self._installations = installations
        self._clients = clients
        self._people = people

    async def of_contact(self, tenant_id: str, situation: Situation) -> dict[str, str]:
        """User id → name; empty where Slack cannot be asked."""
        found = await self._installations.find(tenant_id)
        if found is None:
            return {}
        client = self._clients.with_token(found[1])
        return await self._people.names(client, [contact(situation.integration)])
