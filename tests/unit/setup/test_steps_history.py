"""The pure steps of history and of leaving: what they change, and what they record."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.csm.facts import CsmFacts, Matter, Need
from flows.csm.marks import confirm_replay
from flows.errors import ErrorCode
from flows.history import Event
from flows.model import (
    Credentials,
    DestinationState,
    Integration,
    Outcome,
    Screen,
    TokenKind,
    Verification,
)
from flows.recording import FORMS_REMEMBERED, Change, is_stale, once, touched
from flows.replay import steps as replay_steps
from flows.replay.events import (
    Completed,
    Left,
    OpenEnd,
    ReplayFinished,
    ReplayQuestioned,
    ReplayRequested,
    ReplayScheduled,
)
from flows.replay.facts import ReplayWindow, Scheduled
from flows.replay.steps import Mark
from flows.setup import leaving, steps
from flows.setup.blockers import Blocker
from flows.setup.events import FinishedLiveOnly, HelpAsked, Reopened
from flows.setup.replays import adds_history
from flows.vocabulary import Region, Source, Stamp, Workspace
from tests.unit.views.message_cases import (
    ADA,
    NOW,
    at,
    credentials,
    delivering,
    integration,
    request,
    sources,
    status,
)

BOB = Stamp("U0BOB", NOW)
MIRA = Stamp("U0MIRA", NOW, of_toplyne=True)
ACME = Workspace("acme-inc", "ws_acme", "Acme")


def empty() -> Integration:
    return Integration(id="int_1", tenant_id="T1", team_id="T1", created=ADA)


def ends(change: Change) -> list[Left]:
    (found,) = (event for event in change.events if isinstance(event, Completed))
    assert found.left_open == len(found.ends)
    return [end.what for end in found.ends]


def kinds(change: Change) -> list[type[Event]]:
    return [type(event) for event in change.events]


# --- history ------------------------------------------------------------------------------------


def with_request() -> Integration:
    return replay_steps.request_replay(integration(), request(integration())).integration


@given(st.lists(st.sampled_from(Mark)))
def test_marks_imply_the_earlier_ones_and_are_told_once(marks: list[Mark]) -> None:
    state, told = with_request(), []
    for mark in marks:
        change = replay_steps.mark_replay(at(state), mark, BOB)
        state = change.integration
        told += kinds(change)
    reached = max((list(Mark).index(mark) for mark in marks), default=-1)
    stamps = [state.replay_sent, state.replay_running, state.replay_finished]
    assert [stamp is not None for stamp in stamps] == [i <= reached for i in range(3)]
    assert len(told) == len(set(told))
    assert (state.outcome is Outcome.WITH_HISTORY) == (Mark.FINISHED in marks)


def test_nothing_can_be_reported_of_a_request_that_was_not_made() -> None:
    assert replay_steps.mark_replay(at(integration()), Mark.SENT, BOB).events == ()


def test_another_request_starts_over_and_takes_back_no_end() -> None:
    done = replay_steps.mark_replay(at(with_request()), Mark.FINISHED, BOB).integration
    newer = replace(request(done), number=3)
    change = replay_steps.request_replay(done, newer)
    after = change.integration
    assert (after.replay_sent, after.replay_running, after.replay_finished) == (None, None, None)
    assert (after.outcome, after.outcome_reached) == (done.outcome, BOB)
    assert [past.finished for past in after.past_replays] == [BOB]
    assert adds_history(after)
    assert change.events == (ReplayRequested(newer.requested, 3),)


def test_another_draft_makes_earlier_previews_stale() -> None:
    window = ReplayWindow(NOW - timedelta(days=365), NOW)
    drafted = replay_steps.draft_window(integration(), window).integration
    assert is_stale(drafted, Screen.REPLAY_PREVIEW, integration().revision)
    assert is_stale(drafted, Screen.REPLAY_EVENTS, integration().revision)
    assert not is_stale(drafted, Screen.REPLAY, integration().revision)
    chosen = replay_steps.draft_events(integration(), window).integration
    assert is_stale(chosen, Screen.REPLAY_PREVIEW, integration().revision)
    assert not is_stale(chosen, Screen.REPLAY_EVENTS, integration().revision)


def test_segments_answer_is_kept_with_its_day_and_ticket() -> None:
    change = replay_steps.schedule_replay(with_request(), date(2026, 5, 20), "4711", BOB)
    after = change.integration
    expected = Scheduled(BOB, date(2026, 5, 20), "4711", implied_sent=True)
    assert after.replay_scheduled == expected
    assert after.replay_sent == BOB, "what is scheduled was sent"
    assert kinds(change) == [ReplayScheduled]
    again = replay_steps.schedule_replay(after, date(2026, 5, 20), "4711", ADA)
    assert again.integration is after
    moved = replay_steps.schedule_replay(after, date(2026, 5, 21), "4711", ADA).integration
    expected = Scheduled(ADA, date(2026, 5, 21), "4711", implied_sent=True)
    assert moved.replay_scheduled == expected
    none = replay_steps.schedule_replay(integration(), None, "4711", BOB)
    assert none.integration == integration()


@pytest.mark.parametrize(
    ("sent", "ticket", "asked", "left"),
    [
        (None, "", False, None),  # nobody had said that it was sent
        (ADA, "", False, ADA),
        (None, "4711", False, BOB),  # their number is an answer, too
        (None, "", True, BOB),  # so is their question
    ],
)
def test_a_day_that_was_a_mistake_leaves_what_was_known_before(
    sent: Stamp | None, ticket: str, *, asked: bool, left: Stamp | None
) -> None:
    of = replace(with_request(), replay_sent=sent)
    day = date(2026, 5, 20)
    of = replay_steps.schedule_replay(of, day, "", BOB).integration
    of = replay_steps.schedule_replay(of, day + timedelta(days=1), "", MIRA).integration
    if asked:
        of = replay_steps.ask_about_replay(of, "Which region?", ADA).integration
    after = replay_steps.schedule_replay(of, None, ticket, MIRA, no_day=True).integration
    assert after.replay_sent == left
    assert (after.replay_scheduled is None) == (not ticket)


def test_a_question_of_segment_is_told_and_means_that_it_was_sent() -> None:
    change = replay_steps.ask_about_replay(with_request(), "Which region?", BOB)
    assert change.integration.replay_sent == BOB
    assert change.events == (ReplayQuestioned(BOB, "Which region?", number=1),)


def test_the_end_of_a_replay_says_what_is_still_open() -> None:
    of = replace(with_request(), live_started=ADA)
    ended = replay_steps.mark_replay(at(of, delivering(of)), Mark.FINISHED, BOB)
    assert kinds(ended) == [ReplayFinished, Completed]
    assert ends(ended) == [Left.UNCONFIRMED]
    by_toplyne = confirm_replay(at(of, delivering(of)), MIRA)
    assert ends(by_toplyne) == [], "what Toplyne says is confirmed by it"
    unnamed = replace(of, replay=replace(request(of), left_out=()))
    silent = {s.id: status(s, DestinationState.DISABLED) for s in unnamed.sources}
    (left,) = replay_steps.still_open(at(unnamed, silent))
    assert left.blocker is Blocker.DESTINATION_DISABLED
    assert replay_steps.still_open(at(of, silent)) == (), "it was named as left out"
    after = replay_steps.mark_replay(at(unnamed, silent), Mark.FINISHED, BOB)
    assert ends(after) == [Left.SOURCE, Left.UNCONFIRMED]
    named = replay_steps.mark_replay(at(of, silent), Mark.FINISHED, BOB)
    assert ends(named) == [Left.SOURCE, Left.UNCONFIRMED], "open, though named"


def test_open_questions_and_missing_histories_are_open_ends() -> None:
    of = replace(with_request(), live_started=ADA, sources=sources("Web app", 2))
    done = replay_steps.mark_replay(at(of, delivering(of)), Mark.FINISHED, BOB).integration
    asked = Matter(Need.HELP, NOW, 1, ADA.by, "How long?")
    done = replace(done, replay_confirmed=MIRA, csm=CsmFacts(matters=(asked,)))
    found = replay_steps.open_ends(at(done, delivering(done)))
    assert found == (
        OpenEnd(Left.HISTORY, sources=done.sources[1:]),
        OpenEnd(Left.QUESTION, by=ADA.by),
    )


def test_an_end_without_history_can_be_taken_back() -> None:
    change = steps.finish_live_only(integration(), BOB)
    assert kinds(change) == [FinishedLiveOnly]
    assert steps.finish_live_only(change.integration, BOB).events == ()
    back = steps.reopen(change.integration, BOB)
    assert kinds(back) == [Reopened]
    assert back.integration.outcome is None
    assert steps.reopen(back.integration, BOB).events == ()


# --- anywhere, and the end ----------------------------------------------------------------------


def test_asking_for_help_says_where_and_what_went_wrong_last() -> None:
    tried = replace(integration(), last_error="token_refused")
    change = steps.ask_help(tried, Screen.SOURCES, "which ones?", BOB)
    assert change.integration is tried
    asked = HelpAsked(BOB, Screen.SOURCES, ErrorCode.TOKEN_REFUSED, "which ones?", number=1)
    assert change.events == (asked,)


def test_words_are_passed_on_once_from_each_modal() -> None:
    asked, forms = integration(), ("V1", "V1", "V2", "", "", "V1")
    events = 0
    for form in forms:
        change = once(form, steps.ask_help(asked, Screen.SOURCES, "which?", BOB), asked)
        asked, events = change.integration, events + len(change.events)
    assert events == 4, "a press without a modal is always another one"
    assert asked.forms == ("V1", "V2")
    for number in range(FORMS_REMEMBERED + 5):
        asked = once(f"W{number}", Change(asked), asked).integration
    assert len(asked.forms) == FORMS_REMEMBERED


def test_only_an_end_can_be_watched_and_only_with_a_token() -> None:
    assert leaving.keep_watching(integration(), BOB).integration == integration()
    ended = replace(integration(), outcome=Outcome.LIVE_ONLY)
    assert leaving.keep_watching(ended, BOB).integration.keeps_watching == BOB
    forgotten = leaving.forget_token(ended, BOB).integration
    assert leaving.keep_watching(forgotten, BOB).integration is forgotten


@pytest.mark.parametrize("let_go", [leaving.forget_token, leaving.uninstall])
def test_letting_go_of_the_token_outdates_checks_that_are_under_way(let_go: object) -> None:
    assert callable(let_go)
    after = let_go(integration(), BOB).integration
    assert after.token_forgotten == BOB
    assert after.credentials == integration().credentials
    assert is_stale(after, Screen.CREDENTIALS, integration().revision)


def test_a_disconnect_keeps_nothing_but_who_this_is_and_what_a_replay_brought() -> None:
    ended = replay_steps.mark_replay(at(with_request()), Mark.FINISHED, BOB)
    full = replace(ended.integration, revision=7)
    after = leaving.disconnect(full, BOB).integration
    kept = replace(empty(), revision=7, last_active=BOB, disconnected=BOB, changed=after.changed)
    assert after == replace(kept, left_replays=after.left_replays)
    assert all(is_stale(after, screen, 7) for screen in Screen)
    assert leaving.disconnect(after, ADA).integration is after


@given(st.integers(0, 50), st.integers(0, 60), st.sampled_from(Screen))
def test_a_screen_is_stale_when_it_changed_after_it_was_drawn(
    revision: int, drawn_at: int, screen: Screen
) -> None:
    changed = touched(replace(integration(), revision=revision), screen)
    assert is_stale(changed, screen, drawn_at) == (drawn_at <= revision)
    others = [each for each in Screen if each is not screen]
    assert not any(is_stale(changed, other, drawn_at) for other in others)


def test_credentials_that_were_rejected_are_not_accepted() -> None:
    verdicts = {each: credentials("Acme", each).accepted for each in Verification}
    assert [each for each, good in verdicts.items() if not good] == [Verification.REJECTED]


def test_a_label_is_the_name_or_else_the_slug() -> None:
    assert [Source("1", "web", "Web app").label, Source("1", "web").label] == ["Web app", "web"]
    assert Credentials(TokenKind.NONE, Verification.UNVERIFIED, ACME, Region.US, ADA).accepted
