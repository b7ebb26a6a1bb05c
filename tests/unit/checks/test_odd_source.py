"""One source about which Segment says nothing, among others: it decides for none of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from flows.checks.delivery import observe_sources
from flows.checks.question import TokenAccepted
from flows.checks.segment import Delivered, Destination, SegmentSource
from flows.checks.sources import TOPLYNE_ID, TOPLYNE_SLUG
from flows.checks.token import examine_token
from flows.errors import SegmentError, SegmentRefused, SegmentUnavailable
from flows.model import DestinationState, SourceStatus, Unheard
from flows.setup.blockers import Blocker, source_blocker
from flows.vocabulary import Region, Source, Workspace
from tests.unit.checks.scripted_segment import FAILURES, Each, ScriptedSegment

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BEFORE = NOW - timedelta(days=1)
FIRST = NOW - timedelta(days=9)
ODD = Source("odd", "odd", "Odd")
TOKEN = SecretStr("t")
WHY = {
    "401": Unheard.REFUSED,
    "403": Unheard.REFUSED,
    "404": Unheard.NO_FIGURES,
    "422": Unheard.NO_FIGURES,
    "down": Unheard.UNUSABLE,
}
PLACES = ("destinations", "delivered")


def scripted(place: str, kind: Any, others: int) -> tuple[ScriptedSegment, list[Source]]:
    """The odd source stands between so many others, which all deliver."""
    sources = [Source(f"src{number}", f"s{number}") for number in range(others)]
    sources.insert(others // 2, ODD)
    toplyne = {
        source.id: [Destination(f"dst-{source.id}", "T", True, TOPLYNE_ID, TOPLYNE_SLUG)]
        for source in sources
    }
    usual = Delivered(5, FIRST, NOW)
    answers: dict[str, Any] = {
        "sources": [SegmentSource(source, True) for source in sources],
        "destinations": Each(toplyne, "404"),
        "delivered": usual,
    }
    if place == "destinations":
        answers[place] = Each({**toplyne, ODD.id: kind}, "404")
    elif place == "delivered":
        answers[place] = Each({f"dst-{ODD.id}": kind}, usual)
    return ScriptedSegment(**answers), sources


async def looked(
    place: str, kind: Any, others: int, before: SourceStatus | None = None
) -> dict[str, SourceStatus]:
    segment, sources = scripted(place, kind, others)
    earlier = {ODD.id: before} if before else {}
    access = segment.access(TOKEN, Region.US)
    found = await observe_sources(access, sources, earlier, NOW)
    return {status.source_id: status for status in found}


@pytest.mark.parametrize("others", [1, 100])
@pytest.mark.parametrize("kind", FAILURES)
@pytest.mark.parametrize("place", PLACES)
async def test_the_others_are_known_and_it_is_said_why_the_odd_one_is_not(
    place: str, kind: str, others: int
) -> None:
    found = await looked(place, kind, others)
    odd = found.pop(ODD.id)
    assert (odd.unheard, odd.last_asked) == (WHY[kind], NOW)
    blocked = source_blocker(ODD, odd)
    assert blocked
    assert blocked.blocker is Blocker.SOURCE_UNHEARD
    assert len(found) == others
    assert all(each.first_delivered_at == FIRST and not each.unheard for each in found.values())


@pytest.mark.parametrize("kind", FAILURES)
@pytest.mark.parametrize("place", PLACES)
async def test_alone_it_is_the_tokens_or_segments_trouble_or_its_own(place: str, kind: str) -> None:
    expected: type[SegmentError] | None = {
        Unheard.REFUSED: SegmentRefused,
        Unheard.UNUSABLE: SegmentUnavailable,
    }.get(WHY[kind])
    if expected:
        with pytest.raises(expected):
            await looked(place, kind, 0)
    else:
        (odd,) = (await looked(place, kind, 0)).values()
        assert odd.unheard is Unheard.NO_FIGURES


@pytest.mark.parametrize("kind", FAILURES)
@pytest.mark.parametrize("place", PLACES)
async def test_what_was_known_of_it_stays_until_segment_says_more(place: str, kind: str) -> None:
    known = SourceStatus(
        ODD.id, True, DestinationState.ENABLED, "dst-odd", 7, FIRST, BEFORE, FIRST, BEFORE
    )
    odd = (await looked(place, kind, 1, known))[ODD.id]
    assert (odd.delivered, odd.first_delivered_at, odd.observed_at) == (7, FIRST, BEFORE)
    assert odd.since == FIRST
    assert source_blocker(ODD, odd) is None
    again = (await looked("delivered", Delivered(9, FIRST, NOW), 1, odd))[ODD.id]
    assert (again.unheard, again.delivered, again.observed_at) == (None, 9, NOW)


async def test_a_source_of_which_segment_does_not_say_whether_it_is_on_is_not_known() -> None:
    segment, sources = scripted("", None, 1)
    segment.answers["sources"] = [
        SegmentSource(source, None if source is ODD else True) for source in sources
    ]
    access = segment.access(TOKEN, Region.US)
    found = await observe_sources(access, sources, {}, NOW)
    assert {status.source_id: status.unheard for status in found} == {
        "odd": Unheard.UNUSABLE,
        "src0": None,
    }


@pytest.mark.parametrize(
    ("enabled", "unheard"), [(True, None), (None, Unheard.UNUSABLE), (False, None)]
)
async def test_a_destination_that_may_be_on_or_off_is_not_called_off(
    enabled: bool | None, unheard: Unheard | None
) -> None:
    odd = [
        Destination("a", "T", None, TOPLYNE_ID, TOPLYNE_SLUG),
        Destination("b", "T", enabled, TOPLYNE_ID, TOPLYNE_SLUG),
    ]
    if enabled is False:
        odd = odd[1:]
    found = await looked("destinations", odd, 1)
    assert found[ODD.id].unheard == unheard


@pytest.mark.parametrize("kind", FAILURES)
async def test_a_second_destination_without_figures_does_not_hide_the_first(kind: str) -> None:
    both = [Destination(each, "T", True, TOPLYNE_ID, TOPLYNE_SLUG) for each in ("a", "b")]
    segment, sources = scripted("destinations", both, 1)
    for figures, unheard in ((5, None), (0, WHY[kind])):
        delivered = Delivered(figures, FIRST if figures else None)
        segment.answers["delivered"] = Each({"a": kind, "b": delivered}, Delivered(1, FIRST))
        access = segment.access(TOKEN, Region.US)
        found = await observe_sources(access, sources, {}, NOW)
        assert {each.source_id: each.unheard for each in found}["odd"] == unheard


@pytest.mark.parametrize("kind", FAILURES)
@pytest.mark.parametrize("known", [False, True])
async def test_a_destination_that_is_off_is_told_even_if_its_figures_are_not_there(
    kind: str, known: bool
) -> None:
    off = [Destination(each, "T", False, TOPLYNE_ID, TOPLYNE_SLUG) for each in ("a", "b")]
    segment, sources = scripted("destinations", off, 1)
    usual = segment.answers["delivered"]
    segment.answers["delivered"] = Each({"a": kind, "b": kind}, usual)
    before = SourceStatus(ODD.id, True, DestinationState.ENABLED, "a", 7, FIRST, BEFORE, FIRST)
    access = segment.access(TOKEN, Region.US)
    found = await observe_sources(access, sources, {ODD.id: before} if known else {}, NOW)
    (odd,) = [each for each in found if each.source_id == ODD.id]
    assert (odd.unheard, odd.destination) == (None, DestinationState.DISABLED)
    assert odd.first_delivered_at == (FIRST if known else None)


@pytest.mark.parametrize("kind", FAILURES)
async def test_what_a_source_takes_in_may_stay_unknown(kind: str) -> None:
    """It is asked about only where nothing has arrived for days, and then nothing is said to stop.

    What Segment says of its destination and its deliveries stands.
    """
    old = NOW - timedelta(days=6)
    before = SourceStatus(ODD.id, True, DestinationState.ENABLED, "a", 7, FIRST, BEFORE, FIRST)
    segment, sources = scripted("delivered", Delivered(5, FIRST, old), 0)
    segment.answers["received"] = kind
    access = segment.access(TOKEN, Region.US)
    (odd,) = await observe_sources(access, sources, {ODD.id: before}, NOW)
    assert "received" in segment.asked
    assert (odd.unheard, odd.stopped_at, odd.observed_at, odd.delivered) == (None, None, NOW, 5)


@pytest.mark.parametrize("refused", [1, 2])
async def test_a_first_source_that_may_not_be_read_does_not_decide_about_the_token(
    refused: int,
) -> None:
    sources = [Source(f"src{number}", f"s{number}") for number in range(3)]
    segment = ScriptedSegment(
        workspace=Workspace("acme", "ws"),
        sources=[SegmentSource(source, True) for source in sources],
        destinations=Each({source.id: "403" for source in sources[:refused]}, []),
        volumes={},
        list_users=None,
    )
    answer = await examine_token(segment, TOKEN, Region.US, on_business=True, now=NOW)
    assert isinstance(answer, TokenAccepted)
