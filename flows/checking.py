"""Live checks against Segment: inside the acknowledgement while they are quick, else behind it.

A check that outlives its deadline is not started again: the running one is handed over. What it
needs is stored (its secret sealed) together with a job that takes over if this process dies or
Segment cannot answer, so nothing that was typed is lost.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from pydantic import SecretStr

from flows.blockers import current_screen
from flows.diagnosis import Refused, TokenAccepted, examine_free, examine_token
from flows.errors import (
    ErrorCode,
    Field,
    FieldError,
    NotFound,
    RevisionConflict,
    SegmentError,
    SegmentRefused,
    SegmentUnavailable,
)
from flows.model import Actor, Catalogue, Plan, Region, Screen, Situation, Source, SourceStatus
from flows.ports import (
    Ids,
    Job,
    JobKind,
    Message,
    MessageKind,
    PendingCheck,
    Segment,
    SegmentSource,
    UnitOfWork,
)
from flows.recording import MAX_CONFLICTS, Recorder
from flows.results import CheckKind, Notice, Result, ShowProgress, ShowStep
from flows.sources import (
    SourceAnswers,
    examine_sources,
    known_sources,
    merge_catalogue,
    observe_sources,
)
from flows.steps import (
    accept_token,
    choose_sources,
    is_stale,
    note_deliveries,
    other_workspace,
    refuse,
)

SCREEN_OF = {
    CheckKind.TOKEN: Screen.CREDENTIALS,
    CheckKind.SOURCES: Screen.SOURCES,
    CheckKind.LIVE_SYNC: Screen.LIVE_SYNC,
}
MAX_RUN = 25.0  # seconds that one examination may take in the background
TAKE_OVER_AFTER = MAX_RUN + 10.0  # then the job assumes that the process died
BACKOFF = (15.0, 60.0, 300.0, 900.0, 1800.0, 3600.0, 3600.0)  # then it is given up and said so
LIFETIME = timedelta(hours=12)  # of a stored check and its sealed secret


@dataclass(frozen=True, slots=True)
class SourcesExamined:
    """Sources that exist, how far they deliver (empty: could not be asked), the list learned."""

    sources: tuple[Source, ...]
    statuses: tuple[SourceStatus, ...]
    found: tuple[SegmentSource, ...] = ()


@dataclass(frozen=True, slots=True)
class Observation:
    statuses: tuple[SourceStatus, ...]


Answer = TokenAccepted | Refused | SourcesExamined | Observation


@dataclass(frozen=True, slots=True)
class Question:
    """One check: what is asked, for whom, from which revision, with which typed answers."""

    kind: CheckKind
    actor: Actor
    integration_id: str
    revision: int
    answers: Mapping[str, str] = field(default_factory=dict)
    secret: SecretStr | None = None


class Checking:
    """Runs checks. `deadline` is in seconds: what an acknowledgement can afford to wait."""

    def __init__(self, recorder: Recorder, segment: Segment, ids: Ids, deadline: float) -> None:
        self._recorder = recorder
        self._segment = segment
        self._ids = ids
        self._deadline = deadline
        self._handed_over: set[asyncio.Task[None]] = set()

    async def run(self, question: Question, situation: Situation) -> Result:
        """Asks within the deadline; past it, or when Segment cannot answer, goes on behind."""
        task = asyncio.create_task(self._examine(question, situation))
        await asyncio.wait({task}, timeout=self._deadline)
        if not task.done():
            return await self._hand_over(question, situation, task)
        try:
            answer = task.result()
        except SegmentUnavailable as error:
            delay = max(BACKOFF[0], error.retry_after or 0.0)
            check = await self._store(question, delay)
            return ShowProgress(question.kind, check.id, situation, retrying=True)
        except SegmentError as error:
            return await self._conclude(question, _refusal(question.kind, error))
        return await self._conclude(question, answer)

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
            surface=question.actor.team_id,
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
        except SegmentError as error:
            answer = _refusal(question.kind, error)
        await self._conclude(question, answer, check)

    async def stop(self, grace: float) -> None:
        """Gives the handed-over checks this many seconds; their jobs take over the rest."""
        if self._handed_over:
            await asyncio.wait(self._handed_over, timeout=grace)
        for task in tuple(self._handed_over):
            task.cancel()

    # --- in the background ----------------------------------------------------------------------

    async def resume(self, tenant_id: str, check_id: str) -> None:
        """Runs a stored check again; nothing happens when somebody finished it."""
        async with self._recorder.uow(tenant_id, write=False) as work:
            stored = await work.checks.get(check_id)
            if stored is None:
                return
            check, secret = stored
            situation = await self._recorder.load(work, check.integration_id)
        actor = Actor(tenant_id, check.surface, check.user_id)
        question = Question(
            check.kind, actor, check.integration_id, check.revision, check.answers, secret
        )
        try:
            async with asyncio.timeout(MAX_RUN):
                answer = await self._examine(question, situation)
        except (SegmentUnavailable, TimeoutError):
            await self._again_later(question, check)
            return
        except SegmentError as error:
            answer = _refusal(check.kind, error)
        await self._conclude(question, answer, check)

    async def _again_later(self, question: Question, check: PendingCheck) -> None:
        attempt = check.attempts + 1
        expired = check.expires_at <= self._recorder.clock.now()
        if attempt >= len(BACKOFF) or expired:
            error = FieldError(_FIELD_OF[check.kind], ErrorCode.SEGMENT_UNAVAILABLE)
            await self._conclude(question, Refused((error,)), check)
            return
        async with self._recorder.uow(question.actor.tenant_id) as work:
            await work.checks.count_attempt(check.id)
            await work.enqueue(_job(check, question.actor.tenant_id, attempt, BACKOFF[attempt]))
            await work.commit()

    # --- asking Segment, with no transaction open -----------------------------------------------

    async def _examine(self, question: Question, situation: Situation) -> Answer:
        match question.kind:
            case CheckKind.TOKEN:
                return await self._examine_token(question, situation)
            case CheckKind.SOURCES:
                return await self._examine_sources(question, situation)
            case CheckKind.LIVE_SYNC:
                return await self._observe(question, situation)

    async def _examine_token(
        self, question: Question, situation: Situation
    ) -> TokenAccepted | Refused:
        integration = situation.integration
        if integration.plan is Plan.FREE:
            slug = question.answers["slug"]
            return await examine_free(self._segment, question.secret, slug)
        if question.secret is None:
            raise ValueError("a token check needs its token")
        answer = await examine_token(
            self._segment,
            question.secret,
            integration.region,
            may_be_elsewhere=integration.plan is Plan.BUSINESS,
            now=situation.now,
        )
        if isinstance(answer, TokenAccepted):
            mistake = other_workspace(integration, answer)
            return Refused((mistake,)) if mistake else answer
        return answer

    async def _examine_sources(
        self, question: Question, situation: Situation
    ) -> SourcesExamined | Refused:
        token, region = await self._stored_token(question, situation)
        answers = sources_from(question.answers)
        known, ask = known_sources(answers, situation.observed.catalogue)
        found: list[SegmentSource] = []
        if ask:
            credentials = situation.integration.credentials
            if credentials is None:
                raise NotFound("credentials")
            found, errors = await examine_sources(
                self._segment, token, region, credentials.workspace, ask
            )
            if errors:
                return Refused(tuple(errors[:1]))
        sources = dict.fromkeys([*known, *(entry.source for entry in found)])
        statuses = await self._statuses(token, region, tuple(sources), situation)
        return SourcesExamined(tuple(sources), statuses, tuple(found))

    async def _statuses(
        self, token: SecretStr, region: Region, sources: tuple[Source, ...], situation: Situation
    ) -> tuple[SourceStatus, ...]:
        try:
            return tuple(
                await observe_sources(
                    self._segment,
                    token,
                    region,
                    sources,
                    situation.observed.statuses,
                    situation.now,
                )
            )
        except SegmentUnavailable:
            return ()  # the choice stands all the same; the poll looks again

    async def _observe(self, question: Question, situation: Situation) -> Observation:
        token, region = await self._stored_token(question, situation)
        statuses = await observe_sources(
            self._segment,
            token,
            region,
            situation.integration.sources,
            situation.observed.statuses,
            situation.now,
        )
        return Observation(tuple(statuses))

    async def _stored_token(
        self, question: Question, situation: Situation
    ) -> tuple[SecretStr, Region]:
        async with self._recorder.uow(question.actor.tenant_id, write=False) as work:
            token = await work.vault.get(question.integration_id)
        if token is None:
            raise SegmentRefused("token", 401)
        return token, situation.integration.region

    # --- what follows from the answer -----------------------------------------------------------

    async def _conclude(
        self, question: Question, answer: Answer, check: PendingCheck | None = None
    ) -> Result:
        """Stores what follows, once: a stored check is finished by whoever deletes it first."""
        recorder = self._recorder
        for _ in range(MAX_CONFLICTS):
            try:
                async with recorder.uow(question.actor.tenant_id) as work:
                    situation = await recorder.load(work, question.integration_id)
                    if check and not await work.checks.delete(check.id):
                        return _next(situation)
                    result = await self._apply(work, situation, question, answer)
                    if check:
                        await work.outbox.add(_done_message(check, result))
                    await work.commit()
                    return result
            except RevisionConflict:
                continue
        raise RevisionConflict(question.integration_id)

    async def _apply(
        self, work: UnitOfWork, situation: Situation, question: Question, answer: Answer
    ) -> Result:
        integration, actor = situation.integration, question.actor
        screen = SCREEN_OF[question.kind]
        if integration.disconnected:
            return ShowStep(Screen.PLAN, situation, notice=Notice.DISCONNECTED)
        if not isinstance(answer, Observation) and is_stale(integration, screen, question.revision):
            return replace(_next(situation), notice=Notice.CHANGED_BY_COLLEAGUE)
        stamp = self._recorder.stamp(actor)
        match answer:
            case Refused(errors):
                change = refuse(integration, errors[0].code, stamp)
                after = await self._recorder.record(work, situation, change, actor)
                return ShowStep(screen, after, errors=errors)
            case TokenAccepted():
                after = await self._accept_token(work, situation, question, answer)
                return _next(after)
            case SourcesExamined(sources):
                if answer.found:
                    catalogue = merge_catalogue(
                        situation.observed.catalogue, answer.found, situation.now
                    )
                    await work.observations.put_catalogue(integration.id, catalogue)
                change = choose_sources(integration, sources, stamp)
                situation = await self._recorder.record(work, situation, change, actor)
                return await self._look(work, situation, answer.statuses, actor)
            case Observation(statuses):
                return await self._look(work, situation, statuses, actor)

    async def _accept_token(
        self, work: UnitOfWork, situation: Situation, question: Question, answer: TokenAccepted
    ) -> Situation:
        integration_id = question.integration_id
        stamp = self._recorder.stamp(question.actor)
        change = accept_token(situation.integration, answer, stamp)
        if question.secret:
            await work.vault.put(integration_id, question.secret)
        if answer.entries:
            catalogue = Catalogue(answer.entries, situation.now)
            await work.observations.put_catalogue(integration_id, catalogue)
            observed = replace(situation.observed, catalogue=catalogue)
            situation = replace(situation, observed=observed)
        return await self._recorder.record(work, situation, change, question.actor)

    async def _look(
        self,
        work: UnitOfWork,
        situation: Situation,
        statuses: tuple[SourceStatus, ...],
        actor: Actor | None,
    ) -> ShowStep:
        """Takes in what Segment said about the sources; a first delivery starts live sync."""
        if not statuses:
            return ShowStep(Screen.LIVE_SYNC, situation, notice=Notice.SEGMENT_UNAVAILABLE)
        fresher = await self._recorder.observe(work, situation, list(statuses))
        change = note_deliveries(situation.integration, situation.observed, fresher.observed)
        after = await self._recorder.record(work, fresher, change, actor)
        if after is fresher:
            await self._recorder.refresh(work, after)
        return ShowStep(Screen.LIVE_SYNC, after)

    async def poll(self, tenant_id: str, integration_id: str) -> None:
        """One look at Segment for one integration, on nobody's behalf."""
        async with self._recorder.uow(tenant_id, write=False) as work:
            situation = await self._recorder.load(work, integration_id)
            token = await work.vault.get(integration_id)
        integration = situation.integration
        statuses: list[SourceStatus] = []
        if token and integration.sources:
            try:
                async with asyncio.timeout(MAX_RUN):
                    statuses = await observe_sources(
                        self._segment,
                        token,
                        integration.region,
                        integration.sources,
                        situation.observed.statuses,
                        situation.now,
                    )
            except (SegmentError, TimeoutError):
                statuses = []  # noted as a look that brought nothing; the next one is due later
        async with self._recorder.uow(tenant_id) as work:
            situation = await self._recorder.load(work, integration_id)
            if statuses and not situation.integration.disconnected:
                await self._look(work, situation, tuple(statuses), None)
            else:
                await work.observations.put_looked(integration_id, situation.now)
                observed = replace(situation.observed, looked_at=situation.now)
                await self._recorder.refresh(work, replace(situation, observed=observed))
            await work.commit()


