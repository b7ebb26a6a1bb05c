"""The state of each chosen source: what it is connected to, and what has arrived from it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from flows.checks.at_once import ask_each
from flows.checks.question import CheckStage, Found, Report, unheard
from flows.checks.segment import DELIVERY_WINDOW, Access, Destination, SegmentSource
from flows.checks.sources import choose_toplyne, find_source
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

    Makes one call for all, then two per source, and a third if events seem to have stopped.
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
        toplyne = choose_toplyne(await access.destinations(source_id))
    except SegmentNotFound:
        return _settled(before, _deleted(source_id, before, now))
    first = before.first_delivered_at if before else None
    last = before.delivered_at if before else None
    total = 0
    if toplyne:
        delivered = await access.delivered(
            source_id, toplyne.id, now - DELIVERY_WINDOW, now, closely=first is None
        )
        total = delivered.total
        first = first or delivered.first_at  # later answers are coarser, and Segment forgets
        last = delivered.last_at or last or first
    status = SourceStatus(
        source_id=source_id,
        enabled=found.enabled is not False,
        destination=_state_of(toplyne),
        destination_id=toplyne.id if toplyne else "",
        delivered=total,
        first_delivered_at=first,
        observed_at=now,
        since=now,
        delivered_at=last,
    )
    return _settled(before, status)


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


def _state_of(destination: Destination | None) -> DestinationState:
    if destination is None:
        return DestinationState.MISSING
    return DestinationState.ENABLED if destination.enabled else DestinationState.DISABLED
