"""After the app has left: the CSMs read it on the card, and everything is deleted."""

from collections.abc import Awaitable, Callable

from flows.errors import NotInstalled
from flows.outbox.bodies import CustomerLeft
from flows.outbox.messages import CSM_CONVERSATIONS, Message
from flows.ports import Clock, Tenants, UnitOfWork, UnitOfWorkFactory

CsmTenant = Callable[[], Awaitable[str]]


class Erasing:
    """One job for each tenant, repeated until nothing is left: twice is once.

    `csm_tenant` tells in which tenant the CSMs' channel is.
    """

    def __init__(
        self, uow: UnitOfWorkFactory, tenants: Tenants, csm_tenant: CsmTenant, clock: Clock
    ) -> None:
        self._uow = uow
        self._tenants = tenants
        self._csm_tenant = csm_tenant
        self._clock = clock

    async def erase(self, tenant_id: str, *, at_once: bool = False) -> bool:
        """Of the whole tenant or of those Slack workspaces of an organisation that have left.

        False when something has to wait. Unless it must be `at_once`, what is being sent is waited
        for: no earlier card may be drawn over the last one. Nothing new can begin.
        """
        if not at_once and await self._tenants.is_sending(tenant_id):
            return False
        await self._say_farewell(tenant_id)
        return await self._tenants.erase(tenant_id, self._clock.now())

    async def _say_farewell(self, tenant_id: str) -> None:
        """The card stands in the CSMs' Slack, so what is last said on it is theirs to send."""
        async with self._uow(tenant_id, write=False) as work:
            farewells = await _farewells(work)
        if not farewells:
            return
        try:
            async with self._uow(await self._csm_tenant()) as work:
                for each in farewells:
                    await work.outbox.add(each)
                await work.commit()
        except NotInstalled:
            return  # nobody can edit the card any more


async def _farewells(work: UnitOfWork) -> list[Message]:
    """Also of one who left before there was a card: then it stands by itself in the channel."""
    found: list[Message] = []
    for integration in await work.integrations.all():
        team = await work.teams.get(integration.team_id)
        if team is None or team.left_at is None:
            continue
        card, csm = await work.cards.get(integration.id), integration.csm
        channel_id, ts = (card.channel_id, card.ts) if card else ("", "")
        owner = csm.owner.by if csm.owner else ""
        left = CustomerLeft(team.name, channel_id, ts, owner, csm.account)
        conversation = f"{CSM_CONVERSATIONS}left_{team.team_id}"
        key = f"farewell:{work.tenant_id}:{team.team_id}:{team.left_at.timestamp():.3f}"
        found.append(Message(left, conversation, key))
    return found
