"""Who is called about a customer: the owner by a line of the thread; the whole channel after one
working day with a need and no owner, in hours.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from operator import attrgetter

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
# Whose line mentions the owner, and what somebody is needed for then, if it is for anything.
_CALLING: Mapping[type[Event], Need | None] = {
    HelpAsked: Need.HELP,
    ReplayQuestioned: Need.HELP,
    CustomerReplied: Need.REPLIED,
    CredentialsUnverified: Need.UNCONFIRMED,
    SaidConnected: Need.CONNECTED,
    IncidentBegan: Need.TOKEN_REVOKED,
    Stuck: Need.STUCK,
    RanOut: Need.STUCK,
    NobodyToRemind: Need.STUCK,
    Uninstalled: Need.UNINSTALLED,
    Unreached: None,
}


def calls_owner(event: Event) -> bool:
    """Whether its line mentions the owner. A card's edits notify nobody."""
    if isinstance(event, IncidentBegan):
        return event.blocker is Blocker.TOKEN_REVOKED
    return type(event) in _CALLING


def postpone_call(integration: Integration, due: DueCall, at: datetime) -> Integration:
    """Notes when the call is due; of a late Replay, since when it is late."""
    return _called(integration, Called(due.need, due.since, at, number=due.number))


def call(integration: Integration, due: DueCall, at: datetime) -> Change:
    """Calls the whole channel, once for this need."""
    after = _called(integration, Called(due.need, due.since, at, made=True, number=due.number))
    return Change(after, (ChannelCalled(Stamp("", at), due.need, due.since, due.by),))


def count_as_called(situation: Situation, event: Event) -> Integration:
    """Notes that everybody was called already about what this event told.

    It may have begun a moment before it was told, or be open for longer.
    """
    after, need = situation.integration, _CALLING.get(type(event))
    holds = holding(situation)
    told = [each for each in holds if each.need is need and each.at <= event.stamp.at]
    newest = max(told, key=attrgetter("at"), default=None)
    if newest is None or not newest.is_called:
        return after
    made = Called(newest.need, newest.at, situation.now, made=True, number=newest.number)
    return _called(after, made)


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
        """Calls the channel, or notes when the working day ends or a need began. Once for each."""
        async with self._recorder.uow(tenant_id, write=False) as work:
            situation = await self._recorder.load(work, integration_id)
        due = _due(situation)
        if due is None:
            await self._recorder.note(tenant_id, integration_id, lambda now: now.integration)
            return
        if due.need is Need.REPLAY_OVERDUE:  # what the card says changes, and nobody is called
            await self._begin(tenant_id, integration_id, due)
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

    async def _begin(self, tenant_id: str, integration_id: str, due: DueCall) -> None:
        def decide(newest: Situation) -> Change:
            if _due(newest) != due:
                return Change(newest.integration)
            return Change(postpone_call(newest.integration, due, due.at))

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
    holds = holding(situation)
    planned = next_call(situation.integration, holds)
    return planned if planned and planned.at <= situation.now else None
