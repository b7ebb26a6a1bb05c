"""After a Replay has finished, another one brings only what it left, and nothing twice."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from flows.csm.facts import Rejectable
from flows.csm.marks import (
    ReplayMark,
    confirm_history,
    confirm_replay,
    replay_marks,
    retract_history,
)
from flows.csm.steps import oldest_unconfirmed, reject
from flows.errors import WarningCode
from flows.model import Integration, Observed, Outcome, Screen, Situation
from flows.replay.events import ReplayConfirmedUndone
from flows.replay.request import build_request, replaced, warnings
from flows.replay.steps import Mark, mark_replay, request_replay
from flows.replay.text import request_text
from flows.replay.window import (
    default_window,
    missing_sources,
    proposed_window,
    replayed_sources,
    sources_to_replay,
)
from flows.setup.blockers import Blocker, historic_sync_blocker
from flows.setup.leaving import disconnect
from flows.setup.steps import begin
from flows.vocabulary import Stamp, Workspace
from tests.unit.views.message_cases import ADA, NOW, delivering, integration

LATER = timedelta(days=40)
CSM = Stamp("U0MIRA", NOW, of_toplyne=True)


def situation(of: Integration, live: dict[str, datetime]) -> Situation:
    """`live` says since when which sources deliver."""
    known = delivering(of)
    statuses = {
        source_id: replace(known[source_id], first_delivered_at=since)
        for source_id, since in live.items()
    }
    return Situation(of, Observed(statuses=statuses), NOW + LATER)


def ready(count: int = 3) -> Integration:
    return replace(integration(count=count), live_started=Stamp("", NOW))


def asked(now: Situation) -> Integration:
    """A request for what is proposed."""
    made = build_request(now, proposed_window(now), ADA)
    return request_replay(now.integration, made).integration


def one_has_run(live: dict[str, datetime] | None = None) -> Integration:
    """The first source delivers, and its Replay has finished."""
    of = ready()
    now = situation(of, live or {of.sources[0].id: NOW})
    return mark_replay(replace(now, integration=asked(now)), Mark.FINISHED, ADA).integration


def test_an_additional_request_has_only_what_is_missing_and_an_end_of_its_own() -> None:
    done = one_has_run()
    first, second, third = done.sources
    since = NOW + timedelta(days=30)
    now = situation(done, {first.id: NOW, second.id: since})
    assert missing_sources(now) == (second,)
    assert default_window(now).end == since.replace(second=0, microsecond=0)
    request = build_request(now, proposed_window(now), ADA)
    assert [entry.source for entry in request.sources] == [second]
    assert (request.replayed, request.left_out, request.number) == ((first,), (third,), 2)
    assert request.replaces is None, "what has run is replaced by nothing"
    text = request_text(request).plain()
    assert f"- {first.label} (Source ID {first.id})" in text
    assert f"Source ID: {first.id}" not in text
    assert "in its place" not in text


def test_what_was_reached_stays_while_an_additional_replay_is_under_way() -> None:
    done = one_has_run()
    first, second, _ = done.sources
    now = situation(done, {first.id: NOW, second.id: NOW + timedelta(days=30)})
    more = asked(now)
    assert (more.outcome, more.outcome_reached) == (Outcome.WITH_HISTORY, done.outcome_reached)
    assert missing_sources(replace(now, integration=more)) == (), "it is asked for already"
    blocked = historic_sync_blocker(more)
    assert blocked
    assert blocked.blocker is Blocker.REPLAY_NOT_SENT
    sent_back = reject(more, Rejectable.REPLAY, "too long", CSM).integration
    assert sent_back.outcome is Outcome.WITH_HISTORY
    assert replayed_sources(sent_back) == (first,)
    later = Stamp("U0BOB", NOW + LATER)
    ended = mark_replay(replace(now, integration=more), Mark.FINISHED, later).integration
    assert ended.outcome_reached == done.outcome_reached
    assert historic_sync_blocker(ended) is None
    assert replayed_sources(ended) == (first, second)
    confirmed = confirm_replay(replace(now, integration=ended), CSM).integration
    assert confirmed.replay_confirmed == CSM
    assert [past.confirmed for past in confirmed.past_replays] == [None], "each by itself"


def test_each_replay_is_confirmed_by_itself_and_an_unsent_request_never_ends() -> None:
    done = one_has_run()
    first, second, _ = done.sources
    now = situation(done, {first.id: NOW, second.id: NOW + timedelta(days=30)})
    unsent = replace(now, integration=asked(now))
    starts = (ReplayMark.SCHEDULED, ReplayMark.RUNNING)
    assert replay_marks(unsent.integration) == (*starts, ReplayMark.EARLIER)
    for end in (ReplayMark.FINISHED, ReplayMark.CONFIRMED):
        step = end.rule.step
        assert step
        assert step(unsent, CSM).integration is unsent.integration
    assert confirm_history(unsent, 2, CSM).integration is unsent.integration
    waiting = oldest_unconfirmed(unsent.integration)
    assert waiting
    assert waiting.number == 1
    known = confirm_history(unsent, 1, CSM).integration
    assert (oldest_unconfirmed(known), known.replay_finished) == (None, None)
    assert [past.confirmed for past in known.past_replays] == [CSM]
    assert replay_marks(known) == (*starts, ReplayMark.NOT_EARLIER)
    mistaken = retract_history(known, 1, CSM)
    assert mistaken.events == (ReplayConfirmedUndone(CSM),)
    assert mistaken.integration.past_replays == unsent.integration.past_replays, "its end stays"
    assert retract_history(mistaken.integration, 1, CSM).events == ()
    sent = mark_replay(replace(now, integration=known), Mark.SENT, ADA).integration
    ends = (ReplayMark.FINISHED, ReplayMark.CONFIRMED)
    assert replay_marks(sent) == (
        *starts,
        *ends,
        ReplayMark.NOT_EARLIER,
        ReplayMark.NOT_SENT,
    )


def test_a_replay_that_was_sent_back_is_asked_for_again() -> None:
    done = one_has_run()
    first = done.sources[0]
    sent_back = reject(done, Rejectable.REPLAY, "wrong dates", CSM).integration
    now = situation(sent_back, {first.id: NOW})
    assert sources_to_replay(replace(now, integration=sent_back)) == (first,)
    known = replaced(sent_back)
    assert known
    assert known.number == 1


def test_a_request_that_segment_has_is_changed_with_a_warning() -> None:
    of = ready()
    now = situation(of, {of.sources[0].id: NOW})
    window = proposed_window(now)
    unsent = replace(now, integration=asked(now))
    assert not _of_segment(unsent)
    sent = mark_replay(unsent, Mark.SENT, ADA).integration
    assert _of_segment(replace(now, integration=sent)) == [WarningCode.SEGMENT_MAY_RUN_IT]
    runs = mark_replay(unsent, Mark.RUNNING, ADA).integration
    assert _of_segment(replace(now, integration=runs)) == [WarningCode.SEGMENT_RUNS_IT]
    request = build_request(replace(now, integration=sent), window, ADA)
    assert "If you have begun that one already, please tell us" in request_text(request).intro
    ended = mark_replay(unsent, Mark.FINISHED, ADA).integration
    back = replace(now, integration=reject(ended, Rejectable.REPLAY, "one month", CSM).integration)
    assert _of_segment(back) == [WarningCode.SEGMENT_RAN_IT]
    again = build_request(back, window, ADA)
    assert "it has finished. We ask for one more Replay" in request_text(again).intro
    assert "begun" not in request_text(again).intro
    unsent_again = replace(back, integration=request_replay(back.integration, again).integration)
    assert _of_segment(unsent_again) == [WarningCode.SEGMENT_RAN_IT], "nobody has sent the newer"
    for screen in (Screen.REPLAY, Screen.REPLAY_EVENTS, Screen.REPLAY_PREVIEW):
        assert sent.changed[screen] == sent.revision + 1, "forms from before it was sent are old"


def _of_segment(now: Situation) -> list[WarningCode]:
    about = (
        WarningCode.SEGMENT_MAY_RUN_IT,
        WarningCode.SEGMENT_RUNS_IT,
        WarningCode.SEGMENT_RAN_IT,
    )
    return [w.code for w in warnings(now, proposed_window(now)) if w.code in about]


def test_a_draft_that_ended_at_live_sync_follows_when_another_source_goes_live() -> None:
    of = ready()
    first, second, _ = of.sources
    drafted = replace(of, replay_draft=default_window(situation(of, {first.id: NOW})))
    since = NOW + timedelta(days=3)
    both = situation(drafted, {first.id: NOW, second.id: since})
    assert proposed_window(both).end == since.replace(second=0, microsecond=0)
    assert drafted.replay_draft
    own = replace(drafted.replay_draft, end=NOW - timedelta(days=9))
    chosen = replace(both, integration=replace(drafted, replay_draft=own))
    assert proposed_window(chosen).end == own.end, "a chosen end stays"


days = st.integers(0, 39).map(lambda count: NOW + timedelta(days=count))


@given(st.lists(st.tuples(st.integers(0, 2), days, st.booleans()), max_size=8))
def test_no_event_comes_twice(steps: list[tuple[int, datetime, bool]]) -> None:
    """Whatever goes live when, and whatever is requested: each source has one Replay."""
    of = ready()
    live: dict[str, datetime] = {}
    for which, since, requests in steps:
        live.setdefault(of.sources[which].id, since)
        now = situation(of, live)
        if requests and sources_to_replay(replace(now, integration=of)):
            of = asked(now)
            assert of.replay
            for entry in of.replay.sources:
                end = of.replay.own_end(entry) or of.replay.window.end
                assert end <= live[entry.source.id]
            of = mark_replay(replace(now, integration=of), Mark.FINISHED, ADA).integration
    ran = [source.id for past in of.past_replays for source in past.sources]
    if of.replay:
        ran += [entry.source.id for entry in of.replay.sources]
    assert len(ran) == len(set(ran))


def _again(of: Integration, workspace: Workspace | None = None) -> list[WarningCode]:
    """What a new set-up of the same sources warns of, in the same Segment workspace or another."""
    assert of.credentials
    left = begin(disconnect(of, ADA).integration, ADA).integration
    known = replace(of.credentials, workspace=workspace or of.credentials.workspace)
    anew = replace(ready(), credentials=known, left_replays=left.left_replays)
    now = situation(anew, {source.id: NOW for source in anew.sources})
    return [w.code for w in warnings(now, proposed_window(now))]


def test_what_was_sent_before_a_disconnect_is_warned_of() -> None:
    done = one_has_run()
    sent = replace(done, replay_finished=None, outcome=None)
    assert WarningCode.REPLAYED_BEFORE in _again(done)
    assert WarningCode.REPLAYED_BEFORE in _again(sent)
    assert WarningCode.REPLAYED_BEFORE not in _again(replace(sent, replay_sent=None))
    assert WarningCode.REPLAYED_BEFORE not in _again(done, Workspace("other", "ws2", "Other"))


def test_nothing_but_ids_and_dates_is_kept_of_it() -> None:
    (left,) = disconnect(one_has_run(), ADA).integration.left_replays
    assert [(source.name, source.slug) for source in left.sources] == [("", "")]
    assert (left.finished.by, left.confirmed) == ("", None)
    again = disconnect(replace(ready(), left_replays=(left,)), ADA).integration
    assert again.left_replays == (left,), "nor does a second disconnect forget it"


def test_each_source_is_warned_of_up_to_its_own_end() -> None:
    """An earlier end, said for a source that Segment does not know, does not move the others'."""
    (left,) = disconnect(one_has_run(), ADA).integration.left_replays
    of = replace(ready(), left_replays=(left,))
    again, other = next(s for s in of.sources if s.id == left.sources[0].id), of.sources[-1]
    now = situation(of, {source.id: NOW for source in of.sources})
    longer = replace(now.observed.statuses[other.id], or_earlier=True)
    now = replace(
        now,
        observed=replace(now.observed, statuses={**now.observed.statuses, other.id: longer}),
    )
    before = replace(proposed_window(now), start=left.start - timedelta(days=300), end=left.start)
    request = build_request(now, before, ADA)
    ends = {entry.source.id: request.own_end(entry) for entry in request.sources}
    assert ends[again.id] == NOW
    assert WarningCode.REPLAYED_BEFORE in [each.code for each in warnings(now, before)]
