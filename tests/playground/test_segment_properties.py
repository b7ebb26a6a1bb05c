"""Properties of every list and every period of time."""

import base64
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.segment.errors import ApiError
from playground.segment.paging import page
from playground.segment.state import Period, Source
from playground.segment.traffic import parse_window, received
from tests.playground.segment_support import NOON

minutes = st.integers(min_value=0, max_value=60 * 24 * 60)


@given(length=st.integers(0, 500), count=st.integers(1, 200))
def test_pages_hold_every_item_once(length: int, count: int) -> None:
    seen: list[int] = []
    query = {"pagination[count]": str(count)}
    for _ in range(length + 1):
        items, pagination = page(range(length), query)
        assert len(items) <= count
        seen += items
        if "next" not in pagination:
            break
        query["pagination[cursor]"] = pagination["next"]
    assert seen == list(range(length))


@given(st.text(max_size=40))
def test_no_cursor_breaks_a_list(text: str) -> None:
    for cursor in (text, base64.b64encode(text.encode()).decode()):
        query = {"pagination[count]": "2", "pagination[cursor]": cursor}
        assert status_of(lambda query=query: page([1, 2, 3], query)) in {200, 422}


def status_of(ask: Callable[[], object]) -> int:
    try:
        ask()
    except ApiError as error:
        return error.status
    return 200


@given(daily=st.integers(0, 100_000), cuts=st.lists(minutes, min_size=2, max_size=6))
def test_parts_of_a_stretch_add_up_to_the_whole(daily: int, cuts: list[int]) -> None:
    active = [Period(NOON, NOON + timedelta(days=20)), Period(NOON + timedelta(days=25))]
    source = Source("id", "slug", "node", [], daily={"track": daily}, active=active)
    moments = sorted(NOON + timedelta(minutes=cut) for cut in cuts)
    parts = [received(source, "track", start, end) for start, end in pairwise(moments)]
    assert sum(parts) == received(source, "track", moments[0], moments[-1])


@given(start=minutes, length=st.integers(1, 60 * 24 * 30))
def test_buckets_cover_a_window_without_gaps(start: int, length: int) -> None:
    first = NOON - timedelta(minutes=min(start, 60 * 24 * 30))
    last = min(first + timedelta(minutes=length), NOON)
    query = {"granularity": "DAY", "startTime": first.isoformat(), "endTime": last.isoformat()}
    if first == last:
        with pytest.raises(ApiError):
            parse_window(query, NOON)
        return
    buckets = parse_window(query, NOON, timedelta(0)).buckets()
    assert (buckets[0][1], buckets[-1][2]) == (first, last)
    assert all(one[2] == two[1] for one, two in pairwise(buckets))
    assert all((label.hour, label.minute) == (0, 0) for label, _, _ in buckets)
