"""When the next reminder is due: pure, from facts and observations alone, never from the time.

They are about what the set-up still needs; what breaks later is told once, by `flows.incidents`.

A moment that this module names may be outside somebody's working hours: `flows.working_hours`
moves it, once it is known who will be reminded.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from flows.model import Integration, Observed
from flows.reminders.facts import Reminded
from flows.reminders.hours import Calendar
from flows.setup.blocked_since import blocked_since
from flows.setup.blockers import Blocked, Blocker, setup_blocker

GAP = timedelta(days=2)  # between two reminders of one set-up
MOST_REMINDERS = 8  # reminders in the life of a set-up


def _days(*days: int) -> tuple[timedelta, ...]:
    return tuple(timedelta(days=count) for count in days)


_UNFINISHED = _days(1, 3, 7, 14)
_UNSENT = _days(2, 5, 10)
# What waits on the customer: how long after it began they are reminded. What is not here is
# nobody's at the customer: it waits on a CSM.
POLICIES: Mapping[Blocker, tuple[timedelta, ...]] = {
    Blocker.PLAN_MISSING: _UNFINISHED,
    Blocker.CREDENTIALS_MISSING: _UNFINISHED,
    Blocker.CREDENTIALS_REJECTED: _UNFINISHED,
    Blocker.SOURCES_MISSING: _UNFINISHED,
    Blocker.SOURCES_REJECTED: _UNFINISHED,
    Blocker.NOT_LOOKED_YET: _UNFINISHED,
    Blocker.SOURCE_DISABLED: _UNFINISHED,
    Blocker.SOURCE_DELETED: _UNFINISHED,
    Blocker.DESTINATION_MISSING: _UNFINISHED,
    Blocker.DESTINATION_DISABLED: _UNFINISHED,
    Blocker.NO_EVENTS: _UNFINISHED,
    Blocker.PLAN_NOT_BUSINESS: _days(7, 28),
    Blocker.REPLAY_NOT_REQUESTED: _UNSENT,
    Blocker.REPLAY_REJECTED: _UNSENT,
    Blocker.REPLAY_NOT_SENT: _UNSENT,
    Blocker.REPLAY_NOT_RUNNING: _days(5),
    Blocker.REPLAY_NOT_FINISHED: _days(5),
}
# Segment works on the Replay: one series for both, whichever of the two is reported.
_WITH_SEGMENT = frozenset({Blocker.REPLAY_NOT_RUNNING, Blocker.REPLAY_NOT_FINISHED})


@dataclass(frozen=True, slots=True)
class Rules:
    """The operator's choice. `delays` replaces every series, the gap and the limit."""

    delays: tuple[timedelta, ...] | None = None
    calendar: Calendar = field(default_factory=Calendar)

    def series(self, blocker: Blocker) -> tuple[timedelta, ...]:
        """Empty for what nobody is reminded of."""
        usual = POLICIES.get(blocker, ())
        return self.delays if usual and self.delays is not None else usual

    @property
    def gap(self) -> timedelta:
        return GAP if self.delays is None else timedelta()

    def left(self, sent: int) -> bool:
        """Whether a set-up that was reminded so often may be reminded once more."""
        return self.delays is not None or sent < MOST_REMINDERS


USUAL_RULES = Rules()


@dataclass(frozen=True, slots=True)
class Planned:
    """The next reminder: about what, as which of its series, not before when."""

    blocked: Blocked
    number: int
    at: datetime
    is_last: bool


def next_reminder(
    integration: Integration, observed: Observed, rules: Rules = USUAL_RULES
) -> Planned | None:
    """None when nothing waits on the customer, they asked for quiet, or there were enough."""
    facts = integration.reminders
    blocked = None if integration.disconnected else setup_blocker(integration, observed)
    if blocked is None or facts.is_quiet(blocked.blocker) or not rules.left(len(facts.sent)):
        return None
    series = rules.series(blocked.blocker)
    begun = blocked_since(integration, observed, blocked)
    sent = series_sent(integration, blocked.blocker, begun)
    snooze = facts.snooze
    if len(sent) < len(series):
        due = begun + series[len(sent)]
    elif series and snooze and len(sent) == len(series) and snooze.at >= sent[-1].at:
        due = snooze.until  # who snoozes the last one is reminded once more
    else:
        return None
    earliest = [due, *([snooze.until] if snooze else []), facts.postponed or due]
    if facts.sent:
        earliest.append(facts.sent[-1].at + rules.gap)
    promised = _promised(integration, blocked.blocker)
    if promised and rules.delays is None:
        earliest.append(promised)
    number = len(sent) + 1
    is_last = number == len(series) or (
        number < len(series) and not rules.left(len(facts.sent) + 1)
    )
    return Planned(blocked, number, max(earliest), is_last)


def _promised(integration: Integration, blocker: Blocker) -> datetime | None:
    """Until the day that Segment named is over, nobody needs to ask."""
    scheduled = integration.replay_scheduled
    if scheduled is None or scheduled.on is None or blocker not in _WITH_SEGMENT:
        return None
    return datetime.combine(scheduled.on, time(), UTC) + timedelta(days=1)


def series_sent(
    integration: Integration, blocker: Blocker, begun: datetime
) -> tuple[Reminded, ...]:
    """The reminders about this blocker since it began."""
    same: frozenset[Blocker] = frozenset({blocker})
    if blocker in _WITH_SEGMENT and integration.replay_sent:
        same, begun = _WITH_SEGMENT, integration.replay_sent.at
    return tuple(r for r in integration.reminders.sent if r.blocker in same and r.at >= begun)


def last_reminder(integration: Integration, observed: Observed) -> Reminded | None:
    """The last of its series about what is outstanding now, once the customer got it."""
    blocked = None if integration.disconnected else setup_blocker(integration, observed)
    if blocked is None:
        return None
    begun = blocked_since(integration, observed, blocked)
    sent = series_sent(integration, blocked.blocker, begun)
    return next((each for each in sent if each.is_last), None)


def has_run_out(integration: Integration, observed: Observed) -> bool:
    """Whether the customer got the last reminder about what is outstanding now."""
    return last_reminder(integration, observed) is not None
