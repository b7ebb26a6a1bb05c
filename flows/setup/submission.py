"""What every press has in common: whose set-up, from which revision, what is shown next."""

from dataclasses import dataclass, replace

from flows.errors import FieldError, NotFound, NotInstalled, OwnWorkspace, RevisionConflict
from flows.model import Integration, Observed, Screen, Situation
from flows.recording import Also, Change, Decide, Recorder, StampedStep, is_stale
from flows.setup import steps
from flows.setup.blockers import current_screen, due_screen
from flows.setup.results import NoSetUp, Notice, ShowStep
from flows.vocabulary import Actor, Plan

ORDER = (Screen.PLAN, Screen.CREDENTIALS, Screen.SOURCES, Screen.LIVE_SYNC)


@dataclass(frozen=True, slots=True)
class Ref:
    """What a screen was drawn from, and the modal that shows it. Both come back with each press."""

    integration_id: str
    revision: int
    form: str = ""


class Stale(Exception):
    """This screen's answer changed after it was drawn."""


class NotYet(Exception):
    """Something else must be done first."""


class Submitting:
    """Applies what people press to their set-up.

    No set-up begins in the Slack workspace `own_team_id`, which is Toplyne's.
    """

    def __init__(self, recorder: Recorder, own_team_id: str = "") -> None:
        self._recorder = recorder
        self._own_team_id = own_team_id

    async def start(self, actor: Actor, *, again: bool = True) -> ShowStep:
        """Begins a set-up, or resumes it exactly where it was. Only the doors may call this.

        With `again` false, none begins after a disconnect. Raises `OwnWorkspace`, `NoSetUp`.
        """
        situation = await self.customer(actor)
        if not again:
            not_left(situation)
        if not situation.integration.begun:
            situation = await self._recorder.change(
                actor.tenant_id, situation.integration.id, self._begin(actor), actor=actor
            )
        return current(situation)

    async def customer(self, actor: Actor) -> Situation:
        """The person's set-up, even before it begins or after it ends: people can always write.

        Raises `OwnWorkspace`.
        """
        return await self._recorder.of_team(actor) or await self._create(actor)

    async def situation(self, actor: Actor) -> Situation:
        """The set-up under way in the person's Slack workspace. Raises `NoSetUp`."""
        return under_way(await self._recorder.of_team(actor))

    async def _create(self, actor: Actor) -> Situation:
        if actor.team_id == self._own_team_id:
            raise OwnWorkspace(actor.team_id)
        try:
            return await create(self._recorder, actor)
        except RevisionConflict:  # a colleague was a moment faster
            situation = await self._recorder.of_team(actor)
            if situation is None:
                raise
            return situation

    def _begin(self, actor: Actor) -> Decide:
        def decide(situation: Situation) -> Change:
            integration = situation.integration
            if integration.begun:
                return Change(integration)
            return steps.begin(integration, self._recorder.stamp(actor))

        return decide

    async def still_at(self, actor: Actor, ref: Ref, screen: Screen) -> ShowStep:
        """The same screen while somebody fills it in, or the newer state with its notice."""
        situation = await self.situation(actor)
        if is_stale(situation.integration, screen, ref.revision):
            return _newer(situation, actor)
        return ShowStep(screen, situation)

    async def simply(
        self, actor: Actor, ref: Ref, step: StampedStep, also: Also | None = None
    ) -> ShowStep:
        """Applies a step that needs only who and when."""
        stamp = self._recorder.stamp(actor)
        return await self.change(actor, ref, lambda now: step(now.integration, stamp), also)

    async def change(
        self, actor: Actor, ref: Ref, decide: Decide, also: Also | None = None
    ) -> ShowStep:
        """Applies a decision. If it was made on an old screen, shows the newer state instead.

        The decision may raise `Stale` and `NotYet`. Raises `NoSetUp`.
        """
        try:
            situation = await self.record(actor, ref, if_under_way(decide), also)
        except Stale:
            return _newer(await self.situation(actor), actor)
        except NotYet:
            return replace(current(await self.situation(actor)), notice=Notice.NOT_YET)
        return current(situation)

    async def refuse(
        self, actor: Actor, ref: Ref, screen: Screen, errors: tuple[FieldError, ...]
    ) -> ShowStep:
        """Counts a failed try and shows the screen again, with errors at their fields."""
        stamp = self._recorder.stamp(actor)
        counted = if_under_way(lambda now: steps.refuse(now.integration, errors[0].code, stamp))
        situation = await self.record(actor, ref, counted)
        return ShowStep(screen, situation, errors=errors)

    async def record(
        self, actor: Actor, ref: Ref, decide: Decide, also: Also | None = None
    ) -> Situation:
        """Changes what a screen was drawn from. Raises `NoSetUp` if that no longer exists."""
        try:
            return await self._recorder.change(
                actor.tenant_id, ref.integration_id, decide, actor=actor, also=also
            )
        except NotFound:
            raise NoSetUp(None) from None


