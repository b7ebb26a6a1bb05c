"""Redraws what shows where customers are: cards and App Homes."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

from flows.errors import NotFound, NotInstalled
from flows.history import Event
from flows.model import Observed, Situation
from flows.outbox.bodies import DrawCard, DrawHome
from flows.outbox.messages import CSM_CONVERSATIONS, Message
from flows.ports import UnitOfWork, UnitOfWorkFactory

AT_ONCE = 100
MAX_HOMES = 20  # App Homes redrawn after a change


async def draw_screens(
    work: UnitOfWork, before: Situation, after: Situation, events: Sequence[Event]
) -> None:
    """A reaction to every change: redraws the card and the Homes that were opened last, if they
    may look otherwise now.

    A look that learned nothing redraws at most once a day, for what only time changes.
    """
    integration = after.integration
    if not events and integration is before.integration and _looks_alike(before, after):
        return
    mark = f"{integration.revision}:{after.now.timestamp():.3f}"
    await work.outbox.add(_card(integration.id, mark))
    for user_id in await work.home_viewers.recent(integration.team_id, MAX_HOMES):
        await work.outbox.add(home_message(user_id, mark, integration.id))


def _looks_alike(before: Situation, after: Situation) -> bool:
    """Whether cards and Homes show the same of both. Counts and times stand in none."""
    one, other, looked_at = before.observed, after.observed, before.observed.looked_at
    if looked_at is None or looked_at.date() != after.now.date():
        return False
    return one.token == other.token and _seen(one) == _seen(other)


def _seen(observed: Observed) -> dict[str, object]:
    return {
        source_id: (
            status.enabled,
            status.destination,
            status.first_delivered_at,
            status.since,
            status.stopped_at,
            status.deleted,
            status.unheard,
        )
        for source_id, status in observed.statuses.items()
    }


def home_message(user_id: str, mark: str, integration_id: str = "") -> Message:
    """The intent to redraw one person's App Home."""
    conversation, key = f"home:{user_id}", f"home:{user_id}:{mark}"
    return Message(DrawHome(), conversation, key, integration_id)


def _card(integration_id: str, mark: str) -> Message:
    conversation = f"{CSM_CONVERSATIONS}{integration_id}"
    return Message(DrawCard(), conversation, f"card:{integration_id}:{mark}", integration_id)


class Everybody(Protocol):
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
        while page := await self._customers.everybody(after, AT_ONCE):
            for tenant_id, integration_id in page:
                with suppress(NotInstalled):
                    async with self._uow(tenant_id) as work:
                        await _draw(work, integration_id, mark)
                        await work.commit()
            after = page[-1]


async def _draw(work: UnitOfWork, integration_id: str, mark: str) -> None:
    try:
        await work.integrations.get(integration_id)
    except NotFound:
        return
    if known := await work.cards.get(integration_id):
        await work.cards.put(replace(known, drawn=""))  # it may have been deleted
    card = _card(integration_id, f"bound:{mark}")
    await work.outbox.hurry(card.conversation)
    await work.outbox.add(card)
