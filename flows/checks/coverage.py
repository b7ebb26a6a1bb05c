"""What Segment says about the sources of a Replay. It is asked once, when the form opens."""

import asyncio
from collections.abc import Awaitable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from flows.checks.at_once import AT_ONCE
from flows.checks.segment import VOLUME_WINDOW, Access
from flows.errors import SegmentError
from flows.model import Situation
from flows.replay.facts import Coverage, DestinationFilter
from flows.setup.blockers import delivering_sources

FRESH = timedelta(minutes=15)
MAX_NAMES = 100
MAX_DESTINATIONS = 20  # whose filters are asked for
MAX_FILTERS = 20  # per destination
MAX_TITLE, MAX_CONDITION = 100, 300  # letters

T = TypeVar("T")


def is_measured(situation: Situation) -> bool:
    """Whether the stored figures are recent and cover every source that a request would name."""
    coverage = situation.observed.coverage
    if coverage is None or situation.now - coverage.observed_at >= FRESH:
        return False
    return set(destinations(situation)) <= set(coverage.filters)


def destinations(situation: Situation) -> dict[str, str]:
    """The Toplyne destination of each delivering source, by source id; at most a few."""
    statuses = situation.observed.statuses
    delivering = delivering_sources(situation.integration, situation.observed)
    found = {source.id: statuses[source.id].destination_id for source in delivering}
    return dict(list(found.items())[:MAX_DESTINATIONS])


async def measure(access: Access, situation: Situation, seconds: float) -> Coverage | None:
    """What can be learned within `seconds`, or None if not even the volumes can."""
    gate, now = asyncio.Semaphore(AT_ONCE), situation.now
    since = now - VOLUME_WINDOW
    wanted = destinations(situation)
    filters: dict[str, asyncio.Task[list[DestinationFilter] | None]] = {}
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds), asyncio.TaskGroup() as asked:
            calls = asked.create_task(_asked(gate, access.volumes(since, now)))
            names = asked.create_task(_asked(gate, access.event_names(list(wanted), since, now)))
            for source_id, destination_id in wanted.items():
                found = access.filters(destination_id)
                filters[source_id] = asked.create_task(_asked(gate, found))
    counted = _result(calls)
    if counted is None:
        return None
    return Coverage(
        calls=counted,
        observed_at=now,
        names=_busiest(_result(names) or {}),
        filters={source_id: _filters(_result(task)) for source_id, task in filters.items()},
    )


async def _asked(gate: asyncio.Semaphore, call: Awaitable[T]) -> T | None:
    async with gate:
        try:
            return await call
        except SegmentError:
            return None


def _result(task: "asyncio.Task[T | None]") -> T | None:
    return None if task.cancelled() else task.result()


def _filters(found: list[DestinationFilter] | None) -> tuple[DestinationFilter, ...] | None:
    """The first filters, with the text that people wrote in Segment cut to fit messages."""
    if found is None:
        return None
    return tuple(
        replace(each, title=each.title[:MAX_TITLE], condition=each.condition[:MAX_CONDITION])
        for each in found[:MAX_FILTERS]
    )


def _busiest(names: Mapping[str, int]) -> dict[str, int]:
    ordered = sorted(names.items(), key=lambda each: (-each[1], each[0]))
    return dict(ordered[:MAX_NAMES])
