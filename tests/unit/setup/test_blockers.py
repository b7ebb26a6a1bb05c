"""What is outstanding, which screen follows, and how the four steps are shown."""

from dataclasses import replace

import pytest
from hypothesis import given

from flows.model import (
    DestinationState,
    Observed,
    Outcome,
    Screen,
    Situation,
    Step,
    TokenKind,
    Unheard,
    Verification,
    WaitingOn,
)
from flows.replay.plan import lacking_first, screen_before_request
from flows.setup.blockers import (
    Blocked,
    Blocker,
    credentials_blocker,
    current_screen,
    delivering_sources,
    due_blocker,
    first_blocker,
    incidents,
    replay_prerequisites,
    setup_blocker,
    setup_screen,
    source_blocker,
    sources_screen,
)
from flows.setup.progress import StepState, blocked_since, progress
from flows.setup.replays import is_under_way
from flows.setup.screens import ORDER, reachable, screen_after
from flows.vocabulary import Plan, Stamp, TokenHealth, TokenState
from tests.unit.any_situation import situations
from tests.unit.views.message_cases import (
    ADA,
    NOW,
    credentials,
    delivering,
    integration,
    stages,
    status,
)

EXPECTED: dict[str, tuple[Blocker | None, Screen]] = {
    "no plan": (Blocker.PLAN_MISSING, Screen.PLAN),
    "no credentials": (Blocker.CREDENTIALS_MISSING, Screen.CREDENTIALS),
    "no workspace": (Blocker.WORKSPACE_MISSING, Screen.CREDENTIALS),
    "no sources": (Blocker.SOURCES_MISSING, Screen.SOURCES),
    "free unverified": (Blocker.CREDENTIALS_UNVERIFIED, Screen.LIVE_SYNC),
    "free rejected": (Blocker.CREDENTIALS_REJECTED, Screen.CREDENTIALS),
    "free confirmed": (Blocker.ARRIVAL_UNCONFIRMED, Screen.LIVE_SYNC),
    "not looked": (Blocker.NOT_LOOKED_YET, Screen.LIVE_SYNC),
    "destination missing": (Blocker.DESTINATION_MISSING, Screen.LIVE_SYNC),
    "destination disabled": (Blocker.DESTINATION_DISABLED, Screen.LIVE_SYNC),
    "destination enabled": (Blocker.NO_EVENTS, Screen.LIVE_SYNC),
    "source unheard": (Blocker.SOURCE_UNHEARD, Screen.LIVE_SYNC),
    "source disabled": (Blocker.SOURCE_DISABLED, Screen.LIVE_SYNC),
    "team": (Blocker.PLAN_NOT_BUSINESS, Screen.UPGRADE),
    "replay can be requested": (Blocker.REPLAY_NOT_REQUESTED, Screen.REPLAY_PREVIEW),
    "sources rejected": (Blocker.SOURCES_REJECTED, Screen.SOURCES),
    "replay rejected": (Blocker.REPLAY_REJECTED, Screen.REPLAY),
    "replay written": (Blocker.REPLAY_NOT_SENT, Screen.REPLAY_STATUS),
    "replay sent": (Blocker.REPLAY_NOT_RUNNING, Screen.REPLAY_STATUS),
    "replay running": (Blocker.REPLAY_NOT_FINISHED, Screen.REPLAY_STATUS),
    "finished with history": (None, Screen.RECEIPT),
    "token refused": (Blocker.TOKEN_REVOKED, Screen.CREDENTIALS),
    "token lacks_call": (Blocker.ROLE_REDUCED, Screen.CREDENTIALS),
    "source deleted later": (Blocker.SOURCE_DELETED, Screen.RECEIPT),
    "source switched off later": (Blocker.SOURCE_DISABLED, Screen.RECEIPT),
    "destination deleted later": (Blocker.DESTINATION_DELETED, Screen.RECEIPT),
    "destination switched off later": (Blocker.DESTINATION_DISABLED, Screen.RECEIPT),
    "events stopped later": (Blocker.EVENTS_STOPPED, Screen.RECEIPT),
    "token forgotten": (None, Screen.RECEIPT),
    "finished live only": (None, Screen.RECEIPT),
}


@pytest.mark.parametrize(("stage", "situation"), [s for s in stages() if s[0] in EXPECTED])
def test_each_stage_has_its_blocker_and_its_screen(stage: str, situation: Situation) -> None:
    blocked = first_blocker(situation)
    screen = current_screen(situation)
    assert (blocked.blocker if blocked else None, screen) == EXPECTED[stage]


def test_every_blocker_is_met_on_the_way() -> None:
    assert {blocker for blocker, _ in EXPECTED.values() if blocker} == set(Blocker)


