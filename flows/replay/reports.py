"""A Replay after its request: what people report about it, and every version of the request."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from flows.csm.facts import Rejectable
from flows.csm.members import Csms
from flows.errors import ErrorCode, Field, FieldError, NotFound, Warned, WarningCode
from flows.model import Integration, Screen, Situation
from flows.pasted import ticket_number, written
from flows.recording import Change, Recorder, once_unless
from flows.replay import steps as replay_steps
from flows.replay import undoing
from flows.replay.facts import PastReplay, ReplayRequest
from flows.replay.steps import Mark, reports, still_open
from flows.replay.window import past_replays
from flows.secret_shapes import check_text
from flows.setup.permissions import Wide
from flows.setup.replays import day_come, is_rejected, is_under_way, stands
from flows.setup.results import Done, Mistakes, Notice, Said, ShowStep
from flows.setup.submission import NotYet, Ref, Stale, Submitting
from flows.vocabulary import Actor

MAX_TICKET = 60
MAX_QUESTION = 1000
MAX_VERSIONS = 50
ELSEWHERE_STILL = timedelta(days=1)  # some people's date is up to this far behind UTC
FAR = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Version:
    """One request, and how it ended if it has run. `numbers` are all kept ones, newest first."""

    request: ReplayRequest
    numbers: list[int]
    past: PastReplay | None = None


class Following:
    """What the customer reports about a Replay, and what was requested."""

    def __init__(self, recorder: Recorder, submitting: Submitting, csms: Csms) -> None:
        self._recorder = recorder
        self._submitting = submitting
        self._csms = csms

    async def mark(
        self,
        actor: Actor,
        ref: Ref,
        mark: Mark,
        *,
        number: int | None = None,
        anyway: bool = False,
    ) -> ShowStep:
        """Sent, running, finished. `number` is that of the request at which it was pressed.

        If something is still open at the end, asks once whether it is the end.
        """
        situation = await self._submitting.situation(actor, Screen.REPLAY_STATUS, ref)
        asks = mark is Mark.FINISHED and not anyway
        was_rejected = is_rejected(situation.integration, Rejectable.REPLAY)
        left = still_open(situation) if asks and not was_rejected else ()
        if left and not situation.integration.replay_finished:
            warned = Warned(WarningCode.STILL_OPEN, {"count": str(len(left))})
            return ShowStep(Screen.REPLAY_STATUS, situation, warnings=(warned,))

        def decide(situation: Situation) -> Change:
            _require_standing(situation.integration, number)
            return replay_steps.mark_replay(situation, mark, self._recorder.stamp(actor))

        shown = await self._submitting.change(actor, ref, Screen.REPLAY_STATUS, decide)
        return _still_replay(shown)

    async def undo(self, actor: Actor, ref: Ref, mark: Mark, number: int | None = None) -> ShowStep:
        """Takes back a report, for some minutes. Later it says whom to ask."""
        situation = await self._submitting.situation(actor, Screen.REPLAY_STATUS, ref)
        is_made = stands(situation.integration) and mark in reports(situation.integration)
        if is_made and undoing.undoable(situation) is not mark:
            return ShowStep(Screen.REPLAY_STATUS, situation, notice=Notice.TOO_LATE_TO_UNDO)

        def decide(situation: Situation) -> Change:
            _require_standing(situation.integration, number)
            return undoing.undo(situation, mark, self._recorder.stamp(actor))

        return await self._submitting.change(actor, ref, Screen.REPLAY_STATUS, decide)

    async def unscheduled(self, actor: Actor, ref: Ref) -> Situation | ShowStep:
        """What the question for the day is about, or what to show where the Replay runs already."""
        situation = await self._submitting.situation(actor, Screen.REPLAY_STATUS, ref)
        if situation.integration.replay_running:
            return ShowStep(Screen.REPLAY_STATUS, situation, notice=Notice.ALREADY_RUNNING)
        return situation

    async def schedule(
        self,
        actor: Actor,
        ref: Ref,
        on: date | None,
        ticket: str,
        number: int | None = None,
        *,
        no_day: bool = False,
    ) -> ShowStep | Mistakes:
        """Segment said when they run it: the day, the ticket number, or both.

        `number` is that of the request which the window was about. `no_day`: the day that was
        reported before was a mistake, and Segment has named none.
        """
        ticket = ticket_number(ticket)
        today = self._recorder.clock.now().date()
        situation = await self.unscheduled(actor, ref)
        if isinstance(situation, ShowStep):
            return situation
        here = situation.here
        is_late = day_come(situation.integration, situation.now, here) is not None
        day = None if no_day else on
        if errors := check_schedule(day, ticket, today, may_be_empty=is_late or no_day):
            return Mistakes(errors)

        def decide(situation: Situation) -> Change:
            _require_standing(situation.integration, number)
            of, stamp = situation.integration, self._recorder.stamp(actor)
            return replay_steps.schedule_replay(of, day, ticket, stamp, here, no_day=no_day)

        shown = await self._submitting.change(actor, ref, Screen.REPLAY_STATUS, decide)
        return _still_replay(shown)

    async def pass_on(
        self, actor: Actor, ref: Ref, note: str, number: int | None = None
    ) -> Done | Mistakes:
        """Passes a question by Segment about this request on to the CSM. Raises `NotTaken`."""
        note = written(note)
        if errors := check_text(Field.NOTE, note, MAX_QUESTION, required=True):
            return Mistakes(errors)

        def decide(situation: Situation) -> Change:
            _require_request(situation.integration, number)
            of, stamp = situation.integration, self._recorder.stamp(actor)
            full = of.csm.why_not_asked(actor.user_id, Field.NOTE)
            change = replay_steps.ask_about_replay(of, note, stamp)
            return once_unless(full, ref.form, change, of)

        shown = await self._submitting.change(actor, ref, Screen.REPLAY_STATUS, decide)
        if shown.notice:  # what was written stays in the form
            return Mistakes((FieldError(Field.NOTE, ErrorCode.NO_REQUEST),))
        return Done(Said.QUESTION_PASSED_ON, shown.situation)

    async def version(self, actor: Actor, ref: Ref, number: int) -> Version:
        """One request of the person's set-up. Raises `NotFound`."""
        situation = await self._submitting.situation(actor, Wide.LOOK, ref)
        integration = situation.integration
        return await self._version(actor.tenant_id, integration.id, integration.generation, number)

    async def for_csm(
        self, csm: Actor, tenant_id: str, named: tuple[str, int], number: int
    ) -> Version:
        """One request of a customer's set-up, `named` by integration and generation.

        Raises `NotFound`, and what `Csms.require` raises.
        """
        await self._csms.require(csm)
        return await self._version(tenant_id, *named, number)

    async def _version(
        self, tenant_id: str, integration_id: str, generation: int, number: int
    ) -> Version:
        async with self._recorder.uow(tenant_id, write=False) as work:
            kept = await work.replay_requests.of(integration_id, MAX_VERSIONS)
            integration = await work.integrations.get(integration_id)
        if integration.generation != generation:
            raise NotFound(f"request {number} of an earlier set-up")
        past = {each.number: each for each in past_replays(integration)}
        for request in kept:
            if request.number == number:
                return Version(request, [each.number for each in kept], past.get(number))
        raise NotFound(f"request {number}")


