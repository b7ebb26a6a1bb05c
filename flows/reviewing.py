"""What CSMs decide about a customer's set-up, from Toplyne's own Slack workspace."""

from collections.abc import Callable

from flows import review_steps
from flows.csms import Csms
from flows.errors import ErrorCode, Field, FieldError
from flows.model import Actor, Integration, Situation, Stamp
from flows.recording import Recorder
from flows.records import ChannelBinding
from flows.secrets import looks_secret
from flows.steps import Change

MAX_REASON = 500

Decision = Callable[[Integration, Stamp], Change]


class Decided(Exception):
    """Somebody has decided this already, or it is no longer to be decided."""


class Reviewing:
    """Every use case first asks whether it is a CSM who acts, and raises what `Csms.require` does.

    Every decision raises `Decided` when there is nothing left to decide.
    """

    def __init__(self, recorder: Recorder, csms: Csms) -> None:
        self._recorder = recorder
        self._csms = csms

    async def confirm(self, csm: Actor, tenant_id: str, integration_id: str) -> None:
        await self._decide(csm, tenant_id, integration_id, review_steps.confirm)

    async def reject(
        self, csm: Actor, tenant_id: str, integration_id: str, reason: str
    ) -> tuple[FieldError, ...]:
        await self._csms.require(csm)
        reason = reason.strip()
        if not reason:
            return (FieldError(Field.REASON, ErrorCode.REQUIRED),)
        if looks_secret(reason):
            return (FieldError(Field.REASON, ErrorCode.LOOKS_SECRET),)
        if len(reason) > MAX_REASON:
            params = {"limit": str(MAX_REASON)}
            return (FieldError(Field.REASON, ErrorCode.TOO_LONG, params),)

        def decision(integration: Integration, stamp: Stamp) -> Change:
            return review_steps.reject(integration, reason, stamp)

        await self._decide(csm, tenant_id, integration_id, decision)
        return ()

    async def confirm_arrival(self, csm: Actor, tenant_id: str, integration_id: str) -> None:
        await self._decide(csm, tenant_id, integration_id, review_steps.confirm_arrival)

    async def _decide(
        self, csm: Actor, tenant_id: str, integration_id: str, decision: Decision
    ) -> None:
        """Decides in the customer's tenant; the CSM does not become the customer's contact."""
        await self._csms.require(csm)
        stamp = self._recorder.csm_stamp(csm)

        def decide(situation: Situation) -> Change:
            change = decision(situation.integration, stamp)
            if change.integration is situation.integration:
                raise Decided
            return change

        await self._recorder.change(tenant_id, integration_id, decide)

    async def bind_channel(self, csm: Actor, channel_id: str) -> None:
        """From now on every customer has a card in this channel."""
        await self._csms.require(csm)
        binding = ChannelBinding(channel_id, self._recorder.stamp(csm))
        async with self._recorder.uow(csm.tenant_id) as work:
            await work.csm_channel.bind(binding)
            await work.csm_channel.plan_digest(None)
            await work.commit()
