"""Parsers for the values of our settings.

Each raises a `ValueError` that completes the sentence "<VARIABLE> …" without repeating the value.
"""

import ipaddress
import re
from datetime import date, time, timedelta
from urllib.parse import urlsplit

from flows.reminders.hours import DayRange, Hours

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LEAP_YEAR = 2024  # has every day of the calendar
_MAX_DELAYS = 20
_LONGEST_HOST = 253
_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")  # of a host's name
# Beyond these, a setting is a slip of the hand, and sums of dates leave the calendar.
_LONGEST_DELAY = timedelta(days=365)  # from a blocker to a reminder
_LONGEST_INTERVAL = timedelta(days=30)  # between two polls
_LONGEST_KEPT = timedelta(days=36_500)  # a hundred years: for ever


def parse_duration(text: str) -> timedelta:
    """Parses `90s`, `15m`, `2h` or `1d`."""
    match = re.fullmatch(r"([0-9]{1,6})([smhd])", text.strip())
    if not match or not int(match[1]):
        raise ValueError("is not a duration like 90s, 15m, 2h or 1d")
    return timedelta(seconds=int(match[1]) * _SECONDS[match[2]])


def parse_interval(text: str) -> timedelta:
    """Parses the time between two polls."""
    return _at_most(_LONGEST_INTERVAL, parse_duration(text))


def parse_kept(text: str) -> timedelta:
    """Parses for how long something is kept."""
    return _at_most(_LONGEST_KEPT, parse_duration(text))


def _at_most(longest: timedelta, duration: timedelta) -> timedelta:
    if duration > longest:
        raise ValueError(f"is longer than {longest.days}d, the longest that is possible")
    return duration


def parse_delays(text: str) -> tuple[timedelta, ...]:
    """Parses durations separated by commas, each longer than the one before."""
    delays = tuple(_at_most(_LONGEST_DELAY, parse_duration(part)) for part in text.split(","))
    if list(delays) != sorted(set(delays)):
        raise ValueError("must rise from each duration to the next, like 1d,3d,7d")
    if len(delays) > _MAX_DELAYS:
        raise ValueError(f"holds more than {_MAX_DELAYS} durations")
    return delays


def parse_hours(text: str) -> Hours | None:
    """Parses `10:00-16:00`, or `always`, which gives None."""
    if text.strip().lower() == "always":
        return None
    try:
        start, end = (_time_of_day(part.strip()) for part in text.split("-"))
    except ValueError:
        raise ValueError("is neither hours like 10:00-16:00 nor always") from None
    if start >= end:
        raise ValueError("must end later than it starts, on the same day")
    return Hours(start, end)


def _time_of_day(text: str) -> time:
    """Without a zone: the hours are those of whoever is reminded, wherever they are."""
    if not re.fullmatch(r"[0-9]{2}:[0-9]{2}(:[0-9]{2})?", text):
        raise ValueError("no time of day")
    return time.fromisoformat(text)


def parse_quiet_dates(text: str) -> tuple[DayRange, ...]:
    """Parses ranges `12-24/01-01` and days `05-01` separated by commas, or `none`."""
    if text.strip().lower() == "none":
        return ()
    return tuple(_day_range(part) for part in text.split(","))


def _day_range(text: str) -> DayRange:
    first, slash, last = text.partition("/")
    return DayRange(_day(first), _day(last if slash else first))


def _day(text: str) -> tuple[int, int]:
    try:
        day = date.fromisoformat(f"{_LEAP_YEAR}-{text.strip()}")
    except ValueError:
        raise ValueError("is neither days like 12-24/01-01 (month-day) nor none") from None
    return day.month, day.day


def parse_url(text: str) -> str:
    """Parses a URL without query, fragment or user. Drops a trailing slash.

    Plain http is for this machine only: what we send and get there is nobody else's.
    """
    try:
        parts = urlsplit(text.strip())
        usable = is_one_word(text.strip()) and _is_host(parts.hostname or "")
        usable = usable and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.scheme not in ("http", "https"):
        raise ValueError("is not an address that starts with https:// or http://")
    if parts.query or parts.fragment or parts.username:
        raise ValueError("must be a plain address, without ?, # or a user name")
    if parts.scheme == "http" and not is_loopback(text.strip()):
        raise ValueError("must start with https:// unless it is this machine")
    return text.strip().rstrip("/")


def parse_public_url(text: str) -> str:
    """Parses the address under which browsers reach us. They send its host name in ASCII."""
    url = parse_url(text)
    if not urlsplit(url).netloc.isascii():
        raise ValueError("must name its host in ASCII, with xn--… for other letters")
    return url


def is_one_word(text: str) -> bool:
    """Whether there is neither space nor line break in it, nor what can be no text."""
    return text.isprintable() and not any(each.isspace() for each in text)


def _is_host(name: str) -> bool:
    """Whether it is an IP address, or a name that can be looked up."""
    if _is_ip_address(name):
        return True
    try:
        labels = name.encode("idna").decode().removesuffix(".").split(".")
        for label in labels:
            label.encode().decode("idna")  # what stands behind xn-- must be a name
    except UnicodeError:  # also if a label is too long or empty
        return False
    return len(name) <= _LONGEST_HOST and all(_LABEL.fullmatch(label) for label in labels)


def _is_ip_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def parse_api_url(text: str) -> str:
    """Parses the base URL of Slack's Web API, which ends with `/api/`."""
    url = parse_url(text) + "/"
    if not url.endswith("/api/"):
        raise ValueError("must end with /api/")
    return url


def parse_database_url(text: str) -> str:
    """Parses `sqlite:///<file>` or `postgresql://…`."""
    url = text.strip()
    if not is_one_word(url.partition("?")[2]) or not url.isprintable():
        raise ValueError("holds a line break, or a space among its options")
    if url.startswith("sqlite:///") and "?" in url:
        raise ValueError("takes no options behind a ? where it is a file")
    if url.startswith("sqlite:///") and len(url) > len("sqlite:///") and ":memory:" not in url:
        return url
    if url.startswith("postgresql://"):
        if not _has_database(url):
            raise ValueError(
                "is not postgresql://<user>:<password>@<host>/<database>; in a password, write "
                "/ as %2F, # as %23, ? as %3F, @ as %40, : as %3A and % as %25"
            )
        _check_options(url)
        return url
    raise ValueError("is neither sqlite:///<file> nor postgresql://<user>@<host>/<database>")


def _has_database(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.path.strip("/")) and parts.port != 0
    except ValueError:
        return False


def _check_options(url: str) -> None:
    if "?" not in url:
        return
    import psycopg.conninfo  # slow, and few addresses have options

    try:
        psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise ValueError("has an option behind its ? that PostgreSQL does not know") from None


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    return _is_ip_address(host) and ipaddress.ip_address(host).is_loopback
