"""Time zones: what Slack says of a person's, and when a day begins and ends."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
FIRST_ZONE = timezone(timedelta(hours=14))  # where each day begins first
LAST_ZONE = timezone(timedelta(hours=-12))  # where it begins last, so that it has begun everywhere
_OFFSET = re.compile(r"UTC(?P<sign>[+-])(?P<hours>[01]\d|2[0-3]):(?P<minutes>[0-5]\d)")


def zone(name: str) -> tzinfo:
    """The time zone with this name or, as in `UTC+05:30`, offset; UTC if there is none."""
    if offset := _OFFSET.fullmatch(name):
        hours, minutes = int(offset["hours"]), int(offset["minutes"])
        away = timedelta(hours=hours, minutes=minutes)
        return timezone(-away if offset["sign"] == "-" else away)
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, or a path, or a directory
        return UTC


def is_known(name: str) -> bool:
    """Whether this machine knows a time zone with this name."""
    return zone(name) is not UTC


def zone_at(seconds: object) -> str:
    """The name of the time zone that is so many seconds ahead of UTC. Empty if there is none."""
    if not isinstance(seconds, int) or abs(seconds) >= DAY.total_seconds():
        return ""
    hours, minutes = divmod(abs(seconds) // 60, 60)
    return f"UTC{'-' if seconds < 0 else '+'}{hours:02}:{minutes:02}"


def begin_of(day: date, here: tzinfo) -> datetime:
    """When this day begins there, in UTC. The first and last days that there are begin as in UTC
    where nothing can come before or after them.
    """
    try:
        return datetime.combine(day, time(), here).astimezone(UTC)
    except OverflowError:
        return datetime.combine(day, time(), UTC)


def end_of(day: date) -> datetime:
    """The end of this day in UTC. The last day that there is ends as it begins."""
    begins = datetime.combine(day, time(), UTC)
    return begins + DAY if day < date.max else begins
