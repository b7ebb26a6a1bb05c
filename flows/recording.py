"""The one way to change an integration: a pure decision, and all that follows from it.

It is stored in one transaction.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol, TypeVar

from flows.errors import FieldError, NotFound, NotTaken, RevisionConflict
from flows.history import Event
from flows.model import (
    DestinationState,
    Integration,
    Observed,
    Screen,
    Situation,
    SourceStatus,
    Unheard,
)
from flows.overview import Overview
from flows.ports import Clock, Unguarded, UnitOfWork, UnitOfWorkFactory
from flows.vocabulary import Actor, Stamp

T = TypeVar("T")

FORMS_REMEMBERED = 20
MAX_CONFLICTS = 5  # when two people press at once, one needs one more try


@dataclass(frozen=True, slots=True)
class Change:
    """The result of a pure step. With no events and the same integration, nothing changed.

    `is_progress`: whoever did it is the set-up's contact from then on.
    """

    integration: Integration
    events: tuple[Event, ...] = ()
    is_progress: bool = True


@dataclass(frozen=True, slots=True)
class Recorded:
    """A set-up right before and right after a change. They are the same if nothing changed."""

    before: Situation
    after: Situation


class StampedStep(Protocol):
    """A pure step that needs only who acted and when."""

    def __call__(self, integration: Integration, stamp: Stamp) -> Change: ...


Decide = Callable[[Situation], Change]
Also = Callable[[UnitOfWork], Awaitable[None]]
# Writes what follows from a change, given the situations before and after it and its events.
Reaction = Callable[[UnitOfWork, Situation, Situation, Sequence[Event]], Awaitable[None]]


# Withdraws from Toplyne what it may have got of a set-up: its id, Slack workspace and account.
Withdraw = Callable[[UnitOfWork, str, str, str, datetime], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Reactions:
    """What follows from every change. `flows.reactions` makes the usual ones.

    `attend` adds to the facts before they are saved, given the situation before the change, and
    `project` derives the overview from them. `others` run in order after the save. `withdraw` is
    for set-ups that leave and whose facts cannot be read; None: Toplyne's backend is told nothing.
    """

    attend: Callable[[Situation, Integration, Sequence[Event]], Integration]
    project: Callable[[Situation], Overview]
    others: tuple[Reaction, ...] = ()
    withdraw: Withdraw | None = None


@dataclass(frozen=True, slots=True)
class Recorder:
    """Reads situations and records changes."""

    uow: UnitOfWorkFactory
    clock: Clock
    reactions: Reactions

    # --- reading ----------------------------------------------------------------------------------

    async def load(self, work: UnitOfWork, integration_id: str) -> Situation:
        """Raises `NotFound`."""
        seen = await work.integrations.observed(integration_id)
        return Situation(*seen, self.clock.now())

    async def of_team(self, actor: Actor) -> Situation | None:
        """The set-up of the person's Slack workspace, if there is one."""
        seen = await self.uow.glance(actor.tenant_id, actor.team_id)
        return Situation(*seen, self.clock.now()) if seen else None

    # --- changing ---------------------------------------------------------------------------------

    async def transact(
        self,
        tenant_id: str,
        do: Callable[[UnitOfWork], Awaitable[T]],
        unguarded: Unguarded | None = None,
    ) -> T:
        """Runs `do` and commits it. Starts over if somebody else saved meanwhile.

        Raises what `do` raises, or `RevisionConflict` if it never gets through.
        """
        tries = 0
        while True:
            tries += 1
            try:
                async with self.uow(tenant_id, unguarded=unguarded) as work:
                    result = await do(work)
                    await work.commit()
                    return result
            except RevisionConflict:
                if tries == MAX_CONFLICTS:
                    raise

    async def change(
        self,
        tenant_id: str,
        integration_id: str,
        decide: Decide,
        *,
        actor: Actor | None = None,
        also: Also | None = None,
    ) -> Recorded:
        """Applies a pure decision to the newest state and commits it.

        The decision runs again if somebody else saved meanwhile. `also` does more in the same
        transaction. Without an actor, nobody becomes the set-up's contact. Raises what the
        decision raises, `NotFound`, or `RevisionConflict` if it never gets through.
        """

        async def do(work: UnitOfWork) -> Recorded:
            before = await self.load(work, integration_id)
            if actor:
                _only_own_team(actor, before.integration)
            if also:
                await also(work)
            return Recorded(before, await self.record(work, before, decide(before), actor))

        return await self.transact(tenant_id, do)

    async def record(
        self,
        work: UnitOfWork,
        before: Situation,
        change: Change,
        actor: Actor | None,
        known: Situation | None = None,
    ) -> Situation:
        """Writes one change in the caller's transaction. The caller commits.

        `known` is what was known before a look whose observations stand in `before` already.
        """
        integration = change.integration
        # Acting before a set-up has begun, for example delegating a screen, does not begin it.
        is_changed = change.is_progress and integration is not before.integration
        if actor and is_changed and integration.last_active:
            integration = replace(integration, last_active=Stamp(actor.user_id, before.now))
        if integration is before.integration and not change.events:
            return before
        if actor and integration.reminders.refused:
            integration = _there_again(integration, actor.user_id)
        acted = Stamp(actor.user_id if actor else "", before.now)
        by = change.events[0].stamp if change.events else acted
        integration = _signed(before.integration, integration, by)
        integration = self.reactions.attend(before, integration, change.events)
        await _follow(work, before, integration)
        saved = await work.integrations.save(integration)
        after = replace(before, integration=saved)
        await self.react(work, known or before, after, change.events)
        return after

    async def note(
        self, tenant_id: str, integration_id: str, decide: Callable[[Situation], Integration]
    ) -> None:
        """Stores what only the app itself must remember, and derives the overview again.

        Nothing is said or redrawn. Raises `NotFound`, or `RevisionConflict` as `change` does.
        """

        async def do(work: UnitOfWork) -> None:
            situation = await self.load(work, integration_id)
            noted = decide(situation)
            if noted is not situation.integration:
                noted = await work.integrations.save(noted)
            after = replace(situation, integration=noted)
            await work.overviews.put(self.reactions.project(after))

        await self.transact(tenant_id, do)

    async def react(
        self, work: UnitOfWork, before: Situation, after: Situation, events: Sequence[Event] = ()
    ) -> None:
        """Writes what follows from a change, or from new observations, which have no events."""
        for reaction in self.reactions.others:
            await reaction(work, before, after, events)
        await work.overviews.put(self.reactions.project(after))

    # --- who and when -----------------------------------------------------------------------------

    def stamp(self, actor: Actor) -> Stamp:
        return Stamp(actor.user_id, self.clock.now())

    def csm_stamp(self, csm: Actor) -> Stamp:
        """A stamp for a CSM, who is not in the customer's Slack."""
        return replace(self.stamp(csm), of_toplyne=True)


