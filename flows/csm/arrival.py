"""Free: what a CSM said of data that arrives is taken back."""

from dataclasses import replace

from flows.csm.events import ArrivalRejected
from flows.csm.facts import Rejectable, Rejection
from flows.model import Integration, Outcome, Screen
from flows.recording import Change, touched
from flows.vocabulary import Plan, Stamp


def is_arrival_told(integration: Integration) -> bool:
    """Whether a CSM's word alone says that data arrives."""
    return integration.arrival_confirmed is not None and integration.plan is Plan.FREE


def without_arrival(integration: Integration) -> Integration:
    """Takes back that a CSM saw data arrive, and the end if that word made it."""
    if not is_arrival_told(integration):
        return integration
    after = replace(integration, arrival_confirmed=None, live_started=None, live_plan=None)
    if integration.outcome is Outcome.LIVE_ONLY:
        after = replace(after, outcome=None, outcome_reached=None)
    return touched(after, Screen.LIVE_SYNC, is_done=False)


def reject_arrival(integration: Integration, reason: str, stamp: Stamp) -> Change:
    """No data arrives. Whoever says again that Toplyne is connected has it looked at again."""
    csm = integration.csm.with_rejection(Rejection(Rejectable.ARRIVAL, reason, stamp))
    after = replace(without_arrival(integration), says_connected=None, csm=csm)
    return Change(after, (ArrivalRejected(stamp, reason),))
