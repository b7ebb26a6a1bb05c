"""How every decision of a CSM is made: who they are first, then on the customer's newest state."""

from collections.abc import Callable

from flows.change import Change
from flows.csm.members import Csms
from flows.errors import FlowError
from flows.model import Situation
from flows.recording import Recorder
from flows.reminders.hours import Person
from flows.vocabulary import Actor, Stamp

Decision = Callable[[Situation, Stamp], Change]


class Decided(FlowError):
    """Somebody has decided this already, or it is no longer to be decided."""


class OutOfReach(FlowError):
    """The customer has uninstalled the app: nothing can be said to them."""


class Deciding:
    """Every use case of CSMs goes through here, and raises what `Csms.require` does.

    A decision is made in the customer's tenant; the CSM does not become the customer's contact.
    """

    def __init__(self, recorder: Recorder, csms: Csms) -> None:
        self._recorder = recorder
        self._csms = csms

    async def require(self, csm: Actor) -> Person:
        return await self._csms.require(csm)

    async def look(self, csm: Actor, tenant_id: str, integration_id: str) -> Situation:
        """One customer, for somebody who is about to decide something. Raises `NotFound`."""
        await self._csms.require(csm)
        async with self._recorder.uow(tenant_id, write=False) as work:
            return await self._recorder.load(work, integration_id)

    async def decide(
        self,
        csm: Actor,
        tenant_id: str,
        integration_id: str,
        decision: Decision,
        *,
        tells: bool = False,
    ) -> Situation:
        """Raises `Decided` where nothing changes, `NotFound`, and, for what the customer must be
        told (`tells`), `OutOfReach`.
        """
        await self._csms.require(csm)
        if tells:
            await self._reach(tenant_id, integration_id)
        stamp = self._recorder.csm_stamp(csm)

        def decide(situation: Situation) -> Change:
            change = decision(situation, stamp)
            if change.integration is situation.integration and not change.events:
                raise Decided
            return change

        return await self._recorder.change(tenant_id, integration_id, decide)

    async def _reach(self, tenant_id: str, integration_id: str) -> None:
        async with self._recorder.uow(tenant_id, write=False) as work:
            await work.integrations.get(integration_id)  # somebody unknown is not out of reach
            installation = await work.installations.get()
        if installation is None or installation.revoked_at:
            raise OutOfReach(integration_id)