async def _follow(work: UnitOfWork, known: Situation, after: Integration) -> None:
    """Makes the rows beside the facts follow them, so that they hold no more than is wanted.

    Deletes secrets that the facts no longer mention, and observations of sources that are no longer
    chosen, but since when they are live. Keeps every version of a Replay request that was handed
    off.
    """
    before = known.integration
    if before.credentials and after.credentials is None:
        await work.vault.delete(after.id)
    if before.write_back.entered and not after.write_back.entered:
        await work.write_keys.delete(after.id)
    if after.sources != before.sources:
        left = _left_out(known.observed, after)
        await work.observations.keep_statuses(after.id, [source.id for source in after.sources])
        for status in left:
            await work.observations.put_status(after.id, status)
    if after.replay and after.replay is not before.replay:
        await work.replay_requests.add(after.id, after.replay)


def _left_out(observed: Observed, after: Integration) -> list[SourceStatus]:
    """What is kept of sources that were left out, in case they are chosen again: since when they
    are live, which Segment forgets. Nothing once another Segment workspace has taken their place.
    """
    chosen = {source.id for source in after.sources}
    return [
        replace(
            status,
            enabled=True,
            destination=DestinationState.ENABLED,
            stopped_at=None,
            deleted=False,
            unheard=Unheard.UNUSABLE,  # nothing else is known until Segment is asked again
        )
        for status in observed.statuses.values()
        if chosen and status.source_id not in chosen and status.first_delivered_at
    ]


def _signed(before: Integration, after: Integration, by: Stamp) -> Integration:
    """Notes whose change it was, for the screens whose answer it touched."""
    touches = [screen for screen, at in after.changed.items() if before.changed.get(screen) != at]
    if not touches:
        return after
    return replace(after, changed_by={**after.changed_by, **dict.fromkeys(touches, by)})


def _there_again(integration: Integration, user_id: str) -> Integration:
    """Whoever acts is there, though Slack refused what was for them a while ago."""
    facts = integration.reminders
    kept = tuple(each for each in facts.refused if each.user_id != user_id)
    return replace(integration, reminders=replace(facts, refused=kept))


def _only_own_team(actor: Actor, integration: Integration) -> None:
    """An enterprise's installation holds several teams, and a set-up belongs to one of them."""
    if integration.team_id != actor.team_id:
        raise NotFound(integration.id)


# --- what pure steps use --------------------------------------------------------------------------


def once(form: str, change: Change, before: Integration) -> Change:
    """The change, or none if this very modal made it already: its button was pressed twice."""
    if not form:
        return change
    if form in before.forms:
        return Change(before)
    forms = (*before.forms, form)[-FORMS_REMEMBERED:]
    return replace(change, integration=replace(change.integration, forms=forms))


def once_unless(wrong: FieldError | None, form: str, change: Change, before: Integration) -> Change:
    """The change once a form, unless something is wrong with it by now. Raises `NotTaken`."""
    first = once(form, change, before)
    if wrong and first.events:
        raise NotTaken(wrong)
    return first


def touched(integration: Integration, *screens: Screen, is_done: bool = True) -> Integration:
    """Marks the answers of these screens as changed by the next save.

    If the screens are done, colleagues who were asked to do one of them no longer have to. Failed
    tries are over too, whatever they were about: somebody has got on.
    """
    changed = {**integration.changed, **dict.fromkeys(screens, integration.revision + 1)}
    if not is_done:
        return replace(integration, changed=changed)
    asked = tuple(
        replace(each, is_open=False) if each.screen in screens else each
        for each in integration.asked
    )
    return replace(
        integration,
        changed=changed,
        asked=asked,
        failed_tries=0,
        last_error="",
    )


def answer_of(integration: Integration, screen: Screen) -> int:
    """The revision at which this screen's answer last changed, for a button that is about it."""
    return integration.changed.get(screen, 0)


def is_stale(integration: Integration, screen: Screen, revision: int) -> bool:
    """Whether this screen's answer changed after the person was shown it."""
    return integration.changed.get(screen, 0) > revision
