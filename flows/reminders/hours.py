"""When a person may be disturbed: their hours, their weekend, and days when nobody is."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from babel import Locale, UnknownLocaleError

from flows.vocabulary import Person
from flows.zones import zone

LOOKAHEAD = 366  # days searched for a working day; a calendar without one is tried again after them
SATURDAY_SUNDAY = frozenset({5, 6})


@dataclass(frozen=True, slots=True)
class Hours:
    """A part of the day. It ends before midnight."""

    start: time
    end: time

    @property
    def seconds(self) -> int:
        return _seconds(self.end) - _seconds(self.start)


@dataclass(frozen=True, slots=True)
class DayRange:
    """Days that recur every year, both ends included. The range may span New Year."""

    first: tuple[int, int]
    last: tuple[int, int]

    def __contains__(self, day: date) -> bool:
        key = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= key <= self.last
        return key >= self.first or key <= self.last


@dataclass(frozen=True, slots=True)
class Calendar:
    """The hours when people may be disturbed, in their own time zone. None means at any time."""

    hours: Hours | None = Hours(time(10), time(16))
    quiet_dates: tuple[DayRange, ...] = (DayRange((12, 24), (1, 1)),)

    def allows(self, at: datetime, person: Person) -> bool:
        if self.hours is None:
            return True
        local = at.astimezone(zone(person.time_zone))
        in_hours = self.hours.start <= local.time() < self.hours.end
        return in_hours and self._is_working_day(local.date(), weekend(person.locale))

    def closes(self, at: datetime, person: Person) -> datetime | None:
        """When the hours end that `at` falls into, in UTC. None if they never end."""
        if self.hours is None:
            return None
        local = at.astimezone(zone(person.time_zone))
        # In an hour that comes twice, it is the end of the same one of the two.
        end = datetime.combine(local.date(), self.hours.end, local.tzinfo)
        return end.replace(fold=local.fold).astimezone(UTC)

    def next_allowed(self, at: datetime, person: Person, seed: str) -> datetime:
        """`at` itself if it is allowed, else a moment in the next working hours, in UTC.

        `seed` alone decides where in those hours, so that many reminders do not share one moment.
        """
        if self.hours is None or self.allows(at, person):
            return at.astimezone(UTC)
        here = zone(person.time_zone)
        today = at.astimezone(here).date()
        for days in range(LOOKAHEAD):
            moment = _moment(today + timedelta(days=days), self.hours, seed, here)
            # A clock that is put forward can skip some hours entirely.
            if moment >= at and self.allows(moment, person):
                return moment
        return at.astimezone(UTC) + timedelta(days=LOOKAHEAD)

    def is_working_day(self, at: datetime, person: Person) -> bool:
        """Whether it is a working day where this person is."""
        local = at.astimezone(zone(person.time_zone))
        return self._is_working_day(local.date(), weekend(person.locale))

    def _is_working_day(self, day: date, days_off: frozenset[int]) -> bool:
        return day.weekday() not in days_off and not any(day in off for off in self.quiet_dates)


def weekend(locale: str) -> frozenset[int]:
    """The days off for this locale, with Monday as 0. Saturday and Sunday if unknown."""
    try:
        known = Locale.parse(locale, sep="-")
    except (UnknownLocaleError, ValueError):
        return SATURDAY_SUNDAY
    length = (known.weekend_end - known.weekend_start) % 7 + 1
    return frozenset((known.weekend_start + day) % 7 for day in range(length))


def _moment(day: date, hours: Hours, seed: str, here: tzinfo) -> datetime:
    """A moment in this day's hours. If the clock skips it, one right after the gap."""
    digest = hashlib.sha256(seed.encode()).digest()
    # Not at the very end: the hours could be over by the time its turn comes, every day.
    offset = int.from_bytes(digest[:8], "big") % max(1, hours.seconds * 9 // 10)
    wall = datetime.combine(day, hours.start) + timedelta(seconds=offset)
    return wall.replace(tzinfo=here).astimezone(UTC)


def _seconds(of: time) -> int:
    return of.hour * 3600 + of.minute * 60 + of.second
