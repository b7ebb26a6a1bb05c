"""How many events there were, and when: steady traffic and what people sent by hand."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from playground.segment.errors import invalid
from playground.segment.state import Ledger, Period, Source

LAG = timedelta(minutes=5)  # figures of the last minutes are not in yet
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)


class Granularity(StrEnum):
    DAY = "DAY"
    HOUR = "HOUR"
    MINUTE = "MINUTE"


@dataclass(frozen=True)
class _Limits:
    size: timedelta
    longest: timedelta
    oldest: timedelta


_LIMITS = {
    Granularity.DAY: _Limits(_DAY, timedelta(days=30), timedelta(days=30)),
    Granularity.HOUR: _Limits(timedelta(hours=1), timedelta(days=14), timedelta(days=30)),
    Granularity.MINUTE: _Limits(timedelta(minutes=1), timedelta(hours=4), timedelta(hours=48)),
}


@dataclass(frozen=True)
class Window:
    """A checked time range. The figures reach up to `seen_until`."""

    start: datetime
    end: datetime
    granularity: Granularity
    seen_until: datetime

    @property
    def visible_end(self) -> datetime:
        return max(self.start, min(self.end, self.seen_until))

    def buckets(self) -> list[tuple[datetime, datetime, datetime]]:
        """(label, start, end) of each bucket. Labels are whole days, hours or minutes, UTC."""
        size = _LIMITS[self.granularity].size
        label = self.start - (self.start - _EPOCH) % size
        found = []
        while label < self.end:
            found.append((label, max(label, self.start), min(label + size, self.visible_end)))
            label += size
        return found


def parse_window(query: Mapping[str, str], now: datetime, lag: timedelta = LAG) -> Window:
    """Reads granularity, startTime and endTime. Raises `ApiError` 422."""
    try:
        granularity = Granularity(query.get("granularity", ""))
    except ValueError as error:
        raise invalid("granularity", "must be one of DAY, HOUR, MINUTE") from error
    start, end = _moment(query, "startTime"), _moment(query, "endTime")
    limits = _LIMITS[granularity]
    if end <= start:
        raise invalid("endTime", "must be after startTime")
    if end - start > limits.longest:
        raise invalid("startTime", "is too far from endTime for this granularity")
    if start < now - limits.oldest:
        raise invalid("startTime", "is too long ago for this granularity")
    return Window(start, end, granularity, now - lag)


def _moment(query: Mapping[str, str], name: str) -> datetime:
    raw = query.get(name)
    if not raw:
        raise invalid(name, "is required")
    try:
        moment = datetime.fromisoformat(raw)
    except ValueError as error:
        raise invalid(name, "must be an ISO 8601 time") from error
    if moment.tzinfo is None:
        raise invalid(name, "must name its time zone")
    return moment.astimezone(UTC)


def counted(ledger: Ledger, start: datetime, end: datetime, call_type: str | None = None) -> int:
    """The ledger's events in [start, end)."""
    return sum(
        entry.count
        for entry in ledger.entries
        if start <= entry.at < end and call_type in {None, entry.call_type}
    )


def received(source: Source, call_type: str, start: datetime, end: datetime) -> int:
    """What a source received during [start, end): steady traffic and single batches."""
    steady = _steady(source.daily.get(call_type, 0), source.active, start, end)
    return steady + counted(source.received, start, end, call_type)


def _steady(daily: int, periods: Iterable[Period], start: datetime, end: datetime) -> int:
    """Differences of one running count, so that the parts always add up."""
    total = 0
    for period in periods:
        first = max(start, period.start)
        last = end if period.end is None else min(end, period.end)
        if first < last:
            total += _running(daily, last) - _running(daily, first)
    return total


def _running(daily: int, moment: datetime) -> int:
    return daily * ((moment - _EPOCH) // timedelta(seconds=1)) // 86_400


def call_types(source: Source) -> list[str]:
    """All call types that the source ever sent."""
    batches = (entry.call_type for entry in source.received.entries)
    return list(dict.fromkeys([*source.daily, *batches]))


def series(counts: Sequence[tuple[datetime, int]]) -> list[dict[str, Any]]:
    return [{"time": wire_time(label), "count": count} for label, count in counts]


def wire_time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
