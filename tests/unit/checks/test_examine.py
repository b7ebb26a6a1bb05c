"""How a check treats answers that Segment should not give."""

import secrets
from dataclasses import replace

import pytest
from pydantic import SecretStr

from flows.checks.examine import Examiner
from flows.checks.question import CheckKind, Observation, Question, Refused
from flows.errors import ErrorCode, SegmentUnavailable
from flows.model import Integration, Situation
from flows.vocabulary import Actor, Region, Source, Stamp, Workspace
from tests.support.fakes import FakeStorage
from tests.unit.checks.scripted_segment import FAILURES, ScriptedSegment

ADA = Actor("T1", "T1", "UADA")
QUESTION = Question(CheckKind.LIVE_SYNC, ADA, "int1", 1)
ACME = Workspace("acme", "ws1", "Acme Inc")


async def asked(segment: ScriptedSegment) -> Observation | Refused:
    """Checks live sync for one source with the stored token."""
    storage = FakeStorage()
    storage.install("T1")
    now = storage.clock.now()
    integration = Integration("int1", "T1", "T1", Stamp("UADA", now), region=Region.US)
    integration = replace(integration, sources=(Source("src1", "web"),))
    async with storage("T1") as work:
        await work.integrations.add(integration)
        await work.vault.put("int1", SecretStr(secrets.token_hex(32)))
        observed = await work.observations.of("int1")
        await work.commit()
    situation = Situation(integration, observed, now)
    answer = await Examiner(storage, segment).answer(QUESTION, situation)
    assert isinstance(answer, Observation | Refused)
    return answer


@pytest.mark.parametrize("kind", FAILURES)
async def test_a_refused_call_and_whether_the_token_opens_its_workspace(kind: str) -> None:
    segment = ScriptedSegment(sources="403", workspace=kind)
    if kind in ("401", "403"):
        answer = await asked(segment)
        assert isinstance(answer, Refused)
        assert answer.errors[0].code is ErrorCode.TOKEN_REFUSED
        return
    with pytest.raises(SegmentUnavailable):
        await asked(segment)
    segment.answers |= {"workspace": ACME}
    answer = await asked(segment)
    assert isinstance(answer, Refused)
    assert answer.errors[0].code is ErrorCode.TOKEN_LACKS_CALL
