"""Live checks against Segment: inside the acknowledgement while they are quick, else behind it.

A check that outlives its deadline is not started again: the running one is handed over. What it
needs is stored (its secret sealed) together with a job that takes over if this process dies or
Segment cannot answer, so nothing that was typed is lost.
"""

import asyncio
from dataclasses import replace
from datetime import timedelta

from flows.concluding import Concluder
from flows.diagnosis import Refused
from flows.errors import ErrorCode, FieldError, SegmentError, SegmentUnavailable
from flows.examining import FIELD_OF, Answer, Examiner, Question
from flows.model import Actor, Situation, SourceStatus
from flows.ports import Ids
from flows.recording import Recorder
from flows.records import Job, JobKind, PendingCheck
from flows.results import Result, ShowProgress

MAX_RUN = 25.0  # seconds that one examination may take in the background
TAKE_OVER_AFTER = MAX_RUN + 10.0  # then the job assumes that the process died
BACKOFF = (15.0, 60.0, 300.0, 900.0, 1800.0, 3600.0, 3600.0)  # then it is given up and said so
LIFETIME = timedelta(hours=12)  # of a stored check and its sealed secret


class Checking:
    """Runs checks. `deadline` is in seconds: what an acknowledgement can afford to wait."""

    def __init__(
        self,
        recorder: Recorder,
        examiner: Examiner,
        concluder: Concluder,
        ids: Ids,
        deadline: float,
    ) -> None:
        self._recorder = recorder
        self._examiner = examiner
        self._concluder = concluder
        self._ids = ids
        self._deadline = deadline
        self._handed_over: set[asyncio.Task[None]] = set()

    async def run(self, question: Question, situation: Situation) -> Result:
        """Asks within the deadline; past it, or when Segment cannot answer, goes on behind."""
        task = asyncio.create_task(self._examiner.answer(question, situation))
        await asyncio.wait({task}, timeout=self._deadline)
        if not task.done():
            return await self._hand_over(question, situation, task)
        try:
            answer = task.result()
        except SegmentUnavailable as error:
            check = await self._store(question, max(BACKOFF[0], error.retry_after or 0.0))
            return ShowProgress(question.kind, check.id, situation, retrying=True)
        return await self._concluder.conclude(question, answer)

    async def _hand_over(
        self, question: Question, situation: Situation, running: "asyncio.Task[Answer]"
    ) -> Result:
        check = await self._store(question, TAKE_OVER_AFTER)
        task = asyncio.create_task(self._finish(check, question, running))
        self._handed_over.add(task)
        task.add_done_callback(self._handed_over.discard)
        return ShowProgress(question.kind, check.id, situation)

    async def _store(self, question: Question, delay: float) -> PendingCheck:
        recorder = self._recorder
        check = PendingCheck(
            id=self._ids("chk"),
            integration_id=question.integration_id,
            kind=question.kind,
            user_id=question.actor.user_id,
            revision=question.revision,
            answers=question.answers,
            expires_at=recorder.clock.now() + LIFETIME,
        )
        async with recorder.uow(question.actor.tenant_id) as work:
            await work.checks.add(check, question.secret)
            await work.enqueue(_job(check, question.actor.tenant_id, 0, delay))
            await work.commit()
        return check

    async def _finish(
        self, check: PendingCheck, question: Question, running: "asyncio.Task[Answer]"
    ) -> None:
        """Waits for the check that was already running; what fails here is left to the job."""
        try:
            answer = await asyncio.wait_for(running, MAX_RUN)
        except (SegmentUnavailable, TimeoutError):
            return
        await self._concluder.conclude(question, answer, check)

    async def stop(self, grace: float) -> None:
        """Gives the handed-over checks this many seconds; their jobs take over the rest."""
        if self._handed_over:
            await asyncio.wait(self._handed_over, timeout=grace)
        for task in tuple(self._handed_over):
            task.cancel()

    async def resume(self, tenant_id: str, check_id: str) -> None:
        """Runs a stored check again; nothing happens when somebody finished it."""
        async with self._recorder.uow(tenant_id, write=False) as work:
            stored = await work.checks.get(check_id)
            if stored is None:
                return
            check, secret = stored
            situation = await self._recorder.load(work, check.integration_id)
        actor = Actor(tenant_id, situation.integration.team_id, check.user_id)
        question = Question(
            check.kind, actor, check.integration_id, check.revision, check.answers, secret
        )
        try:
            async with asyncio.timeout(MAX_RUN):
                answer = await self._examiner.answer(question, situation)
        except (SegmentUnavailable, TimeoutError):
            await self._again_later(question, check)
            return
        await self._concluder.conclude(question, answer, check)

    async def _again_later(self, question: Question, check: PendingCheck) -> None:
        attempt = check.attempts + 1
        expired = check.expires_at <= self._recorder.clock.now()
        if attempt >= len(BACKOFF) or expired:
            error = FieldError(FIELD_OF[check.kind], ErrorCode.SEGMENT_UNAVAILABLE)
            await self._concluder.conclude(question, Refused((error,)), check)
            return
        async with self._recorder.uow(question.actor.tenant_id) as work:
            await work.checks.count_attempt(check.id)
            await work.enqueue(_job(check, question.actor.tenant_id, attempt, BACKOFF[attempt]))
            await work.commit()

    async def poll(self, tenant_id: str, integration_id: str) -> None:
        """One look at Segment for one integration, on nobody's behalf."""
        async with self._recorder.uow(tenant_id, write=False) as work:
            situation = await self._recorder.load(work, integration_id)
            token = await work.vault.get(integration_id)
        statuses: tuple[SourceStatus, ...] = ()
        if token and situation.integration.sources:
            try:
                async with asyncio.timeout(MAX_RUN):
                    statuses = await self._examiner.observe(token, situation)
            except (SegmentError, TimeoutError):
                statuses = ()  # a look that brought nothing; the next one is due later
        async with self._recorder.uow(tenant_id) as work:
            situation = await self._recorder.load(work, integration_id)
            if statuses and not situation.integration.disconnected:
                await self._concluder.look(work, situation, statuses, None)
            else:
                await work.observations.put_looked(integration_id, situation.now)
                observed = replace(situation.observed, looked_at=situation.now)
                await self._recorder.refresh(work, replace(situation, observed=observed))
            await work.commit()


def _job(check: PendingCheck, tenant_id: str, attempt: int, delay: float) -> Job:
    key = f"check:{check.id}:{attempt}"
    return Job(JobKind.CHECK, tenant_id, check.id, key=key, delay=delay)
