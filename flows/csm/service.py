"""What CSMs do for a customer: owner, account, corrections, reminders and Replay."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from flows.csm import meanwhile, steps
from flows.csm.facts import ChannelBinding, Rejectable
from flows.csm.marks import ReplayMark, SeenRequests, confirming, mark_named, marking, of_request
from flows.csm.meanwhile import HISTORY, WORDS_LOOKED_BACK, About, CameFirst, Touches, first_among
from flows.csm.members import Csms, NotCsm
from flows.csm.refused import Decided, OutOfReach, Replaced
from flows.csm.seen import (
    SHOWN_ON,
    Decision,
    account_shown,
    owner_shown,
    still,
    unless_newer,
)
from flows.errors import ErrorCode, Field, FieldError, NotFound, NotInstalled
from flows.model import Integration, Screen, Situation
from flows.outbox.announce import THREAD_EVENTS
from flows.outbox.jobs import Job, JobKind
from flows.pasted import account_name, ticket_number, written
from flows.ports import UnitOfWork
from flows.recording import Change, Recorder, StampedStep
from flows.reminders import steps as reminder_steps
from flows.replay import steps as replay_steps
from flows.replay.reports import MAX_TICKET, check_promised
from flows.secret_shapes import check_text
from flows.vocabulary import Actor, Person, Stamp
from flows.zones import zone

MAX_REASON = 500

Errors = tuple[FieldError, ...]


@dataclass(frozen=True, slots=True)
class CsmCommand:
    """Which CSM acts, and on which customer.

    `form` is the modal that was filled in, if there was one. `generation` is the set-up that the
    card or modal named. None: none, where it does not matter.
    """

    csm: Actor
    tenant_id: str
    integration_id: str
    form: str = ""
    generation: int | None = None

    def names_another(self, integration: Integration) -> bool:
        """Whether it is about a set-up that came before this one."""
        return self.generation not in (None, integration.generation)


@dataclass(frozen=True, slots=True)
class Looked:
    """A customer, for a CSM who is about to decide something. `name` is their Slack workspace's."""

    situation: Situation
    name: str


