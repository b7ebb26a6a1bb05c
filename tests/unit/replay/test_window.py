"""The window of a Replay: what is proposed, and what is wrong with an answer."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flows.errors import ErrorCode, Field
from flows.model import Observed, Situation
from flows.replay.facts import Deletions, ReplayWindow, Subset
from flows.replay.window import (
    FORM_LOSES_SECONDS,
    MAX_EVENT_NAME,
    MAX_EVENT_NAMES,
    RETENTION_YEARS,
    EventAnswers,
    WindowAnswers,
    check_events,
    check_window,
    default_window,
    earliest_start,
    is_nothing_left,
    kept_from,
    months_before,
    proposed_window,
)
from flows.vocabulary import CallType, Plan
from tests.unit.any_situation import NOW, windows
from tests.unit.replay.test_request import YEAR, ready
from tests.unit.views.message_cases import integration

days = st.integers(0, 70 * 365 * 24 * 60).map(
    lambda minutes: datetime(1990, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


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
    assert window.retention_days == 1095
    before = Situation(integration(), Observed(), NOW + timedelta(days=1))
    assert default_window(before).end == NOW + timedelta(days=1)


def test_of_several_sources_the_one_that_began_last_counts_to_the_minute() -> None:
    two = ready(2)
    first, second = two.integration.sources
    began = NOW - timedelta(days=2, seconds=-7)
    statuses = {
        first.id: two.observed.statuses[first.id],
        second.id: replace(two.observed.statuses[second.id], first_delivered_at=began),
    }
    assert default_window(replace(two, observed=Observed(statuses=statuses))).end == NOW
    alone = replace(two, observed=Observed(statuses={second.id: statuses[second.id]}))
    assert default_window(alone).end == NOW - timedelta(days=2)


def test_the_form_shows_the_last_draft() -> None:
    assert proposed_window(ready(replay_draft=YEAR)) == YEAR
    assert proposed_window(ready()) == default_window(ready())


@pytest.mark.parametrize("age", [100, 740, 1093, 1094, 1095, 1096, 1200, 3000])
@pytest.mark.parametrize("typed", [True, False], ids=["typed", "as proposed"])
def test_an_old_draft_is_proposed_as_far_as_segment_still_has_it(age: int, typed: bool) -> None:
    now = began(NOW - timedelta(days=age))
    draft = default_window(replace(now, now=NOW - timedelta(days=age - 1)))
    draft = replace(
        draft,
        end=draft.end - timedelta(days=30) if typed else draft.end,
        choice=Subset.ONLY,
        event_names=("Signed up",),
        retention_days=365,
    )
    now = replace(now, integration=replace(now.integration, replay_draft=draft))
    shown = proposed_window(now)
    answers = WindowAnswers(shown.start, shown.end, Subset.ONLY, 365, shown.deletions)
    for minutes in (0, 24 * 60):
        assert check_window(answers, shown, NOW + timedelta(minutes=minutes)) == (shown, [])
    if draft.start >= earliest_start(NOW):
        assert shown == draft
    elif draft.end > earliest_start(NOW) + timedelta(days=1):
        assert shown == replace(draft, start=earliest_start(NOW) + timedelta(days=1))
    else:
        usual = default_window(now)
        assert shown == replace(draft, start=usual.start, end=usual.end)
    again = replace(now, integration=replace(now.integration, replay_draft=shown))
    assert proposed_window(again) == shown


@given(st.integers(0, 3660), st.integers(0, 24 * 60))
@example(761, 0)  # twelve months before are older than what Segment keeps
@example(1094, 0)
@example(1095, 0)
@example(1096, 0)
def test_the_default_is_always_accepted_and_advice_leads_to_what_is(age: int, minutes: int) -> None:
    situation = began(NOW - timedelta(days=age))
    window = default_window(situation)
    assert is_nothing_left(situation) == (window.end == NOW and age > 0)
    answers = WindowAnswers(window.start, window.end, retention_days=1095)
    pressed = NOW + timedelta(minutes=minutes)
    assert check_window(answers, window, pressed) == (window, [])

    live = NOW - timedelta(days=age)  # where somebody ends it all the same
    answers = replace(answers, start=months_before(live, 12), end=live)
    _, errors = check_window(answers, window, NOW)
    for error in errors:
        if error.field is Field.END:  # choose a later one
            assert error.code is ErrorCode.END_TOO_EARLY
            answers = replace(answers, end=NOW)
        else:  # not older, and before the end
            assert error.code is ErrorCode.START_TOO_EARLY
            answers = replace(answers, start=earliest_start(NOW))
    assert check_window(answers, window, NOW)[1] == []


def began(at: datetime) -> Situation:
    situation = ready()
    statuses = situation.observed.statuses
    moved = {key: replace(each, first_delivered_at=at) for key, each in statuses.items()}
    return replace(situation, observed=Observed(statuses=moved))


@given(
    st.none() | days,
    st.none() | days,
    st.sampled_from(Subset),
    st.none() | st.sampled_from([30, 1095]),
    st.sampled_from(Deletions),
    windows,
)
def test_a_window_or_errors_and_never_both(
    start: datetime | None,
    end: datetime | None,
    choice: Subset,
    kept: int | None,
    deletions: Deletions,
    before: ReplayWindow,
) -> None:
    answers = WindowAnswers(start, end, choice, kept, deletions)
    window, errors = check_window(answers, before, NOW)
    assert (window is None) == bool(errors)
    assert len({error.field for error in errors}) == len(errors)
    if window:
        assert months_before(NOW, RETENTION_YEARS * 12) <= window.start < window.end
        assert window.end <= NOW + FORM_LOSES_SECONDS
        assert (window.retention_days, window.deletions) == (kept, deletions)
        assert window.choice is choice
        if choice is Subset.ALL:
            assert window.everything
        if choice is not Subset.ONLY:
            assert window.event_names == ()
        if choice is not Subset.EXCEPT:
            assert window.excluded_names == ()


def test_names_stay_while_the_same_choice_is_made_again() -> None:
    draft = replace(YEAR, choice=Subset.ONLY, event_names=("Paid",), call_types=(CallType.TRACK,))
    answers = WindowAnswers(YEAR.start, YEAR.end, Subset.ONLY)
    again, _ = check_window(answers, draft, NOW)
    assert again is not None
    assert (again.event_names, again.call_types) == (("Paid",), (CallType.TRACK,))
    other, _ = check_window(replace(answers, choice=Subset.EXCEPT), draft, NOW)
    assert other is not None
    assert other.everything
    assert not other.is_complete


@pytest.mark.parametrize(
    ("answers", "field", "code"),
    [
        (WindowAnswers(None, NOW), Field.START, ErrorCode.REQUIRED),
        (WindowAnswers(NOW - timedelta(days=9), None), Field.END, ErrorCode.REQUIRED),
        (WindowAnswers(NOW + timedelta(days=1), NOW), Field.START, ErrorCode.DATE_IN_FUTURE),
        (WindowAnswers(NOW - timedelta(days=1200), NOW), Field.START, ErrorCode.START_TOO_EARLY),
        (WindowAnswers(YEAR.start, NOW + timedelta(hours=1)), Field.END, ErrorCode.END_IN_FUTURE),
        (WindowAnswers(YEAR.start, YEAR.start), Field.END, ErrorCode.END_BEFORE_START),
        (WindowAnswers(NOW, NOW - timedelta(days=1200)), Field.END, ErrorCode.END_TOO_EARLY),
    ],
)
def test_each_mistake_stands_beside_its_field(
    answers: WindowAnswers, field: Field, code: ErrorCode
) -> None:
    _, errors = check_window(answers, YEAR, NOW)
    assert (field, code) in [(error.field, error.code) for error in errors]


# --- which events -------------------------------------------------------------------------------

ALL_KINDS = tuple(CallType)


@pytest.mark.parametrize(
    ("answers", "field", "code"),
    [
        (EventAnswers(ALL_KINDS), Field.CALL_TYPES, ErrorCode.NO_EVENT_FILTER),
        (EventAnswers((), ("Paid",)), Field.CALL_TYPES, ErrorCode.NO_EVENT_FILTER),
        (
            EventAnswers((CallType.PAGE,), ("Paid",)),
            Field.CALL_TYPES,
            ErrorCode.NAMES_NEED_TRACK,
        ),
        (EventAnswers(ALL_KINDS, ("x" * 201,)), Field.EVENT_NAMES, ErrorCode.TOO_LONG),
        (
            EventAnswers(ALL_KINDS, tuple(str(n) for n in range(51))),
            Field.EVENT_NAMES,
            ErrorCode.TOO_LONG,
        ),
    ],
)
def test_each_mistake_about_events_stands_beside_its_field(
    answers: EventAnswers, field: Field, code: ErrorCode
) -> None:
    window, errors = check_events(answers, replace(YEAR, choice=Subset.ONLY))
    assert window is None
    assert [(error.field, error.code) for error in errors] == [(field, code)]


@given(
    st.lists(st.sampled_from(CallType), unique=True).map(tuple),
    st.lists(st.text(max_size=MAX_EVENT_NAME + 1), max_size=MAX_EVENT_NAMES + 1).map(tuple),
    st.sampled_from([Subset.ONLY, Subset.EXCEPT]),
)
def test_events_are_restricted_as_chosen_or_refused(
    kinds: tuple[CallType, ...], names: tuple[str, ...], choice: Subset
) -> None:
    draft = replace(YEAR, choice=choice)
    window, errors = check_events(EventAnswers(kinds, names), draft)
    assert (window is None) == bool(errors)
    if window:
        assert window.is_complete
        assert not window.everything
        assert set(window.counted_types) == set(kinds)
        assert window.event_names == (names if choice is Subset.ONLY else ())
        assert window.excluded_names == (names if choice is Subset.EXCEPT else ())
        assert (window.start, window.end) == (draft.start, draft.end)


# --- what Segment still has ---------------------------------------------------------------------


def test_what_is_kept_depends_on_the_retention_and_on_the_plan_before_an_upgrade() -> None:
    assert kept_from(ready(), replace(YEAR, retention_days=None)) is None
    kept = kept_from(ready(), replace(YEAR, retention_days=90))
    assert kept == datetime(2026, 2, 3, tzinfo=UTC)
    upgraded = ready(upgraded_on=date(2026, 4, 1), upgraded_from=Plan.TEAM)
    business = replace(YEAR, retention_days=1095)
    assert kept_from(upgraded, business) == datetime(2025, 4, 1, tzinfo=UTC)
    was_free = ready(upgraded_on=date(2026, 4, 1), upgraded_from=Plan.FREE)
    assert kept_from(was_free, business) == datetime(2025, 10, 3, tzinfo=UTC)
    unknown = ready(upgraded_on=date(2026, 4, 1))
    assert kept_from(unknown, business) == kept_from(was_free, business), "the worst is assumed"