def under_way(situation: Situation | None) -> Situation:
    """The rule for everything but the doors: they begin nothing. Raises `NoSetUp`."""
    if situation is None or not situation.integration.begun:
        raise NoSetUp(situation)
    return situation


def not_left(situation: Situation | None) -> Situation:
    """The rule for what may come before a set-up begins: reminders and delegation.

    Raises `NoSetUp`.
    """
    if situation is None or situation.integration.disconnected:
        raise NoSetUp(situation)
    return situation


def if_under_way(decide: Decide) -> Decide:
    """Checks the newest state too: somebody may disconnect between a look and a change."""
    return lambda now: decide(under_way(now))


def if_not_left(decide: Decide) -> Decide:
    return lambda now: decide(not_left(now))


async def create(recorder: Recorder, actor: Actor) -> Situation:
    """Creates a first, empty set-up for a Slack workspace.

    Raises `RevisionConflict` if it exists, `NotInstalled` if the app does not reach it.
    """
    integration = Integration(
        id=f"int_{actor.team_id}",  # one per team for now, so that two first clicks cannot make two
        tenant_id=actor.tenant_id,
        team_id=actor.team_id,
        created=recorder.stamp(actor),
    )
    async with recorder.uow(actor.tenant_id) as work:
        team = await work.teams.get(actor.team_id)
        if team is None or team.left_at:
            raise NotInstalled(actor.team_id)
        await work.integrations.add(integration)
        await work.commit()
    return Situation(integration, Observed(), recorder.clock.now())


def require_fresh(integration: Integration, screen: Screen, ref: Ref) -> None:
    """Raises `Stale`."""
    if is_stale(integration, screen, ref.revision):
        raise Stale


def _newer(situation: Situation, actor: Actor) -> ShowStep:
    notice = why_newer(situation.integration, actor.user_id)
    return replace(current(situation), notice=notice)


def stale(situation: Situation, screen: Screen, ref: Ref, actor: Actor) -> ShowStep | None:
    """The newer state, if this screen's answer changed after the person was shown it."""
    if is_stale(situation.integration, screen, ref.revision):
        return _newer(situation, actor)
    return None


# --- which screen follows which, and which ones a person may see ----------------------------------


def screen_after(screen: Screen, situation: Situation) -> Screen:
    """The screen after this one: the next in order if all is filled in, else what is missing."""
    current = current_screen(situation.integration, situation.observed)
    following = ORDER[ORDER.index(screen) + 1]
    if current in ORDER and ORDER.index(current) <= ORDER.index(following):
        return current
    if following is Screen.SOURCES and situation.integration.plan is Plan.FREE:
        return Screen.LIVE_SYNC
    return following


def reachable(situation: Situation, wanted: Screen) -> Screen:
    """The screen that was asked for, or the first one that must come before it."""
    current = current_screen(situation.integration, situation.observed)
    if wanted is Screen.WRITE_BACK:
        return wanted if situation.integration.live_started else current
    if wanted in ORDER and current in ORDER:
        return wanted if ORDER.index(wanted) <= ORDER.index(current) else current
    if wanted in ORDER:
        return wanted
    return due_screen(situation.integration, situation.observed)


def current(situation: Situation) -> ShowStep:
    """Where the person should be now."""
    return ShowStep(current_screen(situation.integration, situation.observed), situation)


def why_newer(integration: Integration, user_id: str) -> Notice:
    """Why a person sees a newer state than the one they answered."""
    last = integration.last_active
    own = last is not None and last.by == user_id
    return Notice.ALREADY_DONE if own else Notice.CHANGED_BY_COLLEAGUE