_FIELD_OF = {
    CheckKind.TOKEN: Field.TOKEN,
    CheckKind.SOURCES: Field.SOURCES,
    CheckKind.LIVE_SYNC: Field.SOURCES,
}


def _refusal(kind: CheckKind, error: SegmentError) -> Refused:
    """A call that Segment refused although the token was good when it was entered."""
    if kind is CheckKind.TOKEN:
        code = ErrorCode.TOKEN_REFUSED
    elif error.call == "token":
        code = ErrorCode.TOKEN_GONE
    else:
        code = ErrorCode.TOKEN_LACKS_CALL
    params = {"call": error.call, "role": "Workspace Owner"}
    return Refused((FieldError(_FIELD_OF[kind], code, params),))


def _next(situation: Situation) -> ShowStep:
    return ShowStep(current_screen(situation.integration, situation.observed), situation)


def _job(check: PendingCheck, tenant_id: str, attempt: int, delay: float) -> Job:
    key = f"check:{check.id}:{attempt}"
    return Job(JobKind.CHECK, tenant_id, check.id, key=key, delay=delay)


def _done_message(check: PendingCheck, result: Result) -> Message:
    """Tells how a background check ended: drawn into the waiting modal, or sent as a message."""
    params = {"check": check.id, "kind": check.kind.value}
    if isinstance(result, ShowStep):
        params["screen"] = result.screen.value
        if result.notice:
            params["notice"] = result.notice.value
        if result.errors:
            error = result.errors[0]
            params |= {"field": error.field.value, "error": error.code.value}
            params["details"] = json.dumps(dict(error.params))
    return Message(
        kind=MessageKind.CHECK_DONE,
        conversation=f"user:{check.user_id}",
        key=f"check:{check.id}",
        integration_id=check.integration_id,
        params=params,
    )


def sources_to(answers: SourceAnswers) -> dict[str, str]:
    """Source answers as they are stored with a check."""
    return {"chosen": "\n".join(answers.chosen), "pasted": answers.pasted}


def sources_from(stored: Mapping[str, str]) -> SourceAnswers:
    chosen = tuple(part for part in stored["chosen"].split("\n") if part)
    return SourceAnswers(chosen, stored["pasted"])
