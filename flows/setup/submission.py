"""What every press has in common: whose set-up, from which revision, what is shown next."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from flows.checks.question import CheckKind
from flows.errors import FieldError, NotFound, OwnWorkspace, RevisionConflict
from flows.model import Integration, Screen, Situation
from flows.recording import Also, Change, Decide, Recorded, Recorder, StampedStep, is_stale
from flows.setup import steps
from flows.setup.beginning import begins, create, remember_request
from flows.setup.blockers import current_screen
from flows.setup.permissions import Members, Onlooker, Right, Wide, said_by
from flows.setup.results import NoSetUp, Notice, ShowProgress, ShowStep
from flows.vocabulary import Actor


@dataclass(frozen=True, slots=True)
class Ref:
    """What a window or message was drawn from, and its modal. All come back with each press.

    `generation` is the set-up that it names. None: it names none, and is about the one that is
    under way. Messages name no revision. `page` is the link of the page that it stood on, if it
    did not stand in Slack.
    """

    integration_id: str
    revision: int
    form: str = ""
    generation: int | None = None
    page: str = ""


Rule = Callable[[Situation, "Ref | None"], Situation]  # what must hold; raises `NoSetUp`


class Stale(Exception):
    """This screen's answer changed after it was drawn."""

    def __init__(self, screen: Screen) -> None:
        super().__init__(screen)
        self.screen = screen


class NotYet(Exception):
    """Something else must be done first; the notice says why."""

    def __init__(self, notice: Notice = Notice.NOT_YET) -> None:
        super().__init__(notice)
        self.notice = notice


class NeedsDay(Exception):
    """This choice of a plan is an upgrade, whose day must be known first."""


class Submitting:
    """Applies what people press to their set-up, if they have the right to.

    No set-up begins in the Slack workspace `own_team_id`, which is Toplyne's. Everything raises
    `NotMember`, `DirectoryUnavailable` and, where a right is named, `NotAllowed`.
    """

    def __init__(self, recorder: Recorder, members: Members, own_team_id: str = "") -> None:
        self._recorder = recorder
        self._members = members
        self._own_team_id = own_team_id

    async def start(self, actor: Actor, *, again: bool = True) -> ShowStep:
        """Begins a set-up, or resumes it exactly where it was. Only the doors may call this.

        Any full member may begin one, and then manages it. With `again` false, none begins after a
        disconnect. Raises `OwnWorkspace`, `NoSetUp`.
        """
        member = await self._members.require(actor)
        situation = await self._customer(actor)
        if not again:
            not_left(situation)
        if not situation.integration.begun:
            begun = await self._recorder.change(
                actor.tenant_id,
                situation.integration.id,
                begins(self._recorder, actor),
                actor=actor,
                also=remember_request(actor),
            )
            situation = begun.after
        shown = current(situation)
        return replace(shown, situation=member.require(situation, shown.screen))

    async def customer(self, actor: Actor) -> Situation:
        """The person's set-up, even before it begins or after it ends: people can always write.

        Raises `OwnWorkspace`.
        """
        member = await self._members.require(actor)
        return member.sees(await self._customer(actor))

    async def look(self, actor: Actor) -> Situation | None:
        """The set-up of the person's Slack workspace, as any full member may see it."""
        member = await self._members.require(actor)
        found = await self._recorder.of_team(actor)
        return member.sees(found) if found else None

    async def standing(self, actor: Actor) -> tuple[Situation | None, Onlooker | None]:
        """The set-up of the person's Slack workspace, and whom they ask who may not go on."""
        member = await self._members.require(actor)
        found = await self._recorder.of_team(actor)
        if found is None:
            return None, None
        return member.sees(found), await self._members.unless_able(member, found)

    async def situation(self, actor: Actor, right: Right, ref: Ref | None = None) -> Situation:
        """The set-up under way in the person's Slack workspace, which `ref` names.

        Raises `NoSetUp`.
        """
        member = await self._members.require(actor)
        return member.require(under_way(await self._recorder.of_team(actor), ref), right)

    async def not_left(self, actor: Actor, right: Right, ref: Ref | None = None) -> Situation:
        """The set-up that `ref` names, before it begins too. `NoSetUp` after a disconnect."""
        member = await self._members.require(actor)
        return member.require(not_left(await self._recorder.of_team(actor), ref), right)

    async def _customer(self, actor: Actor) -> Situation:
        if found := await self._recorder.of_team(actor):
            return found
        if actor.team_id == self._own_team_id:
            raise OwnWorkspace(actor.team_id)
        try:
            return await create(self._recorder, actor)
        except RevisionConflict:  # a colleague was a moment faster
            situation = await self._recorder.of_team(actor)
            if situation is None:
                raise
            return situation

    async def still_at(self, actor: Actor, ref: Ref, screen: Screen) -> ShowStep:
        """The screen that somebody fills in, or the newer state with its notice."""
        situation = await self.situation(actor, screen, ref)
        return stale(situation, screen, ref, actor) or ShowStep(screen, situation)

    async def simply(
        self, actor: Actor, ref: Ref, right: Right, step: StampedStep, also: Also | None = None
    ) -> ShowStep:
        """Applies a step that needs only who and when."""
        stamp = self._recorder.stamp(actor)
        return await self.change(actor, ref, right, lambda now: step(now.integration, stamp), also)

    async def change(
        self, actor: Actor, ref: Ref, right: Right, decide: Decide, also: Also | None = None
    ) -> ShowStep:
        """Applies a decision. If it was made on an old screen, shows the newer state instead.

        The decision may raise `Stale` and `NotYet`. Raises `NoSetUp`.
        """
        try:
            recorded = await self.record(actor, ref, right, decide, also=also)
        except Stale as old:
            return newer(await self.situation(actor, Wide.LOOK, ref), actor, old.screen)
        except NotYet as why:
            now = await self.situation(actor, Wide.LOOK, ref)
            return replace(current(now), notice=why.notice)
        return current(recorded.after)

    async def refuse(
        self, actor: Actor, ref: Ref, screen: Screen, errors: tuple[FieldError, ...]
    ) -> ShowStep:
        """Counts a failed try and shows the screen again, with errors at their fields."""
        stamp = self._recorder.stamp(actor)
        recorded = await self.record(
            actor, ref, screen, lambda now: steps.refuse(now.integration, errors[0].code, stamp)
        )
        return ShowStep(screen, recorded.after, errors=errors)

    async def record(
        self,
        actor: Actor,
        ref: Ref,
        right: Right,
        decide: Decide,
        *,
        rule: Rule | None = None,
        also: Also | None = None,
    ) -> Recorded:
        """Changes what a screen was drawn from. Raises `NoSetUp` if that no longer exists.

        The newest state decides whether the person may, and whether `rule` holds: usually that the
        set-up is under way.
        """
        member, holds = await self._members.require(actor), rule or under_way

        def allowed(now: Situation) -> Change:
            change = decide(member.require(holds(now, ref), right))
            return said_by(member, now, change) if right is Wide.LOOK else change

        try:
            recorded = await self._recorder.change(
                actor.tenant_id, ref.integration_id, allowed, actor=actor, also=also
            )
        except NotFound:
            raise NoSetUp(None) from None
        return Recorded(member.sees(recorded.before), member.sees(recorded.after))


