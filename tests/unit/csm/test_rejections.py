"""What a CSM sends back stands until it is corrected, each kind by itself."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.checks.question import TokenAccepted
from flows.csm.facts import CsmFacts, Rejectable, Rejection
from flows.csm.marks import confirm_replay, replay_marks
from flows.csm.steps import confirm_arrival, reject, rejectable
from flows.model import Integration, TokenKind, Verification
from flows.recording import Change
from flows.replay.events import Completed
from flows.replay.steps import Mark, mark_replay, request_replay, schedule_replay
from flows.setup.blockers import Blocker
from flows.setup.leaving import in_workspace
from flows.setup.replays import is_rejected, rejection_of
from flows.setup.steps import accept_token, choose_sources, say_connected
from flows.vocabulary import Plan, Region, Workspace
from storage.documents import INTEGRATION, to_text
from tests.unit.views.message_cases import ADA, MIRA, at, delivering, integration, request

SOURCES, REPLAY, ARRIVAL = Rejectable.SOURCES, Rejectable.REPLAY, Rejectable.ARRIVAL
LIVE = replace(integration(), live_started=ADA)


CORRECTED: dict[Rejectable, Callable[[Integration], Integration]] = {
    Rejectable.CREDENTIALS: lambda of: accept_token(of, ACCEPTED, ADA).integration,
    Rejectable.SOURCES: lambda of: choose_sources(of, of.sources, ADA).integration,
    Rejectable.REPLAY: lambda of: request_replay(of, replace(request(of), number=3)).integration,
}
ACCEPTED = TokenAccepted(
    TokenKind.PUBLIC_API, Verification.VERIFIED, Workspace("acme-inc", "w" * 22, "Acme"), Region.US
)


def rejection(what: Rejectable) -> Rejection:
    return Rejection(what, f"because of {what}", MIRA)


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(Rejectable))))
def test_one_of_each_kind_stands_and_the_newest_is_first(
    acts: list[tuple[bool, Rejectable]],
) -> None:
    csm, expected = CsmFacts(), list[Rejectable]()
    for is_sent_back, what in acts:
        expected = [each for each in expected if each is not what]
        if is_sent_back:
            expected.insert(0, what)
        csm = csm.with_rejection(rejection(what)) if is_sent_back else csm.without_rejection(what)
        assert [each.what for each in csm.rejections] == expected
        assert (csm.rejection is None) == (expected == [])
        for each in Rejectable:
            of = replace(LIVE, csm=csm)
            if each is not Rejectable.CREDENTIALS:  # kept with what was entered
                assert rejection_of(of, each) == (rejection(each) if each in expected else None)


@pytest.mark.parametrize("what", CORRECTED)
def test_whatever_is_rejected_is_known_to_be_until_it_is_corrected(what: Rejectable) -> None:
    before = replace(LIVE, replay=request(LIVE))
    back = reject(before, what, "because", MIRA).integration
    assert rejection_of(back, what) == Rejection(what, "because", MIRA)
    assert [each for each in Rejectable if is_rejected(back, each)] == [what]
    assert what not in rejectable(back)
    assert reject(back, what, "again", MIRA) == Change(back)
    assert not is_rejected(CORRECTED[what](back), what)


CONNECTED = replace(
    LIVE, plan=Plan.FREE, live_started=None, sources=(), says_connected=ADA, outcome=None
)


def test_that_no_data_arrives_stands_until_either_side_says_otherwise() -> None:
    back = reject(confirm_arrival(CONNECTED, MIRA).integration, ARRIVAL, "none", MIRA).integration
    assert rejection_of(back, ARRIVAL) == Rejection(ARRIVAL, "none", MIRA)
    for corrected in (say_connected(back, ADA), confirm_arrival(back, MIRA)):
        assert not is_rejected(corrected.integration, ARRIVAL)


@pytest.mark.parametrize(("first", "second"), [(REPLAY, SOURCES), (SOURCES, REPLAY)])
def test_each_rejection_waits_for_its_own_correction(first: Rejectable, second: Rejectable) -> None:
    asked = replace(LIVE, replay=request(LIVE))
    both = mark_replay(at(asked), Mark.FINISHED, ADA).integration
    for what in (first, second):
        both = reject(both, what, "no", MIRA).integration
    assert rejectable(both) == (Rejectable.CREDENTIALS,)
    assert both.outcome is None
    chosen = choose_sources(both, both.sources, ADA).integration
    assert [each.what for each in chosen.csm.rejections] == [REPLAY]
    again = request_replay(both, replace(request(both), number=3)).integration
    assert [each.what for each in again.csm.rejections] == [SOURCES]


def test_a_rejection_that_an_earlier_version_stored_still_stands() -> None:
    csm = CsmFacts().with_rejection(rejection(SOURCES)).with_rejection(rejection(REPLAY))
    stored = to_text(INTEGRATION, replace(LIVE, csm=csm))
    assert INTEGRATION.validate_json(stored).csm == csm
    document = json.loads(stored)
    del document["csm"]["rejected_too"]
    earlier = INTEGRATION.validate_json(json.dumps(document)).csm
    assert earlier.rejections == (rejection(REPLAY),)


def test_nothing_is_reported_of_a_request_that_was_sent_back() -> None:
    sent = replace(LIVE, replay=request(LIVE), replay_sent=ADA)
    back = reject(sent, REPLAY, "no", MIRA).integration
    assert replay_marks(sent)
    assert replay_marks(back) == ()
    reports = [mark_replay(at(back), mark, ADA) for mark in Mark]
    reports += [confirm_replay(at(back), MIRA), schedule_replay(back, None, "4711", MIRA)]
    for change in reports:
        assert (change.integration, change.events) == (back, ())


def test_an_end_says_what_is_still_sent_back() -> None:
    asked = replace(LIVE, replay=request(LIVE))
    back = at(reject(asked, SOURCES, "no", MIRA).integration, delivering(LIVE))
    ended = mark_replay(back, Mark.FINISHED, ADA)
    (completed,) = (event for event in ended.events if isinstance(event, Completed))
    blocked = [end.blocked.blocker for end in completed.ends if end.blocked]
    assert blocked == [Blocker.SOURCES_REJECTED]


@pytest.mark.parametrize(("slug", "left"), [("acme-inc", (REPLAY,)), ("beacon", ())])
def test_the_reasons_of_another_workspace_are_over(slug: str, left: tuple[Rejectable, ...]) -> None:
    of = reject(replace(LIVE, replay=request(LIVE)), REPLAY, "no", MIRA).integration
    of = reject(of, Rejectable.CREDENTIALS, "not yours", MIRA).integration
    entered = in_workspace(of, Workspace(slug=slug, id="", name=slug))
    assert tuple(each.what for each in entered.csm.rejections) == left