def test_a_person_of_segment_or_of_toplyne_is_waited_for_where_the_customer_cannot_act() -> None:
    assert {each for each in Blocker if each.waiting_on is WaitingOn.CSM} == {
        Blocker.CREDENTIALS_UNVERIFIED,
        Blocker.ARRIVAL_UNCONFIRMED,
    }
    assert {each for each in Blocker if each.waiting_on is WaitingOn.SEGMENT} == {
        Blocker.SOURCE_UNHEARD,
        Blocker.REPLAY_NOT_RUNNING,
        Blocker.REPLAY_NOT_FINISHED,
    }


@given(situations)
def test_progress_is_always_four_rows_in_order(situation: Situation) -> None:
    rows = progress(situation)
    assert [row.step for row in rows] == list(Step)
    at = [n for n, row in enumerate(rows) if row.state in (StepState.CURRENT, StepState.BLOCKED)]
    blocked = setup_blocker(situation)
    broken = incidents(situation)
    waits_beside = is_under_way(situation.integration)  # the Replay goes on, whatever comes first
    assert (blocked is not None) <= len(at) <= (blocked is not None) + waits_beside
    assert {row.blocked for row in rows if row.state is StepState.BROKEN} <= {*broken}
    done = {StepState.DONE, StepState.BROKEN}
    for n in at[:1]:
        assert rows[n].blocked == blocked
        assert all(row.state in done for row in rows[:n])
        was_reached = situation.integration.live_started or situation.integration.outcome
        reached = done if was_reached else set()
        later = {StepState.LATER, StepState.NOT_INCLUDED, *reached}
        assert all(row.state in later for m, row in enumerate(rows) if m > n and m not in at)


@given(situations)
def test_a_replay_needs_business_credentials_and_a_source_that_delivers(
    situation: Situation,
) -> None:
    integration = situation.integration
    missing = replay_prerequisites(situation)
    may = (
        integration.plan is Plan.BUSINESS
        and credentials_blocker(integration) is None
        and bool(delivering_sources(situation))
        and integration.live_started is not None
    )
    assert (missing == ()) == may
    assert len({each.blocker for each in missing}) == len(missing)


@given(situations)
def test_the_request_is_never_the_current_screen_before_its_time(situation: Situation) -> None:
    if current_screen(situation) is Screen.REPLAY:
        assert replay_prerequisites(situation) == ()


@given(situations)
def test_what_is_outstanding_names_a_chosen_source_or_none(situation: Situation) -> None:
    blocked = first_blocker(situation)
    if blocked and blocked.source:
        assert blocked.source in situation.integration.sources
        assert blocked.blocker.step is Step.LIVE_SYNC


def test_both_missing_prerequisites_are_named() -> None:
    team = replace(integration(), plan=Plan.TEAM)
    missing = replay_prerequisites(Situation(team, Observed(), NOW))
    assert [each.blocker for each in missing] == [
        Blocker.PLAN_NOT_BUSINESS,
        Blocker.NOT_LOOKED_YET,
    ]
    assert lacking_first(Situation(team, Observed(), NOW)) == missing[1]


@given(situations)
def test_what_a_request_lacks_first_is_done_where_its_button_leads(situation: Situation) -> None:
    integration = situation.integration
    lacking = lacking_first(situation)
    assert (lacking is None) == (replay_prerequisites(situation) == ())
    if lacking and not integration.outcome and not integration.disconnected:
        there = screen_before_request(situation)
        screen = lacking.blocker.screen
        assert there is (sources_screen(integration) if screen is Screen.SOURCES else screen)


def test_sources_that_were_changed_must_deliver_before_history() -> None:
    live = replace(integration(), live_started=ADA)
    assert replay_prerequisites(Situation(live, Observed(), NOW)) == (
        Blocked(Blocker.NOT_LOOKED_YET, live.sources[0]),
    )
    assert replay_prerequisites(Situation(live, Observed(statuses=delivering(live)), NOW)) == ()


@pytest.mark.parametrize("at", [0, 1])
def test_what_can_be_done_comes_before_what_segment_does_not_say(at: int) -> None:
    both = integration(count=2)
    odd, other = both.sources[at], both.sources[1 - at]
    seen = {
        odd.id: replace(status(odd, DestinationState.MISSING), unheard=Unheard.REFUSED),
        other.id: status(other, DestinationState.MISSING),
    }
    expected = Blocked(Blocker.DESTINATION_MISSING, other)
    assert first_blocker(Situation(both, Observed(statuses=seen), NOW)) == expected
    del seen[other.id]
    alone = replace(both, sources=(odd,))
    assert first_blocker(Situation(alone, Observed(statuses=seen), NOW)) == Blocked(
        Blocker.SOURCE_UNHEARD, odd
    )


def test_the_first_source_that_lacks_something_is_named() -> None:
    both = integration(count=2)
    first, second = both.sources
    seen = {
        first.id: delivering(both)[first.id],
        second.id: status(second, DestinationState.MISSING),
    }
    assert source_blocker(first, seen[first.id]) is None
    assert first_blocker(Situation(both, Observed(statuses=seen), NOW)) == Blocked(
        Blocker.DESTINATION_MISSING, second
    )


