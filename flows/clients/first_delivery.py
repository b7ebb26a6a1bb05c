"""When the first delivery was: found by looking closer, from days over hours to minutes."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from flows.clients.wire import DeliveryData
from flows.errors import SegmentInvalid, SegmentNotFound, SegmentRefused

Look = Callable[[str, datetime, datetime], Awaitable[DeliveryData]]

_MINUTES_REACH = timedelta(hours=47)  # Segment keeps minutes for 48 hours; clocks may differ


def earliest(found: DeliveryData) -> datetime | None:
    """The first bucket that has any deliveries; empty ones may come along."""
    points = (point for row in found.dataset for point in row.series)
    return min((point.time for point in points if point.count > 0), default=None)


def latest(found: DeliveryData, end: datetime) -> datetime | None:
    """The end of the last day that has any deliveries, no later than `end`."""
    points = (point for row in found.dataset for point in row.series)
    last = max((point.time for point in points if point.count > 0), default=None)
    return None if last is None else min(last + timedelta(days=1), end)


async def find_first(look: Look, day: datetime, start: datetime, end: datetime) -> datetime:
    """The hour, or for the last two days the minute, of the first delivery of that day.

    Closer figures only sharpen the answer: without them the day, or the hour, stands.
    """
    hour = await _closer(look, "HOUR", day, timedelta(days=1), start, end)
    if hour is None:
        return day
    if hour < end - _MINUTES_REACH:
        return hour
    return await _closer(look, "MINUTE", hour, timedelta(hours=1), start, end) or hour


async def _closer(
    look: Look, granularity: str, bucket: datetime, size: timedelta, start: datetime, end: datetime
) -> datetime | None:
    first, last = max(bucket, start), min(bucket + size, end)
    if first >= last:
        return None
    try:
        found = earliest(await look(granularity, first, last))
    except (SegmentInvalid, SegmentNotFound, SegmentRefused):
        return None  # this granularity is not to be had here
    return found if found is not None and bucket <= found < bucket + size else None
