"""The pure steps: what each answer changes, what it leaves alone, what goes into the history."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.checks.question import TokenAccepted
from flows.errors import ErrorCode
from flows.history import Event
from flows.model import (
    Delegation,
    Integration,
    Observed,
    Outcome,
    Screen,
    Situation,
    SourceStatus,
    TokenKind,
    Verification,
    WriteBack,
)
from flows.recording import Change
from flows.setup import steps
from flows.setup.events import (
    CredentialsUnverified,
    CredentialsVerified,
    LiveSyncStarted,
    ReplayReady,
    SourcesChosen,
    Stuck,
    Upgraded,
)
from flows.setup.permissions import still_asked
from flows.vocabulary import Plan, Region, Stamp, Workspace
from tests.unit.views.message_cases import ADA, NOW, credentials, delivering, integration, sources

BOB = Stamp("U0BOB", NOW)
ACME = Workspace("acme-inc", "ws_acme", "Acme")


def seeing(of: Integration, observed: Observed | None = None) -> Situation:
    return Situation(of, observed or Observed(), NOW)


def empty() -> Integration:
    return Integration(id="int_1", tenant_id="T1", team_id="T1", created=ADA)


def kinds(change: Change) -> list[type[Event]]:
    return [type(event) for event in change.events]


def accepted(
    verification: Verification = Verification.VERIFIED, **changes: object
) -> TokenAccepted:
    base = TokenAccepted(TokenKind.PUBLIC_API, verification, ACME, Region.EU)
    return replace(base, **changes)  # type: ignore[arg-type]


# --- plan ---------------------------------------------------------------------------------------


def test_the_same_plan_again_changes_nothing() -> None:
    chosen = steps.choose_plan(empty(), Plan.TEAM, BOB).integration
    again = steps.choose_plan(chosen, Plan.TEAM, ADA)
    assert again.integration is chosen
    assert again.events == ()


@pytest.mark.parametrize(
    ("chosen", "noted", "asks"),
    [
        (-1, Plan.TEAM, True),
        (-1, None, True),  # as earlier versions stored it
        (1, None, False),  # Team was chosen after data had arrived: perhaps a slip
        (1, Plan.BUSINESS, False),
    ],
)
def test_an_upgrade_is_asked_for_its_day_if_live_sync_started_on_the_lower_plan(
    chosen: int, noted: Plan | None, asks: bool
) -> None:
    on_team = replace(
        integration(),
        plan=Plan.TEAM,
        plan_chosen=Stamp(ADA.by, NOW + timedelta(days=chosen)),
        live_started=Stamp("", NOW),
        live_plan=noted,
    )
    assert steps.asks_for_day(on_team, Plan.BUSINESS) is asks
    assert not steps.asks_for_day(on_team, Plan.FREE)


def test_a_region_that_segment_has_proved_stays() -> None:
    proved = steps.accept_token(integration(), accepted(), BOB).integration
    changed = steps.choose_plan(proved, Plan.TEAM, BOB).integration
    assert changed.region is Region.EU


@given(st.lists(st.sampled_from(Plan)))
def test_no_choice_of_plan_loses_a_token_that_the_public_api_accepted(plans: list[Plan]) -> None:
    state = integration()
    for plan in plans:
        state = steps.choose_plan(state, plan, BOB).integration
    assert state.credentials == integration().credentials
    assert state.sources == integration().sources


@pytest.mark.parametrize("verification", [Verification.UNVERIFIED, Verification.CONFIRMED])
def test_what_free_accepted_unchecked_does_not_serve_another_plan(
    verification: Verification,
) -> None:
    free = replace(integration(), plan=Plan.FREE, credentials=credentials("Acme", verification))
    assert steps.choose_plan(free, Plan.TEAM, BOB).integration.credentials is None


def test_a_config_api_token_serves_free_alone() -> None:
    found = replace(credentials("Acme"), kind=TokenKind.CONFIG_API)
    free = replace(integration(), plan=Plan.FREE, credentials=found)
    assert steps.upgrade(seeing(free), NOW.date(), BOB).integration.credentials is None


def test_another_plan_takes_back_an_end_without_history() -> None:
    ended = replace(integration(), plan=Plan.TEAM, outcome=Outcome.LIVE_ONLY, outcome_reached=ADA)
    changed = steps.choose_plan(ended, Plan.BUSINESS, BOB).integration
    assert (changed.outcome, changed.outcome_reached) == (None, None)


def test_an_upgrade_is_told_once_and_opens_history_where_data_arrives() -> None:
    live = replace(integration(), plan=Plan.TEAM, live_started=ADA)
    seen = Observed(statuses=delivering(live))
    change = steps.upgrade(seeing(live, seen), date(2026, 4, 1), BOB)
    assert kinds(change) == [Upgraded, ReplayReady]
    assert change.integration.upgraded_on == date(2026, 4, 1)
    assert steps.upgrade(seeing(change.integration, seen), date(2026, 4, 2), BOB).events == ()


def test_an_upgrade_before_live_sync_promises_nothing() -> None:
    team = replace(integration(), plan=Plan.TEAM)
    assert kinds(steps.upgrade(seeing(team), NOW.date(), BOB)) == [Upgraded]


# --- credentials --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "found", "same"),
    [
        (Workspace("acme", "w1"), Workspace("renamed", "w1"), True),
        (Workspace("acme", "w1"), Workspace("acme", "w2"), False),
        (Workspace("acme"), Workspace("ACME", "w1"), True),
        (Workspace("acme"), Workspace("beta", "w1"), False),
    ],
)
def test_workspaces_are_the_same_by_id_where_both_have_one(
    expected: Workspace, found: Workspace, same: bool
) -> None:
    assert expected.is_same(found) is same


@pytest.mark.parametrize(
    "verification", [each for each in Verification if each is not Verification.VERIFIED]
)
@pytest.mark.parametrize("other", [True, False])
def test_what_was_said_of_one_workspace_is_not_true_of_another(
    verification: Verification, other: bool
) -> None:
    before = replace(
        integration(),
        plan=Plan.FREE,
        credentials=credentials("Acme", verification),
        says_connected=ADA,
        arrival_confirmed=ADA,
        live_started=ADA,
        outcome=Outcome.LIVE_ONLY,
        outcome_reached=ADA,
        write_back=WriteBack(entered=ADA),
    )
    workspace = Workspace("another") if other else Workspace("acme-inc")
    found = accepted(Verification.UNVERIFIED, workspace=workspace)
    after = steps.accept_token(before, found, BOB).integration
    said = (after.says_connected, after.arrival_confirmed, after.live_started)
    assert said == ((None, None, None) if other else (ADA, ADA, ADA))
    assert after.outcome is (None if other else Outcome.LIVE_ONLY)
    assert after.write_back == (WriteBack() if other else before.write_back)


def test_only_a_verified_workspace_is_held_against_the_next_token() -> None:
    error = steps.other_workspace(integration(), accepted())
    assert error is not None
    assert error.code is ErrorCode.TOKEN_OTHER_WORKSPACE
    assert error.params == {"found": "Acme", "expected": "Web app"}
    unchecked = replace(integration(), credentials=credentials("X", Verification.UNVERIFIED))
    assert steps.other_workspace(unchecked, accepted()) is None
    assert steps.other_workspace(empty(), accepted()) is None


def test_an_accepted_token_ends_what_was_wrong_before() -> None:
    tried = replace(integration(), failed_tries=2, last_error="token_refused", token_forgotten=ADA)
    asked = replace(tried, asked=(Delegation("U0BOB", Screen.CREDENTIALS, ADA, is_open=True),))
    change = steps.accept_token(asked, accepted(), BOB)
    after = change.integration
    assert (after.failed_tries, after.last_error, after.token_forgotten) == (0, "", None)
    assert not still_asked(after)
    assert after.region is Region.EU
    assert after.credentials is not None
    assert after.credentials.entered == BOB
    assert kinds(change) == [CredentialsVerified]


def test_a_request_to_a_colleague_ends_with_the_screen_that_it_was_about() -> None:
    other = integration()
    assert [each.screen for each in still_asked(other)] == [Screen.LIVE_SYNC]
    assert steps.accept_token(other, accepted(), BOB).integration.asked == other.asked


def test_what_nobody_could_check_is_stored_as_unverified() -> None:
    change = steps.accept_token(empty(), accepted(Verification.UNVERIFIED), BOB)
    assert kinds(change) == [CredentialsUnverified]


@given(
    st.lists(
        st.sampled_from(
            [ErrorCode.TOKEN_REFUSED, ErrorCode.SEGMENT_UNAVAILABLE, ErrorCode.SECRET_LOST]
        )
    )
)
def test_the_third_failed_try_is_told_once_and_what_is_not_theirs_never_counts(
    codes: list[ErrorCode],
) -> None:
    state, told = empty(), 0
    for code in codes:
        change = steps.refuse(state, code, BOB)
        state, told = change.integration, told + (Stuck in kinds(change))
    own = sum(code is ErrorCode.TOKEN_REFUSED for code in codes)
    assert state.failed_tries == own
    assert told == (own >= steps.STUCK_AFTER)
    assert state.last_error == (codes[-1].value if codes else "")


# --- sources and live sync ----------------------------------------------------------------------


def test_the_same_sources_again_change_nothing() -> None:
    assert steps.choose_sources(integration(), integration().sources, BOB).events == ()
    other = sources("Other", 2)
    change = steps.choose_sources(integration(), other, BOB)
    assert change.integration.sources == other
    assert change.events == (SourcesChosen(BOB, ("Other", "Other")),)


def test_the_first_delivery_starts_live_sync_and_opens_history() -> None:
    change = steps.note_deliveries(
        seeing(integration()),
        seeing(integration(), Observed(statuses=_arrived())),
    )
    assert kinds(change) == [LiveSyncStarted, ReplayReady]
    assert change.integration.live_started == Stamp("", NOW)
    assert change.events[0] == LiveSyncStarted(Stamp("", NOW), integration().sources[0])


def test_history_does_not_open_on_team() -> None:
    team = replace(integration(), plan=Plan.TEAM)
    change = steps.note_deliveries(seeing(team), seeing(team, Observed(statuses=_arrived())))
    assert kinds(change) == [LiveSyncStarted]


def test_each_source_is_told_once_and_live_sync_starts_once() -> None:
    both = integration(count=2)
    arrived = delivering(both)
    one = Observed(statuses=dict(list(arrived.items())[:1]))
    started = steps.note_deliveries(seeing(both), seeing(both, one)).integration
    later = steps.note_deliveries(seeing(started, one), seeing(started, Observed(statuses=arrived)))
    assert kinds(later) == [LiveSyncStarted]
    assert later.integration is started
    assert (
        steps.note_deliveries(
            seeing(started, Observed(statuses=arrived)), seeing(started, one)
        ).events
        == ()
    )


@pytest.mark.parametrize("count", [2, 100])
def test_sources_that_begin_together_are_told_together(count: int) -> None:
    many = integration(count=count)
    change = steps.note_deliveries(seeing(many), seeing(many, Observed(statuses=delivering(many))))
    (started,) = [event for event in change.events if isinstance(event, LiveSyncStarted)]
    assert (started.source, *started.others) == many.sources


def test_live_sync_begins_anew_with_sources_that_had_never_delivered() -> None:
    live = replace(integration(), live_started=ADA)
    change = steps.note_deliveries(seeing(live), seeing(live, Observed(statuses=_arrived())))
    assert change.integration.live_started == Stamp("", NOW)


def test_live_sync_never_began_in_the_future() -> None:
    ahead = {
        k: replace(s, first_delivered_at=NOW + timedelta(minutes=30)) for k, s in _arrived().items()
    }
    change = steps.note_deliveries(
        seeing(integration()),
        seeing(integration(), Observed(statuses=ahead)),
    )
    assert change.integration.live_started == Stamp("", NOW)


def _arrived() -> dict[str, SourceStatus]:
    return delivering(integration())
