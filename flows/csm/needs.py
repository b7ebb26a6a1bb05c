"""Why a CSM should look at a customer, and since when: pure, and never from the time of asking.

What people asked and what happened once stands in the facts as matters, until something ends them;
what is so only while something else holds is derived here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from flows.csm.facts import Called, Matter, Need
from flows.model import Integration, Observed, WaitingOn
from flows.reminders.schedule import has_run_out, last_reminder
from flows.setup.blocked_since import blocked_since
from flows.setup.blockers import Blocked, Blocker, credentials_blocker, first_blocker, incidents
from flows.setup.steps import STUCK_AFTER

REPLAY_TAKES = timedelta(days=5)  # from being sent, where Segment has promised no day
A_DAY = timedelta(days=1)  # a working day is never shorter
NOT_URGENT = 99


@dataclass(frozen=True, slots=True)
class Needed:
    """`at` may be in the future: then nobody is needed before.

    `is_called`: where nobody owns the customer, the whole channel is called a working day later.
    `by` opened the matter of this number, if it is one that somebody opened.
    """

    need: Need
    at: datetime
    is_called: bool = False
    number: int = 0
    by: str = ""


def needed(integration: Integration, observed: Observed) -> Needed | None:
    """What the board says: what holds, the most urgent of it; else what will hold first."""
    if integration.disconnected:
        return None
    holds = min(holding(integration, observed), key=lambda each: each.need.urgency, default=None)
    return holds or min(_will_hold(integration), key=lambda each: each.at, default=None)


def holding(integration: Integration, observed: Observed) -> Iterator[Needed]:
    """Everything that a CSM should look at now; what is left open may outlive the set-up."""
    kept = [each for each in integration.csm.open_matters if _holds(each, integration, observed)]
    for each in kept:
        yield Needed(each.reason, each.since, is_called=True, number=each.number, by=each.by)
    if integration.disconnected:
        return
    for blocked in _on_csm(integration, observed):
        is_called = blocked.blocker is Blocker.CREDENTIALS_UNVERIFIED
        need = Need.UNCONFIRMED if is_called else Need.CONFIRM
        yield Needed(need, blocked_since(integration, observed, blocked), is_called)
    for broken in incidents(integration, observed)[:1]:
        is_called = broken.blocker is Blocker.TOKEN_REVOKED
        need = Need.TOKEN_REVOKED if is_called else Need.BROKEN
        yield Needed(need, blocked_since(integration, observed, broken), is_called)
    if all(each.reason is not Need.STUCK for each in kept):
        yield from _still_stuck(integration, observed)


def _holds(matter: Matter, integration: Integration, observed: Observed) -> bool:
    """A customer who was stuck and got on needs nobody any more."""
    if matter.reason is not Need.STUCK:
        return True
    return integration.failed_tries >= STUCK_AFTER or has_run_out(integration, observed)


def _on_csm(integration: Integration, observed: Observed) -> Iterator[Blocked]:
    for blocked in (credentials_blocker(integration), first_blocker(integration, observed)):
        if blocked and blocked.waiting_on is WaitingOn.CSM:
            yield blocked
            return


def _still_stuck(integration: Integration, observed: Observed) -> Iterator[Needed]:
    """Also after a CSM has written: they stay on the board, and nobody is called again."""
    blocked = first_blocker(integration, observed)
    if blocked is None or blocked.waiting_on is not WaitingOn.CUSTOMER:
        return
    if integration.failed_tries >= STUCK_AFTER:
        yield Needed(Need.STUCK, (integration.last_active or integration.created).at)
    elif last := last_reminder(integration, observed):
        yield Needed(Need.STUCK, last.at)


def _will_hold(integration: Integration) -> Iterator[Needed]:
    if integration.outcome:
        return
    if integration.replay_sent and not integration.replay_finished:
        yield Needed(Need.REPLAY_OVERDUE, _replay_due(integration, integration.replay_sent.at))
    if since := unowned_since(integration):
        planned = call_about(integration, Need.UNOWNED, since)
        yield Needed(Need.UNOWNED, planned.at if planned else since + A_DAY)


def unowned_since(integration: Integration) -> datetime | None:
    """Since when a customer who has begun is nobody's; after a working day that is a need."""
    if integration.csm.owner or integration.outcome or integration.disconnected:
        return None
    return integration.plan_chosen.at if integration.plan_chosen else None


def call_about(
    integration: Integration, need: Need, since: datetime, number: int = 0
) -> Called | None:
    """What is known of when a working day is over since then."""
    for called in integration.csm.calls:
        if (called.reason, called.since, called.number) == (need, since, number):
            return called
    return None


def _replay_due(integration: Integration, sent: datetime) -> datetime:
    """The end of the promised day (UTC), if Segment named one."""
    schedule = integration.replay_scheduled
    if schedule is None or schedule.on is None:
        return sent + REPLAY_TAKES
    return datetime.combine(schedule.on + timedelta(days=1), time(), tzinfo=UTC)
