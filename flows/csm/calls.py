"""Who is called about a customer: the owner by a line of the thread; the whole channel after one
working day with a need and no owner, in hours.
"""

from dataclasses import replace
from datetime import datetime

from flows.checks.events import IncidentBegan
from flows.csm.events import ChannelCalled, CustomerReplied, Unreached
from flows.csm.facts import Called, Need
from flows.csm.members import Csms
from flows.csm.needs import DueCall, holding, next_call
from flows.csm.working_day import ChannelOwner
from flows.errors import DirectoryUnavailable
from flows.history import Event
from flows.model import Integration, Situation
from flows.recording import Change, Recorder
from flows.reminders.events import NobodyToRemind, RanOut
from flows.replay.events import ReplayQuestioned
from flows.setup.blockers import Blocker
from flows.setup.events import (
    CredentialsUnverified,
    HelpAsked,
    SaidConnected,
    Stuck,
    Uninstalled,
)
from flows.vocabulary import Stamp

QuestionEvent = HelpAsked | ReplayQuestioned | CustomerReplied  # a CSM has to answer these
_CALLING = (
    Stuck, RanOut, NobodyToRemind, CredentialsUnverified, SaidConnected, Uninstalled, Unreached,
    QuestionEvent,
)  # fmt: skip


def calls_owner(event: Event) -> bool:
    """Whether its line mentions the owner. A card's edits notify nobody."""
    if isinstance(event, IncidentBegan):
        return event.blocker is Blocker.TOKEN_REVOKED
    return isinstance(event, _CALLING)


def postpone_call(integration: Integration, due: DueCall, at: datetime) -> Integration:
    """Notes that it is time only then."""
    return _called(integration, Called(due.need, due.since, at, number=due.number))


def call(integration: Integration, due: DueCall, at: datetime) -> Change:
    """Calls the whole channel, once for this need."""
    after = _called(integration, Called(due.need, due.since, at, made=True, number=due.number))
    return Change(after, (ChannelCalled(Stamp("", at), due.need, due.since, due.by),))


def count_as_called(situation: Situation, since: datetime) -> Integration:
    """Notes that everybody was called already about what began then."""
    after = situation.integration
    for each in holding(after, situation.observed):
        if each.is_called and each.at == since:
            made = Called(each.need, each.at, situation.now, made=True, number=each.number)
            after = _called(after, made)
    return after


def _called(integration: Integration, call: Called) -> Integration:
    """Replaces an earlier call about the same need, and drops calls about ended matters."""
    csm = integration.csm
    still = {0, *(matter.number for matter in csm.open_matters)}
    others = (
        each
        for each in csm.calls
        if each.number in still and (each.reason, each.number) != (call.reason, call.number)
    )
    return replace(integration, csm=replace(csm, calls=(*others, call)))


class Calling:
    """Uses the working days of the person who looks after the channel."""

    def __init__(self, recorder: Recorder, owner: ChannelOwner, csms: Csms) -> None:
        self._recorder = recorder
        self._owner = owner
        self._csms = csms

    async def call(self, tenant_id: str, integration_id: str) -> None:
        """Calls the channel, or notes when the working day ends. Once for each need."""
        async with self._recorder.uow(tenant_id, write=False) as work:
            situation = await self._recorder.load(work, integration_id)
        due = _due(situation)
        if due is None:
            await self._recorder.note(tenant_id, integration_id, lambda now: now.integration)
            return
        try:
            days = await self._owner.working_days(await self._csms.team.tenant_id())
        except DirectoryUnavailable:
            return  # the call stays due and is tried again
        at = days.over_after(due.since)
        if due.need is not Need.UNOWNED:  # about which nobody is called
            at = days.in_hours(max(at, situation.now), integration_id)
        if at > situation.now or due.need is Need.UNOWNED:
            await self._postpone(tenant_id, integration_id, due, at)
            return

        def decide(newest: Situation) -> Change:
            if _due(newest) != due:
                return Change(newest.integration)
            return call(newest.integration, due, newest.now)

        await self._recorder.change(tenant_id, integration_id, decide)

    async def _postpone(
        self, tenant_id: str, integration_id: str, due: DueCall, at: datetime
    ) -> None:
        def decide(newest: Situation) -> Integration:
            if _due(newest) != due:
                return newest.integration
            return postpone_call(newest.integration, due, at)

        await self._recorder.note(tenant_id, integration_id, decide)


def _due(situation: Situation) -> DueCall | None:
    holds = holding(situation.integration, situation.observed)
    planned = next_call(situation.integration, holds)
    return planned if planned and planned.at <= situation.now else None
