"""Sources that may have been live before the first event that Segment shows."""

from dataclasses import replace
from datetime import timedelta

from flows.errors import WarningCode
from flows.model import Situation
from flows.replay.request import build_request, warnings
from flows.replay.text import request_text, utc
from flows.replay.window import asks_for_end, default_window, live_since, proposed_window
from tests.unit.any_situation import NOW
from tests.unit.replay.test_additional import ready, situation
from tests.unit.views.message_cases import ADA

SHOWN, EXACT = NOW - timedelta(days=29), NOW - timedelta(days=3)
SAID = NOW - timedelta(days=90)


def mixed(*, said: bool = True) -> Situation:
    """One source may have been live for long. Another went live three days ago."""
    of = ready(2)
    one, other = of.sources
    now = situation(of, {one.id: SHOWN, other.id: EXACT})
    longer = replace(now.observed.statuses[one.id], or_earlier=True)
    statuses = {**now.observed.statuses, one.id: longer}
    now = replace(now, observed=replace(now.observed, statuses=statuses))
    draft = replace(default_window(now), end=SAID, end_of=(one.id,))
    return replace(now, integration=replace(of, replay_draft=draft)) if said else now


def test_no_end_is_told_as_known() -> None:
    now = mixed(said=False)
    assert asks_for_end(now)
    assert live_since(now) == EXACT, "of the one of which it is known"
    assert proposed_window(now).end == SHOWN, "at the latest"


def test_what_was_said_is_the_end_of_its_source_and_others_keep_their_own() -> None:
    now = mixed()
    assert not asks_for_end(now)
    request = build_request(now, proposed_window(now), ADA)
    one, other = request.sources
    assert (one.live_since, request.own_end(one)) == (None, None)
    assert request.own_end(other) == EXACT
    text = request_text(request).plain()
    assert f"End (UTC): {utc(SAID)}" in text
    assert f"End of this source (UTC): {utc(EXACT)}" in text
    assert "Why this end" not in text
    assert not request.ends_at_live_sync


def test_another_source_of_which_it_is_not_known_is_asked_for_again() -> None:
    now = mixed()
    other = now.integration.sources[1]
    longer = replace(now.observed.statuses[other.id], or_earlier=True)
    statuses = {**now.observed.statuses, other.id: longer}
    now = replace(now, observed=replace(now.observed, statuses=statuses))
    assert asks_for_end(now)
    assert proposed_window(now).end == SHOWN


def test_an_end_that_was_said_for_a_source_goes_with_it() -> None:
    now = mixed()
    alone = replace(now, integration=replace(now.integration, sources=now.integration.sources[1:]))
    assert not asks_for_end(alone)
    assert (proposed_window(alone).end, proposed_window(alone).end_of) == (EXACT, ())


def test_an_end_after_the_first_event_that_segment_shows_is_warned_of() -> None:
    now = mixed()
    late = replace(proposed_window(now), end=SHOWN + timedelta(hours=1))
    codes = [
        [each.code for each in warnings(now, window)] for window in (late, proposed_window(now))
    ]
    assert [WarningCode.END_AFTER_LIVE in each for each in codes] == [True, False]
