"""The use cases of reminders: send the one that is due, snooze, stop, resume."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from flows import reminder_steps
from flows.announcements import contact
from flows.errors import DirectoryUnavailable, ErrorCode, Field, FieldError
from flows.history import EventKind
from flows.model import Actor, Installation, Integration, Situation
from flows.ports import Directory, UnitOfWork
from flows.recording import Decide, Recorder
from flows.records import StoredEvent
from flows.reminder_steps import Recipient, Role
from flows.reminders import Planned, next_reminder
from flows.steps import Change
from flows.submitting import Submitting
from flows.working_hours import Person, zone

MOST_PARTICIPANTS = 10  # people of whom Slack is asked for one reminder
HISTORY_READ = 200  # entries in which participants are looked for
FARTHEST_SNOOZE = timedelta(days=366)

# What somebody of the customer's does: CSMs act on a set-up too.
_PARTICIPATION = frozenset(
    {
        EventKind.STARTED,
        EventKind.PLAN_CHOSEN,
        EventKind.UPGRADED,
        EventKind.CREDENTIALS_VERIFIED,
        EventKind.CREDENTIALS_UNVERIFIED,
        EventKind.SOURCES_CHOSEN,
        EventKind.REPLAY_REQUESTED,
        EventKind.REPLAY_SENT,
        EventKind.REPLAY_RUNNING,
        EventKind.REOPENED,
        EventKind.DELEGATED,
    }
)


class Reminding:
    """Reminds the right person at the right hour, and lets people say when not to."""

    def __init__(self, recorder: Recorder, submitting: Submitting, directory: Directory) -> None:
        self._recorder = recorder
        self._submitting = submitting
        self._directory = directory

    async def remind(self, tenant_id: str, integration_id: str) -> None:
        """Sends the reminder that is due, or remembers when its time comes.

        Whatever was asked for twice happens once: the fact that a reminder was given and the
        message are stored together, and the fact makes the next one due later.
        """
        async with self._recorder.uow(tenant_id, write=False) as work:
            situation = await self._recorder.load(work, integration_id)
            candidates = await _candidates(work, situation.integration)
        planned = self._due(situation)
        if planned is None or not candidates:
            await self._recorder.note(tenant_id, integration_id, lambda now: now.integration)
            return
        try:
            to, person = await self._choose(tenant_id, candidates)
        except DirectoryUnavailable:
            return  # it stays due: the tick asks again
        calendar, now = self._recorder.rules.calendar, situation.now
        if person and not calendar.allows(now, person):
            until = calendar.next_allowed(now, person, integration_id)
            await self._postpone(tenant_id, integration_id, planned, until)
            return
        closes = calendar.closes(now, person) if person else None

        def decide(newest: Situation) -> Change:
            if self._due(newest) != planned:
                return Change(newest.integration)
            return reminder_steps.remind(newest.integration, planned, to, now, closes)

        await self._recorder.change(tenant_id, integration_id, decide)

    def _due(self, situation: Situation) -> Planned | None:
        planned = next_reminder(situation.integration, situation.observed, self._recorder.rules)
        return planned if planned and planned.at <= situation.now else None

    async def _postpone(
        self, tenant_id: str, integration_id: str, planned: Planned, until: datetime
    ) -> None:
        def decide(newest: Situation) -> Integration:
            if self._due(newest) != planned:
                return newest.integration
            return reminder_steps.postpone(newest.integration, until)

        await self._recorder.note(tenant_id, integration_id, decide)

    async def _choose(
        self, tenant_id: str, candidates: Sequence[Recipient]
    ) -> tuple[Recipient, Person | None]:
        """The first who is still there, with what is known about them; else the CSM."""
        for candidate in candidates:
            person = await self._directory.person(tenant_id, candidate.user_id)
            if person and person.is_active:
                return candidate, person
        return Recipient("", Role.CSM, candidates[0].user_id), None

    # --- what people say about reminders ----------------------------------------------------------

    async def snooze(self, actor: Actor, days: int) -> Situation:
        """No reminder for so many days from now."""
        until = self._recorder.clock.now() + timedelta(days=days)
        return await self._snooze_until(actor, until)

    async def snooze_until(self, actor: Actor, day: date | None) -> tuple[FieldError, ...]:
        """No reminder before this day, as the person's own calendar has it."""
        if day is None:
            return (FieldError(Field.UNTIL, ErrorCode.REQUIRED),)
        try:
            person = await self._directory.person(actor.tenant_id, actor.user_id)
        except DirectoryUnavailable:
            person = None
        here = zone(person.time_zone if person else "")
        now = self._recorder.clock.now()
        last = (now + FARTHEST_SNOOZE).astimezone(here).date()
        if not now.astimezone(here).date() < day <= last:
            return (FieldError(Field.UNTIL, ErrorCode.DATE_NOT_AHEAD),)
        await self._snooze_until(actor, datetime.combine(day, time(), tzinfo=here))
        return ()

    async def _snooze_until(self, actor: Actor, until: datetime) -> Situation:
        stamp = self._recorder.stamp(actor)
        return await self._change(
            actor, lambda now: reminder_steps.snooze(now.integration, until, stamp)
        )

    async def stop(self, actor: Actor, blocker: str = "") -> Situation:
        """No more reminders about one blocker, or none at all."""
        stamp = self._recorder.stamp(actor)
        return await self._change(
            actor, lambda now: reminder_steps.stop(now.integration, blocker, stamp)
        )

    async def resume(self, actor: Actor) -> Situation:
        """Reminders come again as if nobody had snoozed or stopped them."""
        stamp = self._recorder.stamp(actor)
        return await self._change(actor, lambda now: reminder_steps.resume(now.integration, stamp))

    async def _change(self, actor: Actor, decide: Decide) -> Situation:
        """On the set-up of the person's workspace; once disconnected, there is nothing to do."""
        situation = await self._submitting.situation(actor)
        if situation.integration.disconnected:
            return situation
        return await self._recorder.change(
            actor.tenant_id, situation.integration.id, decide, actor=actor
        )


async def _candidates(work: UnitOfWork, integration: Integration) -> list[Recipient]:
    """In the order in which they are asked for; empty where the app is not installed."""
    installation = await work.installations.get()
    if installation is None or installation.revoked_at:
        return []
    events = await work.history.latest(integration.id, HISTORY_READ)
    found: dict[str, Recipient] = {}
    for recipient in _in_order(integration, events, installation):
        if recipient.user_id:
            found.setdefault(recipient.user_id, recipient)
    return list(found.values())[:MOST_PARTICIPANTS]


def _in_order(
    integration: Integration, events: Sequence[StoredEvent], installation: Installation
) -> Iterator[Recipient]:
    asked, last = integration.delegation, contact(integration)
    if asked:
        yield Recipient(asked.user_id, Role.ASKED)
    yield Recipient(last, Role.DID_LAST)
    for stored in events:
        if stored.event.kind in _PARTICIPATION:
            yield Recipient(stored.event.by, Role.TOOK_PART, last)
    yield Recipient(installation.installed.by, Role.INSTALLER, last)
