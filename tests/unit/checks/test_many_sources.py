"""A look at many sources ends, in parts where it must; one that found no room keeps its place."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from pydantic import SecretStr

from flows.checks.delivery import observe_sources
from flows.checks.events import IncidentBegan, IncidentOver
from flows.checks.poll import GOES_ON, LONGEST_PAUSE, next_poll, wanted
from flows.checks.question import CheckKind, Question
from flows.checks.segment import Destination
from flows.errors import NoRoom, SegmentLimited, SegmentUnavailable
from flows.history import Event
from flows.model import DestinationState, Situation
from flows.setup.progress import silent_since
from flows.vocabulary import Region
from tests.support.fake_segment import FakeAccess, FakeSegment, FakeSource
from tests.support.flow_services import ADA, INTEGRATION, POLL_INTERVAL, TEAM, Services
from tests.unit.views.message_cases import integration

ROOM = 46  # calls at once that a poll's share of Segment's limit leaves


@dataclass
class NarrowSegment(FakeSegment):
    """Refuses further calls when there is no room left, as our share of Segment's limit does."""

    room: int = ROOM
    limit: type[SegmentLimited] = NoRoom

    def __post_init__(self) -> None:
        super().__init__()

    def answers(self, call: str) -> None:
        super().answers(call)
        if self.room <= 0:
            raise self.limit(call, "limited", 3.0)
        self.room -= 1


async def set_up(count: int) -> tuple[Services, NarrowSegment, list[FakeSource]]:
    """A watched set-up of so many sources, which all deliver."""
    segment = NarrowSegment()
    services = Services(segment=segment)
    place = segment.workspace_with("acme", *(f"s{number}" for number in range(count)))
    token = segment.issue("owner", place)
    now = services.storage.clock.now()
    for source in place.sources:
        source.destination = DestinationState.ENABLED
        segment.send(source, now)
    made = replace(
        integration(),
        id=INTEGRATION,
        tenant_id=TEAM,
        team_id=TEAM,
        sources=tuple(source.source for source in place.sources),
    )
    async with services.storage(TEAM) as work:
        await work.integrations.add(made)
        await work.vault.put(INTEGRATION, SecretStr(token))
        await work.commit()
    return services, segment, place.sources


async def seen(services: Services) -> Situation:
    found = await services.situation()
    assert found
    return found


def heard(situation: Situation) -> int:
    return len(situation.observed.statuses)


def pause(situation: Situation) -> timedelta:
    due = next_poll(situation, POLL_INTERVAL)
    assert due
    assert situation.observed.looked_at
    return due - situation.observed.looked_at


@pytest.mark.parametrize(("count", "looks"), [(1, 1), (20, 1), (55, 3), (100, 5)])
async def test_a_look_goes_on_where_it_stopped_until_every_source_is_known(
    count: int, looks: int
) -> None:
    services, segment, _ = await set_up(count)
    before = 0
    for number in range(looks):
        segment.room = ROOM
        await services.poller.poll(TEAM, INTEGRATION)
        found = await seen(services)
        assert heard(found) > before
        before = heard(found)
        assert (pause(found) <= GOES_ON) == (number < looks - 1)
        services.storage.clock.advance(GOES_ON)
    assert before == count
    assert (await seen(services)).observed.round_since is None


def told(services: Services, kind: type[Event]) -> list[Event]:
    rows = services.storage.tables.history
    return [stored.event for _, _, stored in rows if isinstance(stored.event, kind)]


@pytest.mark.parametrize("count", [20, 55, 100])
async def test_what_breaks_at_many_sources_at_once_is_told_at_once(count: int) -> None:
    """Whoever switched everything off reads one message, however many parts a look has."""
    services, segment, sources = await set_up(count)
    await whole_look(services, segment)
    for state, event in (
        (DestinationState.DISABLED, IncidentBegan),
        (DestinationState.ENABLED, IncidentOver),
    ):
        for source in sources:
            source.destination = state
        await whole_look(services, segment)
        (said,) = told(services, event)
        assert isinstance(said, IncidentBegan | IncidentOver)
        assert 1 + len(said.others) == count


async def test_what_broke_is_told_although_the_look_never_ends() -> None:
    services, segment, sources = await set_up(55)
    await whole_look(services, segment)
    for source in sources:
        source.destination = DestinationState.DISABLED
    segment.room = 11
    await services.poller.poll(TEAM, INTEGRATION)
    assert not told(services, IncidentBegan)
    services.storage.clock.advance(LONGEST_PAUSE)
    segment.room = 11
    await services.poller.poll(TEAM, INTEGRATION)
    assert told(services, IncidentBegan)


async def whole_look(services: Services, segment: NarrowSegment) -> None:
    services.storage.clock.advance(POLL_INTERVAL)
    segment.room = ROOM
    await services.poller.poll(TEAM, INTEGRATION)
    while (await seen(services)).observed.round_since:
        services.storage.clock.advance(GOES_ON)
        segment.room = ROOM
        await services.poller.poll(TEAM, INTEGRATION)


