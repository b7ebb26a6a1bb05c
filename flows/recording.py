"""The one way to change an integration: its state and all that follows, in one transaction."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from flows.change import Change
from flows.errors import NotFound, RevisionConflict
from flows.history import Event
from flows.model import Integration, Observed, Situation, SourceStatus
from flows.overview import Overview
from flows.ports import Clock, Unguarded, UnitOfWork, UnitOfWorkFactory
from flows.vocabulary import Actor, Stamp, TokenHealth, TokenState

T = TypeVar("T")

MAX_CONFLICTS = 5  # when two people press at once, one needs one more try

Decide = Callable[[Situation], Change]
Also = Callable[[UnitOfWork], Awaitable[None]]
# Writes what follows from a change, given the situations before and after it and its events. If
# only observations are new, both situations are the same.
Reaction = Callable[[UnitOfWork, Situation, Situation, Sequence[Event]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Reactions:
    """What follows from every change. `flows.reactions` makes the usual ones.

    `attend` adds to the facts before they are saved, and `project` derives the overview from them.
    `others` run in order after the save.
    """

    attend: Callable[[Integration, Sequence[Event]], Integration]
    project: Callable[[Situation], Overview]
    others: tuple[Reaction, ...] = ()


@dataclass(frozen=True, slots=True)
class Recorder:
    """Reads situations and records changes."""

    uow: UnitOfWorkFactory
    clock: Clock
    reactions: Reactions

    # --- reading ----------------------------------------------------------------------------------

    async def load(self, work: UnitOfWork, integration_id: str) -> Situation:
        """Raises `NotFound`."""
        integration = await work.integrations.get(integration_id)
        observed = await work.observations.of(integration_id)
        return Situation(integration, observed, self.clock.now())

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
    ) -> Situation:
        """Applies a pure decision to the newest state and commits it.

        The decision runs again if somebody else saved meanwhile. `also` does more in the same
        transaction. Without an actor, nobody becomes the set-up's contact. Raises what the
        decision raises, `NotFound`, or `RevisionConflict` if it never gets through.
        """

        async def do(work: UnitOfWork) -> Situation:
            situation = await self.load(work, integration_id)
            if actor:
                _only_own_team(actor, situation.integration)
            if also:
                await also(work)
            return await self.record(work, situation, decide(situation), actor)

        return await self.transact(tenant_id, do)

    async def record(
        self, work: UnitOfWork, before: Situation, change: Change, actor: Actor | None
    ) -> Situation:
        """Writes one change in the caller's transaction. The caller commits."""
        integration = change.integration
        # Acting before a set-up has begun, for example delegating a screen, does not begin it.
        if actor and integration is not before.integration and integration.last_active:
            integration = replace(integration, last_active=Stamp(actor.user_id, before.now))
        if integration is before.integration and not change.events:
            return before
        integration = self.reactions.attend(integration, change.events)
        await _forget_secrets(work, before.integration, integration)
        saved = await work.integrations.save(integration)
        after = replace(before, integration=saved)
        await self._react(work, before, after, change.events)
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

    async def refresh(self, work: UnitOfWork, situation: Situation) -> None:
        """Runs the reactions to new observations."""
        await self._react(work, situation, situation, ())

    async def _react(
        self, work: UnitOfWork, before: Situation, after: Situation, events: Sequence[Event]
    ) -> None:
        for reaction in self.reactions.others:
            await reaction(work, before, after, events)
        await work.overviews.put(self.reactions.project(after))

    # --- what Segment said ------------------------------------------------------------------------

    async def observe(
        self, work: UnitOfWork, situation: Situation, statuses: list[SourceStatus]
    ) -> Situation:
        """Stores what Segment said about the chosen sources, and returns the fresher situation."""
        integration_id = situation.integration.id
        for status in statuses:
            await work.observations.put_status(integration_id, status)
        situation = await self.accept(work, situation)
        fresher = _after_look(situation, statuses)
        await work.observations.put_looked(integration_id, situation.now, 0, fresher.round_since)
        return replace(situation, observed=fresher)

    async def waited(self, work: UnitOfWork, situation: Situation) -> Situation:
        """Notes that somebody waits for Segment. The caller derives when to ask it next."""
        await work.observations.put_waited(situation.integration.id, situation.now)
        observed = replace(situation.observed, waited_at=situation.now)
        return replace(situation, observed=observed)

    async def accept(self, work: UnitOfWork, situation: Situation) -> Situation:
        """Notes that Segment accepted the token."""
        observed = situation.observed
        if observed.token and observed.token.state is TokenState.ACCEPTED:
            return situation
        health = TokenHealth(TokenState.ACCEPTED, situation.now)
        await work.observations.put_token(situation.integration.id, health)
        return replace(situation, observed=replace(observed, token=health))

    # --- who and when -----------------------------------------------------------------------------

    def stamp(self, actor: Actor) -> Stamp:
        return Stamp(actor.user_id, self.clock.now())

    def csm_stamp(self, csm: Actor) -> Stamp:
        """A stamp for a CSM, who is not in the customer's Slack."""
        return replace(self.stamp(csm), of_toplyne=True)


def _after_look(situation: Situation, statuses: Sequence[SourceStatus]) -> Observed:
    """The look goes on while sources are left that were not asked about since it began."""
    before = situation.observed
    learned = {status.source_id: status for status in statuses}
    after = replace(
        before,
        statuses={**before.statuses, **learned},
        looked_at=situation.now,
        failures=0,
        round_since=None,
    )
    begun = before.round_since or min(status.last_asked for status in statuses)
    left = after.not_asked_since(situation.integration.sources, begun)
    return replace(after, round_since=begun) if left else after


async def _forget_secrets(work: UnitOfWork, before: Integration, after: Integration) -> None:
    """Deletes each secret that the facts no longer mention."""
    if before.credentials and after.credentials is None:
        await work.vault.delete(after.id)
    if before.write_back.entered and not after.write_back.entered:
        await work.write_keys.delete(after.id)


def _only_own_team(actor: Actor, integration: Integration) -> None:
    """An enterprise's installation holds several teams, and a set-up belongs to one of them."""
    if integration.team_id != actor.team_id:
        raise NotFound(integration.id)