def under_way(situation: Situation | None, ref: Ref | None = None) -> Situation:
    """The rule for everything but the doors: they begin nothing. Raises `NoSetUp`."""
    found = not_left(situation, ref)
    if not found.integration.begun:
        raise NoSetUp(found)
    return found


def not_left(situation: Situation | None, ref: Ref | None = None) -> Situation:
    """The rule for what may come before a set-up begins: reminders and delegation.

    Raises `NoSetUp`.
    """
    if situation is None or situation.integration.disconnected:
        raise NoSetUp(situation)
    if ref is not None and ref.generation not in (None, situation.integration.generation):
        raise NoSetUp(situation)  # the one that is named came before
    return situation


def any_time(situation: Situation, _ref: Ref | None = None) -> Situation:
    """The rule for what people write to Toplyne."""
    return situation


def require_fresh(integration: Integration, screen: Screen, ref: Ref) -> None:
    """Raises `Stale`."""
    if is_stale(integration, screen, ref.revision):
        raise Stale(screen)


def newer(situation: Situation, actor: Actor, *screens: Screen) -> ShowStep:
    """Where the set-up is now, and why the person sees that: one of these screens was changed."""
    integration = situation.integration
    newest = max(screens, key=lambda screen: integration.changed.get(screen, 0))
    by = integration.changed_by.get(newest)
    if by and by.by == actor.user_id:
        return replace(current(situation), notice=Notice.ALREADY_DONE)
    return replace(current(situation), notice=Notice.CHANGED_MEANWHILE, changed=by)


def stale(situation: Situation, screen: Screen, ref: Ref, actor: Actor) -> ShowStep | None:
    """The newer state, if this screen's answer changed after the person was shown it."""
    if is_stale(situation.integration, screen, ref.revision):
        return newer(situation, actor, screen)
    return None


# --- where the person should be now ---------------------------------------------------------------


def current(situation: Situation) -> ShowStep:
    """Where the person should be now."""
    return ShowStep(current_screen(situation), situation)


def still_checked(shown: ShowStep, actor: Actor) -> ShowStep | ShowProgress:
    """What somebody sees who comes back while their answer to this screen is still checked."""
    check_id, _, kind = shown.situation.observed.checks.get(actor.user_id, "").partition(" ")
    if not check_id:
        return shown
    checked = CheckKind(kind)
    if checked.screen is not shown.screen or checked is CheckKind.LIVE_SYNC:
        return shown  # live sync has no answer: a check there looks again
    return ShowProgress(checked, check_id, shown.situation)