async def test_the_source_that_was_asked_about_longest_ago_comes_first() -> None:
    services, segment, sources = await set_up(30)
    segment.room = 1000
    await services.poller.poll(TEAM, INTEGRATION)
    known = (await seen(services)).observed.statuses
    late = {source.source.id for source in sources[25:]}
    aged = {
        key: replace(one, observed_at=one.observed_at - timedelta(hours=key in late))
        for key, one in known.items()
    }
    services.storage.clock.advance(POLL_INTERVAL)
    now = services.storage.clock.now()
    segment.room = 11
    access = segment.access(next(iter(map(SecretStr, segment.tokens))), Region.US)
    found = await observe_sources(access, [s.source for s in sources], aged, now)
    assert {status.source_id for status in found} <= late
    assert found


async def test_a_look_without_room_keeps_its_place_and_one_that_failed_begins_anew() -> None:
    services, segment, _ = await set_up(55)
    await services.poller.poll(TEAM, INTEGRATION)
    before = await seen(services)
    services.storage.clock.advance(GOES_ON)
    for _ in range(5):
        with pytest.raises(NoRoom):
            await services.poller.poll(TEAM, INTEGRATION)
        assert (await seen(services)).observed == before.observed
    assert len(wanted(await seen(services))) == 55 - heard(before)
    segment.down = True
    await services.poller.poll(TEAM, INTEGRATION)
    found = await seen(services)
    assert (found.observed.failures, found.observed.round_since) == (1, None)
    assert len(wanted(found)) == 55
    segment.down, segment.room = False, 1000
    await services.poller.poll(TEAM, INTEGRATION)
    found = await seen(services)
    assert (heard(found), found.observed.failures) == (55, 0)


@pytest.mark.parametrize(("named", "expected"), [(3.0, 30.0), (57.0, 57.0), (None, 30.0)])
async def test_who_is_limited_alone_comes_again_when_segment_says(
    named: float | None, expected: float
) -> None:
    """Others must not wait behind it, as they do where there is no room for anybody."""
    services, segment, _ = await set_up(1)
    before, segment.room = await seen(services), 0
    segment.limit = lambda call, why, _wait: SegmentLimited(call, why, named)  # type: ignore[assignment]
    at = await services.poller.poll(TEAM, INTEGRATION)
    assert at == services.storage.clock.now() + timedelta(seconds=expected)
    assert (await seen(services)).observed == before.observed


async def test_who_is_limited_for_more_than_a_day_reads_since_when() -> None:
    services, segment, _ = await set_up(1)
    await services.poller.poll(TEAM, INTEGRATION)
    began, segment.room = services.storage.clock.now(), 0
    segment.limit = SegmentLimited
    said = []
    for _ in range(30):
        services.storage.clock.advance(timedelta(hours=1))
        at = await services.poller.poll(TEAM, INTEGRATION)
        assert at == services.storage.clock.now() + timedelta(seconds=30)
        found = await seen(services)
        said.append(silent_since(found))
    assert said == [None] * 25 + [began] * 5
    segment.room = ROOM
    await services.poller.poll(TEAM, INTEGRATION)
    found = await seen(services)
    assert silent_since(found) is None


# --- a source that never answers ------------------------------------------------------------------


class SilentSegment(NarrowSegment):
    """Never answers about one of its sources."""

    def access(self, token: SecretStr, region: Region) -> "SilentAccess":
        return SilentAccess(self, token, region)


class SilentAccess(FakeAccess):
    async def destinations(self, source_id: str) -> list[Destination]:
        if source_id.startswith("acme0"):
            await asyncio.Event().wait()
        return await super().destinations(source_id)


async def look(count: int) -> Sequence[str]:
    segment = SilentSegment(room=1000)
    place = segment.workspace_with("acme", *(f"s{number}" for number in range(count)))
    token = SecretStr(segment.issue("owner", place))
    sources = [source.source for source in place.sources]
    now = Services().storage.clock.now()
    access = segment.access(token, Region.US)
    found = await observe_sources(access, sources, {}, now, longest=0.2)
    return [status.source_id for status in found]


@pytest.mark.parametrize("others", [1, 100])
async def test_no_call_is_left_running_and_the_others_are_known(others: int) -> None:
    running = asyncio.all_tasks()
    assert len(await look(others + 1)) == others
    assert asyncio.all_tasks() == running


async def test_where_nobody_answers_the_look_has_failed() -> None:
    running = asyncio.all_tasks()
    with pytest.raises(SegmentUnavailable):
        await look(1)
    assert asyncio.all_tasks() == running


async def test_what_was_chosen_by_people_is_looked_at_in_the_same_way() -> None:
    """Their check, too, stores the part that it learned, and polls do the rest."""
    services, segment, _ = await set_up(55)
    shown = await seen(services)
    question = Question(CheckKind.LIVE_SYNC, ADA, INTEGRATION, shown.integration.revision)
    await services.checking.run(question, shown)
    found = await seen(services)
    assert 0 < heard(found) < 55
    assert pause(found) <= GOES_ON
    segment.room = 1000
    await services.poller.poll(TEAM, INTEGRATION)
    assert heard(await seen(services)) == 55
