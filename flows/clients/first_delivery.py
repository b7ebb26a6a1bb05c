"""Finds when the first delivery was, by looking closer: from days to hours to minutes."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from flows.clients.wire import DeliveryData
from flows.errors import SegmentInvalid, SegmentNotFound, SegmentRefused

Look = Callable[[str, datetime, datetime], Awaitable[DeliveryData]]

_MINUTES_REACH = timedelta(hours=47)  # Segment keeps minutes for 48 hours; clocks may differ


def earliest(found: DeliveryData) -> datetime | None:
    """The first bucket that has any deliveries; empty ones may come along."""
    return min((point.time for point in found.points if point.count > 0), default=None)


def latest(found: DeliveryData, end: datetime) -> datetime | None:
    """The end of the last day that has any deliveries, no later than `end`."""
    last = max((point.time for point in found.points if point.count > 0), default=None)
    return None if last is None else min(last + timedelta(days=1), end)


async def find_first(look: Look, day: datetime, start: datetime, end: datetime) -> datetime:
    """The hour of that day's first delivery; in the last two days, the minute.

    Finer figures only sharpen the answer. Without them, the day or the hour stands.
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
        return None  # this granularity is not available here
    return found if found is not None and bucket <= found < bucket + size else None
