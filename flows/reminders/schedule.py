"""When the next reminder is due. Pure: it uses facts and observations, never the current time.

Reminders are about what the set-up still needs, a token too. What breaks later is told once, by
`flows.checks.incidents`.

A due moment may be outside the person's working hours. `flows.reminders.hours` moves it once the
recipient is known.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

from flows.model import Integration, Situation
from flows.reminders.facts import Reminded, Reminders, Snooze
from flows.reminders.hours import Calendar
from flows.replay.facts import Scheduled
from flows.setup.blockers import Blocked, Blocker, due_blocker, is_watched
from flows.setup.progress import blocked_since
from flows.vocabulary import Person
from flows.zones import LAST_ZONE, end_of, zone

GAP = timedelta(days=2)  # between two reminders of one set-up
MOST_REMINDERS = 8  # in the life of a set-up


def _days(*days: int) -> tuple[timedelta, ...]:
    return tuple(timedelta(days=count) for count in days)


_UNFINISHED = _days(1, 3, 7, 14)
_UNSENT = _days(2, 5, 10)
# What waits on the customer: how long after it began they are reminded. What is not here is
# nobody's at the customer: it waits on a CSM, or on what Segment does not say of a source.
POLICIES: Mapping[Blocker, tuple[timedelta, ...]] = {
    Blocker.PLAN_MISSING: _UNFINISHED,
    Blocker.CREDENTIALS_MISSING: _UNFINISHED,
    Blocker.WORKSPACE_MISSING: _UNFINISHED,
    Blocker.CREDENTIALS_REJECTED: _UNFINISHED,
    Blocker.TOKEN_REVOKED: _UNFINISHED,
    Blocker.ROLE_REDUCED: _UNFINISHED,
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
# Segment works on the Replay. Both reports share one series, unless Segment names a day.
_WITH_SEGMENT = frozenset({Blocker.REPLAY_NOT_RUNNING, Blocker.REPLAY_NOT_FINISHED})
# What only Segment can say. While it does not answer, or is not asked, it may be over.
_SEGMENT_SAYS = frozenset(
    {
        Blocker.ROLE_REDUCED,
        Blocker.SOURCE_DISABLED,
        Blocker.SOURCE_DELETED,
        Blocker.DESTINATION_MISSING,
        Blocker.DESTINATION_DISABLED,
        Blocker.NO_EVENTS,
    }
)
STAYS_KNOWN = timedelta(hours=3)  # what Segment said; it is asked far more often
UNTIL_IT_ANSWERS = timedelta(hours=1)  # a reminder that waits for Segment is due again after it


@dataclass(frozen=True, slots=True)
class Rules:
    """When people are reminded. `series` has the delays of each blocker that anybody is reminded
    of, `most` is for the life of a set-up. `waits_for_segment`: until the day that it promised.
    """

    calendar: Calendar = field(default_factory=Calendar)
    series: Mapping[Blocker, tuple[timedelta, ...]] = field(default_factory=lambda: POLICIES)
    gap: timedelta = GAP
    most: float = MOST_REMINDERS
    waits_for_segment: bool = True


def rules_of(delays: tuple[timedelta, ...] | None, calendar: Calendar) -> Rules:
    """An operator's own `delays` replace every series, the gap, the limit and promised days."""
    if delays is None:
        return Rules(calendar)
    same = dict.fromkeys(POLICIES, delays)
    return Rules(calendar, same, gap=timedelta(), most=math.inf, waits_for_segment=False)


USUAL_RULES = Rules()


@dataclass(frozen=True, slots=True)
class Planned:
    """The next reminder: about what, its number in the series, and the earliest time.

    `for_csm`: the set-up has had all its reminders, so the CSM is told in place of the first one.
    """

    blocked: Blocked
    number: int
    at: datetime
    is_last: bool
    for_csm: bool = False


def next_reminder(situation: Situation, rules: Rules = USUAL_RULES) -> Planned | None:
    """None if nothing waits on the customer, they asked for quiet, or they had enough reminders
    and the CSM knows of it.
    """
    integration = situation.integration
    facts = integration.reminders
    blocked = due_blocker(situation)
    if blocked is None or facts.is_quiet(blocked.blocker):
        return None
    series = rules.series.get(blocked.blocker, ())
    begun = _begun(situation, blocked)
    sent = series_sent(integration, blocked.blocker, begun)
    for_csm = facts.count >= rules.most
    if sent and for_csm:
        return None
    due = question = _question(integration, rules, blocked.blocker)
    if question is None:
        due = _in_series(series, begun, sent, facts.snooze)
    elif sent:  # once for each promised day
        due = None
    if due is None:
        return None
    earliest = [due, *_quiet_until(facts, rules)]
    if blocked.blocker in _WITH_SEGMENT and rules.waits_for_segment and not question:
        earliest.append(_promised(integration) or due)
    if for_csm:
        return Planned(blocked, 0, max(earliest), is_last=True, for_csm=True)
    number = len(sent) + 1
    is_last = number >= len(series) or facts.count + 1 >= rules.most
    return Planned(blocked, number, max(earliest), is_last and not question)


def is_known(blocked: Blocked, situation: Situation) -> bool:
    """Whether it may be said: Segment answered lately, or need not be asked."""
    observed = situation.observed
    if blocked.blocker not in _SEGMENT_SAYS or not is_watched(situation.integration):
        return True
    seen = observed.round_since or observed.looked_at
    is_recent = seen is not None and situation.now - seen <= STAYS_KNOWN
    return is_recent and not observed.failures


