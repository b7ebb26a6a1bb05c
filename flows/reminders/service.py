"""The use cases of reminders: send the one that is due, snooze, stop, resume."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flows.errors import DirectoryUnavailable, FieldError, NoRoom
from flows.model import Integration, Situation
from flows.ports import Directory
from flows.recording import Change, Decide, Recorder
from flows.reminders import recipients
from flows.reminders import steps as reminder_steps
from flows.reminders.facts import PASSED_OVER, Role
from flows.reminders.schedule import (
    UNTIL_IT_ANSWERS,
    USUAL_RULES,
    Planned,
    Rules,
    is_known,
    last_reminder,
    next_reminder,
    opens,
)
from flows.reminders.steps import Recipient
from flows.setup import people_steps
from flows.setup.blockers import Blocked, due_blocker
from flows.setup.permissions import Members, Wide
from flows.setup.results import Done, Mistakes, Said
from flows.setup.submission import Ref, not_left
from flows.vocabulary import Actor, Person
from flows.zones import LAST_ZONE, zone


@dataclass(frozen=True, slots=True)
class PutOff:
    """Where reminders stand after somebody chose, and whether that changed anything."""

    situation: Situation
    is_new: bool


AskSegment = Callable[[str, str], Awaitable[object]]  # a poll of one integration of a tenant


class Reminding:
    """Reminds the right person at the right hour, and lets people say when not to."""

    def __init__(
        self,
        recorder: Recorder,
        directory: Directory,
        members: Members,
        rules: Rules = USUAL_RULES,
    ) -> None:
        self._recorder = recorder
        self._members = members
        self._directory = directory
        self._rules = rules
        self._again = max(rules.gap, PASSED_OVER)  # until somebody is looked for again

    async def remind(self, tenant_id: str, integration_id: str, ask_segment: AskSegment) -> None:
        """Sends the reminder that is due, or notes when it may be sent. If the set-up has had all
        of them, the CSM is told at that time instead. What may have changed meanwhile is not said
        before Segment was asked.

        A repeat sends nothing: the fact that somebody was reminded is stored together with the
        message, and makes the next reminder due later.
        """
        situation = await self._seen(tenant_id, integration_id)
        planned = self._due(situation)
        if planned and not is_known(planned.blocked, situation):
            with suppress(NoRoom):  # polls are limited, and others are reminded meanwhile
                await ask_segment(tenant_id, integration_id)
            situation = await self._seen(tenant_id, integration_id)
            planned = self._due(situation)
        if planned and not is_known(planned.blocked, situation):
            until = situation.now + UNTIL_IT_ANSWERS
            await self._postpone(tenant_id, integration_id, planned, until)
            return
        try:
            choosing, found = recipients.Choosing(self._directory, situation), None
            if planned:
                found = await self._recipient(choosing, situation, planned.blocked)
            gone = await choosing.gone() if found else ()
        except DirectoryUnavailable:
            return  # the reminder stays due and is tried again
        if planned is None or found is None:
            await self._recorder.note(tenant_id, integration_id, lambda now: now.integration)
            return
        to, person = found
        calendar, now = self._rules.calendar, situation.now
        if to.role is Role.CSM and _knows_already(situation):
            await self._postpone(tenant_id, integration_id, planned, now + self._again)
            return
        at = opens(planned, situation, self._rules, person)
        if at > now:
            await self._postpone(tenant_id, integration_id, planned, at)
            return
        closes = calendar.closes(now, person) if person else None
        here = zone(person.time_zone) if person else LAST_ZONE

        def decide(newest: Situation) -> Change:
            if self._due(newest) != planned:
                return Change(newest.integration)
            if planned.for_csm:
                return reminder_steps.tell_csm(newest, planned)
            still = people_steps.without(newest.integration, gone)
            return reminder_steps.remind(still, planned, to, now, closes, here)

        await self._recorder.change(tenant_id, integration_id, decide)

    async def _seen(self, tenant_id: str, integration_id: str) -> Situation:
        seen = await self._recorder.uow.look(tenant_id, integration_id)
        return Situation(*seen, self._recorder.clock.now())

    async def _recipient(
        self, choosing: recipients.Choosing, situation: Situation, about: Blocked
    ) -> tuple[Recipient, Person | None] | None:
        """The history is read only if nobody may do it whom the facts name.

        None if the app is not installed. Raises `DirectoryUnavailable`.
        """
        integration, right = situation.integration, recipients.right_about(about)
        named = recipients.named(integration, right)
        if found := await choosing.first(named, right):
            return found
        async with self._recorder.uow(integration.tenant_id, write=False) as work:
            every = await recipients.candidates(work, integration, right)
        return await choosing.choose(every, right) if every else None

    def _due(self, situation: Situation) -> Planned | None:
        planned = next_reminder(situation, self._rules)
        return planned if planned and planned.at <= situation.now else None

    async def _postpone(
        self, tenant_id: str, integration_id: str, planned: Planned, until: datetime
    ) -> None:
        def decide(newest: Situation) -> Integration:
            if self._due(newest) != planned:
                return newest.integration
            return reminder_steps.postpone(newest.integration, until)

        await self._recorder.note(tenant_id, integration_id, decide)

    # --- what people say about reminders ----------------------------------------------------------

    async def snooze(self, actor: Actor, ref: Ref, days: int, about: str = "") -> PutOff:
        """Stops reminders for so many days from now, unless `about` is outstanding no more."""
        until = self._recorder.clock.now() + timedelta(days=days)
        return await self._snooze_until(actor, ref, until, about)

    async def snooze_until(self, actor: Actor, ref: Ref, day: date | None) -> Done | Mistakes:
        """Stops reminders before this day in the person's own calendar."""
        try:
            person = await self._directory.person(actor.tenant_id, actor.user_id)
        except DirectoryUnavailable:
            person = None
        here = zone(person.time_zone if person else "")
        until = reminder_steps.snoozed_until(day, self._recorder.clock.now(), here)
        if isinstance(until, FieldError):
            return Mistakes((until,))
        snoozed = await self._snooze_until(actor, ref, until)
        return Done(Said.SNOOZED, snoozed.situation, until.date().isoformat())

    async def _snooze_until(
        self, actor: Actor, ref: Ref, until: datetime, about: str = ""
    ) -> PutOff:
        stamp = self._recorder.stamp(actor)
        return await self._change(
            actor, ref, lambda now: reminder_steps.snooze(now.integration, until, stamp), about
        )

    async def stop(self, actor: Actor, ref: Ref, blocker: str = "") -> PutOff:
        """Stops reminders about one blocker, or all of them if it is empty."""
        stamp = self._recorder.stamp(actor)
        return await self._change(
            actor, ref, lambda now: reminder_steps.stop(now.integration, blocker, stamp), blocker
        )

    async def resume(self, actor: Actor, ref: Ref) -> PutOff:
        """Ends snooze and stop, as if nobody had asked for them."""
        stamp = self._recorder.stamp(actor)
        return await self._change(
            actor, ref, lambda now: reminder_steps.resume(now.integration, stamp)
        )

    async def _change(self, actor: Actor, ref: Ref, decide: Decide, about: str = "") -> PutOff:
        """Changes the set-up of the person's workspace. Raises `NoSetUp`.

        What was chosen `about` a blocker changes nothing once that is over. Whoever got the last
        reminder may always say that it is enough.
        """
        member = await self._members.require(actor)
        found = not_left(await self._recorder.of_team(actor), ref)

        def if_outstanding(now: Situation) -> Change:
            sent = not_left(now, ref).integration.reminders.sent
            if actor.user_id not in [each.to for each in sent if each.to][-1:]:
                member.require(now, Wide.MANAGE)
            blocked = due_blocker(now)
            if about and (blocked is None or blocked.blocker != about):
                return Change(now.integration)
            return decide(now)

        recorded = await self._recorder.change(
            actor.tenant_id, found.integration.id, if_outstanding, actor=actor
        )
        before, after = recorded.before.integration, recorded.after.integration
        return PutOff(member.sees(recorded.after), after.reminders != before.reminders)


def _knows_already(situation: Situation) -> bool:
    """Whether the CSM was told that nobody can be reminded, and nobody has acted since."""
    last = last_reminder(situation)
    return last is not None and last.reached_nobody