def _still_replay(shown: ShowStep) -> ShowStep:
    """The Replay as it was just reported, even if something else is to be done first."""
    if shown.notice or not is_under_way(shown.situation.integration):
        return shown
    return replace(shown, screen=Screen.REPLAY_STATUS)


def check_promised(on: date | None, today: date) -> tuple[FieldError, ...]:
    """What is wrong with the day that Segment promised, if it did. `today` is in UTC."""
    if on and not today - ELSEWHERE_STILL <= on <= today + FAR:
        return (FieldError(Field.SCHEDULED_ON, ErrorCode.DATE_NOT_AHEAD),)
    return ()


def check_schedule(
    on: date | None, ticket: str, today: date, *, may_be_empty: bool = False
) -> tuple[FieldError, ...]:
    """What is wrong with Segment's answer as it was typed. `today` is in UTC.

    It may be empty once a promised day has passed: that the Replay did not start is an answer.
    """
    if on is None and not ticket and not may_be_empty:
        return (FieldError(Field.SCHEDULED_ON, ErrorCode.REQUIRED),)
    return check_promised(on, today) or check_text(Field.TICKET, ticket, MAX_TICKET)


def _require_request(integration: Integration, number: int | None) -> None:
    """Raises `NotYet`, or `Stale` if the request was replaced since it was shown."""
    if integration.replay is None:
        raise NotYet
    if number is not None and number != integration.replay.number:
        raise Stale(Screen.REPLAY)


def _require_standing(integration: Integration, number: int | None) -> None:
    """Raises `NotYet`, also if a CSM rejected the request, or `Stale` if it was replaced."""
    _require_request(integration, number)
    if is_rejected(integration, Rejectable.REPLAY):
        raise NotYet(Notice.REJECTED)
