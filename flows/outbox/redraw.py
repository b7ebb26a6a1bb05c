"""Posts or draws all status cards anew, after a channel was bound."""

from flows.errors import NotFound
from flows.outbox.jobs import Due
from flows.outbox.messages import CSM_CONVERSATIONS, Message, MessageKind
from flows.ports import UnitOfWork, UnitOfWorkFactory
from flows.repositories import Agenda

PAGE = 100


class Redrawing:
    """Missing cards are posted, others drawn; what waited for the channel goes on at once."""

    def __init__(self, uow: UnitOfWorkFactory, agenda: Agenda) -> None:
        self._uow = uow
        self._agenda = agenda

    async def redraw(self, csm_tenant_id: str, channel_id: str) -> None:
        """All cards; doing it twice for one binding draws each once."""
        async with self._uow(csm_tenant_id, write=False) as work:
            binding = await work.csm_channel.get()
        if binding is None or binding.channel_id != channel_id:
            return  # bound elsewhere meanwhile, which redraws them too
        mark = f"{channel_id}:{binding.bound.at.timestamp():.3f}"
        after: Due | None = None
        while page := await self._agenda.everybody(after, PAGE):
            for each in page:
                async with self._uow(each.tenant_id) as work:
                    await _draw(work, each.subject, mark)
                    await work.commit()
            after = page[-1]


async def _draw(work: UnitOfWork, integration_id: str, mark: str) -> None:
    try:
        await work.integrations.get(integration_id)
    except NotFound:
        return
    conversation = f"{CSM_CONVERSATIONS}{integration_id}"
    await work.outbox.hurry(conversation)
    key = f"card:{integration_id}:bound:{mark}"
    await work.outbox.add(Message(MessageKind.CARD, conversation, key, integration_id))
