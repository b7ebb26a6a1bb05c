"""The state of each chosen source: what it is connected to, and what has arrived from it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from flows.checks.at_once import ask_each
from flows.checks.question import CheckStage, Found, Report, unheard
from flows.checks.segment import DELIVERY_WINDOW, Access, Delivered, Destination, SegmentSource
from flows.checks.sources import find_source, toplyne_destinations
from flows.errors import SegmentNotFound
from flows.model import DestinationState, SourceStatus
from flows.vocabulary import Source

STOPPED_AFTER = timedelta(days=3)
_ON_ITS_WAY = timedelta(hours=1)  # what came in this recently may still be on its way to Toplyne


async def observe_sources(
    access: Access,
    sources: Sequence[Source],
    before: Mapping[str, SourceStatus],
    now: datetime,
    report: Report = unheard,
) -> tuple[SourceStatus, ...]:
    """The state of each chosen source. Raises `SegmentError`.

    One call for all of them, then one a source and one for each Toplyne destination of it; a last
    one where events seem to have stopped.
    """
    listing = {found.source.id: found for found in await access.sources()}
    report(Found(CheckStage.LISTING))

    async def observe(source: Source) -> SourceStatus:
        earlier = before.get(source.id)
        found = listing.get(source.id) or await find_source(access, source.id)
        if found is None:
            return _settled(earlier, _deleted(source.id, earlier, now))
        status = await _observe_one(access, found, earlier, now)
        return await _with_stop(access, status, earlier)

    return tuple(await ask_each(sources, observe))


def _deleted(source_id: str, before: SourceStatus | None, now: datetime) -> SourceStatus:
    """The status of a source that Segment no longer knows."""
    return SourceStatus(
        source_id=source_id,
        enabled=False,
        destination=DestinationState.MISSING,
        destination_id="",
        delivered=0,
        first_delivered_at=before.first_delivered_at if before else None,
        observed_at=now,
        since=now,
        delivered_at=before.delivered_at if before else None,
        deleted=True,
    )


async def _observe_one(
    access: Access, found: SegmentSource, before: SourceStatus | None, now: datetime
) -> SourceStatus:
    source_id = found.source.id
    try:
        toplyne = toplyne_destinations(await access.destinations(source_id))
    except SegmentNotFound:
        return _settled(before, _deleted(source_id, before, now))
    first = before.first_delivered_at if before else None
    last = before.delivered_at if before else None
    delivered, busiest = await _deliveries(access, source_id, toplyne, now, closely=first is None)
    first = first or delivered.first_at  # later answers are coarser, and end by forgetting
    last = delivered.last_at or last or first
    status = SourceStatus(
        source_id=source_id,
        enabled=found.enabled is not False,
        destination=_state_of(toplyne),
        destination_id=busiest,
        delivered=delivered.total,
        first_delivered_at=first,
        observed_at=now,
        since=now,
        delivered_at=last,
    )
    return _settled(before, status)


async def _deliveries(
    access: Access,
    source_id: str,
    toplyne: Sequence[Destination],
    now: datetime,
    *,
    closely: bool,
) -> tuple[Delivered, str]:
    """Of all these destinations together, and the id of the one that got the most."""
    found: dict[str, Delivered] = {}
    for destination in toplyne:
        found[destination.id] = await access.delivered(
            source_id, destination.id, now - DELIVERY_WINDOW, now, closely=closely
        )
    together = Delivered(
        total=sum(each.total for each in found.values()),
        first_at=min((each.first_at for each in found.values() if each.first_at), default=None),
        last_at=max((each.last_at for each in found.values() if each.last_at), default=None),
    )
    return together, max(found, key=lambda each: found[each].total, default="")


async def _with_stop(
    access: Access, status: SourceStatus, before: SourceStatus | None
) -> SourceStatus:
    """Notes a stop if the source takes in events and Toplyne has got none for too long."""
    now = status.observed_at
    if not _is_suspicious(status):
        return status
    if before and before.stopped_at:
        return replace(status, stopped_at=before.stopped_at)
    received = await access.received(status.source_id, now - STOPPED_AFTER, now - _ON_ITS_WAY)
    return replace(status, stopped_at=now) if received else status


def _is_suspicious(status: SourceStatus) -> bool:
    """Whether everything is on, yet nothing has arrived for too long."""
    delivered, since = status.delivered_at, status.since
    if delivered is None or since is None or not status.enabled:
        return False
    if status.destination is not DestinationState.ENABLED:
        return False
    return status.observed_at - max(delivered, since) >= STOPPED_AFTER


def _settled(before: SourceStatus | None, status: SourceStatus) -> SourceStatus:
    """Keeps `since` while nothing changes."""
    return replace(status, since=before.since) if before and _is_alike(before, status) else status


def _is_alike(one: SourceStatus, other: SourceStatus) -> bool:
    """Whether the same thing, if any, keeps the source from delivering."""
    return (one.enabled, one.deleted, one.destination, one.first_delivered_at is None) == (
        other.enabled,
        other.deleted,
        other.destination,
        other.first_delivered_at is None,
    )


def _state_of(destinations: Sequence[Destination]) -> DestinationState:
    if not destinations:
        return DestinationState.MISSING
    is_enabled = any(each.enabled for each in destinations)
    return DestinationState.ENABLED if is_enabled else DestinationState.DISABLED
