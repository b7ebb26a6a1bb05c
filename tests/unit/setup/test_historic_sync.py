"""What keeps the history back: the plan, what was sent back, and how far the Replay is."""

from dataclasses import replace

import pytest

from flows.csm.facts import CsmFacts, Rejectable, Rejection
from flows.csm.steps import rejectable
from flows.model import Integration, Observed, Outcome, Screen, Situation
from flows.replay.facts import PastReplay
from flows.replay.plan import lacks_plan, screen_before_request
from flows.setup.blockers import (
    Blocker,
    historic_sync_blocker,
)
from flows.setup.steps import upgrade
from flows.vocabulary import Plan
from tests.unit.views.message_cases import ADA, NOW, delivering, integration, request

LIVE = replace(integration(), live_started=ADA)
ASKED = replace(LIVE, replay=request(LIVE))
SENT = replace(ASKED, replay_sent=ADA)
SENT_BACK = CsmFacts(rejection=Rejection(Rejectable.REPLAY, "too short", ADA))
EARLIER = (PastReplay(1, integration(count=2).sources[1:], NOW, NOW, ADA),)


def after_one(of: Integration) -> Integration:
    """The same for an additional request: a Replay has finished before."""
    ended = {"outcome": Outcome.WITH_HISTORY, "outcome_reached": ADA}
    return replace(of, past_replays=EARLIER, **ended)


def live_only(of: Integration) -> Integration:
    return replace(of, outcome=Outcome.LIVE_ONLY, outcome_reached=ADA)


def unchosen(of: Integration) -> Integration:
    """None of the sources that it asks for is chosen any more."""
    return replace(of, sources=integration(count=2).sources[1:])


def back(of: Integration) -> Integration:
    return replace(of, csm=SENT_BACK)


@pytest.mark.parametrize(
    ("of", "on_business", "on_team"),
    [
        (LIVE, Blocker.REPLAY_NOT_REQUESTED, Blocker.PLAN_NOT_BUSINESS),
        (ASKED, Blocker.REPLAY_NOT_SENT, Blocker.PLAN_NOT_BUSINESS),
        (unchosen(ASKED), Blocker.REPLAY_NOT_REQUESTED, Blocker.PLAN_NOT_BUSINESS),
        (unchosen(SENT), Blocker.REPLAY_NOT_RUNNING, Blocker.REPLAY_NOT_RUNNING),
        (back(ASKED), Blocker.REPLAY_REJECTED, Blocker.PLAN_NOT_BUSINESS),
        (back(SENT), Blocker.REPLAY_REJECTED, Blocker.PLAN_NOT_BUSINESS),
        (live_only(LIVE), None, None),
        (live_only(ASKED), None, None),
        (live_only(back(ASKED)), None, None),
        (SENT, Blocker.REPLAY_NOT_RUNNING, Blocker.REPLAY_NOT_RUNNING),
        (replace(SENT, replay_running=ADA),) + (Blocker.REPLAY_NOT_FINISHED,) * 2,
        (live_only(SENT), None, None),
        (after_one(ASKED), Blocker.REPLAY_NOT_SENT, None),
        (after_one(back(ASKED)), Blocker.REPLAY_REJECTED, None),
        (after_one(unchosen(ASKED)), None, None),
        (after_one(unchosen(back(ASKED))), None, None),
        (after_one(unchosen(back(SENT))), None, None),
        (after_one(unchosen(SENT)), Blocker.REPLAY_NOT_RUNNING, Blocker.REPLAY_NOT_RUNNING),
        (after_one(SENT), Blocker.REPLAY_NOT_RUNNING, Blocker.REPLAY_NOT_RUNNING),
        (after_one(replace(SENT, replay_running=ADA, replay_finished=ADA)), None, None),
    ],
)
def test_what_keeps_the_history_back(
    of: Integration, on_business: Blocker | None, on_team: Blocker | None
) -> None:
    found = (historic_sync_blocker(replace(of, plan=plan)) for plan in (Plan.BUSINESS, Plan.TEAM))
    assert [each and each.blocker for each in found] == [on_business, on_team]


@pytest.mark.parametrize(
    ("of", "on_team"),
    [(LIVE, True), (ASKED, True), (back(SENT), True), (SENT, True), (live_only(SENT), False)],
)
def test_where_the_plan_lacks_a_replay_it_may_end_with_live_data_only(
    of: Integration, *, on_team: bool
) -> None:
    seen = Observed(statuses=delivering(LIVE))
    assert lacks_plan(Situation(replace(of, plan=Plan.TEAM), seen, NOW)) is on_team
    assert not lacks_plan(Situation(of, seen, NOW))


def test_what_ended_without_history_is_not_sent_back() -> None:
    assert Rejectable.REPLAY in rejectable(ASKED)
    assert Rejectable.REPLAY not in rejectable(live_only(ASKED))
    assert Rejectable.REPLAY not in rejectable(after_one(unchosen(ASKED)))


def test_a_request_that_lacks_the_plan_leads_to_a_place_where_it_can_be_changed() -> None:
    seen = Observed(statuses=delivering(LIVE))
    places = (
        (back(ASKED), Screen.UPGRADE),
        (after_one(LIVE), Screen.PLAN),
        (live_only(LIVE), Screen.RECEIPT),
    )
    for of, screen in places:
        assert screen_before_request(Situation(replace(of, plan=Plan.TEAM), seen, NOW)) is screen


def test_an_upgrade_keeps_the_history_that_has_come() -> None:
    done = replace(after_one(LIVE), plan=Plan.TEAM)
    assert (
        upgrade(Situation(done, Observed(), NOW), NOW.date(), ADA).integration.outcome
        is Outcome.WITH_HISTORY
    )
    only = replace(live_only(LIVE), plan=Plan.TEAM)
    assert upgrade(Situation(only, Observed(), NOW), NOW.date(), ADA).integration.outcome is None
