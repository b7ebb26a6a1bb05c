"""Several Toplyne destinations on one source: all enabled ones count, whatever their order."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from flows.checks.delivery import observe_sources
from flows.checks.segment import Delivered, Destination, SegmentSource
from flows.checks.sources import TOPLYNE_ID, TOPLYNE_SLUG
from flows.model import DestinationState, SourceStatus
from flows.vocabulary import Region, Source
from tests.unit.checks.scripted_segment import Each, ScriptedSegment

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LONG_AGO, LATELY = NOW - timedelta(days=20), NOW - timedelta(hours=2)
WEB = Source("srcweb", "web-app", "Web app")
NOTHING = Delivered(0, None)
OLD = Delivered(7, LONG_AGO, NOW - timedelta(days=5))
FRESH = Delivered(3, LATELY, LATELY)


async def looked(
    *given: tuple[bool, Delivered], before: SourceStatus | None = None
) -> SourceStatus:
    """How the source is, with destinations that are on or off and have got this."""
    found = [
        Destination(f"dst{number}", "Toplyne", enabled, TOPLYNE_ID, TOPLYNE_SLUG)
        for number, (enabled, _) in enumerate(given)
    ]
    figures = {f"dst{number}": delivered for number, (_, delivered) in enumerate(given)}
    segment = ScriptedSegment(
        sources=[SegmentSource(WEB, enabled=True)],
        destinations=found,
        delivered=Each(figures, "404"),
        received=100,
    )
    access = segment.access(SecretStr("t"), Region.US)
    earlier = {WEB.id: before} if before else {}
    (status,) = await observe_sources(access, [WEB], earlier, NOW)
    return status


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize(
    ("given", "state", "total", "first_at"),
    [
        ([(True, NOTHING), (True, FRESH)], DestinationState.ENABLED, 3, LATELY),
        ([(True, OLD), (True, FRESH)], DestinationState.ENABLED, 10, LONG_AGO),
        ([(True, NOTHING), (True, NOTHING)], DestinationState.ENABLED, 0, None),
        ([(False, FRESH), (True, NOTHING)], DestinationState.ENABLED, 0, None),
        ([(False, NOTHING), (True, FRESH)], DestinationState.ENABLED, 3, LATELY),
        ([(False, NOTHING), (False, FRESH)], DestinationState.DISABLED, 3, LATELY),
        ([(True, NOTHING)] * 20 + [(True, FRESH)], DestinationState.ENABLED, 3, LATELY),
        ([(True, FRESH)], DestinationState.ENABLED, 3, LATELY),
        ([], DestinationState.MISSING, 0, None),
    ],
)
async def test_data_arrives_when_any_of_them_delivers(
    given: list[tuple[bool, Delivered]],
    state: DestinationState,
    total: int,
    first_at: datetime | None,
    backwards: bool,
) -> None:
    status = await looked(*(reversed(given) if backwards else given))
    assert (status.destination, status.delivered) == (state, total)
    assert status.first_delivered_at == first_at


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize(("other", "stopped"), [(FRESH, False), (NOTHING, True), (OLD, True)])
async def test_events_have_stopped_only_when_none_of_them_delivers(
    other: Delivered, stopped: bool, backwards: bool
) -> None:
    since = NOW - timedelta(days=20)
    before = SourceStatus(
        WEB.id, True, DestinationState.ENABLED, "dst0", 7, LONG_AGO, since, since, since
    )
    given = [(True, OLD), (True, other)]
    status = await looked(*(reversed(given) if backwards else given), before=before)
    assert bool(status.stopped_at) == stopped


async def test_the_one_that_got_the_most_is_named() -> None:
    assert (await looked((True, NOTHING), (True, FRESH), (True, OLD))).destination_id == "dst2"
