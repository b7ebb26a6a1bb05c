"""What CSMs should look at: opened and closed by what happens, and called out when nobody owns it.

What only waits for a CSM while something holds is derived; the rest is kept in the facts.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from flows.change import Change
from flows.csm.events import ChannelCalled, CsmWrote, CustomerReplied
from flows.csm.facts import Attention, Called, Reason
from flows.history import Event
from flows.model import Integration, Observed
from flows.reminders.events import RanOut
from flows.reminders.schedule import has_run_out
from flows.replay.events import ReplayQuestioned
from flows.setup.blocked_since import blocked_since
from flows.setup.blockers import Blocked, Blocker, credentials_blocker, lost_token
from flows.setup.events import HelpAsked, Installed, Stuck, Uninstalled
from flows.setup.steps import STUCK_AFTER
from flows.vocabulary import Stamp

PATIENCE = timedelta(days=1)  # a working day is never shorter

_OPENS: dict[type[Event], Reason] = {
    Stuck: Reason.STUCK,
    RanOut: Reason.STUCK,
    HelpAsked: Reason.HELP,
    ReplayQuestioned: Reason.HELP,
    CustomerReplied: Reason.REPLIED,
    Uninstalled: Reason.UNINSTALLED,
}
_CLOSES: dict[type[Event], frozenset[Reason]] = {
    CsmWrote: frozenset({Reason.HELP, Reason.REPLIED, Reason.STUCK}),
    Installed: frozenset({Reason.UNINSTALLED}),
}
_DERIVED = {
    Blocker.CREDENTIALS_UNVERIFIED: Reason.UNCONFIRMED,
    Blocker.TOKEN_REVOKED: Reason.TOKEN_REVOKED,
}


def attended(integration: Integration, events: Iterable[Event]) -> Integration:
    """The facts after these events; a matter that was open already stays as old as it is."""
    matters = {matter.reason: matter for matter in integration.csm.matters}
    for event in events:
        for reason in _CLOSES.get(type(event), ()):
            matters.pop(reason, None)
        if opened := _OPENS.get(type(event)):
            matters.setdefault(opened, Attention(opened, event.stamp.at))
    if tuple(matters.values()) == integration.csm.matters:
        return integration
    csm = replace(integration.csm, matters=tuple(matters.values()))
    return replace(integration, csm=csm)


def open_matters(integration: Integration, observed: Observed) -> tuple[Attention, ...]:
    """Everything that a CSM should look at now, the oldest first."""
    kept = (each for each in integration.csm.matters if _holds(each, integration, observed))
    derived = (
        Attention(_DERIVED[blocked.blocker], blocked_since(integration, observed, blocked))
        for blocked in _waiting(integration, observed)
    )
    return tuple(sorted((*kept, *derived), key=lambda matter: matter.since))


def _holds(matter: Attention, integration: Integration, observed: Observed) -> bool:
    """Who was stuck and got on needs nobody any more."""
    if matter.reason is not Reason.STUCK:
        return True
    return integration.failed_tries >= STUCK_AFTER or has_run_out(integration, observed)


def _waiting(integration: Integration, observed: Observed) -> Iterable[Blocked]:
    found = () if integration.disconnected else (credentials_blocker(integration),)
    return [
        blocked
        for blocked in (*found, lost_token(integration, observed))
        if blocked and blocked.blocker in _DERIVED
    ]


# --- calling the channel --------------------------------------------------------------------------


def next_call(integration: Integration, observed: Observed) -> tuple[Attention, datetime] | None:
    """The matter for which the whole channel is called next, and not before when.

    None where somebody owns the customer, or everything was called out already.
    """
    if integration.csm.owner:
        return None
    due = [
        (matter, at)
        for matter in open_matters(integration, observed)
        if (at := _call_at(integration, matter))
    ]
    return min(due, key=lambda each: each[1], default=None)


def _call_at(integration: Integration, matter: Attention) -> datetime | None:
    for call in integration.csm.calls:
        if (call.reason, call.since) == (matter.reason, matter.since):
            return None if call.made else call.at
    return matter.since + PATIENCE


def postpone_call(integration: Integration, matter: Attention, at: datetime) -> Integration:
    """The working day is not over before then."""
    return _called(integration, Called(matter.reason, matter.since, at))


def call(integration: Integration, matter: Attention, at: datetime) -> Change:
    """Calls the whole channel, once for this matter."""
    after = _called(integration, Called(matter.reason, matter.since, at, made=True))
    return Change(after, (ChannelCalled(Stamp("", at), matter.reason, matter.since),))


def _called(integration: Integration, call: Called) -> Integration:
    others = tuple(each for each in integration.csm.calls if each.reason is not call.reason)
    return replace(integration, csm=replace(integration.csm, calls=(*others, call)))
