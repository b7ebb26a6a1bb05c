"""The Replay request: its window, what would disappoint about it, and its text."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.blockers import delivering_sources, replay_prerequisites
from flows.errors import ErrorCode, Field, WarningCode
from flows.model import (
    CallType,
    Coverage,
    Integration,
    Observed,
    ReplayRequest,
    ReplayWindow,
    Situation,
    Stamp,
)
from flows.replay import (
    FORM_LOSES_SECONDS,
    MAX_EVENT_NAME,
    MAX_EVENT_NAMES,
    RETENTION_YEARS,
    WindowAnswers,
    build_request,
    calls_of,
    check_window,
    default_window,
    months_before,
    proposed_window,
    request_text,
    sources_left_out,
    warnings,
)
from tests.unit.any_situation import NOW, requests, situations
from tests.unit.message_cases import ADA, credentials, delivering, integration

days = st.integers(0, 70 * 365 * 24 * 60).map(
    lambda minutes: datetime(1990, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
YEAR = ReplayWindow(NOW - timedelta(days=365), NOW)


def ready(count: int = 1, **changes: object) -> Situation:
    facts = {"live_started": Stamp("", NOW), **changes}
    live = replace(integration(count=count), **facts)  # type: ignore[arg-type]
    return Situation(live, Observed(statuses=delivering(live)), NOW)


# --- the window ---------------------------------------------------------------------------------


@given(days, st.integers(0, 60))
def test_so_many_months_earlier_at_midnight(moment: datetime, months: int) -> None:
    earlier = months_before(moment, months)
    assert (moment.year - earlier.year) * 12 + moment.month - earlier.month == months
    assert earlier.timetz() == datetime(2000, 1, 1, tzinfo=UTC).timetz()
    assert earlier.day <= moment.day
    if earlier.day < moment.day:
        assert (earlier + timedelta(days=1)).day == 1, "only the end of a shorter month is earlier"


@given(days, st.integers(0, 30), st.integers(0, 30))
def test_more_months_are_never_later(moment: datetime, few: int, more: int) -> None:
    assert months_before(moment, few + more) <= months_before(moment, few) <= moment


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2024, 3, 30), 1, date(2024, 2, 29)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 12, 31), 12, date(2025, 12, 31)),
    ],
)
def test_ends_of_months(day: date, months: int, expected: date) -> None:
    moment = datetime(day.year, day.month, day.day, 17, 5, tzinfo=UTC)
    assert months_before(moment, months).date() == expected


def test_the_default_is_a_year_up_to_the_moment_when_live_sync_began() -> None:
    window = default_window(ready())
    assert (window.start.date(), window.end) == (date(2025, 5, 4), NOW)
    assert window.everything
    before = Situation(integration(), Observed(), NOW + timedelta(days=1))
    assert default_window(before).end == NOW + timedelta(days=1)


def test_the_form_shows_the_last_draft() -> None:
    assert proposed_window(ready(replay_draft=YEAR)) == YEAR
    assert proposed_window(ready()) == default_window(ready())


@given(st.integers(0, 700))
def test_the_default_is_always_accepted(age: int) -> None:
    live = Stamp("", NOW - timedelta(days=age))
    window = default_window(ready(live_started=live))
    assert check_window(WindowAnswers(window.start, window.end), NOW) == (window, [])


@given(
    st.none() | days,
    st.none() | days,
    st.booleans(),
    st.lists(st.sampled_from(CallType), unique=True).map(tuple),
    st.lists(st.text(max_size=MAX_EVENT_NAME + 1), max_size=MAX_EVENT_NAMES + 1).map(tuple),
)
def test_a_window_or_errors_and_never_both(
    start: datetime | None,
    end: datetime | None,
    only_some: bool,
    kinds: tuple[CallType, ...],
    names: tuple[str, ...],
) -> None:
    answers = WindowAnswers(start, end, only_some, kinds, names)
    window, errors = check_window(answers, NOW)
    assert (window is None) == bool(errors)
    assert len({error.field for error in errors}) == len(errors)
    if window:
        assert months_before(NOW, RETENTION_YEARS * 12) <= window.start < window.end
        assert window.end <= NOW + FORM_LOSES_SECONDS
        assert window.everything is not only_some
        assert (window.call_types, window.event_names) == (
            (kinds, names) if only_some else ((), ())
        )


@pytest.mark.parametrize(
    ("answers", "field", "code"),
    [
        (WindowAnswers(None, NOW), Field.START, ErrorCode.REQUIRED),
        (WindowAnswers(NOW - timedelta(days=9), None), Field.END, ErrorCode.REQUIRED),
        (WindowAnswers(NOW + timedelta(days=1), NOW), Field.START, ErrorCode.DATE_IN_FUTURE),
        (WindowAnswers(NOW - timedelta(days=1200), NOW), Field.START, ErrorCode.START_TOO_EARLY),
        (WindowAnswers(YEAR.start, NOW + timedelta(hours=1)), Field.END, ErrorCode.END_IN_FUTURE),
        (WindowAnswers(YEAR.start, YEAR.start), Field.END, ErrorCode.END_BEFORE_START),
        (WindowAnswers(YEAR.start, NOW, True), Field.CALL_TYPES, ErrorCode.NO_EVENT_FILTER),
        (
            WindowAnswers(YEAR.start, NOW, True, (), ("x" * 201,)),
            Field.EVENT_NAMES,
            ErrorCode.TOO_LONG,
        ),
        (
            WindowAnswers(YEAR.start, NOW, True, (), tuple(str(n) for n in range(51))),
            Field.EVENT_NAMES,
            ErrorCode.TOO_LONG,
        ),
    ],
)
def test_each_mistake_stands_beside_its_field(
    answers: WindowAnswers, field: Field, code: ErrorCode
) -> None:
    _, errors = check_window(answers, NOW)
    assert (field, code) in [(error.field, error.code) for error in errors]


# --- what would disappoint ----------------------------------------------------------------------


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
    assert WarningCode.WINDOW_SHORT not in codes(ready(), ReplayWindow(NOW - timedelta(183), NOW))


def test_pages_are_not_mapped_by_default() -> None:
    assert WarningCode.PAGE_NOT_MAPPED in codes(measured(ready(), {CallType.PAGE: 1}))


def test_missing_call_types_are_named_for_each_source_that_delivers() -> None:
    found = warnings(measured(ready(2), EVERY_CALL, {CallType.TRACK: 5, CallType.PAGE: 3}), YEAR)
    missing = [w for w in found if w.code is WarningCode.MISSING_CALL_TYPES]
    assert "identify" in missing[-1].params["call_types"]
    assert missing[-1].params["source"] == "Web app"


def test_what_was_not_measured_is_said() -> None:
    assert codes(ready()) == [WarningCode.COVERAGE_UNKNOWN]


def test_sources_that_do_not_deliver_are_named_as_left_out() -> None:
    two = ready(2)
    one = dict(list(two.observed.statuses.items())[:1])
    found = warnings(replace(two, observed=Observed(statuses=one)), YEAR)
    assert WarningCode.SOURCES_LEFT_OUT in [warned.code for warned in found]


def test_a_recent_upgrade_may_have_lost_the_older_part() -> None:
    assert WarningCode.RECENTLY_UPGRADED in codes(ready(upgraded_on=date(2026, 4, 1)))


# --- the request --------------------------------------------------------------------------------


@given(situations)
def test_each_chosen_source_is_asked_for_or_left_out(situation: Situation) -> None:
    of, observed = situation.integration, situation.observed
    both = (*delivering_sources(of, observed), *sources_left_out(of, observed))
    assert sorted(both, key=str) == sorted(of.sources, key=str)


@given(st.integers(1, 9), st.integers(1, 9), st.none() | requests)
def test_a_request_that_may_be_made_is_complete(
    count: int, delivering_count: int, earlier: ReplayRequest | None
) -> None:
    made_ready = ready(count, replay=earlier)
    seen = dict(list(made_ready.observed.statuses.items())[:delivering_count])
    situation = replace(made_ready, observed=Observed(statuses=seen))
    assert replay_prerequisites(situation.integration, situation.observed) == ()
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
        assert f"Source ID: {entry.source.id}" in lines
        assert f"Source: {entry.source.label}" in lines
    assert f"Workspace slug: {request.workspace.slug}" in lines
    assert f"Workspace ID: {request.workspace.id}" in lines
    assert f"{request.window.start:%Y-%m-%d}" in text
    assert f"{request.window.end:%Y-%m-%d}" in text
    assert ("Events: all" in lines) == request.window.everything
    for kind in request.window.call_types:
        assert kind.value.capitalize() in text
    for name in request.window.event_names:
        assert name in text


def test_a_whole_day_has_no_time_of_day() -> None:
    window = ReplayWindow(datetime(2025, 5, 4, tzinfo=UTC), NOW)
    request = build_request(ready(), window, ADA)
    intro = request_text(request).intro
    assert "Start (UTC): 2025-05-04\n" in intro
    assert "End (UTC): 2026-05-04 12:30\n" in intro
