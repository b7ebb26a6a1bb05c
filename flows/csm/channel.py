"""The channel with a card for each customer."""

from flows.csm.facts import ChannelBinding
from flows.csm.members import Csms
from flows.outbox.jobs import Job, JobKind
from flows.recording import Recorder
from flows.vocabulary import Actor


class BindingChannel:
    """Raises what `Csms.require` raises."""

    def __init__(self, recorder: Recorder, csms: Csms) -> None:
        self._recorder = recorder
        self._csms = csms

    async def bind(self, csm: Actor, channel_id: str) -> None:
        """Gives every customer a card in this channel. Missing cards are posted."""
        await self._csms.require(csm)
        binding = ChannelBinding(channel_id, self._recorder.stamp(csm))
        async with self._recorder.uow(csm.tenant_id) as work:
            await work.csm_channel.bind(binding)
            await work.csm_channel.plan_digest(None)
            await work.enqueue(Job(JobKind.REDRAW, csm.tenant_id, channel_id))
            await work.commit()
