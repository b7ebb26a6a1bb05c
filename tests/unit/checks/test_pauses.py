"""When a check is tried again: at the moment that Segment names, else ever later."""

from contextlib import suppress

import pytest
from pydantic import SecretStr

from flows.checks.run import CHECK_LIFETIME
from flows.errors import ErrorCode, Field, FieldError, SegmentLimited, SegmentUnavailable
from flows.setup.results import ShowProgress
from tests.unit.checks.scripted_segment import ScriptedSegment
from tests.unit.checks.test_run import GOOD, POLICY, Desk, GatedSegment, done_with
from tests.unit.checks.test_token import TOKEN, examined, write_key_shaped


@pytest.mark.parametrize("answer", ["down", "limited"])
@pytest.mark.parametrize(
    ("asked_for", "least", "most"),
    [(None, 1.0, 1.0), (0.2, 0.2, 1.2), (3.0, 3.0, 4.0), (40.0, 40.0, 48.0)],
)
async def test_the_moment_that_segment_names_is_followed_spread_out(
    answer: str, asked_for: float | None, least: float, most: float
) -> None:
    answers = {**GOOD, "workspace": answer, "workspace_at_eu": answer, "config": answer}
    desks = [Desk(GatedSegment(**answers)) for _ in range(8)]
    for desk in desks:
        desk.segment.retry_after = asked_for
        desk.segment.workspace_gate.set()
        result = await desk.submit()
        assert isinstance(result, ShowProgress)
        assert result.retrying
        await desk.checking.resume("T1", desk.newest_job)
    delays = [delay for desk in desks for delay in desk.delays]
    assert len(delays) == 16
    assert all(least <= delay <= most for delay in delays)
    assert asked_for is None or len(set(delays)) > 8, "not all at one moment"


async def test_a_check_is_never_given_up_for_a_limit_before_it_expires() -> None:
    desk = Desk(GatedSegment(**{**GOOD, "workspace": "limited", "workspace_at_eu": "limited"}))
    desk.segment.retry_after = 0.2
    desk.segment.workspace_gate.set()
    await desk.submit()
    for _ in range(12):
        await desk.checking.resume("T1", desk.newest_job)
    assert desk.checks == 1
    assert all(delay >= 1.0 for delay in desk.delays[len(POLICY.backoff) + 1 :])
    desk.storage.clock.advance(CHECK_LIFETIME)
    await desk.checking.resume("T1", desk.newest_job)
    (done,) = done_with(desk.storage)
    assert done.error == FieldError(Field.TOKEN, ErrorCode.SEGMENT_UNAVAILABLE)


@pytest.mark.parametrize("here", ["limited", "401", "down"])
@pytest.mark.parametrize("there", ["limited", "401"])
@pytest.mark.parametrize("token", [TOKEN, write_key_shaped()])
async def test_a_limit_in_one_region_makes_us_ask_no_other_host(
    here: str, there: str, token: SecretStr
) -> None:
    segment = ScriptedSegment(workspace=here, workspace_at_eu=there, config="404", write_key=True)
    if "limited" not in (here, there):
        await examined_or_raised(segment, token)
        assert "config" in segment.asked
        return
    with pytest.raises(SegmentLimited):
        await examined(segment, token)
    assert sorted(segment.asked) == ["workspace", "workspace@eu"]


async def examined_or_raised(segment: ScriptedSegment, token: SecretStr) -> None:
    with suppress(SegmentUnavailable):
        await examined(segment, token)
