"""What a CSM sends back stands until it is corrected, each kind by itself."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.csm.facts import CsmFacts, Rejectable, Rejection
from flows.csm.steps import reject, rejectable
from flows.replay.steps import Mark, mark_replay, request_replay
from flows.setup.steps import choose_sources
from storage.documents import INTEGRATION, to_text
from tests.unit.views.message_cases import ADA, MIRA, at, integration, request

SOURCES, REPLAY = Rejectable.SOURCES, Rejectable.REPLAY
LIVE = replace(integration(), live_started=ADA)


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
            assert csm.rejection_of(each) == (rejection(each) if each in expected else None)


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