def test_a_token_that_was_forgotten_is_missing_only_before_the_end() -> None:
    forgotten = replace(integration(), token_forgotten=ADA)
    blocked = credentials_blocker(forgotten)
    assert blocked is not None
    assert blocked.blocker is Blocker.CREDENTIALS_MISSING


def test_free_needs_no_sources() -> None:
    found = replace(credentials("Acme"), kind=TokenKind.CONFIG_API)
    free = replace(integration(), plan=Plan.FREE, credentials=found, sources=())
    assert credentials_blocker(free) is None


def test_a_rejected_token_of_free_comes_before_its_data() -> None:
    rejected = credentials("Acme", Verification.REJECTED)
    free = replace(integration(), plan=Plan.FREE, credentials=rejected, live_started=ADA)
    blocked = first_blocker(Situation(free, Observed(), NOW))
    assert blocked is not None
    assert blocked.blocker is Blocker.CREDENTIALS_REJECTED


# --- which screen follows -----------------------------------------------------------------------


@given(situations)
def test_nobody_gets_beyond_what_is_missing(situation: Situation) -> None:
    current = current_screen(situation)
    for wanted in Screen:
        shown = reachable(situation, wanted)
        if wanted is Screen.WRITE_BACK:  # outside the four steps, once data arrives
            assert shown is (wanted if situation.integration.live_started else current)
        elif wanted is Screen.REPLAY_STATUS and is_under_way(situation.integration):
            assert shown is wanted  # Segment has it, whatever is missing here
        elif wanted not in ORDER:
            assert shown is setup_screen(situation)
        elif current in ORDER:
            assert ORDER.index(shown) <= ORDER.index(current)
        elif wanted is Screen.SOURCES and situation.integration.token_forgotten:
            assert shown is Screen.CREDENTIALS
        else:
            assert shown is wanted


def test_an_end_that_was_taken_back_asks_for_the_plan_before_a_deleted_token() -> None:
    only = replace(integration(), live_started=Stamp("", NOW), token_forgotten=ADA)
    seen = Observed(statuses=delivering(only))
    team = replace(only, plan=Plan.TEAM, reopened=Stamp(ADA.by, NOW))
    blocked = setup_blocker(Situation(team, seen, NOW))
    assert blocked == Blocked(Blocker.PLAN_NOT_BUSINESS)
    assert blocked_since(Situation(team, seen, NOW), blocked) == NOW
    missing = Blocked(Blocker.CREDENTIALS_MISSING)
    assert setup_blocker(Situation(replace(team, plan=Plan.BUSINESS), seen, NOW)) == missing
    assert blocked_since(Situation(team, seen, NOW), missing) == NOW, "and not since it was deleted"
    assert setup_blocker(Situation(team, Observed(), NOW)) == missing, (
        "nobody can check whether data arrives"
    )


def test_behind_a_changed_plan_stands_what_is_missing_or_the_next_screen() -> None:
    done = Situation(
        replace(integration(), live_started=Stamp("", NOW)),
        Observed(statuses=delivering(integration())),
        NOW,
    )
    assert screen_after(Screen.PLAN, done) is Screen.CREDENTIALS
    assert screen_after(Screen.CREDENTIALS, done) is Screen.SOURCES
    free = replace(done, integration=replace(done.integration, plan=Plan.FREE))
    assert screen_after(Screen.CREDENTIALS, free) is Screen.LIVE_SYNC
    bare = replace(done, integration=replace(done.integration, credentials=None))
    assert screen_after(Screen.CREDENTIALS, bare) is Screen.CREDENTIALS


@pytest.mark.parametrize(
    ("changes", "due"),
    [
        ({}, Blocker.TOKEN_REVOKED),
        ({"token_forgotten": ADA}, Blocker.CREDENTIALS_MISSING),
        ({"plan": Plan.FREE}, Blocker.ARRIVAL_UNCONFIRMED),
        ({"outcome": Outcome.LIVE_ONLY}, None),
    ],
)
def test_while_the_token_is_lost_nothing_of_sources_is_due(
    changes: dict[str, object], due: Blocker | None
) -> None:
    lost = Observed(token=TokenHealth(TokenState.REFUSED, NOW))
    of = replace(integration(), **changes)  # type: ignore[arg-type]
    blocked = due_blocker(Situation(of, lost, NOW))
    assert (blocked.blocker if blocked else None) is due


def test_a_request_is_due_while_the_token_is_lost_too() -> None:
    live = replace(integration(), live_started=ADA)
    lost = Observed(statuses=delivering(live), token=TokenHealth(TokenState.REFUSED, NOW))
    blocked = due_blocker(Situation(live, lost, NOW))
    assert blocked
    assert blocked.blocker is Blocker.REPLAY_NOT_REQUESTED