class CsmService:
    """Each use case first checks that the person is a CSM. Raises what `Csms.require` raises.

    Wrong input comes back as errors. Right input raises what `change` raises.
    """

    def __init__(self, recorder: Recorder, csms: Csms) -> None:
        self._recorder = recorder
        self._csms = csms

    async def require(self, command: CsmCommand) -> Person:
        """The CSM as a person."""
        return await self._csms.require(command.csm)

    async def change(
        self,
        command: CsmCommand,
        decision: Decision,
        about: About,
        *,
        tells: bool = False,
        of_set_up: bool = False,
    ) -> Situation:
        """Decides on the customer's newest state. The CSM does not become the customer's contact.

        The caller has checked the CSM. Raises `Decided` if nothing changes (`about` tells what can
        be the reason), `Replaced` if it is about a set-up (`of_set_up`) and another one is there
        now, `OutOfReach` if there is no set-up, or if the customer must be told (`tells`) but has
        uninstalled the app, and what the decision raises.
        """
        if tells:
            await self._reach(command)
        stamp = self._recorder.csm_stamp(command.csm)

        def decide(situation: Situation) -> Change:
            if of_set_up and command.names_another(situation.integration):
                raise Replaced(situation.integration)
            change = decision(situation, stamp)
            if change.integration is situation.integration and not change.events:
                raise Decided(about(situation.integration))
            return change

        try:
            return await self._recorder.change(command.tenant_id, command.integration_id, decide)
        except NotInstalled as error:  # not installed there, while it is where the CSM is
            raise OutOfReach(command.integration_id) from error
        except NotFound as error:
            if tells:  # `_reach` has found the set-up
                raise
            raise OutOfReach(command.integration_id) from error

    async def _reach(self, command: CsmCommand) -> None:
        async with self._there(command) as work:
            await work.integrations.get(command.integration_id)
            installation = await work.installations.get()
        if installation is None or installation.revoked_at:
            raise OutOfReach(command.integration_id)

    async def look(self, command: CsmCommand) -> Looked:
        """Raises `OutOfReach`."""
        csm = await self.require(command)
        async with self._there(command) as work:
            found = await self._recorder.load(work, command.integration_id)
            team = await work.teams.get(found.integration.team_id)
        return Looked(replace(found, time_zone=csm.time_zone), team.name if team else "")

    @asynccontextmanager
    async def _there(self, command: CsmCommand) -> AsyncIterator[UnitOfWork]:
        """Reads of the customer. Raises `OutOfReach` if there is no set-up."""
        try:
            async with self._recorder.uow(command.tenant_id, write=False) as work:
                yield work
        except NotFound as error:
            raise OutOfReach(command.integration_id) from error

    async def happened(self, command: CsmCommand, touches: Touches) -> CameFirst | None:
        """What came first of what CSMs read about this customer."""
        async with self._recorder.uow(command.tenant_id, write=False) as work:
            latest = await work.history.latest(command.integration_id, WORDS_LOOKED_BACK)
        told = [each.event for each in latest if type(each.event) in THREAD_EVENTS][::-1]
        return first_among(told, touches)

    async def bind_channel(self, csm: Actor, channel_id: str) -> None:
        """Gives every customer a card in this channel. Missing cards are posted."""
        await self._csms.require(csm)
        binding = ChannelBinding(channel_id, self._recorder.stamp(csm))
        async with self._recorder.uow(csm.tenant_id) as work:
            await work.csm_channel.bind(binding)
            await work.csm_channel.plan_digest(None)
            await work.enqueue(Job(JobKind.REDRAW, csm.tenant_id, channel_id))
            await work.commit()

    # --- whose customer it is ---------------------------------------------------------------------

    async def claim(self, command: CsmCommand, seen: int | None = None) -> None:
        """Makes the CSM the owner of a customer who has none.

        `seen` names the owner whom the CSM saw, and who has left: nobody else loses a customer.
        """
        integration = (await self.look(command)).situation.integration
        gone = integration.csm.owner if seen == owner_shown(integration) else None
        if gone and not await self._csms.has_left(command.csm, gone.by):
            gone = None
        await self.change(
            command, lambda now, by: steps.claim(now.integration, by, gone), meanwhile.OWNER
        )

    async def unclaim(self, command: CsmCommand, seen: int | None = None) -> None:
        """`seen` names the owner whom the CSM saw. Another one keeps their customer."""
        await self.require(command)
        await self.change(command, still(_of(steps.unclaim), seen, owner_shown), meanwhile.OWNER)

    async def assign(self, command: CsmCommand, to: str, seen: int | None = None) -> Errors:
        """Makes another CSM the owner: a full member of Toplyne's own Slack workspace.

        `seen` names the owner whom the CSM saw. A newer one keeps the customer.
        """
        await self.require(command)
        if not to:
            return (FieldError(Field.COLLEAGUE, ErrorCode.REQUIRED),)
        csm = command.csm
        try:
            await self._csms.require(Actor(csm.tenant_id, csm.team_id, to))
        except NotCsm:
            return (FieldError(Field.COLLEAGUE, ErrorCode.COLLEAGUE_NO_CSM),)

        def decision(now: Situation, by: Stamp) -> Change:
            return steps.assign(now.integration, to, by)

        await self.change(command, still(decision, seen, owner_shown), meanwhile.OWNER)
        return ()

    async def set_account(
        self, command: CsmCommand, account: str, seen: int | None = None
    ) -> Errors:
        """Sets the account that every later Replay request carries. Empty takes it back.

        `seen` names the account that the CSM saw. A newer one stays.
        """
        await self.require(command)
        account = account_name(account)
        if wrong := check_text(Field.ACCOUNT, account, steps.MAX_ACCOUNT):
            return wrong

        def decision(now: Situation, by: Stamp) -> Change:
            return steps.set_account(now.integration, account, by)

        await self.change(command, still(decision, seen, account_shown), meanwhile.ACCOUNT)
        return ()

    async def answered(self, command: CsmCommand, *matters: int) -> Errors:
        """Ends these matters, which were dealt with outside this app."""
        await self.require(command)
        if not matters:
            return (FieldError(Field.WHAT, ErrorCode.REQUIRED),)
        about = meanwhile.matters(matters)
        await self.change(
            command, lambda now, by: steps.answered(now.integration, matters, by), about
        )
        return ()

    # --- what the customer entered ----------------------------------------------------------------

    async def confirm(self, command: CsmCommand, seen: int | None = None) -> None:
        """`seen` is the revision that the CSM looked at. What was entered since stays."""
        await self._of_credentials(command, steps.confirm, meanwhile.CREDENTIALS, seen)

    async def confirm_arrival(self, command: CsmCommand, seen: int | None = None) -> None:
        """Says that data arrives, on Free. `seen` is the revision that the CSM looked at."""
        await self._of_credentials(command, steps.confirm_arrival, meanwhile.ARRIVAL, seen)

    async def _of_credentials(
        self, command: CsmCommand, step: StampedStep, about: About, seen: int | None
    ) -> None:
        """What CSMs say of a set-up, its people are told."""
        await self.require(command)
        decision = unless_newer(_of(step), seen, Screen.CREDENTIALS)
        await self.change(command, decision, about, tells=True, of_set_up=True)

    async def reject(
        self,
        command: CsmCommand,
        reason: str,
        what: Rejectable = Rejectable.CREDENTIALS,
        *,
        seen: int | None = None,
    ) -> Errors:
        """Tells the customer the reason and reopens the set-up there.

        `seen` is the revision that the CSM looked at. A newer answer or decision stays.
        """
        await self.require(command)
        reason = written(reason)
        if wrong := check_text(Field.REASON, reason, MAX_REASON, required=True):
            return wrong

        def decision(now: Situation, by: Stamp) -> Change:
            return steps.reject(now.integration, what, reason, by)

        fresh = unless_newer(decision, seen, *SHOWN_ON[what])
        await self.change(command, fresh, meanwhile.REJECTS[what], tells=True, of_set_up=True)
        return ()

    # --- reminders --------------------------------------------------------------------------------

    async def snooze(self, command: CsmCommand, days: str) -> Errors:
        """Stops reminders to the customer for one of the offered numbers of days."""
        await self.require(command)
        if days not in map(str, reminder_steps.SNOOZE_DAYS):
            return (FieldError(Field.MARK, ErrorCode.REQUIRED),)
        until = self._recorder.clock.now() + timedelta(days=int(days))
        return await self._snooze(command, until, Field.MARK)

    async def snooze_until(self, command: CsmCommand, day: date | None) -> Errors:
        """Stops reminders before this day in the CSM's own calendar."""
        here = zone((await self.require(command)).time_zone)
        until = reminder_steps.snoozed_until(day, self._recorder.clock.now(), here)
        if isinstance(until, FieldError):
            return (until,)
        return await self._snooze(command, until, Field.UNTIL)

    async def _snooze(self, command: CsmCommand, until: datetime, field: Field) -> Errors:
        def decision(now: Situation, by: Stamp) -> Change:
            if not steps.snoozable(now):
                return Change(now.integration)
            return reminder_steps.csm_snooze(now.integration, until, by)

        try:
            await self.change(command, decision, meanwhile.SNOOZE, of_set_up=True)
        except reminder_steps.NotQuieter as error:
            return (FieldError(field, error.code),)
        return ()

    # --- the Replay -------------------------------------------------------------------------------

    async def schedule_replay(
        self,
        command: CsmCommand,
        on: date | None,
        ticket: str,
        seen: SeenRequests | None = None,
        *,
        no_day: bool = False,
    ) -> Errors:
        """`on` is the day that Segment promised, `ticket` their number. Both may be unknown.

        A newer answer than the CSM saw stays. `no_day`: the day reported before was a mistake.
        """
        here = zone((await self.require(command)).time_zone)
        ticket, today = ticket_number(ticket), self._recorder.clock.now().date()
        if wrong := (*check_promised(on, today), *check_text(Field.TICKET, ticket, MAX_TICKET)):
            return wrong

        def decision(of: Situation, by: Stamp) -> Change:
            return replay_steps.schedule_replay(of.integration, on, ticket, by, here, no_day=no_day)

        mark = ReplayMark.NO_DAY if no_day else ReplayMark.SCHEDULED
        fresh = of_request(decision, mark, seen or SeenRequests())
        await self.change(command, fresh, mark.rule.about, tells=True, of_set_up=True)
        return ()

    async def mark_replay(
        self, command: CsmCommand, mark: str, seen: SeenRequests | None = None
    ) -> Errors:
        """Sets a `ReplayMark`: running, finished, or confirmed by Toplyne's own data."""
        await self.require(command)
        said = mark_named(mark)
        decision = marking(said, seen or SeenRequests()) if said else None
        if said is None or decision is None:
            return (FieldError(Field.MARK, ErrorCode.REQUIRED),)
        await self.change(command, decision, said.rule.about, tells=True, of_set_up=True)
        return ()

    async def confirm_history(self, command: CsmCommand, number: int) -> None:
        """Toplyne has the history of the Replay with this number."""
        await self.require(command)
        await self.change(command, confirming(number), HISTORY, tells=True, of_set_up=True)


def _of(step: StampedStep) -> Decision:
    """A step that looks at the facts alone, as a decision."""
    return lambda now, by: step(now.integration, by)
