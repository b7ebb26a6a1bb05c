"""Message URLs, built from the URL of the Slack workspace, without a call for each message."""

from bot.outbound.clients import InstallationLookup, SlackClients
from bot.outbound.errors import UNREACHABLE
from bot.views.csm.labels import CardUrl
from flows.csm.board import Customer


class Permalinks:
    """Asks Slack once for a workspace's URL and remembers it."""

    def __init__(self, installations: InstallationLookup, clients: SlackClients) -> None:
        self._installations = installations
        self._clients = clients
        self._addresses: dict[str, str] = {}

    async def cards(self, tenant_id: str) -> CardUrl:
        """Returns a function that gives the URL of a customer's card in this workspace."""
        address = await self._address(tenant_id)

        def url(customer: Customer) -> str:
            card = customer.card
            if card is None or not address:
                return ""
            return f"{address}archives/{card.channel_id}/p{card.ts.replace('.', '')}"

        return url

    async def _address(self, tenant_id: str) -> str:
        if tenant_id not in self._addresses:
            found = await self._installations.find(tenant_id)
            if found is None:
                return ""
            try:
                answer = await self._clients.with_token(found[1]).auth_test()
            except UNREACHABLE:
                return ""  # a board without links is better than no board
            self._addresses[tenant_id] = str(answer.get("url") or "")
        return self._addresses[tenant_id]
