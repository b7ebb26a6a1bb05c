"""When reminders are due: the table of policies, and laws that hold for every set-up."""

from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flows.model import Integration, Observed, Situation, WaitingOn
from flows.reminders.facts import Quiet, Reminded, Reminders, Snooze
from flows.reminders.hours import Calendar, DayRange, Hours, weekend
from flows.reminders.schedule import (
    GAP,
    MOST_REMINDERS,
    POLICIES,
    Planned,
    Rules,
    has_run_out,
    next_reminder,
    rules_of,
)
from flows.replay.facts import Scheduled
from flows.setup.blockers import Blocker, due_blocker
from flows.vocabulary import Person, Plan, Stamp
from flows.zones import zone
from tests.unit.views.message_cases import NOW, delivering, integration, stages
from tests.unit.views.message_cases import at as situation_at

CREATED = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # a Monday
ADA = Stamp("U0ADA", CREATED)
EMPTY = Integration("int_1", "T1", "T1", created=ADA)
NEW_YORK = Person("America/New_York", "en-US", is_active=True)
ZONES = (
    "America/New_York",
    "America/St_Johns",
    "America/Sao_Paulo",
    "Europe/Berlin",
    "Africa/Cairo",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "UTC",
    "Nowhere/AtAll",
    "",
)
LOCALES = ("en-US", "de-DE", "he-IL", "ar-EG", "fa-IR", "en-IN", "es-LA", "xx-YY", "")
USUAL = Calendar()
ANY_RULES = (Rules(), Rules(calendar=Calendar(None)), Rules(calendar=Calendar(USUAL.hours, ())))


def reminded(integration: Integration, planned: Planned, at: datetime) -> Integration:
    sent = Reminded(planned.blocked.blocker, planned.number, at, "U0ADA", planned.is_last)
    facts = integration.reminders
    after = replace(facts, sent=(*facts.sent, sent), postponed=None)
    return replace(integration, reminders=after)


def all_of(
    integration: Integration, observed: Observed, rules: Rules, person: Person
) -> list[tuple[datetime, Planned]]:
    """Every reminder that a set-up gets if nobody works on it any more."""
    found: list[tuple[datetime, Planned]] = []
    while planned := next_reminder(Situation(integration, observed, NOW), rules):
        moment = rules.calendar.next_allowed(planned.at, person, integration.id)
        found.append((moment, planned))
        integration = reminded(integration, planned, moment)
        assert len(found) <= 20
    return found


# --- the table ----------------------------------------------------------------------------------

SERIES = {
    "no plan": [1, 3, 7, 14],
    "no credentials": [1, 3, 7, 14],
    "no sources": [1, 3, 7, 14],
    "free rejected": [1, 3, 7, 14],
    "not looked": [1, 3, 7, 14],
    "source disabled": [1, 3, 7, 14],
    "destination missing": [1, 3, 7, 14],
    "destination disabled": [1, 3, 7, 14],
    "destination enabled": [1, 3, 7, 14],
    "team": [7, 28],
    "replay can be requested": [2, 5, 10],
    "replay written": [2, 5, 10],
    "replay sent": [5],
    "replay running": [5],
    "free unverified": [],
    "free confirmed": [],
    "finished with history": [],
    "finished live only": [],
    "token forgotten": [],
    "disconnected": [],
}


@pytest.mark.parametrize(("stage", "days"), SERIES.items())
def test_each_stage_has_its_series(stage: str, days: list[int]) -> None:
    of = dict(stages())[stage]
    always = Rules(calendar=Calendar(None))
    found = all_of(of.integration, of.observed, always, NEW_YORK)
    begun = found[0][0] - timedelta(days=days[0]) if days else CREATED
    assert [(moment - begun) / timedelta(days=1) for moment, _ in found] == days
    assert [planned.is_last for _, planned in found] == [day == days[-1] for day in days]


TOLD_ONCE = {
    Blocker.DESTINATION_DELETED,
    Blocker.EVENTS_STOPPED,
}


def test_only_what_customers_cannot_change_or_what_broke_later_has_no_series() -> None:
    of_csm = {each for each in Blocker if each.waiting_on is WaitingOn.CSM}
    assert set(Blocker) - set(POLICIES) == of_csm | TOLD_ONCE | {Blocker.SOURCE_UNHEARD}


def test_own_delays_replace_every_series_the_gap_and_the_limit() -> None:
    delays = tuple(timedelta(seconds=n) for n in range(1, 13))
    for _, of in stages():
        blocked = due_blocker(of)
        found = all_of(of.integration, of.observed, rules_of(delays, Calendar(None)), NEW_YORK)
        reminds = blocked and blocked.blocker in POLICIES and not of.integration.disconnected
        assert len(found) == (len(delays) if reminds else 0)
        assert all(
            following - earlier == timedelta(seconds=1)
            for (earlier, _), (following, _) in pairwise(found)
        )


