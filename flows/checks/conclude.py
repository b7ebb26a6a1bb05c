"""What follows from Segment's answer. It is stored once, in one transaction."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from flows.checks.given_up import abandoned_message, about_check, forget_set_up
from flows.checks.noting import note_accepted, note_statuses, note_waiting, up_to_date
from flows.checks.question import (
    HELD,
    Answer,
    CheckKind,
    Observation,
    PendingCheck,
    Question,
    Refused,
    SourcesExamined,
    TokenAccepted,
    Typed,
    WriteKeyAccepted,
)
from flows.checks.segment import SegmentSource
from flows.checks.sources import (
    MEANS_SOURCE,
    meant_sources,
    merge_catalogue,
    renewed_catalogue,
    split_ids,
)
from flows.checks.write_key import reads_what_it_writes
from flows.errors import ErrorCode, Field, FieldError, Warned, WarningCode
from flows.model import Catalogue, Observed, Screen, Situation, SourceStatus, Verification
from flows.outbox.bodies import CheckDone
from flows.outbox.jobs import Job, JobKind
from flows.outbox.messages import Message
from flows.ports import Ids, UnitOfWork
from flows.recording import Recorder, is_stale
from flows.secret_shapes import looks_secret
from flows.setup.leaving import disconnect
from flows.setup.results import Ended, Notice, Result, ShowStep
from flows.setup.steps import (
    accept_token,
    accept_write_key,
    begin,
    choose_sources,
    note_deliveries,
    refuse,
    renamed,
    serves_every_plan,
)
from flows.setup.submission import current, newer
from flows.vocabulary import Actor, Plan, Workspace

HELD_FOR = timedelta(hours=1)  # a token of another workspace, until somebody says that it is meant


class Concluder:
    """Turns answers into changes."""

    def __init__(self, recorder: Recorder, ids: Ids) -> None:
        self._recorder = recorder
        self._ids = ids

    async def conclude(
        self, question: Question, answer: Answer, check: PendingCheck | None = None
    ) -> Result:
        """Stores what follows, once: the first finisher to delete a stored check concludes it."""

        async def do(work: UnitOfWork) -> Result:
            situation = await self._recorder.load(work, question.integration_id)
            if question.secret:
                await work.tries.end(question.integration_id)
            if check and not await work.checks.delete(check.id):
                return current(situation)
            waiting = check
            if question.page and not check and not isinstance(answer, Refused):
                await work.entry_links.use(question.page, situation.now)
                waiting = _window_of(question, situation.now)
            result = await self._apply(work, situation, question, answer)
            if waiting:
                await work.outbox.add(_done_message(waiting, result))
            return result

        return await self._recorder.transact(question.actor.tenant_id, do)

    async def _apply(
        self, work: UnitOfWork, situation: Situation, question: Question, answer: Answer
    ) -> ShowStep | Ended:
        integration, actor = situation.integration, question.actor
        screen = question.kind.screen
        if not integration.begun:
            return Ended(situation)
        # States of sources are of use for as long as the choice is the same.
        asked_on = Screen.SOURCES if isinstance(answer, Observation) else screen
        if is_stale(integration, asked_on, question.revision):
            return newer(situation, actor, asked_on)
        if _is_of_free(question, answer) and integration.plan is not Plan.FREE:
            return replace(current(situation), notice=Notice.OTHER_PLAN)
        stamp = self._recorder.stamp(actor)
        if isinstance(answer, SourcesExamined | WriteKeyAccepted):
            answer = reads_what_it_writes(integration, question.typed, answer) or answer
        match answer:
            case Refused(errors):
                if found := _meant(situation, question, errors):
                    return found
                errors = tuple({error.field: error for error in reversed(errors)}.values())
                if errors[0].code is ErrorCode.TOKEN_OTHER_WORKSPACE:
                    errors = (await self._hold(work, situation, question, errors[0]),)
                change = refuse(integration, errors[0].code, stamp)
                after = await self._recorder.record(work, situation, change, actor)
                return _refused(screen, after, errors, _typed(question))
            case TokenAccepted():
                after = await self._accept_token(work, situation, question, answer)
                return _accepted(after if question.typed.confirmed else situation, after)
            case SourcesExamined(sources):
                if answer.found:
                    catalogue = merge_catalogue(
                        situation.observed.catalogue, answer.found, situation.now
                    )
                    await work.observations.put_catalogue(integration.id, catalogue)
                change = choose_sources(integration, sources, stamp)
                situation = await self._recorder.record(work, situation, change, actor)
                return await self.look(work, situation, answer.statuses, actor)
            case WriteKeyAccepted():
                return await self._accept_write_key(work, situation, question, answer)
            case Observation(statuses, listed):
                return await self.look(work, situation, statuses, actor, listed)

    async def _hold(
        self, work: UnitOfWork, situation: Situation, question: Question, error: FieldError
    ) -> FieldError:
        """Keeps the token of another workspace for a while, in case it is meant. The error names
        it, so that a button can.
        """
        instead = situation.integration.workspace_slug
        typed = replace(question.typed, instead=instead, confirmed=False)
        actor, until = question.actor, situation.now + HELD_FOR
        held = PendingCheck(
            self._ids(HELD),
            question.integration_id,
            CheckKind.TOKEN,
            actor.user_id,
            question.revision,
            typed,
            until,
        )
        await work.checks.add(held, question.secret)
        expiry = HELD_FOR.total_seconds()
        await work.enqueue(Job(JobKind.CHECK, actor.tenant_id, f"{held.id}:0", delay=expiry))
        return replace(error, params={**error.params, "held": held.id})

    async def _begin_anew(
        self, work: UnitOfWork, situation: Situation, actor: Actor, found: Workspace
    ) -> Situation:
        """Gives up one workspace for another: a disconnect and a new beginning at once. What people
        said of their plan stays.
        """
        integration, stamp = situation.integration, self._recorder.stamp(actor)
        await forget_set_up(work, integration.id)
        left = await self._recorder.record(
            work, situation, disconnect(integration, stamp, found.label), actor
        )
        left = replace(left, observed=Observed())
        change = begin(left.integration, stamp)
        begun = replace(change.integration, plan=integration.plan, plan_chosen=stamp)
        return await self._recorder.record(work, left, replace(change, integration=begun), actor)

    async def _accept_token(
        self, work: UnitOfWork, situation: Situation, question: Question, answer: TokenAccepted
    ) -> Situation:
        if question.typed.confirmed:
            actor, found = question.actor, answer.workspace
            situation = await self._begin_anew(work, situation, actor, found)
        integration_id = question.integration_id
        stamp = self._recorder.stamp(question.actor)
        told = question.typed.for_toplyne
        change = accept_token(situation.integration, answer, stamp, for_toplyne=told)
        if question.secret:
            await work.vault.put(integration_id, question.secret)
        else:
            await work.vault.delete(integration_id)  # an earlier one, which this replaces
        known = situation
        if answer.entries:
            catalogue = Catalogue(answer.entries, situation.now)
            await work.observations.put_catalogue(integration_id, catalogue)
            observed = replace(situation.observed, catalogue=catalogue)
            situation = replace(situation, observed=observed)
        situation = await note_accepted(work, situation)
        return await self._recorder.record(work, situation, change, question.actor, known)

    async def _accept_write_key(
        self, work: UnitOfWork, situation: Situation, question: Question, answer: WriteKeyAccepted
    ) -> ShowStep:
        stamp = self._recorder.stamp(question.actor)
        told = question.typed.for_toplyne
        change = accept_write_key(situation.integration, answer.source, stamp, for_toplyne=told)
        await work.write_keys.put(question.integration_id, question.entered)
        after = await self._recorder.record(work, situation, change, question.actor)
        label = answer.source.label if answer.source else ""
        warned = Warned(WarningCode.SOURCE_NOT_HTTP_API, {"source": label})
        warnings = (warned,) if answer.other_kind else ()
        return ShowStep(Screen.WRITE_BACK, after, warnings=warnings)

    async def look(
        self,
        work: UnitOfWork,
        situation: Situation,
        statuses: tuple[SourceStatus, ...],
        actor: Actor | None,
        listed: Sequence[SegmentSource] = (),
    ) -> ShowStep:
        """Stores what Segment said about the sources. A first delivery starts live sync."""
        if actor:
            situation = await note_waiting(work, situation)
        statuses = up_to_date(situation, statuses)
        if not statuses:
            await self._recorder.react(work, situation, situation)
            return ShowStep(Screen.LIVE_SYNC, situation, notice=Notice.SEGMENT_UNAVAILABLE)
        known = situation.observed.catalogue
        if known and listed and (renewed := renewed_catalogue(known, listed)) != known:
            await work.observations.put_catalogue(situation.integration.id, renewed)
        fresher = await note_statuses(work, situation, statuses)
        named = replace(fresher, integration=renamed(situation.integration, statuses))
        change = note_deliveries(replace(named, observed=situation.observed), named)
        after = await self._recorder.record(work, fresher, change, actor, known=situation)
        if after is fresher:
            await self._recorder.react(work, situation, after)
        return ShowStep(Screen.LIVE_SYNC, after)


def _is_of_free(question: Question, answer: Answer) -> bool:
    """Whether the answer is of use on Free alone, where the slug was asked for."""
    if isinstance(answer, TokenAccepted):
        return not serves_every_plan(answer.kind, answer.verification)
    return question.kind is CheckKind.TOKEN and bool(question.typed.slug)


def _typed(question: Question) -> Typed:
    """What was entered, to refill the form, without pasted keys."""
    typed = question.typed
    if typed.sources is None:
        return typed
    kept = (part for part in split_ids(typed.sources.pasted) if not looks_secret(part))
    return replace(typed, sources=replace(typed.sources, pasted="\n".join(kept)))


def _meant(
    situation: Situation, question: Question, errors: tuple[FieldError, ...]
) -> ShowStep | None:
    """The sources whose write keys or slugs were pasted, chosen and to be confirmed."""
    typed = question.typed.sources
    meant = typed and meant_sources(typed, errors, situation.observed.catalogue)
    if not meant:
        return None
    warned = [Warned(MEANS_SOURCE[e.code], {"source": e.params["source"]}) for e in errors]
    typed_anew = replace(question.typed, sources=meant)
    return ShowStep(Screen.SOURCES, situation, warnings=tuple(warned), typed=typed_anew)


def _refused(
    screen: Screen,
    situation: Situation,
    errors: tuple[FieldError, ...],
    typed: Typed,
) -> ShowStep:
    """Shows the errors. If the stored token is gone, lost or revoked, shows where to enter a new
    one.
    """
    if errors[0].field is not Field.TOKEN or screen is Screen.CREDENTIALS:
        return ShowStep(screen, situation, errors=errors, typed=typed)
    if errors[0].code is ErrorCode.SECRET_LOST:
        return ShowStep(Screen.CREDENTIALS, situation, errors=errors)
    revoked = errors[0].code is ErrorCode.TOKEN_REFUSED
    notice = Notice.TOKEN_REFUSED if revoked else None
    return ShowStep(Screen.CREDENTIALS, situation, notice=notice)


def _accepted(before: Situation, after: Situation) -> ShowStep:
    """Adds a notice if a CSM must check the token, or a warning if it belongs to another region."""
    credentials = after.integration.credentials
    shown = current(after)
    if credentials and credentials.verification is Verification.UNVERIFIED:
        return replace(shown, notice=Notice.UNVERIFIED)
    if before.integration.region is not after.integration.region:
        return replace(shown, warnings=(Warned(WarningCode.OTHER_REGION),))
    return shown


def _window_of(question: Question, now: datetime) -> PendingCheck:
    """The window in Slack that waits for a page. It goes on as if it had waited for a check."""
    return PendingCheck(
        question.page,
        question.integration_id,
        question.kind,
        question.actor.user_id,
        question.revision,
        question.typed,
        now,
    )


def _done_message(check: PendingCheck, result: ShowStep | Ended) -> Message:
    """Tells how a background check ended, in the waiting modal or in a message."""
    if isinstance(result, Ended):
        return abandoned_message(check)
    error = next(iter(result.errors), None)
    done = CheckDone(
        check.id,
        check.kind,
        result.screen,
        result.notice,
        error,
        result.typed,
        result.warnings,
        changed=result.changed,
    )
    return about_check(check, done)
