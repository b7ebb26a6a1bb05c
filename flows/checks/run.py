"""Live checks against Segment: within the acknowledgement if they are quick, else behind it.

A check that outlives its deadline is not restarted; the running one continues. Its data is
stored, with the secret sealed, together with a job. The job takes over if this process dies or
Segment cannot answer, so nothing that was typed is lost.
"""

import asyncio
import math
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from flows.checks.conclude import Concluder
from flows.checks.examine import Examiner
from flows.checks.limits import USUAL_LIMITS, TooSoon, TryLimits
from flows.checks.question import Answer, CheckKind, PendingCheck, Question, Refused
from flows.checks.shown import ShownCheck, WaitingModal
from flows.errors import (
    ErrorCode,
    Field,
    FieldError,
    NotFound,
    RevisionConflict,
    SecretLost,
    SegmentLimited,
    SegmentUnavailable,
    StorageUnavailable,
)
from flows.model import Situation
from flows.outbox.jobs import Job, JobKind
from flows.ports import PRESSED_AT, Ids
from flows.recording import Recorder
from flows.setup.results import Result, ShowProgress, ShowStep
from flows.vocabulary import Actor

SPREAD = 0.2  # how much later than Segment asked a check may come, as a share of its wait
CHECK_LIFETIME = timedelta(hours=12)  # of a stored check and its sealed secret


@dataclass(frozen=True, slots=True)
class CheckPolicy:
    """How long a check may take and how it is retried. All values are real seconds.

    `deadline` is how long an acknowledgement can wait, `longest` how long one examination may
    take behind it. After `take_over`, a job assumes that the process has died. `backoff` holds
    the pauses before further tries where Segment names none; after the last, the check is given up
    and the person told. A limit is never the reason to give up, nor a key that is missing here.
    `grace` is for checks that are running when the process stops. `redraw` is the pause between
    two drawings of the waiting modal. `tries` limits how often credentials may be entered.
    """

    deadline: float = 2.0
    longest: float = 25.0
    take_over: float = 35.0
    grace: float = 5.0
    redraw: float = 1.0
    backoff: tuple[float, ...] = (15.0, 60.0, 300.0, 900.0, 1800.0, 3600.0, 3600.0)
    tries: TryLimits = USUAL_LIMITS


USUAL_POLICY = CheckPolicy()
BEFORE = 0.5  # seconds of an acknowledgement that are not the check's; if more, the check has less
HAND_OVER = 1.0  # seconds to tell the database at the end


Unanswered = SegmentUnavailable | SecretLost | TimeoutError  # why a check has no answer yet
_WAITS = (SegmentLimited, SecretLost)  # never the reason to give up before a check expires

Count = Callable[[str, str], None]  # the kind of a check and how it ended


def uncounted(kind: str, outcome: str) -> None:
    """Counts nothing, where nobody reads figures."""