def test_a_replay_with_segment_is_one_series_whatever_is_reported() -> None:
    by_name = dict(stages())
    sent = by_name["replay sent"].integration
    planned = next_reminder(Situation(sent, Observed(statuses=delivering(sent)), NOW))
    assert planned
    assert planned.is_last
    after = reminded(sent, planned, planned.at)
    running = replace(after, replay_running=Stamp("U0ADA", planned.at + timedelta(days=1)))
    assert has_run_out(Situation(after, Observed(statuses=delivering(sent)), NOW))
    assert next_reminder(Situation(running, Observed(statuses=delivering(sent)), NOW)) is None
    assert not has_run_out(Situation(running, Observed(statuses=delivering(sent)), NOW)), (
        "they answered it"
    )


def test_what_comes_next_begins_its_own_series() -> None:
    planned = next_reminder(Situation(EMPTY, Observed(), NOW))
    assert planned
    chosen = CREATED + timedelta(days=2)
    after = replace(
        reminded(EMPTY, planned, planned.at), plan=Plan.TEAM, plan_chosen=Stamp("U0ADA", chosen)
    )
    following = next_reminder(Situation(after, Observed(), NOW))
    assert following
    assert following.blocked.blocker is Blocker.CREDENTIALS_MISSING
    assert following.number == 1
    assert following.at == max(chosen + timedelta(days=1), planned.at + GAP)


def test_a_set_up_is_not_reminded_more_than_eight_times() -> None:
    long_ago = [CREATED - timedelta(days=10 * n) for n in range(7, 0, -1)]
    sent = tuple(Reminded("sources_missing", 1, day, "U0ADA") for day in long_ago)
    almost = replace(EMPTY, reminders=Reminders(sent))
    planned = next_reminder(Situation(almost, Observed(), NOW))
    assert planned
    assert planned.is_last
    assert next_reminder(Situation(reminded(almost, planned, planned.at), Observed(), NOW)) is None


# --- snooze and quiet ---------------------------------------------------------------------------


def test_a_snooze_holds_back_until_it_ends() -> None:
    until = CREATED + timedelta(days=5)
    snoozed = replace(EMPTY, reminders=Reminders(snooze=Snooze(until, "U0ADA", CREATED)))
    planned = next_reminder(Situation(snoozed, Observed(), NOW))
    assert planned
    assert planned.at == until


@pytest.mark.parametrize(("about", "is_silent"), [("", True), ("plan_missing", True), ("x", False)])
def test_quiet_is_about_one_thing_or_all(about: str, is_silent: bool) -> None:
    quiet = replace(EMPTY, reminders=Reminders(quiet=(Quiet(about, "U0ADA", CREATED),)))
    assert (next_reminder(Situation(quiet, Observed(), NOW)) is None) == is_silent


# --- laws ---------------------------------------------------------------------------------------

