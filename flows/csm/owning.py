"""Whose customer it is, and how CSMs look after them: account, open matters, quiet."""

from datetime import date, datetime, timedelta

from flows.csm import meanwhile, steps
from flows.csm.deciding import CsmCommand, Deciding, Errors
from flows.csm.members import Csms, NotCsm
from flows.csm.seen import StampNumber, account_shown, owner_shown, still
from flows.errors import ErrorCode, Field, FieldError
from flows.model import Situation
from flows.pasted import account_name
from flows.recording import Change, Recorder
from flows.reminders import steps as reminder_steps
from flows.secret_shapes import check_text
from flows.vocabulary import Actor, Stamp
from flows.zones import zone


class Owning:
    """Wrong input comes back as errors. Right input raises what `Deciding.of_customer` raises."""

    def __init__(self, recorder: Recorder, deciding: Deciding, csms: Csms) -> None:
        self._recorder = recorder
        self._deciding = deciding
        self._csms = csms

    async def claim(self, command: CsmCommand, seen: StampNumber | None = None) -> None:
        """Makes the CSM the owner of a customer who has none.

        `seen` names the owner whom the CSM saw, and who has left: nobody else loses a customer.
        """
        integration = (await self._deciding.look(command)).situation.integration
        gone = integration.csm.owner if seen == owner_shown(integration) else None
        if gone and not await self._csms.has_left(command.csm, gone.by):
            gone = None
        await self._deciding.of_customer(
            command, lambda now, by: steps.claim(now.integration, by, gone), meanwhile.OWNER
        )

    async def unclaim(self, command: CsmCommand, seen: StampNumber | None = None) -> None:
        """`seen` names the owner whom the CSM saw. Another one keeps their customer."""
        await self._deciding.require(command)

        def decision(now: Situation, by: Stamp) -> Change:
            return steps.unclaim(now.integration, by)

        fresh = still(decision, seen, owner_shown)
        await self._deciding.of_customer(command, fresh, meanwhile.OWNER)

    async def assign(self, command: CsmCommand, to: str, seen: StampNumber | None = None) -> Errors:
        """Makes another CSM the owner: a full member of Toplyne's own Slack workspace.

        `seen` names the owner whom the CSM saw. A newer one keeps the customer.
        """
        await self._deciding.require(command)
        if not to:
            return (FieldError(Field.COLLEAGUE, ErrorCode.REQUIRED),)
        csm = command.csm
        try:
            await self._csms.require(Actor(csm.tenant_id, csm.team_id, to))
        except NotCsm:
            return (FieldError(Field.COLLEAGUE, ErrorCode.COLLEAGUE_NO_CSM),)

        def decision(now: Situation, by: Stamp) -> Change:
            return steps.assign(now.integration, to, by)

        fresh = still(decision, seen, owner_shown)
        await self._deciding.of_customer(command, fresh, meanwhile.OWNER)
        return ()

    async def set_account(
        self, command: CsmCommand, account: str, seen: StampNumber | None = None
    ) -> Errors:
        """Sets the account that every later Replay request carries. Empty takes it back.

        `seen` names the account that the CSM saw. A newer one stays.
        """
        await self._deciding.require(command)
        account = account_name(account)
        if wrong := check_text(Field.ACCOUNT, account, steps.MAX_ACCOUNT):
            return wrong

        def decision(now: Situation, by: Stamp) -> Change:
            return steps.set_account(now.integration, account, by)

        fresh = still(decision, seen, account_shown)
        await self._deciding.of_customer(command, fresh, meanwhile.ACCOUNT)
        return ()

    async def answered(self, command: CsmCommand, *matters: int) -> Errors:
        """Ends these matters, which were dealt with outside this app."""
        await self._deciding.require(command)
        if not matters:
            return (FieldError(Field.WHAT, ErrorCode.REQUIRED),)
        about = meanwhile.matters(matters)
        await self._deciding.of_customer(
            command, lambda now, by: steps.answered(now.integration, matters, by), about
        )
        return ()

    # --- quiet ------------------------------------------------------------------------------------

    async def snooze(self, command: CsmCommand, days: str) -> Errors:
        """Stops reminders to the customer for one of the offered numbers of days."""
        await self._deciding.require(command)
        if days not in map(str, reminder_steps.SNOOZE_DAYS):
            return (FieldError(Field.MARK, ErrorCode.REQUIRED),)
        until = self._recorder.clock.now() + timedelta(days=int(days))
        return await self._snooze(command, until, Field.MARK)

    async def snooze_until(self, command: CsmCommand, day: date | None) -> Errors:
        """Stops reminders before this day in the CSM's own calendar."""
        here = zone((await self._deciding.require(command)).time_zone)
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
            await self._deciding.of_set_up(command, decision, meanwhile.SNOOZE)
        except reminder_steps.NotQuieter as error:
            return (FieldError(field, error.code),)
        return ()
