"""What happens after the app has left: the CSMs see it on the card, and all data is deleted."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

from flows.csm.facts import ChannelBinding
from flows.errors import NotInstalled
from flows.outbox.jobs import Job, JobKind
from flows.outbox.messages import CSM_CONVERSATIONS, Message
from flows.outbox.toplyne_bodies import CustomerLeft
from flows.ports import Clock, Tenants, UnitOfWork, UnitOfWorkFactory

CsmTenant = Callable[[], Awaitable[str]]


class Erasing:
    """One job per tenant, repeated until nothing is left. A repeat does no harm.

    `csm_tenant` returns the tenant of the CSMs' channel, in their Slack workspace `csm_team_id`.
    """

    def __init__(
        self,
        uow: UnitOfWorkFactory,
        tenants: Tenants,
        csm_team_id: str,
        csm_tenant: CsmTenant,
        clock: Clock,
    ) -> None:
        self._uow = uow
        self._tenants = tenants
        self._csm_team_id = csm_team_id
        self._csm_tenant = csm_tenant
        self._clock = clock

    async def erase(self, tenant_id: str, *, at_once: bool = False) -> bool:
        """Erases the whole tenant, or those Slack workspaces of an organisation that have left.

        False if something has to wait. Unless `at_once`, it waits for messages that are being sent,
        so that no earlier card is drawn over the last one. Nothing new can begin meanwhile.
        """
        if not at_once and await self._tenants.is_sending(tenant_id):
            return False
        await self._say_farewell(tenant_id)
        await self._hand_on(tenant_id)
        return await self._tenants.erase(tenant_id, self._clock.now())

    async def _say_farewell(self, tenant_id: str) -> None:
        """Sends the cards' final state from the CSMs' tenant, which owns the cards."""
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

    async def _hand_on(self, tenant_id: str) -> None:
        """Where another installation reaches what has left, it answers from now on, and begins.

        At Toplyne it also takes over the CSMs' channel, which is not a customer's data.
        """
        async with self._uow(tenant_id, write=False) as work:
            left, binding = await work.teams.left(), await work.csm_channel.get()
        for team_id in left:
            heir = await self._tenants.of_team(team_id)
            if heir is None or heir == tenant_id:
                continue
            with suppress(NotInstalled):
                async with self._uow(heir) as work:
                    await work.enqueue(Job(JobKind.REACH, heir, team_id))
                    if binding and team_id == self._csm_team_id:
                        await _take_over(work, binding)
                    await work.commit()


async def _take_over(work: UnitOfWork, binding: ChannelBinding) -> None:
    """The channel stays what it is, unless this installation has one already."""
    if await work.csm_channel.get() is None:
        await work.csm_channel.bind(binding)
        await work.csm_channel.plan_digest(None)
        await work.enqueue(Job(JobKind.REDRAW, work.tenant_id, binding.channel_id))


async def _farewells(work: UnitOfWork) -> list[Message]:
    """The final messages. Without a card, the message stands by itself in the channel.

    They are made from what is derived, so that facts that cannot be read hold up nothing.
    """
    found: list[Message] = []
    for integration_id, team_id in await work.integrations.listed():
        team = await work.teams.get(team_id)
        if team is None or team.left_at is None:
            continue
        card = await work.cards.get(integration_id)
        channel_id, ts = (card.channel_id, card.ts) if card else ("", "")
        overview = await work.overviews.get(integration_id)
        owner, account = (overview.owner, overview.account) if overview else ("", "")
        left = CustomerLeft(team.name, channel_id, ts, owner, account)
        conversation = f"{CSM_CONVERSATIONS}left_{team.team_id}"
        key = f"farewell:{work.tenant_id}:{team.team_id}:{team.left_at.timestamp():.3f}"
        found.append(Message(left, conversation, key))
    return found