people = st.builds(Person, st.sampled_from(ZONES), st.sampled_from(LOCALES), st.just(True))
moments = st.integers(0, 4 * 365 * 86400).map(
    lambda seconds: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


def later(value: Any, by: timedelta) -> Any:
    """The same value with every moment in it moved."""
    if isinstance(value, datetime):
        return value + by
    if isinstance(value, tuple):
        return tuple(later(each, by) for each in value)
    if isinstance(value, dict):
        return {key: later(each, by) for key, each in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        changed = {f.name: later(getattr(value, f.name), by) for f in fields(value)}
        return replace(value, **changed)
    return value


@given(st.sampled_from(list(stages())), people, moments, st.sampled_from(ANY_RULES))
@settings(max_examples=150, deadline=None)
def test_the_laws_of_reminders(
    stage: tuple[str, Situation], person: Person, begun: datetime, rules: Rules
) -> None:
    """Never outside hours, on days off, twice in two days, more than eight, or once solved."""
    _, situation = stage
    integration, observed = later(
        (situation.integration, situation.observed), begun - situation.integration.created.at
    )
    found = all_of(integration, observed, rules, person)
    assert len(found) <= MOST_REMINDERS
    for (earlier, _), (following, _) in pairwise(found):
        assert following - earlier >= GAP
    for moment, planned in found:
        assert rules.calendar.allows(moment, person)
        assert moment >= planned.at
        assert planned.blocked == due_blocker(Situation(integration, observed, NOW))


@pytest.mark.parametrize("promised", [False, True])
@pytest.mark.parametrize(("name", "situation"), list(stages()))
def test_what_comes_next_keeps_its_distance_from_what_came_before(
    name: str, situation: Situation, promised: bool
) -> None:
    """Also the question on the day that Segment promised."""
    last = situation.now
    before = Reminders(sent=(Reminded("something_else", 1, last, "U0ADA"),))
    integration = replace(situation.integration, reminders=before)
    said = Scheduled(Stamp("U0ADA", last), last.date())
    integration = replace(integration, replay_scheduled=said if promised else None)
    planned = next_reminder(replace(situation, integration=integration))
    assert planned or not SERIES.get(name)
    assert planned is None or planned.at >= last + GAP


hours = st.tuples(st.times(), st.times()).filter(lambda pair: pair[0] < pair[1])


@given(moments, people, hours, st.text(max_size=5))
@example(datetime(2026, 3, 8, 6, 0, tzinfo=UTC), NEW_YORK, (time(2, 0), time(3, 0)), "x")
@settings(max_examples=300, deadline=None)
def test_moved_moments_are_in_local_hours_and_soon(
    at: datetime, person: Person, between: tuple[time, time], seed: str
) -> None:
    start, end = (part.replace(microsecond=0) for part in between)
    if start == end:
        return
    calendar = Calendar(Hours(start, end), USUAL.quiet_dates)
    moved = calendar.next_allowed(at, person, seed)
    local = moved.astimezone(zone(person.time_zone))
    assert moved >= at
    assert start <= local.time() < end
    assert local.weekday() not in weekend(person.locale)
    assert (1, 1) < (local.month, local.day) < (12, 24)
    assert moved - at <= timedelta(days=15)
    if calendar.allows(at, person):
        assert moved == at


# --- cases --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("locale", "days_off"),
    [
        ("en-US", {5, 6}),
        ("he-IL", {4, 5}),
        ("en-IN", {6}),
        ("fa-IR", {4}),
        ("es-LA", {5, 6}),
        ("", {5, 6}),
        ("not a locale", {5, 6}),
    ],
)
def test_the_weekend_is_that_of_the_locale(locale: str, days_off: set[int]) -> None:
    assert weekend(locale) == days_off


@pytest.mark.parametrize(
    ("night", "utc_hours"),
    [
        (datetime(2026, 3, 6, 23, tzinfo=UTC), 14),  # Friday evening; clocks change on Sunday
        (datetime(2026, 3, 5, 23, tzinfo=UTC), 15),
        (datetime(2026, 10, 30, 23, tzinfo=UTC), 15),
        (datetime(2026, 10, 29, 23, tzinfo=UTC), 14),
    ],
)
def test_hours_follow_daylight_saving(night: datetime, utc_hours: int) -> None:
    moved = USUAL.next_allowed(night, NEW_YORK, "x")
    first = datetime.combine(moved.date(), time(utc_hours), tzinfo=UTC)
    assert first <= moved < first + timedelta(hours=6)
    assert moved.astimezone(zone("America/New_York")).time() >= time(10)


def test_quiet_dates_run_over_new_year() -> None:
    moved = USUAL.next_allowed(datetime(2026, 12, 23, 23, tzinfo=UTC), NEW_YORK, "x")
    assert moved.date() == date(2027, 1, 4)  # the 2nd and 3rd are a weekend


def test_many_do_not_fall_on_one_moment_and_each_keeps_its_own() -> None:
    night = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)
    moved = [USUAL.next_allowed(night, NEW_YORK, f"int_{n}") for n in range(1000)]
    assert len(set(moved)) > 950
    by_hour = [sum(moment.hour == hour for moment in moved) for hour in range(15, 21)]
    assert min(by_hour[:-1]) > 100
    assert max(moment.astimezone(zone("America/New_York")).time() for moment in moved) < time(
        15, 30
    )
    assert moved == [USUAL.next_allowed(night, NEW_YORK, f"int_{n}") for n in range(1000)]


def test_a_year_without_a_working_day_is_waited_for_and_no_longer() -> None:
    never = Calendar(USUAL.hours, (DayRange((1, 1), (12, 31)),))
    assert never.next_allowed(CREATED, NEW_YORK, "x") == CREATED + timedelta(days=366)


def test_a_blocker_of_a_source_begins_when_it_was_first_seen() -> None:
    full = integration()
    status = replace(delivering(full)[full.sources[0].id], first_delivered_at=None)
    seen = situation_at(full).now + timedelta(days=9)
    observed = Observed(statuses={status.source_id: replace(status, since=seen)})
    planned = next_reminder(Situation(full, observed, NOW))
    assert planned
    assert planned.at == seen + timedelta(days=1)


@pytest.mark.parametrize("name", ["Africa/Cairo", "Atlantic/Azores", "America/Havana"])
def test_hours_that_are_open_close_later(name: str) -> None:
    """When clocks go back around midnight, too."""
    person = Person(name, "en-US", is_active=True)
    nearly_all_day = Calendar(Hours(time(0), time(23, 59)), quiet_dates=())
    for quarter in range(70 * 24 * 4):
        now = datetime(2026, 9, 21, tzinfo=UTC) + timedelta(minutes=15 * quarter)
        closes = nearly_all_day.closes(now, person)
        assert closes
        assert closes > now or not nearly_all_day.allows(now, person), now
