"""The use cases of the set-up: each is what a person means by one press of a button."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from pydantic import SecretStr

from flows import steps
from flows.access import Access
from flows.blockers import current_screen, replay_prerequisites
from flows.checking import Checking
from flows.diagnosis import check_slug_text, check_token_text
from flows.errors import ErrorCode, Field, FieldError, RevisionConflict, SegmentError
from flows.examining import Question, sources_to
from flows.model import (
    Actor,
    Coverage,
    Integration,
    Observed,
    Plan,
    Region,
    Screen,
    Situation,
    Stamp,
)
from flows.ports import Segment, StoredEvent, UnitOfWork
from flows.recording import Also, Decide, Recorder
from flows.replay import WindowAnswers, build_request, check_window, default_window, warnings
from flows.results import CheckKind, Finished, Notice, Result, ShowStep
from flows.secrets import looks_secret
from flows.sources import SourceAnswers, check_source_text
from flows.steps import Change, Mark

MAX_NOTE = 1000
HISTORY_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Ref:
    """What a screen was drawn from: it comes back with each press."""

    integration_id: str
    revision: int


class Stale(Exception):
    """The answer of this screen changed after it was drawn."""


class SetUp:
    """Start, resume, submit, go back, ask for help, leave."""

    def __init__(
        self, recorder: Recorder, checking: Checking, segment: Segment, deadline: float
    ) -> None:
        self._recorder = recorder
        self._checking = checking
        self._segment = segment
        self._deadline = deadline

    # --- coming and going -----------------------------------------------------------------------

    async def situation(self, actor: Actor) -> Situation | None:
        """Where the person's Slack workspace stands; None before the first `/segment`."""
        return await self._recorder.of_team(actor)

    async def history(self, actor: Actor, integration_id: str) -> Sequence[StoredEvent]:
        """The latest events, newest first."""
        async with self._recorder.uow(actor.tenant_id, write=False) as work:
            return await work.history.latest(integration_id, HISTORY_SHOWN)

    async def start(self, actor: Actor) -> ShowStep:
        """Begins a set-up, or resumes it exactly where it was."""
        situation = await self._recorder.of_team(actor)
        if situation is None:
            situation = await self._create(actor)
        integration = situation.integration
        if integration.disconnected or integration.revision == 0:
            situation = await self._recorder.change(
                actor.tenant_id, integration.id, self._begin(actor), actor=actor
            )
        return _current(situation)

    async def _create(self, actor: Actor) -> Situation:
        try:
            return await create(self._recorder, actor)
        except RevisionConflict:  # a colleague was quicker by a moment
            situation = await self._recorder.of_team(actor)
            if situation is None:
                raise
            return situation

    def _begin(self, actor: Actor) -> Decide:
        def decide(situation: Situation) -> Change:
            integration = situation.integration
            if integration.revision and not integration.disconnected:
                return Change(integration)
            return steps.begin(integration, self._recorder.stamp(actor))

        return decide

    async def show(self, actor: Actor, screen: Screen) -> ShowStep:
        """One particular screen: Back, "Replace the token", a button in a message."""
        situation = await self._situation(actor)
        if situation.integration.disconnected:
            return ShowStep(Screen.PLAN, situation, notice=Notice.DISCONNECTED)
        if screen in (Screen.REPLAY, Screen.REPLAY_PREVIEW):
            return await self.open_replay(actor)
        return ShowStep(_reachable(situation, screen), situation)

    async def _situation(self, actor: Actor) -> Situation:
        return (await self._recorder.of_team(actor)) or (await self.start(actor)).situation

    # --- plan -----------------------------------------------------------------------------------

    async def choose_plan(
        self, actor: Actor, ref: Ref, plan: Plan | None, region: Region
    ) -> ShowStep:
        if plan is None:
            situation = await self._situation(actor)
            error = FieldError(Field.PLAN, ErrorCode.REQUIRED)
            return ShowStep(Screen.PLAN, situation, errors=(error,))
        chosen = plan

        def decide(situation: Situation) -> Change:
            integration = situation.integration
            _fresh(integration, Screen.PLAN, ref)
            return steps.choose_plan(integration, chosen, region, self._recorder.stamp(actor))

        shown = await self._change(actor, ref, decide)
        if shown.notice:
            return shown
        return ShowStep(_after(Screen.PLAN, shown.situation), shown.situation)

    # --- credentials ----------------------------------------------------------------------------

    async def submit_token(self, actor: Actor, ref: Ref, raw: str) -> Result:
        """Checks a Public API token live. Empty keeps the verified one."""
        situation = await self._situation(actor)
        integration = situation.integration
        if stale := _stale(situation, Screen.CREDENTIALS, ref):
            return stale
        if not raw.strip() and _keeps_token(integration):
            return ShowStep(_after(Screen.CREDENTIALS, situation), situation)
        token, mistake = check_token_text(raw)
        if mistake:
            return await self._refuse(actor, ref, Screen.CREDENTIALS, mistake.errors)
        question = Question(CheckKind.TOKEN, actor, integration.id, ref.revision, secret=token)
        return await self._checking.run(question, situation)

    async def submit_free(self, actor: Actor, ref: Ref, raw_slug: str, raw_token: str) -> Result:
        """Free: the slug, and a token where they have one; without one a CSM takes over."""
        situation = await self._situation(actor)
        if stale := _stale(situation, Screen.CREDENTIALS, ref):
            return stale
        slug, wrong_slug = check_slug_text(raw_slug)
        errors = list(wrong_slug.errors) if wrong_slug else []
        token: SecretStr | None = None
        if raw_token.strip():
            token, wrong_token = check_token_text(raw_token)
            errors += wrong_token.errors if wrong_token else ()
        if errors:
            return await self._refuse(actor, ref, Screen.CREDENTIALS, tuple(errors))
        question = Question(
            CheckKind.TOKEN,
            actor,
            situation.integration.id,
            ref.revision,
            {"slug": slug},
            token,
        )
        return await self._checking.run(question, situation)

    # --- sources and live sync ------------------------------------------------------------------

    async def choose_sources(self, actor: Actor, ref: Ref, answers: SourceAnswers) -> Result:
        situation = await self._situation(actor)
        if stale := _stale(situation, Screen.SOURCES, ref):
            return stale
        errors = check_source_text(answers)
        if errors:
            return await self._refuse(actor, ref, Screen.SOURCES, tuple(errors))
        question = Question(
            CheckKind.SOURCES,
            actor,
            situation.integration.id,
            ref.revision,
            sources_to(answers),
        )
        return await self._checking.run(question, situation)

    async def check_live(self, actor: Actor) -> Result:
        """ "Check again": asks Segment now instead of at the next poll."""
        situation = await self._situation(actor)
        integration = situation.integration
        if not integration.sources or integration.plan is Plan.FREE:
            return _current(situation)
        question = Question(CheckKind.LIVE_SYNC, actor, integration.id, integration.revision)
        return await self._checking.run(question, situation)

    async def go_on(self, actor: Actor) -> ShowStep:
        """The main button of live sync: onwards once live sync has started."""
        situation = await self._situation(actor)
        screen = current_screen(situation.integration, situation.observed)
        if screen is Screen.REPLAY:
            return await self.open_replay(actor)
        return ShowStep(screen, situation)

    # --- history --------------------------------------------------------------------------------

    async def declare_upgrade(self, actor: Actor, ref: Ref, day: date | None) -> ShowStep:
        if day is None or day > self._recorder.clock.now().date():
            code = ErrorCode.REQUIRED if day is None else ErrorCode.DATE_IN_FUTURE
            error = FieldError(Field.UPGRADED_ON, code)
            return ShowStep(Screen.UPGRADE, await self._situation(actor), errors=(error,))
        upgraded_on = day

        def decide(situation: Situation) -> Change:
            stamp = self._recorder.stamp(actor)
            return steps.upgrade(situation.integration, situation.observed, upgraded_on, stamp)

        return await self._change(actor, ref, decide)

    async def finish_live_only(self, actor: Actor, ref: Ref) -> ShowStep:
        return await self._simply(actor, ref, steps.finish_live_only)

    async def reopen(self, actor: Actor, ref: Ref) -> ShowStep:
        return await self._simply(actor, ref, steps.reopen)

    async def open_replay(self, actor: Actor, *, measure: bool = True) -> ShowStep:
        """The Replay request, or what it still needs; the call types are measured on the way."""
        situation = await self._situation(actor)
        integration = situation.integration
        if replay_prerequisites(integration, situation.observed):
            return ShowStep(Screen.REPLAY, situation)
        if integration.replay and not integration.outcome:
            return ShowStep(Screen.REPLAY_STATUS, situation)
        if measure:
            situation = await self._measure(actor, situation)
        window = integration.replay_draft or default_window(situation)
        found = tuple(warnings(situation, window))
        return ShowStep(Screen.REPLAY, situation, warnings=found)

    async def _measure(self, actor: Actor, situation: Situation) -> Situation:
        """Call types of the last 30 days; without an answer in time they stay unmeasured."""
        integration_id = situation.integration.id
        async with self._recorder.uow(actor.tenant_id, write=False) as work:
            token = await work.vault.get(integration_id)
        if token is None:
            return situation
        now = situation.now
        access = Access(self._segment, token, situation.integration.region)
        try:
            async with asyncio.timeout(self._deadline):
                calls = await access.volumes(now)
        except (SegmentError, TimeoutError):
            return situation
        coverage = Coverage(calls, now)
        async with self._recorder.uow(actor.tenant_id) as work:
            await work.observations.put_coverage(integration_id, coverage)
            await work.commit()
        return replace(situation, observed=replace(situation.observed, coverage=coverage))

    async def preview_replay(self, actor: Actor, ref: Ref, answers: WindowAnswers) -> ShowStep:
        """Checks the form and keeps it as a draft; the preview is drawn from the draft."""
        situation = await self._situation(actor)
        if replay_prerequisites(situation.integration, situation.observed):
            return ShowStep(Screen.REPLAY, situation)
        if any(looks_secret(name) for name in answers.event_names):
            error = FieldError(Field.EVENT_NAMES, ErrorCode.LOOKS_SECRET)
            return ShowStep(Screen.REPLAY, situation, errors=(error,))
        window, errors = check_window(answers, situation.now)
        if window is None:
            return ShowStep(Screen.REPLAY, situation, errors=tuple(errors))
        drafted = window
        shown = await self._change(
            actor, ref, lambda now: steps.draft_replay(now.integration, drafted)
        )
        found = tuple(warnings(shown.situation, window))
        return ShowStep(Screen.REPLAY_PREVIEW, shown.situation, warnings=found)

    async def request_replay(self, actor: Actor, ref: Ref) -> ShowStep:
        """Hands off exactly what the preview showed; a second press changes nothing."""

        def decide(situation: Situation) -> Change:
            integration = situation.integration
            _fresh(integration, Screen.REPLAY, ref)
            missing = replay_prerequisites(integration, situation.observed)
            if missing or integration.replay_draft is None:
                return Change(integration)
            stamp = self._recorder.stamp(actor)
            request = build_request(situation, integration.replay_draft, stamp)
            return steps.request_replay(integration, request)

        return await self._change(actor, ref, decide)

    async def mark_replay(self, actor: Actor, ref: Ref, mark: Mark) -> ShowStep:
        def decide(situation: Situation) -> Change:
            stamp = self._recorder.stamp(actor)
            return steps.mark_replay(situation.integration, mark, stamp)

        return await self._change(actor, ref, decide)

    # --- anywhere -------------------------------------------------------------------------------

    async def delegate(
        self, actor: Actor, ref: Ref, screen: Screen, to: str
    ) -> tuple[FieldError, ...]:
        """Asks a colleague to do one screen; they get a direct message with a button."""
        if not to:
            return (FieldError(Field.COLLEAGUE, ErrorCode.REQUIRED),)
        if to == actor.user_id:
            return (FieldError(Field.COLLEAGUE, ErrorCode.COLLEAGUE_IS_SELF),)
        stamp = self._recorder.stamp(actor)
        await self._recorder.change(
            actor.tenant_id,
            ref.integration_id,
            lambda situation: steps.delegate(situation.integration, to, screen, stamp),
            actor=actor,
        )
        return ()

    async def ask_help(
        self, actor: Actor, ref: Ref, screen: Screen, note: str
    ) -> tuple[FieldError, ...]:
        """Tells the CSM where the person is and what went wrong last; never a secret."""
        note = note.strip()
        if looks_secret(note):
            return (FieldError(Field.NOTE, ErrorCode.LOOKS_SECRET),)
        if len(note) > MAX_NOTE:
            return (FieldError(Field.NOTE, ErrorCode.TOO_LONG, {"limit": str(MAX_NOTE)}),)
        stamp = self._recorder.stamp(actor)
        await self._recorder.change(
            actor.tenant_id,
            ref.integration_id,
            lambda situation: steps.ask_help(situation.integration, screen, note, stamp),
            actor=actor,
        )
        return ()

    # --- the end --------------------------------------------------------------------------------

    async def keep_watching(self, actor: Actor, ref: Ref) -> ShowStep:
        return await self._simply(actor, ref, steps.keep_watching)

    async def forget_token(self, actor: Actor, ref: Ref) -> ShowStep:
        """Deletes the token now; what was reached stays."""
        return await self._simply(actor, ref, steps.forget_token, _delete_secrets(ref))

    async def disconnect(self, actor: Actor, ref: Ref) -> Finished:
        """Deletes the credentials at once and goes back to the beginning."""
        delete_secrets = _delete_secrets(ref)

        async def forget_all(work: UnitOfWork) -> None:
            await delete_secrets(work)
            await work.observations.clear(ref.integration_id)

        shown = await self._simply(actor, ref, steps.disconnect, forget_all)
        return Finished(shown.situation)

    # --- shared ---------------------------------------------------------------------------------

    async def _simply(
        self, actor: Actor, ref: Ref, step: "Step", also: Also | None = None
    ) -> ShowStep:
        stamp = self._recorder.stamp(actor)
        return await self._change(actor, ref, lambda now: step(now.integration, stamp), also)

    async def _change(
        self, actor: Actor, ref: Ref, decide: Decide, also: Also | None = None
    ) -> ShowStep:
        """Applies a decision; one made on an old screen ends with the newer state instead."""
        try:
            situation = await self._recorder.change(
                actor.tenant_id, ref.integration_id, decide, actor=actor, also=also
            )
        except Stale:
            situation = await self._situation(actor)
            return replace(_current(situation), notice=Notice.CHANGED_BY_COLLEAGUE)
        if situation.integration.disconnected:
            return ShowStep(Screen.PLAN, situation, notice=Notice.DISCONNECTED)
        return _current(situation)

    async def _refuse(
        self, actor: Actor, ref: Ref, screen: Screen, errors: tuple[FieldError, ...]
    ) -> ShowStep:
        stamp = self._recorder.stamp(actor)
        situation = await self._recorder.change(
            actor.tenant_id,
            ref.integration_id,
            lambda now: steps.refuse(now.integration, errors[0].code, stamp),
            actor=actor,
        )
        return ShowStep(screen, situation, errors=errors)


