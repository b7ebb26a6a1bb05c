"""All cards are drawn once a channel was bound."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

from flows.errors import NotInstalled
from flows.outbox.intents import draws_card
from flows.ports import UnitOfWork, UnitOfWorkFactory

CUSTOMERS_AT_ONCE = 100


class Everybody(Protocol):
    """A part of `flows.csm.board.Customers`."""

    async def everybody(self, after: tuple[str, str], limit: int) -> Sequence[tuple[str, str]]:
        """Pages through all tenants and integrations, in this order."""
        ...


class Redrawing:
    """Redraws all cards after a channel was bound.

    Missing cards are posted, others drawn. Messages that waited for the channel go on at once.
    """

    def __init__(self, uow: UnitOfWorkFactory, customers: Everybody) -> None:
        self._uow = uow
        self._customers = customers

    async def redraw(self, csm_tenant_id: str, channel_id: str) -> None:
        """Redraws all cards. A repeat for the same binding draws none twice."""
        async with self._uow(csm_tenant_id, write=False) as work:
            binding = await work.csm_channel.get()
        if binding is None or binding.channel_id != channel_id:
            return  # bound elsewhere meanwhile, which redraws them too
        mark = f"{channel_id}:{binding.bound.at.timestamp():.3f}"
        after = ("", "")
        while page := await self._customers.everybody(after, CUSTOMERS_AT_ONCE):
            for tenant_id, integration_id in page:
                with suppress(NotInstalled):
                    async with self._uow(tenant_id) as work:
                        await _draw(work, integration_id, mark)
                        await work.commit()
            after = page[-1]


async def _draw(work: UnitOfWork, integration_id: str, mark: str) -> None:
    if not await work.integrations.exists(integration_id):
        return
    if known := await work.cards.get(integration_id):
        await work.cards.put(replace(known, drawn=""))  # it may have been deleted
    card = draws_card(integration_id, f"bound:{mark}")
    await work.outbox.hurry(card.conversation)
    await work.outbox.add(card)
