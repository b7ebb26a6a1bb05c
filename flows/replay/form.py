"""Historic sync: the plan that it needs, and the Replay request until it is handed off."""

from dataclasses import replace
from datetime import date

from flows.checks.coverage import Measuring
from flows.errors import ErrorCode, Field, FieldError
from flows.model import Screen, Situation
from flows.recording import Change, Recorder, is_stale
from flows.replay import steps as replay_steps
from flows.replay.facts import Subset
from flows.replay.names import meant_names
from flows.replay.plan import lacks_plan
from flows.replay.request import build_request, known_names, preview_name
from flows.replay.window import (
    SEGMENT_BEGAN,
    EventAnswers,
    WindowAnswers,
    check_events,
    check_window,
    missing_sources,
    proposed_window,
    sources_to_replay,
    unsure_sources,
)
from flows.secret_shapes import looks_secret
from flows.setup import steps
from flows.setup.blockers import replay_prerequisites, request_screen
from flows.setup.permissions import Wide
from flows.setup.replays import is_under_way, sources_taken_out, stands
from flows.setup.results import Notice, ShowStep
from flows.setup.submission import NotYet, Ref, Submitting, require_fresh
from flows.vocabulary import Actor


class Replaying:
    """Upgrade or finish without history, request a Replay and revise the request.

    `deadline` is how many seconds an acknowledgement can wait for figures.
    """

    def __init__(
        self, recorder: Recorder, submitting: Submitting, measuring: Measuring, deadline: float
    ) -> None:
        self._recorder = recorder
        self._submitting = submitting
        self._measuring = measuring
        self._deadline = deadline

    async def declare_upgrade(self, actor: Actor, ref: Ref, day: date | None) -> ShowStep:
        """Notes the day on which the plan became Business."""
        situation = await self._submitting.situation(actor, Wide.UPGRADED, ref)
        if day is None or not SEGMENT_BEGAN <= day <= situation.today:
            code = ErrorCode.REQUIRED if day is None else ErrorCode.DATE_IN_FUTURE
            if day and day < SEGMENT_BEGAN:
                code = ErrorCode.DATE_TOO_EARLY
            error = FieldError(Field.UPGRADED_ON, code)
            return ShowStep(Screen.UPGRADE, situation, errors=(error,))
        upgraded_on = day

        def decide(situation: Situation) -> Change:
            require_fresh(situation.integration, Screen.UPGRADE, ref)
            stamp = self._recorder.stamp(actor)
            return steps.upgrade(situation, upgraded_on, stamp)

        return await self._submitting.change(actor, ref, Wide.UPGRADED, decide)

    async def finish_live_only(self, actor: Actor, ref: Ref) -> ShowStep:
        """Offered if only the plan keeps history out of reach."""

        def decide(situation: Situation) -> Change:
            require_fresh(situation.integration, Screen.UPGRADE, ref)
            integration = situation.integration
            if not integration.outcome and not lacks_plan(situation):
                raise NotYet
            return steps.finish_live_only(integration, self._recorder.stamp(actor))

        return await self._submitting.change(actor, ref, Screen.UPGRADE, decide)

    async def reopen(self, actor: Actor, ref: Ref) -> ShowStep:
        """Takes back an end with live data only."""
        return await self._submitting.simply(actor, ref, Screen.UPGRADE, steps.reopen)

    async def come_for_replay(self, actor: Actor) -> ShowStep:
        """`/segment replay`: a door, so it begins a first set-up. Raises what `start` raises."""
        await self._submitting.start(actor, again=False)
        return await self.open_replay(actor, None)

    async def open_replay(self, actor: Actor, ref: Ref | None, *, revise: bool = False) -> ShowStep:
        """The Replay request, what it still needs, or its progress.

        A request that nobody wants to change is shown as it would go out. `revise` asks for the
        form. Figures that are not there yet come later, by `filled_in`. A command names no set-up,
        so `ref` is None.
        """
        situation = await self._submitting.situation(actor, Screen.REPLAY, ref)
        integration = situation.integration
        if replay_prerequisites(situation):
            goes_on = is_under_way(integration) and not revise
            return ShowStep(Screen.REPLAY_STATUS if goes_on else Screen.REPLAY, situation)
        if not _asks_for_form(situation, revise=revise):
            return ShowStep(Screen.REPLAY_STATUS, situation)
        return ShowStep(Screen.REPLAY if revise else request_screen(integration), situation)

    async def filled_in(self, shown: Situation) -> Situation | None:
        """What an open form or preview should say once Segment has answered or did not answer.

        None if that form is no longer the newest: it was submitted, or somebody else was faster.
        """
        before = shown.integration
        observed = (await self._measuring.figures(shown)).observed
        async with self._recorder.uow(before.tenant_id, write=False) as work:
            now = await self._recorder.load(work, before.id)
        for screen in (Screen.REPLAY, Screen.REPLAY_EVENTS):
            if is_stale(now.integration, screen, before.revision):
                return None
        return replace(now, observed=replace(now.observed, coverage=observed.coverage))

    async def draft_window(self, actor: Actor, ref: Ref, answers: WindowAnswers) -> ShowStep:
        """Checks the form and keeps it as a draft. The choice of events or the preview follows."""
        situation = await self._submitting.situation(actor, Screen.REPLAY, ref)
        if replay_prerequisites(situation):
            return ShowStep(Screen.REPLAY, situation)
        window, errors = check_window(answers, proposed_window(situation), situation.now)
        if window is None:
            return ShowStep(Screen.REPLAY, situation, errors=tuple(errors))
        drafted = replace(window, end_of=tuple(s.id for s in unsure_sources(situation)))
        await self._measuring.figures(situation, self._deadline)

        def decide(situation: Situation) -> Change:
            require_fresh(situation.integration, Screen.REPLAY, ref)
            _require_sources(situation)
            return replay_steps.draft_window(situation.integration, drafted)

        shown = await self._submitting.change(actor, ref, Screen.REPLAY, decide)
        if shown.notice:
            return shown
        following = Screen.REPLAY_PREVIEW if drafted.subset is Subset.ALL else Screen.REPLAY_EVENTS
        return ShowStep(following, shown.situation)

    async def choose_events(self, actor: Actor, ref: Ref, answers: EventAnswers) -> ShowStep:
        """Checks the details of "only some". The preview is drawn from the draft."""
        situation = await self._submitting.situation(actor, Screen.REPLAY, ref)
        draft = situation.integration.replay_draft
        if draft is None or replay_prerequisites(situation):
            return ShowStep(Screen.REPLAY, situation)
        if any(looks_secret(name) for name in answers.names):
            error = FieldError(Field.EVENT_NAMES, ErrorCode.LOOKS_SECRET)
            return ShowStep(Screen.REPLAY_EVENTS, situation, errors=(error,))
        known = known_names(situation.observed)
        answers = replace(answers, names=meant_names(answers.names, known))
        window, errors = check_events(answers, draft)
        if window is None:
            return ShowStep(Screen.REPLAY_EVENTS, situation, errors=tuple(errors))
        drafted = window

        def decide(situation: Situation) -> Change:
            for screen in (Screen.REPLAY, Screen.REPLAY_EVENTS):
                require_fresh(situation.integration, screen, ref)
            _require_sources(situation)
            return replay_steps.draft_events(situation.integration, drafted)

        shown = await self._submitting.change(actor, ref, Screen.REPLAY, decide)
        if shown.notice:
            return shown
        return ShowStep(Screen.REPLAY_PREVIEW, shown.situation)

    async def request_replay(self, actor: Actor, ref: Ref, seen: str = "") -> ShowStep:
        """Hands off what the preview showed, which `seen` names. A second press changes nothing.

        Previews that earlier versions drew name nothing. If data of another source arrives since,
        or Segment no longer has the first days, the preview is shown again. Figures that were still
        missing come along if they come within the deadline.
        """
        situation = await self._submitting.situation(actor, Screen.REPLAY, ref)
        await self._measuring.figures(situation, self._deadline)

        def decide(situation: Situation) -> Change:
            integration = situation.integration
            for screen in (Screen.REPLAY, Screen.REPLAY_PREVIEW):
                require_fresh(integration, screen, ref)
            missing = replay_prerequisites(situation)
            window = proposed_window(situation)
            if missing or not window.is_complete:
                raise NotYet
            _require_sources(situation)
            if seen and seen != preview_name(situation, window):
                return Change(integration)
            stamp = self._recorder.stamp(actor)
            request = build_request(situation, window, stamp)
            return replay_steps.request_replay(integration, request)

        shown = await self._submitting.change(actor, ref, Screen.REPLAY, decide)
        if shown.screen is Screen.REPLAY_PREVIEW and not shown.notice:
            return replace(shown, notice=Notice.REQUEST_GREW)
        return shown


def _require_sources(situation: Situation) -> None:
    """Raises `NotYet`: a colleague may have changed the sources while the form was open."""
    if not sources_to_replay(situation):
        raise NotYet(Notice.NOTHING_TO_REQUEST)


def lacks_history(situation: Situation) -> bool:
    """Whether there is something to request although the Replay is over."""
    return bool(missing_sources(situation))


def _asks_for_form(situation: Situation, *, revise: bool) -> bool:
    """Whether there is something to request, or somebody wants to change what was requested.

    A Replay that has finished is not changed: another request asks for other sources.
    """
    integration = situation.integration
    if not sources_to_replay(situation):
        return False
    if not stands(integration) or sources_taken_out(integration) or integration.replay_finished:
        return True
    return revise
