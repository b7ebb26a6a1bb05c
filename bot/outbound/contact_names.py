"""Names of customers' people, for CSMs, whose Slack does not know them."""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace

from bot.outbound.clients import SlackClients
from bot.outbound.installations import Installations
from bot.outbound.people import People
from flows.csm.board import Customer

WITHIN = 1.0  # seconds for all names of a board: a trigger lives three


class ContactNames:
    def __init__(self, installations: Installations, clients: SlackClients, people: People) -> None:
        self._installations = installations
        self._clients = clients
        self._people = people

    async def of(self, tenant_id: str, user_ids: Iterable[str]) -> dict[str, str]:
        """User id → name, of those that Slack knows and can be asked about."""
        found = await self._installations.find(tenant_id)
        if found is None:
            return {}
        client = self._clients.with_token(found[1])
        return await self._people.names(client, user_ids)

    async def with_askers(self, customers: Sequence[Customer]) -> list[Customer]:
        """The same customers with the names of those who asked, as far as they come in time."""
        named: dict[int, Customer] = {}

        async def ask(place: int, customer: Customer) -> None:
            asked_by = customer.overview.need_by
            names = await self.of(customer.tenant_id, [asked_by])
            named[place] = replace(customer, asked_by=names.get(asked_by, ""))

        asking = (ask(place, each) for place, each in enumerate(customers) if each.overview.need_by)
        with suppress(TimeoutError):
            async with asyncio.timeout(WITHIN):
                await asyncio.gather(*asking)
        return [named.get(place, each) for place, each in enumerate(customers)]