def _question(integration: Integration, rules: Rules, blocker: Blocker) -> datetime | None:
    """When it is asked whether the Replay started, on the day that Segment named, at the earliest.

    `begins` says when that day begins for whoever is asked.
    """
    scheduled = integration.replay_scheduled if blocker is Blocker.REPLAY_NOT_RUNNING else None
    return scheduled.asked_first if scheduled and rules.waits_for_segment else None


def begins(planned: Planned, integration: Integration, rules: Rules, here: tzinfo) -> datetime:
    """When it may be sent to somebody who lives `here`, whatever their hours are."""
    asks = _question(integration, rules, planned.blocked.blocker) is not None
    scheduled = integration.replay_scheduled if asks else None
    asked_at = scheduled.asked_at(here) if scheduled else None
    return max(planned.at, asked_at) if asked_at else planned.at


def opens(planned: Planned, situation: Situation, rules: Rules, person: Person | None) -> datetime:
    """When it may be sent to them: now, or once its day has begun there and in working hours."""
    here = zone(person.time_zone) if person else LAST_ZONE
    integration = situation.integration
    at = max(situation.now, begins(planned, integration, rules, here))
    return rules.calendar.next_allowed(at, person, integration.id) if person else at


def _in_series(
    series: Sequence[timedelta], begun: datetime, sent: Sequence[Reminded], snooze: Snooze | None
) -> datetime | None:
    """When the next one of the series is due."""
    if len(sent) < len(series):
        return begun + series[len(sent)]
    if series and snooze and snooze.at >= sent[-1].at:
        return snooze.until  # a customer who snoozes the last reminder gets one more
    return None


def _quiet_until(facts: Reminders, rules: Rules) -> Iterator[datetime]:
    """What else it waits for, whatever it is about."""
    if facts.snooze:
        yield facts.snooze.until
    if facts.postponed:
        yield facts.postponed
    if last := facts.sent[-1].at if facts.sent else facts.before:
        yield last + rules.gap


def next_day(situation: Situation, rules: Rules, reader: Person) -> date | None:
    """On which day somebody at the customer is reminded next, at the earliest, as if it was for
    this reader. None: nobody is.
    """
    planned = next_reminder(situation, rules)
    if planned is None or planned.for_csm:
        return None
    return opens(planned, situation, rules, reader).astimezone(zone(reader.time_zone)).date()


def _promised(integration: Integration) -> datetime | None:
    """The end of the day that Segment named. Before it, nobody needs to ask."""
    scheduled = integration.replay_scheduled
    return end_of(scheduled.on) if scheduled and scheduled.on else None


def _begun(situation: Situation, blocked: Blocked) -> datetime:
    """Since when reminders about this count. Each day that Segment named begins them anew."""
    begun = blocked_since(situation, blocked)
    scheduled = _day_named(situation.integration) if blocked.blocker in _WITH_SEGMENT else None
    return max(begun, scheduled.reported.at) if scheduled else begun


def _day_named(integration: Integration) -> Scheduled | None:
    scheduled = integration.replay_scheduled
    return scheduled if scheduled and (scheduled.on or scheduled.missed) else None


def series_sent(
    integration: Integration, blocker: Blocker, begun: datetime
) -> tuple[Reminded, ...]:
    """The reminders about this blocker since it began."""
    same: frozenset[Blocker] = frozenset({blocker})
    with_segment = blocker in _WITH_SEGMENT and not _day_named(integration)
    if with_segment and integration.replay_sent:
        undone = integration.replay_unsent  # what was taken back begins it anew
        same, begun = _WITH_SEGMENT, integration.replay_sent.at
        begun = max(begun, undone.at) if undone else begun
    return tuple(r for r in integration.reminders.given if r.blocker in same and r.at >= begun)


def last_reminder(situation: Situation) -> Reminded | None:
    """The reminder of the current blocker's series after which the CSM takes over.

    That is the last one, or the newest if the CSM was told in its place (its `to` is empty then).
    None if one more comes because the last was snoozed, or if somebody acted who could not be
    reached.
    """
    integration = situation.integration
    blocked, facts = due_blocker(situation), integration.reminders
    if blocked is None:
        return None
    begun = _begun(situation, blocked)
    # Whoever answered the one reminder of a shared series is not stuck with what comes next.
    sent = [r for r in facts.sent if r.blocker == blocked.blocker and r.at >= begun]
    if sent and sent[-1].reached_nobody and not _acted_since(integration, sent[-1].at):
        return sent[-1]
    given = [each for each in sent if not each.reached_nobody]
    is_over = any(each.is_last for each in given) and not _comes_once_more(facts, given[-1])
    return given[-1] if is_over else None


def _comes_once_more(facts: Reminders, last: Reminded) -> bool:
    return bool(facts.snooze and facts.snooze.at >= last.at and facts.count < MOST_REMINDERS)


def _acted_since(integration: Integration, at: datetime) -> bool:
    """Whether somebody at the customer did or asked anything, so that they are there again."""
    active = integration.last_active
    asked = any(each.by and each.since > at for each in integration.csm.matters)
    return asked or bool(active and active.at > at)


def has_run_out(situation: Situation) -> bool:
    """Whether reminders about what is outstanding now are over, or reach nobody."""
    return last_reminder(situation) is not None
