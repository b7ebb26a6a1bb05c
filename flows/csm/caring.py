"""What CSMs do for a customer: whose it is, its account, its reminders, its Replay."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum

from flows.change import Change
from flows.csm import steps as csm_steps
from flows.csm.members import NotCsm
from flows.csm.service import Deciding, Decision
from flows.errors import ErrorCode, Field, FieldError
from flows.model import Situation
from flows.ports import Clock
from flows.reminders import steps as reminder_steps
from flows.reminders.hours import zone
from flows.reminders.service import FARTHEST_SNOOZE
from flows.replay import steps as replay_steps
from flows.replay.reports import MAX_TICKET
from flows.replay.steps import Mark, mark_replay
from flows.secret_shapes import looks_secret
from flows.vocabulary import Actor, Stamp

SNOOZES = (1, 3, 7)  # days

Errors = tuple[FieldError, ...]


class ReplayMark(StrEnum):
    """What a CSM can say of a Replay."""

    SCHEDULED = "scheduled"
    RUNNING = "running"
    FINISHED = "finished"
    CONFIRMED = "confirmed"


class Caring:
    """Raises what `Deciding.decide` raises; what was typed wrongly comes back as errors."""

    def __init__(self, deciding: Deciding, clock: Clock) -> None:
        self._deciding = deciding
        self._clock = clock

    async def look(self, csm: Actor, tenant_id: str, integration_id: str) -> Situation:
        return await self._deciding.look(csm, tenant_id, integration_id)

    async def claim(self, csm: Actor, tenant_id: str, integration_id: str) -> None:
        await self._deciding.decide(
            csm, tenant_id, integration_id, lambda now, by: csm_steps.claim(now.integration, by)
        )

    async def unclaim(self, csm: Actor, tenant_id: str, integration_id: str) -> None:
        await self._deciding.decide(
            csm, tenant_id, integration_id, lambda now, by: csm_steps.unclaim(now.integration, by)
        )

    async def answered(self, csm: Actor, tenant_id: str, integration_id: str) -> None:
        """What asked for a CSM was answered outside of this app."""
        await self._deciding.decide(
            csm, tenant_id, integration_id, lambda now, by: csm_steps.answered(now.integration, by)
        )

    async def hand_over(self, csm: Actor, tenant_id: str, integration_id: str, to: str) -> Errors:
        """Only to a full member of Toplyne's own Slack workspace."""
        await self._deciding.require(csm)
        if not to:
            return (FieldError(Field.COLLEAGUE, ErrorCode.REQUIRED),)
        try:
            await self._deciding.require(Actor(csm.tenant_id, csm.team_id, to))
        except NotCsm:
            return (FieldError(Field.COLLEAGUE, ErrorCode.COLLEAGUE_NO_CSM),)
        await self._deciding.decide(
            csm,
            tenant_id,
            integration_id,
            lambda now, by: csm_steps.hand_over(now.integration, to, by),
        )
        return ()

    async def set_account(
        self, csm: Actor, tenant_id: str, integration_id: str, account: str
    ) -> Errors:
        """Carried by every hand-off from then on; empty takes it back."""
        await self._deciding.require(csm)
        account = " ".join(account.split())
        if wrong := check_text(Field.ACCOUNT, account, csm_steps.MAX_ACCOUNT):
            return wrong
        await self._deciding.decide(
            csm,
            tenant_id,
            integration_id,
            lambda now, by: csm_steps.set_account(now.integration, account, by),
        )
        return ()

    # --- reminders ------------------------------------------------------------------------------

    async def snooze(self, csm: Actor, tenant_id: str, integration_id: str, days: str) -> Errors:
        """No reminder to the customer for so many days from now, one of `SNOOZES`."""
        await self._deciding.require(csm)
        if days not in map(str, SNOOZES):
            return (FieldError(Field.MARK, ErrorCode.REQUIRED),)
        until = self._clock.now() + timedelta(days=int(days))
        await self._snooze(csm, tenant_id, integration_id, until)
        return ()

    async def snooze_until(
        self, csm: Actor, tenant_id: str, integration_id: str, day: date | None
    ) -> Errors:
        """No reminder before this day, as the CSM's own calendar has it."""
        here = zone((await self._deciding.require(csm)).time_zone)
        if day is None:
            return (FieldError(Field.UNTIL, ErrorCode.REQUIRED),)
        now = self._clock.now()
        last = (now + FARTHEST_SNOOZE).astimezone(here).date()
        if not now.astimezone(here).date() < day <= last:
            return (FieldError(Field.UNTIL, ErrorCode.DATE_NOT_AHEAD),)
        until = datetime.combine(day, time(), tzinfo=here)
        await self._snooze(csm, tenant_id, integration_id, until)
        return ()

    async def _snooze(
        self, csm: Actor, tenant_id: str, integration_id: str, until: datetime
    ) -> None:
        def decision(now: Situation, by: Stamp) -> Change:
            if now.integration.disconnected:
                return Change(now.integration)
            return reminder_steps.snooze(now.integration, until, by)

        await self._deciding.decide(csm, tenant_id, integration_id, decision)

    # --- the Replay -----------------------------------------------------------------------------

    async def schedule_replay(
        self, csm: Actor, tenant_id: str, integration_id: str, on: date | None, ticket: str
    ) -> Errors:
        """`on` is the day that Segment promised, `ticket` their number; both may be unknown."""
        await self._deciding.require(csm)
        ticket = " ".join(ticket.split())
        if wrong := check_text(Field.TICKET, ticket, MAX_TICKET):
            return wrong
        await self._deciding.decide(
            csm,
            tenant_id,
            integration_id,
            lambda now, by: replay_steps.schedule_replay(now.integration, on, ticket, by),
            tells=True,
        )
        return ()

    async def mark_replay(
        self, csm: Actor, tenant_id: str, integration_id: str, mark: str
    ) -> Errors:
        """A `ReplayMark`: running, finished, or finished as Toplyne's own data shows it."""
        await self._deciding.require(csm)
        if mark not in _MARKING:
            return (FieldError(Field.MARK, ErrorCode.REQUIRED),)
        decision = _MARKING[ReplayMark(mark)]
        await self._deciding.decide(csm, tenant_id, integration_id, decision, tells=True)
        return ()


_MARKING: dict[ReplayMark, Decision] = {
    ReplayMark.RUNNING: lambda now, by: mark_replay(now, Mark.RUNNING, by),
    ReplayMark.FINISHED: lambda now, by: mark_replay(now, Mark.FINISHED, by),
    ReplayMark.CONFIRMED: lambda now, by: csm_steps.confirm_replay(now, by),
}


def check_text(field: Field, text: str, limit: int) -> Errors:
    """What is passed on holds no secrets and has an end."""
    if looks_secret(text):
        return (FieldError(field, ErrorCode.LOOKS_SECRET),)
    if len(text) > limit:
        return (FieldError(field, ErrorCode.TOO_LONG, {"limit": str(limit)}),)
    return ()
