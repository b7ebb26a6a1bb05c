"""What Segment says about the sources of a Replay: asked when the form opens, by whatever door."""

import asyncio
from collections.abc import Awaitable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TypeVar

from pydantic import SecretStr

from flows.checks.at_once import CALLS_AT_ONCE
from flows.checks.examine import MOST_TOKENS
from flows.checks.segment import VOLUME_WINDOW, Access, Segment
from flows.errors import NotFound, RevisionConflict, SegmentError
from flows.model import Integration, Situation
from flows.ports import ASKED_FOR
from flows.recording import Change, Recorder
from flows.replay.facts import Coverage, DestinationFilter
from flows.setup.blockers import delivering_sources, is_watched, replay_prerequisites
from flows.setup.steps import workspace_renamed

FRESH = timedelta(minutes=15)
MAX_NAMES = 600  # all that are read; a name that is left out would be called unknown
MAX_DESTINATIONS = 20  # whose filters are asked for
MAX_FILTERS = 20  # per destination
MAX_TITLE, MAX_CONDITION = 100, 300  # letters

T = TypeVar("T")


class Measuring:
    """Asks Segment for figures and keeps them. Whoever asks meanwhile waits for the same answer.

    `longest` is how long one measurement may take, in real seconds.
    """

    def __init__(self, recorder: Recorder, segment: Segment, longest: float) -> None:
        self._recorder = recorder
        self._segment = segment
        self._longest = longest
        self._under_way: dict[tuple[str, str], asyncio.Task[Coverage | None]] = {}

    async def figures(self, situation: Situation, within: float | None = None) -> Situation:
        """The situation with fresh figures, if they come within so many seconds; else as it was."""
        if not wants_figures(situation):
            return situation
        task = self._task(situation)
        await asyncio.wait({task}, timeout=within)
        failed = not task.done() or task.cancelled() or task.exception()
        coverage = None if failed else task.result()
        if coverage is None:
            return situation
        return replace(situation, observed=replace(situation.observed, coverage=coverage))

    def _task(self, situation: Situation) -> "asyncio.Task[Coverage | None]":
        integration = situation.integration
        key = (integration.tenant_id, integration.id)
        task = self._under_way.get(key)
        if task is None:
            task = self._under_way[key] = asyncio.create_task(self._measured(situation))
            task.add_done_callback(partial(self._ended, key))
        return task

    def _ended(self, key: tuple[str, str], task: "asyncio.Task[Coverage | None]") -> None:
        """Forgets it. A fault of our storage shows wherever somebody reads or writes next."""
        self._under_way.pop(key, None)
        if not task.cancelled():
            task.exception()

    async def _measured(self, situation: Situation) -> Coverage | None:
        """Figures belong to the token that was asked with: after another was entered, once more."""
        integration = situation.integration
        ASKED_FOR.set(integration.tenant_id)  # in the task of this measurement
        token = await self._token(integration)
        for _ in range(MOST_TOKENS):
            if token is None:
                return None
            access = self._segment.access(token, integration.region)
            async with asyncio.TaskGroup() as asked:
                figures = asked.create_task(measure(access, situation, self._longest))
                asked.create_task(self._rename(access, integration))
            coverage = figures.result()
            asked_with, token = token, await self._token(integration)
            if token == asked_with:
                return await self._kept(integration, coverage)
        return None

    async def _token(self, integration: Integration) -> SecretStr | None:
        async with self._recorder.uow(integration.tenant_id, write=False) as work:
            return await work.vault.get(integration.id)

    async def _kept(self, integration: Integration, coverage: Coverage | None) -> Coverage | None:
        if coverage:
            async with self._recorder.uow(integration.tenant_id) as work:
                await work.observations.put_coverage(integration.id, coverage)
                await work.commit()
        return coverage

    async def _rename(self, access: Access, integration: Integration) -> None:
        """A request names the Segment workspace as it is called when it is written."""
        with suppress(SegmentError, NotFound, RevisionConflict, TimeoutError):
            async with asyncio.timeout(self._longest):
                newest = await access.workspace()
            await self._recorder.change(
                integration.tenant_id,
                integration.id,
                lambda now: Change(workspace_renamed(now.integration, newest)),
            )

    async def stop(self) -> None:
        """Ends what is under way; nothing of it is lost but figures."""
        left = tuple(self._under_way.values())
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


def wants_figures(situation: Situation) -> bool:
    """Whether a Replay can be requested and Segment should be asked for figures first."""
    integration = situation.integration
    if replay_prerequisites(situation) or not is_watched(integration):
        return False
    return not is_measured(situation)


def is_measured(situation: Situation) -> bool:
    """Whether the stored figures are recent and cover every source that a request would name."""
    coverage = situation.observed.coverage
    if coverage is None or situation.now - coverage.observed_at >= FRESH:
        return False
    delivering = delivering_sources(situation)
    is_counted = {source.id for source in delivering} <= set(coverage.calls)
    return is_counted and set(destinations(situation)) <= set(coverage.filters)


def destinations(situation: Situation) -> dict[str, str]:
    """The Toplyne destination of each delivering source, by source id; at most a few."""
    statuses = situation.observed.statuses
    delivering = delivering_sources(situation)
    found = {source.id: statuses[source.id].destination_id for source in delivering}
    return dict(list(found.items())[:MAX_DESTINATIONS])


async def measure(access: Access, situation: Situation, seconds: float) -> Coverage | None:
    """What can be learned within `seconds`, or None if nothing can.

    Filters cut a Replay also where the calls could not be counted, so they are kept by themselves.
    """
    gate, now = asyncio.Semaphore(CALLS_AT_ONCE), situation.now
    since = now - VOLUME_WINDOW
    wanted = destinations(situation)
    delivering = [source.id for source in delivering_sources(situation)]
    filters: dict[str, asyncio.Task[list[DestinationFilter] | None]] = {}
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds), asyncio.TaskGroup() as asked:
            calls = asked.create_task(_asked(gate, access.volumes(since, now, delivering)))
            names = asked.create_task(_asked(gate, access.event_names(list(wanted), since, now)))
            for source_id, destination_id in wanted.items():
                found = access.filters(destination_id)
                filters[source_id] = asked.create_task(_asked(gate, found))
    counted = _result(calls)
    read = {source_id: _filters(_result(task)) for source_id, task in filters.items()}
    if counted is None:
        before = situation.observed.coverage or Coverage({}, now)
        known = {source_id: found for source_id, found in read.items() if found is not None}
        return replace(before, filters={**before.filters, **known}) if known else None
    return Coverage(
        calls={source_id: counted.get(source_id, {}) for source_id in delivering},
        observed_at=now,
        names=_busiest(_result(names) or {}),
        filters=read,
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
