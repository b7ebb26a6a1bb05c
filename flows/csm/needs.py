"""What a customer needs a CSM for, and from when on: pure, and never from the time of asking."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

from flows.csm.facts import Reason
from flows.model import Integration, Observed, WaitingOn
from flows.reminders.schedule import last_reminder
from flows.setup.blocked_since import blocked_since
from flows.setup.blockers import first_blocker, incidents
from flows.setup.steps import STUCK_AFTER

REPLAY_TAKES = timedelta(days=5)  # from being sent, where Segment has promised no day
WORKING_DAY = timedelta(days=1)
SATURDAY = 5


class Need(StrEnum):
    """The most urgent first; what people ask for comes before what the app has noticed."""

    HELP = "help"
    REPLIED = "replied"
    CONFIRM = "confirm"
    BROKEN = "broken"
    STUCK = "stuck"
    REPLAY_OVERDUE = "replay_overdue"
    UNOWNED = "unowned"

    @property
    def urgency(self) -> int:
        return list(Need).index(self)


NOT_URGENT = 99
_ASKED = {Reason.HELP: Need.HELP, Reason.REPLIED: Need.REPLIED}


@dataclass(frozen=True, slots=True)
class Needed:
    """`at` may be in the future: then nobody is needed before."""

    need: Need
    at: datetime


def needed(integration: Integration, observed: Observed) -> Needed | None:
    """What holds already, the most urgent of it; else what will hold first."""
    if integration.disconnected:
        return None
    holds = min(_hold(integration, observed), key=lambda each: each.need.urgency, default=None)
    return holds or min(_will_hold(integration), key=lambda each: each.at, default=None)


def _hold(integration: Integration, observed: Observed) -> Iterator[Needed]:
    for matter in integration.csm.matters:
        if matter.reason in _ASKED:
            yield Needed(_ASKED[matter.reason], matter.since)
    blocked = first_blocker(integration, observed)
    if blocked and blocked.waiting_on is WaitingOn.CSM:
        yield Needed(Need.CONFIRM, blocked_since(integration, observed, blocked))
    for broken in incidents(integration, observed)[:1]:
        yield Needed(Need.BROKEN, blocked_since(integration, observed, broken))
    if blocked and blocked.waiting_on is WaitingOn.CUSTOMER:
        if integration.failed_tries >= STUCK_AFTER:
            yield Needed(Need.STUCK, (integration.last_active or integration.created).at)
        elif last := last_reminder(integration, observed):
            yield Needed(Need.STUCK, last.at)


def _will_hold(integration: Integration) -> Iterator[Needed]:
    if integration.outcome:
        return
    if integration.replay_sent and not integration.replay_finished:
        yield Needed(Need.REPLAY_OVERDUE, _replay_due(integration, integration.replay_sent.at))
    if integration.csm.owner is None and integration.plan_chosen:
        yield Needed(Need.UNOWNED, after_working_day(integration.plan_chosen.at))


def _replay_due(integration: Integration, sent: datetime) -> datetime:
    """The end of the promised day (UTC), if Segment named one."""
    schedule = integration.replay_scheduled
    if schedule is None or schedule.on is None:
        return sent + REPLAY_TAKES
    return datetime.combine(schedule.on + timedelta(days=1), time(), tzinfo=UTC)


def after_working_day(at: datetime) -> datetime:
    """The same time of day on the next day that is no Saturday or Sunday (UTC)."""
    later = at + WORKING_DAY
    while later.weekday() >= SATURDAY:
        later += WORKING_DAY
    return later
