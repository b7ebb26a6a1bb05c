"""The Replay request: its window, how it may disappoint, and its text."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.errors import WarningCode
from flows.model import Integration, Observed, Situation
from flows.pasted import one_line
from flows.replay.facts import (
    Coverage,
    Deletions,
    DestinationFilter,
    ReplacedRequest,
    ReplayRequest,
    ReplaySource,
    ReplayWindow,
    Scheduled,
    Subset,
)
from flows.replay.request import (
    build_request,
    calls_of,
    estimate,
    known_names,
    replaced,
    sources_left_out,
    warnings,
)
from flows.replay.text import request_text
from flows.replay.window import default_window, months_before
from flows.setup.blockers import delivering_sources, replay_prerequisites
from flows.vocabulary import CallType, Plan, Source, Stamp, Workspace
from tests.unit.any_situation import NOW, requests, situations
from tests.unit.views.message_cases import ADA, credentials, delivering, integration

YEAR = ReplayWindow(NOW - timedelta(days=365), NOW)


def ready(count: int = 1, **changes: object) -> Situation:
    facts = {"live_started": Stamp("", NOW), **changes}
    live = replace(integration(count=count), **facts)  # type: ignore[arg-type]
    return Situation(live, Observed(statuses=delivering(live)), NOW)


# --- how it may disappoint ----------------------------------------------------------------------


def codes(situation: Situation, window: ReplayWindow = YEAR) -> list[WarningCode]:
    return [warned.code for warned in warnings(situation, window)]


def measured(situation: Situation, *calls: dict[CallType, int]) -> Situation:
    by_source = {s.id: found for s, found in zip(situation.integration.sources, calls, strict=True)}
    coverage = Coverage(by_source, NOW)
    return replace(situation, observed=replace(situation.observed, coverage=coverage))


EVERY_CALL = dict.fromkeys([CallType.IDENTIFY, CallType.TRACK, CallType.GROUP], 10)


def test_nothing_disappoints_about_a_year_of_everything_but_pages() -> None:
    found = codes(measured(ready(), EVERY_CALL))
    assert WarningCode.COVERAGE_UNKNOWN not in found
    assert WarningCode.WINDOW_SHORT not in found
    assert WarningCode.PAGE_NOT_MAPPED not in found


def test_a_short_window_says_how_short() -> None:
    short = ReplayWindow(NOW - timedelta(days=100), NOW)
    (warned,) = warnings(measured(ready(), {**EVERY_CALL, CallType.PAGE: 1}), short)[:1]
    assert (warned.code, warned.params) == (WarningCode.WINDOW_SHORT, {"days": "100"})


def test_six_months_are_enough_whichever_months_they_are() -> None:
    for days in range(366):
        end = NOW - timedelta(days=days)
        start = months_before(end, 6)
        assert WarningCode.WINDOW_SHORT not in codes(ready(), ReplayWindow(start, end)), end
        later = ReplayWindow(start + timedelta(days=1), end)
        assert WarningCode.WINDOW_SHORT in codes(ready(), later), end


def test_pages_are_not_mapped_by_default() -> None:
    assert WarningCode.PAGE_NOT_MAPPED in codes(measured(ready(), {CallType.PAGE: 1}))


def test_missing_call_types_are_named_for_each_source_that_delivers() -> None:
    found = warnings(measured(ready(2), EVERY_CALL, {CallType.TRACK: 5, CallType.PAGE: 3}), YEAR)
    missing = [w for w in found if w.code is WarningCode.MISSING_CALL_TYPES]
    assert "identify" in missing[-1].params["call_types"]
    assert missing[-1].params["source"] == "Web app"


def test_what_was_not_measured_is_said() -> None:
    assert codes(ready()) == [WarningCode.COVERAGE_UNKNOWN, WarningCode.FILTERS_UNKNOWN]


def test_filters_are_said_although_the_calls_could_not_be_counted() -> None:
    situation = ready(2)
    first, second = situation.integration.sources
    rule = DestinationFilter("No staff", "all", ("drop",))
    coverage = Coverage({}, NOW, filters={first.id: (rule,), second.id: None})
    situation = replace(situation, observed=replace(situation.observed, coverage=coverage))
    found = {warned.code: warned.params for warned in warnings(situation, YEAR)}
    assert found[WarningCode.FILTERS_STAND]["filters"] == "No staff"
    assert found[WarningCode.FILTERS_UNKNOWN] == {"sources": second.label}
    assert WarningCode.COVERAGE_UNKNOWN in found
    assert estimate(situation, YEAR) is None


def test_no_number_is_said_of_all_while_the_calls_of_one_source_are_not_known() -> None:
    complete = measured(ready(2), EVERY_CALL, EVERY_CALL)
    assert estimate(complete, YEAR)
    assert WarningCode.COVERAGE_UNKNOWN not in codes(complete)
    first, second = complete.integration.sources
    coverage = Coverage({first.id: EVERY_CALL}, NOW)
    partly = replace(complete, observed=replace(complete.observed, coverage=coverage))
    found = {warned.code: warned.params for warned in warnings(partly, YEAR)}
    assert found[WarningCode.COVERAGE_UNKNOWN] == {"sources": second.label}
    assert estimate(partly, YEAR) is None


def test_sources_that_do_not_deliver_are_named_as_left_out() -> None:
    two = ready(2)
    one = dict(list(two.observed.statuses.items())[:1])
    found = warnings(replace(two, observed=Observed(statuses=one)), YEAR)
    assert WarningCode.SOURCES_LEFT_OUT in [warned.code for warned in found]


def test_a_recent_upgrade_may_have_lost_the_older_part() -> None:
    upgraded = ready(upgraded_on=date(2026, 4, 1), upgraded_from=Plan.FREE)
    (warned,) = [w for w in warnings(upgraded, YEAR) if w.code is WarningCode.RECENTLY_UPGRADED]
    assert warned.params == {"upgraded": "2026-04-01", "date": "2025-10-03"}
    long_ago = ready(upgraded_on=date(2025, 10, 1), upgraded_from=Plan.TEAM)
    assert WarningCode.RECENTLY_UPGRADED not in codes(long_ago)


def test_a_shorter_retention_than_the_window_is_said() -> None:
    found = warnings(ready(), replace(YEAR, retention_days=90))
    (warned,) = [w for w in found if w.code is WarningCode.RETENTION_SHORT]
    assert warned.params == {"retention": "90 days", "date": "2026-02-03"}
    assert WarningCode.RETENTION_SHORT not in codes(ready(), replace(YEAR, retention_days=1095))


def test_pending_deletions_and_an_end_after_the_begin_of_live_sync_are_said() -> None:
    pending = replace(YEAR, deletions=Deletions.PENDING)
    assert WarningCode.DELETIONS_PENDING in codes(ready(), pending)
    later = replace(YEAR, end=NOW + timedelta(hours=1))
    assert WarningCode.END_AFTER_LIVE in codes(ready(), later)
    assert WarningCode.END_AFTER_LIVE not in codes(ready())


def test_filters_on_the_destination_are_said() -> None:
    situation = measured(ready(), EVERY_CALL)
    source_id = situation.integration.sources[0].id
    assert situation.observed.coverage is not None
    rule = DestinationFilter("No staff", "all", ("drop",))
    coverage = replace(situation.observed.coverage, filters={source_id: (rule,)})
    filtered = replace(situation, observed=replace(situation.observed, coverage=coverage))
    (warned,) = [w for w in warnings(filtered, YEAR) if w.code is WarningCode.FILTERS_STAND]
    assert warned.params == {"source": "Web app", "filters": "No staff"}
    text = request_text(build_request(filtered, YEAR, ADA)).plain()
    assert "Filters on its Toplyne destination: No staff (keeps events away)" in text


# --- how much it is -----------------------------------------------------------------------------


def with_names(names: dict[str, int]) -> Situation:
    counted = {CallType.IDENTIFY: 30, CallType.TRACK: 300, CallType.PAGE: 60, CallType.GROUP: 0}
    situation = measured(ready(), counted)
    assert situation.observed.coverage is not None
    coverage = replace(situation.observed.coverage, names=names)
    return replace(situation, observed=replace(situation.observed, coverage=coverage))


def test_the_estimate_goes_by_the_last_thirty_days_and_what_is_asked_for() -> None:
    situation = with_names({"Paid": 100, "Seen": 200})
    window = ReplayWindow(NOW - timedelta(days=300), NOW)
    assert estimate(situation, window) == 3900
    assert estimate(situation, replace(window, call_types=(CallType.TRACK,))) == 3000
    only = replace(window, event_names=("Paid",))
    assert estimate(situation, only) == 1900
    assert estimate(situation, replace(window, excluded_names=("Paid",))) == 2900
    assert estimate(situation, replace(window, event_names=("Unheard of",))) is None
    assert estimate(ready(), window) is None
    kept = replace(window, retention_days=150)
    assert estimate(situation, kept) == pytest.approx(1950, rel=0.01)


def test_what_remains_is_listed_where_something_is_left_out() -> None:
    situation = with_names({"Paid": 100, "Seen": 200, "Left": 5})
    assert known_names(situation.observed) == ("Seen", "Paid", "Left")
    window = replace(YEAR, choice=Subset.EXCEPT, excluded_names=("Paid",))
    request = build_request(situation, window, ADA)
    assert request.remaining_names == ("Seen", "Left")
    text = request_text(request).plain()
    assert "all events except these:\n- Paid\n" in text
    assert "- Seen\n- Left" in text


def test_the_request_that_segment_has_is_named_until_it_is_replaced() -> None:
    first = build_request(ready(), YEAR, ADA)
    sent = ready(replay=first, replay_sent=ADA, replay_scheduled=Scheduled(ADA, None, "4711"))
    second = build_request(sent, YEAR, ADA)
    assert second.replaces == ReplacedRequest(1, ADA.at, "4711")
    unsent = ready(replay=second)
    assert replaced(unsent.integration) == second.replaces
    assert f"on {ADA.at:%Y-%m-%d} (ticket 4711)" in request_text(second).intro
    assert replaced(ready(replay=first).integration) is None


def test_sources_that_are_live_for_longer_end_earlier() -> None:
    two = ready(2)
    first, second = two.integration.sources
    earlier = NOW - timedelta(days=3)
    early = replace(two.observed.statuses[first.id], first_delivered_at=earlier)
    statuses = {first.id: early, second.id: two.observed.statuses[second.id]}
    situation = replace(two, observed=Observed(statuses=statuses))
    request = build_request(situation, YEAR, ADA)
    assert request.ends_at_live_sync
    blocks = request_text(request).source_blocks
    assert "End of this source (UTC): 2026-05-01 12:30" in blocks[0]
    assert "End of this source" not in blocks[1]
    other_end = build_request(situation, replace(YEAR, end=NOW - timedelta(days=9)), ADA)
    assert "End of this source" not in request_text(other_end).plain()


# --- the request --------------------------------------------------------------------------------


@given(situations)
def test_each_chosen_source_is_asked_for_or_left_out(situation: Situation) -> None:
    both = (*delivering_sources(situation), *sources_left_out(situation))
    assert sorted(both, key=str) == sorted(situation.integration.sources, key=str)


@given(st.integers(1, 9), st.integers(1, 9), st.none() | requests)
def test_a_request_that_may_be_made_is_complete(
    count: int, delivering_count: int, earlier: ReplayRequest | None
) -> None:
    made_ready = ready(count, replay=earlier)
    seen = dict(list(made_ready.observed.statuses.items())[:delivering_count])
    situation = replace(made_ready, observed=Observed(statuses=seen))
    assert replay_prerequisites(situation) == ()
    request = build_request(situation, YEAR, ADA)
    assert request.workspace == credentials("Web app").workspace
    assert [entry.source.id for entry in request.sources] == list(seen)
    assert len(request.sources) + len(request.left_out) == count
    assert request.number == (earlier.number + 1 if earlier else 1)


def test_without_credentials_there_is_no_request() -> None:
    nobody = Integration(id="i", tenant_id="T1", team_id="T1", created=ADA)
    with pytest.raises(ValueError, match="credentials"):
        build_request(Situation(nobody, Observed(), NOW), YEAR, ADA)


def test_calls_are_counted_for_every_type_or_not_at_all() -> None:
    source = integration().sources[0]
    assert calls_of(source, Observed()) is None
    counted = calls_of(source, Observed(coverage=Coverage({source.id: {CallType.TRACK: 3}}, NOW)))
    assert counted == {**dict.fromkeys(CallType, 0), CallType.TRACK: 3}


@given(requests)
def test_the_text_names_all_that_segment_asks_for(request: ReplayRequest) -> None:
    text = request_text(request).plain()
    lines = text.split("\n")
    for entry in request.sources:
        assert one_line(f"Source ID: {entry.source.id}") in lines
        assert one_line(f"Source: {entry.source.label}") in lines
    assert one_line(f"Workspace slug: {request.workspace.slug}") in lines
    assert one_line(f"Workspace ID: {request.workspace.id}") in lines
    assert f"{request.window.start:%Y-%m-%d}" in text
    assert f"{request.window.end:%Y-%m-%d}" in text
    assert ("Events: all" in lines) == request.window.everything
    for kind in request.window.call_types:
        assert kind.value.capitalize() in text
    for name in (*request.window.event_names, *request.window.excluded_names):
        assert one_line(f"- {name}") in lines


def named(name: str) -> ReplayRequest:
    """A request in which everything that somebody can name in Segment has this name."""
    filters = (DestinationFilter(name, name, ("drop",)),)
    source = Source(name, name, name)
    return replace(
        build_request(ready(), replace(YEAR, excluded_names=(name,)), ADA),
        workspace=Workspace(name, name, name),
        sources=(ReplaySource(source, None, filters),),
        replayed=(source,),
        replaces=ReplacedRequest(1, NOW, ticket=name),
        remaining_names=(name,),
    )


@given(st.text(st.sampled_from("a \n\r\v\f\t\x00\x07\x1c\x85\x9b\u2028\u2029\u202e\u2066\ud800")))
def test_no_name_adds_a_line_or_turns_the_text_round(name: str) -> None:
    text = request_text(named(name))
    assert len(text.plain().splitlines()) == len(request_text(named("a")).plain().splitlines())
    assert all(line.isprintable() for line in (text.subject, *text.plain().split("\n")))


@pytest.mark.parametrize("name", ["Signed  Up", "שלום", "👩‍🚀 landed", "a,b; c"])
def test_any_other_name_goes_to_segment_as_it_is(name: str) -> None:
    assert f"\n- {name}\n" in request_text(named(name)).plain()


def test_a_whole_day_has_no_time_of_day() -> None:
    window = ReplayWindow(datetime(2025, 5, 4, tzinfo=UTC), NOW)
    request = build_request(ready(), window, ADA)
    intro = request_text(request).intro
    assert "Start (UTC): 2025-05-04\n" in intro
    assert "End (UTC): 2026-05-04 12:30\n" in intro


def letter(window: ReplayWindow) -> str:
    return request_text(build_request(ready(), window, ADA)).plain()


@pytest.mark.parametrize(
    ("deletions", "kept", "said"),
    [
        (Deletions.NOT_ASKED, None, ()),
        (Deletions.UNKNOWN, None, ()),
        (Deletions.UNKNOWN, 1095, ()),  # preset in the form: no answer
        (Deletions.NONE, None, ("User deletions: none are pending",)),
        (Deletions.PENDING, 90, ("User deletions: some are pending", "We keep events for: 90")),
    ],
)
def test_the_letter_says_of_deletions_and_retention_only_what_was_answered(
    deletions: Deletions, kept: int | None, said: tuple[str, ...]
) -> None:
    shown = letter(replace(YEAR, deletions=deletions, retention_days=kept))
    assert all(words in shown for words in said)
    assert ("deletion" in shown.casefold()) is any("deletion" in words for words in said)
    assert ("We keep events" in shown) is (len(said) == 2)
    assert "will" not in shown, "it promises nothing"


def test_what_was_proposed_without_a_question_says_nothing_of_them() -> None:
    shown = letter(default_window(ready()))
    assert "deletion" not in shown.casefold()
    assert "keep events" not in shown
