"""How a CSM decides: on whose customer, on which state, and why nothing changes."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace

from flows.csm.meanwhile import WORDS_LOOKED_BACK, About, CameFirst, Touches, first_among
from flows.csm.members import Csms
from flows.csm.refused import Decided, OutOfReach, Replaced
from flows.csm.seen import Decision
from flows.errors import FieldError, NotFound, NotInstalled
from flows.model import Integration, Situation
from flows.outbox.announce import THREAD_EVENTS
from flows.ports import UnitOfWork
from flows.recording import Change, Recorder
from flows.vocabulary import Actor, Person, Stamp

Errors = tuple[FieldError, ...]


@dataclass(frozen=True, slots=True)
class CsmCommand:
    """Which CSM acts, and on which customer.

    `form` is the modal that was filled in, if there was one. `generation` is the set-up that the
    card or modal named. None: none, where it does not matter.
    """

    csm: Actor
    tenant_id: str
    integration_id: str
    form: str = ""
    generation: int | None = None

    def names_another(self, integration: Integration) -> bool:
        """Whether it is about a set-up that came before this one."""
        return self.generation not in (None, integration.generation)


@dataclass(frozen=True, slots=True)
class Looked:
    """A customer, for a CSM who is about to decide something. `name` is their Slack workspace's."""

    situation: Situation
    name: str


class Deciding:
    """The one way of a CSM's decision to a customer's newest state. The CSM does not become the
    customer's contact. Whoever calls `of_customer`, `of_set_up` or `told` has checked the CSM.

    These three raise what the decision raises; `Decided` if nothing changes (`about` tells what can
    be the reason); and `OutOfReach` if there is no set-up.
    """

    def __init__(self, recorder: Recorder, csms: Csms) -> None:
        self._recorder = recorder
        self._csms = csms

    async def require(self, command: CsmCommand) -> Person:
        """The CSM as a person. Raises what `Csms.require` raises."""
        return await self._csms.require(command.csm)

    async def of_customer(self, command: CsmCommand, decision: Decision, about: About) -> Situation:
        """Decides what is true of the customer, whichever set-up is there."""
        with _in_reach(command):
            return await self._record(command, decision, about)

    async def of_set_up(self, command: CsmCommand, decision: Decision, about: About) -> Situation:
        """Decides about the set-up that the command names, or raises `Replaced`."""
        with _in_reach(command):
            return await self._record(command, _of_named(command, decision), about)

    async def told(self, command: CsmCommand, decision: Decision, about: About) -> Situation:
        """Decides as `of_set_up` does, and the people of the set-up are told.

        Raises `OutOfReach` too if they uninstalled the app.
        """
        async with self._there(command) as work:
            await work.integrations.get(command.integration_id)
            installation = await work.installations.get()
        if installation is None or installation.revoked_at:
            raise OutOfReach(command.integration_id)
        return await self._record(command, _of_named(command, decision), about)

    async def _record(self, command: CsmCommand, decision: Decision, about: About) -> Situation:
        stamp = self._recorder.csm_stamp(command.csm)

        def decide(situation: Situation) -> Change:
            change = decision(situation, stamp)
            if change.integration is situation.integration and not change.events:
                raise Decided(about(situation.integration))
            return change

        try:
            done = await self._recorder.change(command.tenant_id, command.integration_id, decide)
        except NotInstalled as error:  # not installed there, while it is where the CSM is
            raise OutOfReach(command.integration_id) from error
        return done.after

    async def look(self, command: CsmCommand) -> Looked:
        """Raises `OutOfReach`."""
        csm = await self.require(command)
        async with self._there(command) as work:
            found = await self._recorder.load(work, command.integration_id)
            team = await work.teams.get(found.integration.team_id)
        return Looked(replace(found, time_zone=csm.time_zone), team.name if team else "")

    @asynccontextmanager
    async def _there(self, command: CsmCommand) -> AsyncIterator[UnitOfWork]:
        """Reads of the customer. Raises `OutOfReach` if there is no set-up."""
        with _in_reach(command):
            async with self._recorder.uow(command.tenant_id, write=False) as work:
                yield work

    async def happened(self, command: CsmCommand, touches: Touches) -> CameFirst | None:
        """What came first of what CSMs read about this customer."""
        async with self._recorder.uow(command.tenant_id, write=False) as work:
            latest = await work.history.latest(command.integration_id, WORDS_LOOKED_BACK)
        told = [each.event for each in latest if type(each.event) in THREAD_EVENTS][::-1]
        return first_among(told, touches)


@contextmanager
def _in_reach(command: CsmCommand) -> Iterator[None]:
    """Raises `OutOfReach` if what is looked for is not there."""
    try:
        yield
    except NotFound as error:
        raise OutOfReach(command.integration_id) from error


def _of_named(command: CsmCommand, decision: Decision) -> Decision:
    """The decision, if the set-up that the command names is still there."""

    def decide(now: Situation, stamp: Stamp) -> Change:
        if command.names_another(now.integration):
            raise Replaced(now.integration)
        return decision(now, stamp)

    return decide
