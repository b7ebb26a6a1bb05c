"""The optional step after live sync, in which Toplyne writes scores back to Segment."""

from flows.checks.question import CheckKind, Question, Typed
from flows.checks.run import Checking
from flows.checks.write_key import check_write_key_text
from flows.model import Screen, Situation
from flows.recording import Change, Recorder
from flows.setup.results import Result, ShowStep
from flows.setup.steps import skip_write_back
from flows.setup.submission import NotYet, Ref, Submitting, current, stale
from flows.vocabulary import Actor


class WritingBack:
    """Use cases of the optional step, offered once live sync has started. Nothing waits for it."""

    def __init__(self, recorder: Recorder, submitting: Submitting, checking: Checking) -> None:
        self._recorder = recorder
        self._submitting = submitting
        self._checking = checking

    async def submit(
        self, actor: Actor, ref: Ref, raw: str, *, for_toplyne: bool = False
    ) -> Result:
        """Checks a write key live. An empty `raw` keeps the stored key.

        `for_toplyne`: the screen said that Toplyne gets the key too.
        """
        situation = await self._submitting.situation(actor, Screen.WRITE_BACK, ref)
        integration = situation.integration
        if old := stale(situation, Screen.WRITE_BACK, ref, actor):
            return old
        if integration.live_started is None:
            return current(situation)
        if not raw.strip() and integration.write_back.entered:
            return current(situation)
        key, mistake = check_write_key_text(raw)
        if mistake:
            return await self._submitting.refuse(actor, ref, Screen.WRITE_BACK, mistake.errors)
        typed = Typed(for_toplyne=for_toplyne)
        question = Question(
            CheckKind.WRITE_KEY, actor, integration.id, ref.revision, typed, key, ref.page
        )
        return await self._checking.run(question, situation)

    async def skip(self, actor: Actor, ref: Ref) -> ShowStep:
        """Notes that nobody wants the step for now."""

        def decide(situation: Situation) -> Change:
            if situation.integration.live_started is None:
                raise NotYet
            return skip_write_back(situation.integration, self._recorder.stamp(actor))

        return await self._submitting.change(actor, ref, Screen.WRITE_BACK, decide)