class Checking:
    """Runs checks. `modal` shows the progress of a check that continues behind it."""

    def __init__(
        self,
        recorder: Recorder,
        examiner: Examiner,
        concluder: Concluder,
        ids: Ids,
        modal: WaitingModal,
        policy: CheckPolicy,
        count: Count = uncounted,
    ) -> None:
        self._recorder = recorder
        self._examiner = examiner
        self._concluder = concluder
        self._ids = ids
        self._modal = modal
        self._policy = policy
        self._count = count
        self._behind: dict[asyncio.Task[None], Job] = {}  # each with what would take it over

    async def run(self, question: Question, situation: Situation) -> Result:
        """Asks within the deadline. After it, or if Segment cannot answer, continues behind.

        Credentials that come too often are not asked about, and count as no failed try.
        """
        if question.secret and (soon := await self._begin(question)):
            params = {"wait": str(math.ceil(soon.wait))}
            error = FieldError(question.kind.field, soon.code, params)
            return ShowStep(question.kind.screen, situation, errors=(error,))
        shown = ShownCheck(self._modal, question, situation, self._policy.redraw)
        task = asyncio.create_task(self._examiner.answer(question, situation, shown.report))
        task.add_done_callback(partial(self._note_end, question.kind))
        try:
            await asyncio.wait({task}, timeout=self._patience())
            if not task.done():
                return await self._continue_behind(shown, task)
        except BaseException:
            task.cancel()  # nobody would hear its answer
            raise
        try:
            answer = task.result()
        except (SegmentUnavailable, SecretLost) as error:
            check = await self._store(question, self._pause(error, 1), running=False)
            return ShowProgress(question.kind, check.id, situation, retrying=True)
        result = await self._concluder.conclude(question, answer)
        if isinstance(result, ShowStep):  # the screen that follows is theirs, too
            seen = replace(result.situation, time_zone=situation.time_zone)
            result = replace(result, situation=seen)
        return result

    def _patience(self) -> float:
        """How long the person can still wait, in seconds."""
        pressed_at, deadline = PRESSED_AT.get(), self._policy.deadline
        if pressed_at is None:
            return deadline
        left = pressed_at + BEFORE + deadline - asyncio.get_running_loop().time()
        return max(0.0, min(deadline, left))

    async def _begin(self, question: Question) -> TooSoon | None:
        policy, who = self._policy, question.actor
        async with self._recorder.uow(who.tenant_id) as work:
            lease = policy.deadline + policy.longest
            soon = await work.tries.begin(who, question.integration_id, policy.tries, lease)
            await work.commit()
        return soon

    def _note_end(self, kind: CheckKind, ended: "asyncio.Task[Answer]") -> None:
        """Counts it under a word for the figures. Faults of our own are reported elsewhere."""
        error = None if ended.cancelled() else ended.exception()
        if isinstance(error, SegmentUnavailable | SecretLost):
            outcome = "unavailable"
        elif ended.cancelled() or error:
            outcome = "stopped"
        else:
            outcome = "refused" if isinstance(ended.result(), Refused) else "answered"
        self._count(kind.value, outcome)

    async def _continue_behind(self, shown: ShownCheck, running: "asyncio.Task[Answer]") -> Result:
        check = await self._store(shown.question, self._policy.take_over, running=True)
        progress = shown.progress(check.id)
        task = asyncio.create_task(self._finish(check, shown, running))
        self._behind[task] = _job(check, shown.question.actor.tenant_id, 0, 0.0)
        task.add_done_callback(self._behind.pop)
        return progress

    async def _store(self, question: Question, delay: float, *, running: bool) -> PendingCheck:
        recorder = self._recorder
        check = PendingCheck(
            id=question.page or self._ids("chk"),
            integration_id=question.integration_id,
            kind=question.kind,
            user_id=question.actor.user_id,
            revision=question.revision,
            typed=question.typed,
            expires_at=recorder.clock.now() + CHECK_LIFETIME,
        )
        async with recorder.uow(question.actor.tenant_id) as work:
            if question.page:
                await work.entry_links.use(question.page, recorder.clock.now())
            await work.checks.add(check, question.secret)
            if question.secret and not running:
                await work.tries.end(question.integration_id)
            await work.enqueue(_job(check, question.actor.tenant_id, 0, delay))
            await work.commit()
        return check

    async def _finish(
        self, check: PendingCheck, shown: ShownCheck, running: "asyncio.Task[Answer]"
    ) -> None:
        """Finishes a check in the background. If our storage fails, the stored job redoes it."""
        PRESSED_AT.set(None)  # the press has been acknowledged
        try:
            await self._follow(check, shown, running)
        except (StorageUnavailable, RevisionConflict, NotFound):  # the last if the app has left
            return

    async def _follow(
        self, check: PendingCheck, shown: ShownCheck, running: "asyncio.Task[Answer]"
    ) -> None:
        """Shows a stored check's progress until it ends, then stores what follows."""
        try:
            async with shown.drawn(check.id):
                answer = await asyncio.wait_for(running, self._policy.longest)
        except (SegmentUnavailable, SecretLost, TimeoutError) as error:
            await self._again_later(shown.question, check, error)
            await shown.show_retrying(check.id)
            return
        await self._concluder.conclude(shown.question, answer, check)

    async def stop(self) -> None:
        """Gives running checks a moment to finish. Other processes take over the rest at once, or
        after `take_over` if they cannot be told.
        """
        if self._behind:
            await asyncio.wait(self._behind, timeout=self._policy.grace)
        left = dict(self._behind)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        with suppress(StorageUnavailable, TimeoutError):
            async with asyncio.timeout(HAND_OVER):
                for job in left.values():
                    await self._hand_over(job)

    async def _hand_over(self, job: Job) -> None:
        """Not that of a customer who has left meanwhile, who keeps nobody else's back."""
        with suppress(NotFound):
            async with self._recorder.uow(job.tenant_id) as work:
                await work.enqueue(job)
                await work.commit()

    async def resume(self, tenant_id: str, subject: str) -> None:
        """Runs a stored check again: `<check>:<attempt>`, or `<check>` alone for any attempt.

        Does nothing if the check is finished or a later attempt has followed.
        """
        check_id, _, attempt = subject.partition(":")
        async with self._recorder.uow(tenant_id, write=False) as work:
            stored = await work.checks.get(check_id)
            if stored is None or attempt not in ("", str(stored[0].attempts)):
                return
            check, secret = stored
            if check.is_held:  # for long enough
                await self._drop(tenant_id, check)
                return
            situation = await self._recorder.load(work, check.integration_id)
        actor = Actor(tenant_id, situation.integration.team_id, check.user_id)
        question = Question(
            check.kind, actor, check.integration_id, check.revision, check.typed, secret
        )
        if secret is not None and not secret:
            await self._again_later(question, check, SecretLost(check.id))
            return
        shown = ShownCheck(self._modal, question, situation, self._policy.redraw)
        task = asyncio.create_task(self._examiner.answer(question, situation, shown.report))
        task.add_done_callback(partial(self._note_end, question.kind))
        await self._follow(check, shown, task)

    async def _drop(self, tenant_id: str, check: PendingCheck) -> None:
        """Deletes a token that nobody wanted to use."""
        async with self._recorder.uow(tenant_id) as work:
            await work.checks.delete(check.id)
            await work.commit()

    async def _again_later(
        self, question: Question, check: PendingCheck, error: Unanswered
    ) -> None:
        attempt = check.attempts + 1
        expired = check.expires_at <= self._recorder.clock.now()
        used_up = attempt > len(self._policy.backoff) and not isinstance(error, _WAITS)
        if used_up or expired:
            given_up = _given_up(question, error)
            await self._concluder.conclude(question, Refused((given_up,)), check)
            return
        delay = self._pause(error, attempt)
        async with self._recorder.uow(question.actor.tenant_id) as work:
            await work.checks.count_attempt(check.id)
            if question.secret:
                await work.tries.end(question.integration_id)
            await work.enqueue(_job(check, question.actor.tenant_id, attempt, delay))
            await work.commit()

    def _pause(self, error: Unanswered, attempt: int) -> float:
        """Seconds until the next attempt: the moment that Segment names, else ever longer.

        Spread out, since all who were limited together are told the same moment.
        """
        named = error.retry_after if isinstance(error, SegmentUnavailable) else None
        backoff = self._policy.backoff
        if named is None:
            return backoff[min(attempt, len(backoff)) - 1]
        if attempt > len(backoff):
            named = max(named, backoff[0])  # it has named many moments, and none held
        return named + random.uniform(0.0, max(1.0, named * SPREAD))  # noqa: S311 - not a secret


def _given_up(question: Question, error: Unanswered) -> FieldError:
    """At the field whose secret no key opened: the one under check, or else the stored token."""
    field = question.kind.field
    if not isinstance(error, SecretLost):
        return FieldError(field, ErrorCode.SEGMENT_UNAVAILABLE)
    of_it = question.secret is not None and not question.secret
    return FieldError(field if of_it else Field.TOKEN, ErrorCode.SECRET_LOST)


def _job(check: PendingCheck, tenant_id: str, attempt: int, delay: float) -> Job:
    return Job(JobKind.CHECK, tenant_id, f"{check.id}:{attempt}", delay=delay)