class Step(Protocol):
    """A pure step that needs nothing but who and when."""

    def __call__(self, integration: Integration, stamp: Stamp) -> Change: ...


def _delete_secrets(ref: Ref) -> Also:
    async def delete(work: UnitOfWork) -> None:
        await work.vault.delete(ref.integration_id)
        await work.checks.delete_of(ref.integration_id)

    return delete


async def create(recorder: Recorder, actor: Actor) -> Situation:
    """A first, empty set-up for a Slack workspace. Raises `RevisionConflict` if there is one."""
    integration = Integration(
        id=f"int_{actor.team_id}",  # one a team for now: two first clicks cannot make two
        tenant_id=actor.tenant_id,
        team_id=actor.team_id,
        created=recorder.stamp(actor),
    )
    async with recorder.uow(actor.tenant_id) as work:
        await work.integrations.add(integration)
        await work.commit()
    return Situation(integration, Observed(), recorder.clock.now())


def _current(situation: Situation) -> ShowStep:
    return ShowStep(current_screen(situation.integration, situation.observed), situation)


def _fresh(integration: Integration, screen: Screen, ref: Ref) -> None:
    if integration.disconnected or steps.is_stale(integration, screen, ref.revision):
        raise Stale


def _stale(situation: Situation, screen: Screen, ref: Ref) -> ShowStep | None:
    integration = situation.integration
    if integration.disconnected:
        return ShowStep(Screen.PLAN, situation, notice=Notice.DISCONNECTED)
    if steps.is_stale(integration, screen, ref.revision):
        return replace(_current(situation), notice=Notice.CHANGED_BY_COLLEAGUE)
    return None


def _keeps_token(integration: Integration) -> bool:
    credentials = integration.credentials
    return bool(credentials and credentials.accepted and not integration.token_forgotten)


_ORDER = (Screen.PLAN, Screen.CREDENTIALS, Screen.SOURCES, Screen.LIVE_SYNC)


def _after(screen: Screen, situation: Situation) -> Screen:
    """The screen behind this one: in order while all is filled in, else what is missing."""
    current = current_screen(situation.integration, situation.observed)
    following = _ORDER[_ORDER.index(screen) + 1]
    if current in _ORDER and _ORDER.index(current) <= _ORDER.index(following):
        return current
    if following is Screen.SOURCES and situation.integration.plan is Plan.FREE:
        return Screen.LIVE_SYNC
    return following


def _reachable(situation: Situation, wanted: Screen) -> Screen:
    """The screen that was asked for, or the first one that must come before it."""
    current = current_screen(situation.integration, situation.observed)
    if wanted in _ORDER and current in _ORDER:
        return wanted if _ORDER.index(wanted) <= _ORDER.index(current) else current
    if wanted in _ORDER:
        return wanted
    return current
