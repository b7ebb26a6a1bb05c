"""How a check treats answers that Segment should not give."""

import secrets
from dataclasses import replace

import pytest
from pydantic import SecretStr

from flows.checks.examine import Examiner
from flows.checks.question import (
    NOTHING_TYPED,
    CheckKind,
    Observation,
    Question,
    Refused,
    SourceAnswers,
)
from flows.errors import ErrorCode, SegmentUnavailable
from flows.model import Credentials, Integration, Situation, TokenKind, Verification
from flows.vocabulary import Actor, Region, Source, Stamp, Workspace
from tests.support.fakes import FakeStorage
from tests.unit.checks.scripted_segment import FAILURES, ScriptedAccess, ScriptedSegment

ADA = Actor("T1", "T1", "UADA")
QUESTION = Question(CheckKind.LIVE_SYNC, ADA, "int1", 1)
ACME = Workspace("acme", "ws1", "Acme Inc")


async def set_up(storage: FakeStorage, token: SecretStr) -> Situation:
    now = storage.clock.now()
    integration = Integration("int1", "T1", "T1", Stamp("UADA", now), region=Region.US)
    credentials = Credentials(
        TokenKind.PUBLIC_API, Verification.VERIFIED, ACME, Region.US, Stamp("UADA", now)
    )
    sources = (Source("src1", "web"),)
    integration = replace(integration, sources=sources, credentials=credentials)
    async with storage("T1") as work:
        await work.integrations.add(integration)
        await work.vault.put("int1", token)
        observed = await work.observations.of("int1")
        await work.commit()
    return Situation(integration, observed, now)


async def asked(segment: ScriptedSegment) -> Observation | Refused:
    """Checks live sync for one source with the stored token."""
    storage = FakeStorage()
    storage.install("T1")
    situation = await set_up(storage, SecretStr(secrets.token_hex(32)))
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


# --- a colleague replaces the token meanwhile -----------------------------------------------------

SOURCES = SourceAnswers((), pasted="src2")
KINDS = {
    CheckKind.LIVE_SYNC: NOTHING_TYPED,
    CheckKind.SOURCES: replace(NOTHING_TYPED, sources=SOURCES),
    CheckKind.WRITE_KEY: NOTHING_TYPED,
}


class Replacing(ScriptedSegment):
    """Refuses the old token. As soon as it is asked, the new one has been stored."""

    def __init__(self, storage: FakeStorage, old: SecretStr, new: SecretStr) -> None:
        super().__init__(sources=[], source="404", workspace=ACME, write_key=True)
        self.storage, self.old, self.new = storage, old, new
        self.asked_with: list[SecretStr] = []

    def access(self, token: SecretStr, region: Region) -> ScriptedAccess:
        self.asked_with.append(token)
        if token == self.old:
            self.storage.tables.vault["T1", "int1"] = self.new
            answers = {"workspace": self.answers["workspace"]}
            return ScriptedAccess(ScriptedSegment(**answers), token, region)
        return ScriptedAccess(self, token, region)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("old_is", ["revoked", "lacking a right"])
async def test_an_answer_to_the_old_token_says_nothing_of_the_new_one(
    kind: CheckKind, old_is: str
) -> None:
    storage = FakeStorage()
    storage.install("T1")
    old, new = SecretStr(secrets.token_hex(32)), SecretStr(secrets.token_hex(32))
    segment = Replacing(storage, old, new)
    if old_is == "revoked":
        segment.answers["workspace"] = "401"
    situation = await set_up(storage, old)
    question = replace(
        QUESTION, kind=kind, typed=KINDS[kind], secret=SecretStr(secrets.token_hex(16))
    )
    answer = await Examiner(storage, segment).answer(question, situation)
    codes = [error.code for error in answer.errors] if isinstance(answer, Refused) else []
    assert not {ErrorCode.TOKEN_REFUSED, ErrorCode.TOKEN_LACKS_CALL} & set(codes)
    assert segment.asked_with[-1] == new


async def test_a_token_that_is_replaced_on_and_on_is_left_to_a_later_check() -> None:
    storage = FakeStorage()
    storage.install("T1")

    class Restless(ScriptedSegment):
        def access(self, token: SecretStr, region: Region) -> ScriptedAccess:
            storage.tables.vault["T1", "int1"] = SecretStr(secrets.token_hex(32))
            return super().access(token, region)

    situation = await set_up(storage, SecretStr(secrets.token_hex(32)))
    with pytest.raises(SegmentUnavailable):
        await Examiner(storage, Restless(sources=[])).answer(QUESTION, situation)
