"""The state of each chosen source: what it is connected to, and what has arrived from it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from flows.checks.at_once import ask_each
from flows.checks.question import CheckStage, Found, Report, unreported
from flows.checks.segment import DELIVERY_WINDOW, Access, Delivered, Destination, SegmentSource
from flows.checks.sources import find_source, toplyne_destinations
from flows.errors import SegmentError, SegmentLimited, SegmentRefused, SegmentUnavailable
from flows.model import DestinationState, SourceStatus, Unheard
from flows.vocabulary import Source

LONGEST_LOOK = 20.0  # real seconds; less than a check may take behind its acknowledgement
_NEVER = datetime.min.replace(tzinfo=UTC)
STOPPED_AFTER = timedelta(days=3)
_MAY_BE_SILENT = timedelta(days=7)  # what sends once a week may have sent before, too
_ON_ITS_WAY = timedelta(hours=1)  # what came in this recently may still be on its way to Toplyne


async def observe_sources(
    access: Access,
    sources: Sequence[Source],
    before: Mapping[str, SourceStatus],
    now: datetime,
    report: Report = unreported,
    longest: float = LONGEST_LOOK,
    listed: list[SegmentSource] | None = None,
) -> tuple[SourceStatus, ...]:
    """How far each chosen source is, or why Segment did not say.

    Sources for which `longest` (real seconds) or a limit leaves no room are missing in the answer.
    Those about which Segment was asked longest ago come first. `listed` takes all sources of the
    workspace, as its list is read anyway. Raises `SegmentError` where Segment says nothing about
    any.

    Segment is called once for all of them, then once for each source and each of its Toplyne
    destinations, and once more where events seem to have stopped.
    """
    statuses: list[SourceStatus] = []
    errors: list[SegmentError] = []
    try:
        async with asyncio.timeout(longest):
            every = await access.sources()
            listing = {found.source.id: found for found in every}
            if listed is not None:
                listed += every
            report(Found(CheckStage.LISTING))

            async def observe(source: Source) -> None:
                if any(isinstance(error, SegmentLimited) for error in errors):
                    return
                earlier, found = before.get(source.id), listing.get(source.id)
                try:
                    statuses.append(await _observe(access, source, found, earlier, now))
                except SegmentLimited as error:
                    errors.append(error)
                except SegmentError as error:
                    errors.append(error)
                    statuses.append(_not_heard(source, found, earlier, error, now))

            await ask_each(_oldest_first(sources, before), observe)
    except TimeoutError:
        errors.append(SegmentUnavailable("sources", "too slow"))
    if errors and all(status.unheard for status in statuses):
        _raise_if_general(errors)
    return tuple(statuses)


def _oldest_first(
    sources: Sequence[Source], before: Mapping[str, SourceStatus]
) -> Sequence[Source]:
    asked = {source_id: status.last_asked for source_id, status in before.items()}
    return sorted(sources, key=lambda source: asked.get(source.id, _NEVER))


def _raise_if_general(errors: Sequence[SegmentError]) -> None:
    """Where nothing was learned of any source, it is Segment's trouble, the token's or a limit."""
    limited = next((each for each in errors if isinstance(each, SegmentLimited)), None)
    if limited:
        raise limited
    unavailable = next((each for each in errors if isinstance(each, SegmentUnavailable)), None)
    if unavailable:
        raise unavailable
    if all(isinstance(each, SegmentRefused) for each in errors):
        raise errors[0]


async def _observe(
    access: Access,
    source: Source,
    listed: SegmentSource | None,
    before: SourceStatus | None,
    now: datetime,
) -> SourceStatus:
    found = listed or await find_source(access, source.id)
    if found is None:
        return settled(before, _deleted(source.id, before, now))
    if found.enabled is None:
        raise SegmentUnavailable("sources", "unexpected answer")
    status = await _observe_one(access, found, found.enabled, before, now)
    return replace(await _with_stop(access, status, before), named=found.source)


def _not_heard(
    source: Source,
    found: SegmentSource | None,
    before: SourceStatus | None,
    error: SegmentError,
    now: datetime,
) -> SourceStatus:
    """What was known before stays, and so does whether the list says that the source is off."""
    known = before or SourceStatus(
        source.id, True, DestinationState.MISSING, "", 0, None, observed_at=now
    )
    enabled = known.enabled if found is None or found.enabled is None else found.enabled
    deleted = known.deleted and found is None
    status = replace(known, enabled=enabled, deleted=deleted, unheard=_why(error))
    named = found.source if found else None
    return settled(before, replace(status, asked_at=now, since=now, named=named))


def _why(error: SegmentError) -> Unheard:
    if isinstance(error, SegmentRefused):
        return Unheard.REFUSED
    return Unheard.UNUSABLE if isinstance(error, SegmentUnavailable) else Unheard.NO_FIGURES


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
        or_earlier=before.or_earlier if before else False,
    )


async def _observe_one(
    access: Access,
    found: SegmentSource,
    enabled: bool,
    before: SourceStatus | None,
    now: datetime,
) -> SourceStatus:
    source_id = found.source.id
    toplyne = toplyne_destinations(await access.destinations(source_id))
    first, or_earlier = (before.first_delivered_at, before.or_earlier) if before else (None, False)
    last = before.delivered_at if before else None
    delivered, busiest = await _deliveries(access, source_id, toplyne, now, closely=first is None)
    if first is None and delivered.first_at:  # later answers are coarser, and end by forgetting
        first, or_earlier = delivered.first_at, _or_earlier(delivered.first_at, before, now)
    last = delivered.last_at or last or first
    status = SourceStatus(
        source_id=source_id,
        enabled=enabled,
        destination=_state_of(toplyne),
        destination_id=busiest,
        delivered=delivered.total,
        first_delivered_at=first,
        observed_at=now,
        since=now,
        delivered_at=last,
        or_earlier=or_earlier,
    )
    return settled(before, status)


def _or_earlier(first: datetime, before: SourceStatus | None, now: datetime) -> bool:
    """Whether events may have arrived before the first that Segment shows.

    They have not if Segment showed that there were none for long enough before it, either now or
    when it was asked `before`. No event can hide between the two.
    """
    asked = before.observed_at if before and not before.unheard else now
    if now - asked > DELIVERY_WINDOW:
        asked = now
    return first - (asked - DELIVERY_WINDOW) < _MAY_BE_SILENT


async def _deliveries(
    access: Access,
    source_id: str,
    toplyne: Sequence[Destination],
    now: datetime,
    *,
    closely: bool,
) -> tuple[Delivered, str]:
    """The deliveries to all these destinations, and the id of the one that got the most.

    A destination that Segment says nothing about does not matter if another one delivers. Nor does
    it matter if all are off: then nothing arrives, whatever they got before.
    """
    found: dict[str, Delivered] = {}
    failed: list[SegmentError] = []
    for destination in toplyne:
        try:
            found[destination.id] = await access.delivered(
                source_id, destination.id, now - DELIVERY_WINDOW, now, closely=closely
            )
        except SegmentLimited:
            raise
        except SegmentError as error:
            failed.append(error)
    are_off = all(each.enabled is False for each in toplyne)
    if failed and not are_off and not any(each.total for each in found.values()):
        raise failed[0]
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
    try:
        received = await access.received(status.source_id, now - STOPPED_AFTER, now - _ON_ITS_WAY)
    except SegmentLimited:
        raise
    except SegmentError:  # nobody says that events stopped; what is known of it stands
        return status
    return replace(status, stopped_at=now) if received else status


def _is_suspicious(status: SourceStatus) -> bool:
    """Whether everything is on, yet nothing has arrived for too long."""
    delivered, since = status.delivered_at, status.since
    if delivered is None or since is None or not status.enabled:
        return False
    if status.destination is not DestinationState.ENABLED:
        return False
    return status.observed_at - max(delivered, since) >= STOPPED_AFTER


def settled(before: SourceStatus | None, status: SourceStatus) -> SourceStatus:
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
    if any(each.enabled for each in destinations):
        return DestinationState.ENABLED
    if any(each.enabled is None for each in destinations):
        raise SegmentUnavailable("destinations", "unexpected answer")
    return DestinationState.DISABLED
