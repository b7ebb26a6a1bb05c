"""The one way to change an integration: state, history, overview, messages and jobs together."""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

from flows.checks.incidents import settle
from flows.csm.attention import attended
from flows.errors import NotFound, RevisionConflict
from flows.history import Event
from flows.model import Integration, Situation, SourceStatus
from flows.outbox.announce import edits_of, messages_for, replay_edits
from flows.outbox.messages import Message, MessageKind
from flows.overview import Overview
from flows.ports import Clock, UnitOfWork, UnitOfWorkFactory
from flows.projection import project
from flows.reminders.facts import Reminded
from flows.reminders.schedule import Rules
from flows.setup.blockers import setup_blocker
from flows.setup.steps import Change, now_active
from flows.toplyne.triggers import HandingOver
from flows.vocabulary import Actor, Stamp, TokenHealth, TokenState

MAX_CONFLICTS = 5  # two people pressing at once need one more try, not more
MAX_HOMES = 20  # App Homes that are redrawn when something changes

Decide = Callable[[Situation], Change]
Also = Callable[[UnitOfWork], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Recorder:
    """Reads situations and records changes."""

    uow: UnitOfWorkFactory
    clock: Clock
    poll_interval: timedelta
    rules: Rules = field(default_factory=Rules)
    handing: HandingOver | None = None  # where there is a webhook

    async def load(self, work: UnitOfWork, integration_id: str) -> Situation:
        """Raises `NotFound`."""
        integration = await work.integrations.get(integration_id)
        observed = await work.observations.of(integration_id)
        return Situation(integration, observed, self.clock.now())

    async def of_team(self, actor: Actor) -> Situation | None:
        """The set-up of the person's Slack workspace, if there is one."""
        async with self.uow(actor.tenant_id, write=False) as work:
            integration = await work.integrations.of_team(actor.team_id)
            if integration is None:
                return None
            observed = await work.observations.of(integration.id)
            return Situation(integration, observed, self.clock.now())

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

        The decision runs again when somebody else saved meanwhile; `also` does more in the same
        transaction. Without an actor nobody becomes the set-up's contact. Raises what the
        decision raises, `NotFound`, or `RevisionConflict` when it never gets through.
        """
        for _ in range(MAX_CONFLICTS):
            try:
                async with self.uow(tenant_id) as work:
                    situation = await self.load(work, integration_id)
                    if actor:
                        _only_own_team(actor, situation.integration)
                    if also:
                        await also(work)
                    after = await self.record(work, situation, decide(situation), actor)
                    await work.commit()
                    return after
            except RevisionConflict:
                continue
        raise RevisionConflict(integration_id)

    async def record(
        self, work: UnitOfWork, before: Situation, change: Change, actor: Actor | None
    ) -> Situation:
        """Writes one change inside the caller's transaction, which the caller commits."""
        integration = change.integration
        if actor and integration is not before.integration:
            integration = now_active(integration, actor.user_id, before.now)
        if integration is before.integration and not change.events:
            return before
        integration = attended(integration, change.events)
        if before.integration.credentials and integration.credentials is None:
            await work.vault.delete(integration.id)  # no token stays that the facts do not speak of
        if before.integration.write_back.entered and not integration.write_back.entered:
            await work.write_keys.delete(integration.id)
        saved = await work.integrations.save(integration)
        await _tell(work, saved, change.events)
        if saved.replay and saved.replay is not before.integration.replay:
            await work.replay_requests.add(saved.id, saved.replay)
        for message in replay_edits(before.integration, saved):
            await work.outbox.add(message)
        if self.handing:
            await self.handing.store(work, before.integration, saved, before.now)
        after = Situation(saved, before.observed, before.now)
        await self.refresh(work, after, before.integration.reminders.sent)
        return after

    async def note(
        self, tenant_id: str, integration_id: str, decide: Callable[[Situation], Integration]
    ) -> None:
        """Stores what only the app itself must remember, and derives the overview anew.

        Nothing is said or redrawn. Raises `NotFound`, or `RevisionConflict` as `change` does.
        """
        for _ in range(MAX_CONFLICTS):
            try:
                async with self.uow(tenant_id) as work:
                    situation = await self.load(work, integration_id)
                    noted = decide(situation)
                    if noted is not situation.integration:
                        noted = await work.integrations.save(noted)
                    await work.overviews.put(self._project(replace(situation, integration=noted)))
                    await work.commit()
                    return
            except RevisionConflict:
                continue
        raise RevisionConflict(integration_id)

    async def refresh(
        self, work: UnitOfWork, situation: Situation, reminded: tuple[Reminded, ...] = ()
    ) -> None:
        """Projects the overview, tells what broke or works again, and has the card and the open
        Homes redrawn.

        Of the reminders (those before a change, if there was one), those lose their buttons that
        are about what is outstanding no more.
        """
        integration = situation.integration
        await _tell(work, integration, await settle(work, situation))
        sent = reminded or integration.reminders.sent
        for message in edits_of(integration.id, _outdated(sent, situation), "gone"):
            await work.outbox.add(message)
        await work.overviews.put(self._project(situation))
        mark = f"{integration.revision}:{situation.now.timestamp():.3f}"
        await work.outbox.add(
            Message(
                kind=MessageKind.CARD,
                conversation=f"csm:{integration.id}",
                key=f"card:{integration.id}:{mark}",
                integration_id=integration.id,
            )
        )
        for user_id in await work.home_viewers.recent(MAX_HOMES):
            await work.outbox.add(home_message(user_id, mark, integration.id))

    async def observe(
        self, work: UnitOfWork, situation: Situation, statuses: list[SourceStatus]
    ) -> Situation:
        """Stores what Segment said about the chosen sources; returns the fresher situation."""
        for status in statuses:
            await work.observations.put_status(situation.integration.id, status)
        await work.observations.put_looked(situation.integration.id, situation.now, 0)
        situation = await self.accept(work, situation)
        merged = {status.source_id: status for status in statuses}
        fresher = replace(
            situation.observed,
            statuses={**situation.observed.statuses, **merged},
            looked_at=situation.now,
            failures=0,
        )
        return replace(situation, observed=fresher)

    async def wait(self, tenant_id: str, integration_id: str) -> None:
        """Somebody waits for what Segment says: from now on it is asked more often for a while."""
        async with self.uow(tenant_id) as work:
            situation = await self.waited(work, await self.load(work, integration_id))
            await work.overviews.put(self._project(situation))
            await work.commit()

    async def waited(self, work: UnitOfWork, situation: Situation) -> Situation:
        """The same inside a transaction, whose end projects the overview."""
        await work.observations.put_waited(situation.integration.id, situation.now)
        observed = replace(situation.observed, waited_at=situation.now)
        return replace(situation, observed=observed)

    async def accept(self, work: UnitOfWork, situation: Situation) -> Situation:
        """Segment took the token."""
        observed = situation.observed
        if observed.token and observed.token.state is TokenState.ACCEPTED:
            return situation
        health = TokenHealth(TokenState.ACCEPTED, situation.now)
        await work.observations.put_token(situation.integration.id, health)
        return replace(situation, observed=replace(observed, token=health))

    def _project(self, situation: Situation) -> Overview:
        return project(situation, self.poll_interval, self.rules)

    def stamp(self, actor: Actor) -> Stamp:
        return Stamp(actor.user_id, self.clock.now())

    def csm_stamp(self, csm: Actor) -> Stamp:
        """The same for a CSM, who is not in the customer's Slack."""
        return replace(self.stamp(csm), of_toplyne=True)


async def _tell(work: UnitOfWork, integration: Integration, events: Iterable[Event]) -> None:
    for event in events:
        sequence = await work.history.append(integration.id, event)
        for message in messages_for(event, sequence, integration):
            await work.outbox.add(message)


def _outdated(sent: Iterable[Reminded], situation: Situation) -> Iterator[Reminded]:
    """Reminders about what the set-up does not wait for; each is drawn anew once."""
    blocked = setup_blocker(situation.integration, situation.observed)
    current = blocked.blocker if blocked and not situation.integration.disconnected else ""
    return (each for each in sent if each.blocker != current)


def home_message(user_id: str, mark: str, integration_id: str = "") -> Message:
    """The intent to draw one person's App Home anew."""
    return Message(
        kind=MessageKind.HOME,
        conversation=f"home:{user_id}",
        key=f"home:{user_id}:{mark}",
        integration_id=integration_id,
    )


def _only_own_team(actor: Actor, integration: Integration) -> None:
    """An enterprise's installation holds several teams: a set-up belongs to one of them."""
    if integration.team_id != actor.team_id:
        raise NotFound(integration.id)
