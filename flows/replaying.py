"""Historic sync: the plan that it needs, the Replay request, and what people report of it."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

from flows import steps
from flows.access import Access
from flows.blockers import Blocker, replay_prerequisites, setup_blocker
from flows.errors import ErrorCode, Field, FieldError, SegmentError
from flows.model import Actor, Coverage, Screen, Situation
from flows.recording import Recorder
from flows.replay import WindowAnswers, build_request, check_window, default_window, warnings
from flows.results import ShowStep
from flows.secrets import looks_secret
from flows.segment import Segment
from flows.steps import Change, Mark
from flows.submitting import NotYet, Ref, Submitting, require_fresh

AHEAD_OF_UTC = timedelta(hours=14)  # where people live a day earlier than UTC


class Replaying:
    """Upgrade or finish without history, request a Replay, report how it goes.

    `deadline` is in seconds: what an acknowledgement can afford to wait for figures.
    """

    def __init__(
        self, recorder: Recorder, submitting: Submitting, segment: Segment, deadline: float
    ) -> None:
        self._recorder = recorder
        self._submitting = submitting
        self._segment = segment
        self._deadline = deadline

    async def declare_upgrade(self, actor: Actor, ref: Ref, day: date | None) -> ShowStep:
        today = (self._recorder.clock.now() + AHEAD_OF_UTC).date()
        if day is None or day > today:
            code = ErrorCode.REQUIRED if day is None else ErrorCode.DATE_IN_FUTURE
            error = FieldError(Field.UPGRADED_ON, code)
            return ShowStep(
                Screen.UPGRADE, await self._submitting.situation(actor), errors=(error,)
            )
        upgraded_on = day

        def decide(situation: Situation) -> Change:
            stamp = self._recorder.stamp(actor)
            return steps.upgrade(situation.integration, situation.observed, upgraded_on, stamp)

        return await self._submitting.change(actor, ref, decide)

    async def finish_live_only(self, actor: Actor, ref: Ref) -> ShowStep:
        """Offered where nothing but the plan keeps history away."""

        def decide(situation: Situation) -> Change:
            blocked = setup_blocker(situation.integration, situation.observed)
            if blocked and blocked.blocker is not Blocker.PLAN_NOT_BUSINESS:
                raise NotYet
            return steps.finish_live_only(situation.integration, self._recorder.stamp(actor))

        return await self._submitting.change(actor, ref, decide)

    async def reopen(self, actor: Actor, ref: Ref) -> ShowStep:
        return await self._submitting.simply(actor, ref, steps.reopen)

    async def open_replay(self, actor: Actor, *, measure: bool = True) -> ShowStep:
        """The Replay request, or what it still needs; the call types are measured on the way."""
        situation = await self._submitting.situation(actor)
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
        situation = await self._submitting.situation(actor)
        if replay_prerequisites(situation.integration, situation.observed):
            return ShowStep(Screen.REPLAY, situation)
        if any(looks_secret(name) for name in answers.event_names):
            error = FieldError(Field.EVENT_NAMES, ErrorCode.LOOKS_SECRET)
            return ShowStep(Screen.REPLAY, situation, errors=(error,))
        window, errors = check_window(answers, situation.now)
        if window is None:
            return ShowStep(Screen.REPLAY, situation, errors=tuple(errors))
        drafted = window

        def decide(situation: Situation) -> Change:
            require_fresh(situation.integration, Screen.REPLAY, ref)
            return steps.draft_replay(situation.integration, drafted)

        shown = await self._submitting.change(actor, ref, decide)
        if shown.notice:
            return shown
        found = tuple(warnings(shown.situation, window))
        return ShowStep(Screen.REPLAY_PREVIEW, shown.situation, warnings=found)

    async def request_replay(self, actor: Actor, ref: Ref) -> ShowStep:
        """Hands off exactly what the preview showed; a second press changes nothing."""

        def decide(situation: Situation) -> Change:
            integration = situation.integration
            for screen in (Screen.REPLAY, Screen.REPLAY_PREVIEW):
                require_fresh(integration, screen, ref)
            missing = replay_prerequisites(integration, situation.observed)
            if missing or integration.replay_draft is None:
                raise NotYet
            stamp = self._recorder.stamp(actor)
            request = build_request(situation, integration.replay_draft, stamp)
            return steps.request_replay(integration, request)

        return await self._submitting.change(actor, ref, decide)

    async def mark_replay(self, actor: Actor, ref: Ref, mark: Mark) -> ShowStep:
        """What people report: sent, running, finished."""

        def decide(situation: Situation) -> Change:
            if situation.integration.replay is None:
                raise NotYet
            stamp = self._recorder.stamp(actor)
            return steps.mark_replay(situation.integration, mark, stamp)

        return await self._submitting.change(actor, ref, decide)
