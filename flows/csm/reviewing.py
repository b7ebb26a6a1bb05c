"""What CSMs decide about what a customer entered, from Toplyne's own Slack workspace."""

from flows.change import Change
from flows.csm import review_steps
from flows.csm.caring import Errors, check_text
from flows.csm.facts import ChannelBinding, Rejectable
from flows.csm.service import Decided, Deciding
from flows.errors import ErrorCode, Field, FieldError
from flows.model import Situation
from flows.outbox.jobs import Job, JobKind
from flows.recording import Recorder
from flows.setup.steps import is_stale
from flows.vocabulary import Actor, Stamp

__all__ = ["MAX_REASON", "Decided", "Reviewing"]

MAX_REASON = 500


class Reviewing:
    """Raises what `Deciding.decide` raises."""

    def __init__(self, recorder: Recorder, deciding: Deciding) -> None:
        self._recorder = recorder
        self._deciding = deciding

    async def confirm(self, csm: Actor, tenant_id: str, integration_id: str) -> None:
        await self._deciding.decide(
            csm,
            tenant_id,
            integration_id,
            lambda now, by: review_steps.confirm(now.integration, by),
            tells=True,
        )

    async def reject(
        self,
        csm: Actor,
        tenant_id: str,
        integration_id: str,
        reason: str,
        what: Rejectable = Rejectable.CREDENTIALS,
        *,
        seen: int | None = None,
    ) -> Errors:
        """The customer is told the reason, and the set-up reopens there.

        `seen` is the revision that the CSM looked at: what was answered or decided since stays.
        """
        await self._deciding.require(csm)
        reason = reason.strip()
        if not reason:
            return (FieldError(Field.REASON, ErrorCode.REQUIRED),)
        if wrong := check_text(Field.REASON, reason, MAX_REASON):
            return wrong

        def decision(now: Situation, by: Stamp) -> Change:
            screen = review_steps.REJECTED_ON[what]
            if seen is not None and is_stale(now.integration, screen, seen):
                return Change(now.integration)
            return review_steps.reject(now.integration, what, reason, by)

        await self._deciding.decide(
            csm,
            tenant_id,
            integration_id,
            decision,
            tells=True,
        )
        return ()

    async def confirm_arrival(self, csm: Actor, tenant_id: str, integration_id: str) -> None:
        await self._deciding.decide(
            csm,
            tenant_id,
            integration_id,
            lambda now, by: review_steps.confirm_arrival(now.integration, by),
            tells=True,
        )

    async def bind_channel(self, csm: Actor, channel_id: str) -> None:
        """From now on every customer has a card in this channel; missing ones are posted anew."""
        await self._deciding.require(csm)
        binding = ChannelBinding(channel_id, self._recorder.stamp(csm))
        async with self._recorder.uow(csm.tenant_id) as work:
            await work.csm_channel.bind(binding)
            await work.csm_channel.plan_digest(None)
            key = f"rebuild:{csm.tenant_id}:{channel_id}:{binding.bound.at.timestamp():.3f}"
            await work.enqueue(Job(JobKind.REBUILD, csm.tenant_id, channel_id, key))
            await work.commit()
