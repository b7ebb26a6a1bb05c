"""Calls the whole CSM channel about what nobody owns, one working day after it began."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from flows.change import Change
from flows.csm import attention
from flows.csm.facts import Attention
from flows.csm.members import Csms
from flows.errors import DirectoryUnavailable
from flows.model import Integration, Situation
from flows.ports import Directory
from flows.recording import Recorder
from flows.reminders.hours import Calendar, Person, zone

NOBODY = Person("UTC", "en-US", is_active=True)


class Calling:
    """In the time zone of whoever bound the channel, else of whoever installed the app there."""

    def __init__(
        self, recorder: Recorder, directory: Directory, csms: Csms, calendar: Calendar
    ) -> None:
        self._recorder = recorder
        self._directory = directory
        self._csms = csms
        self._calendar = calendar

    async def call(self, tenant_id: str, integration_id: str) -> None:
        """Calls the channel, or remembers when the working day is over. Once for each matter."""
        async with self._recorder.uow(tenant_id, write=False) as work:
            situation = await self._recorder.load(work, integration_id)
        matter = self._due(situation)
        if matter is None:
            await self._recorder.note(tenant_id, integration_id, lambda now: now.integration)
            return
        try:
            person = await self._looking_after()
        except DirectoryUnavailable:
            return  # it stays due: the tick asks again
        at = working_day_after(matter.since, person, self._calendar)
        if at > situation.now:
            await self._postpone(tenant_id, integration_id, matter, at)
            return

        def decide(newest: Situation) -> Change:
            if self._due(newest) != matter:
                return Change(newest.integration)
            return attention.call(newest.integration, matter, newest.now)

        await self._recorder.change(tenant_id, integration_id, decide)

    def _due(self, situation: Situation) -> Attention | None:
        planned = attention.next_call(situation.integration, situation.observed)
        return planned[0] if planned and planned[1] <= situation.now else None

    async def _postpone(
        self, tenant_id: str, integration_id: str, matter: Attention, at: datetime
    ) -> None:
        def decide(newest: Situation) -> Integration:
            if self._due(newest) != matter:
                return newest.integration
            return attention.postpone_call(newest.integration, matter, at)

        await self._recorder.note(tenant_id, integration_id, decide)

    async def _looking_after(self) -> Person:
        team_id = self._csms.team_id
        if not team_id:
            return NOBODY
        async with self._recorder.uow(team_id, write=False) as work:
            binding = await work.csm_channel.get()
            installation = await work.installations.get()
        if installation is None or installation.revoked_at:
            return NOBODY
        user_id = binding.bound.by if binding else installation.installed.by
        found = await self._directory.person(team_id, user_id) if user_id else None
        return found or NOBODY


def working_day_after(at: datetime, person: Person, calendar: Calendar) -> datetime:
    """The same time of day on the next working day; what began at night began in the morning."""
    usual = replace(calendar, hours=calendar.hours or Calendar().hours)
    here, begun = zone(person.time_zone), _opening(at, person, usual)
    local = begun.astimezone(here)
    for days in range(1, 366):
        wall = datetime.combine(local.date() + timedelta(days=days), local.time())
        moment = wall.replace(tzinfo=here).astimezone(UTC)
        if usual.is_working_day(moment, person):
            return moment
    return begun + timedelta(days=1)


def _opening(at: datetime, person: Person, calendar: Calendar) -> datetime:
    """This moment on a working day, else the beginning of the next one."""
    if calendar.is_working_day(at, person) or calendar.hours is None:
        return at
    here = zone(person.time_zone)
    today = at.astimezone(here).date()
    for days in range(1, 366):
        wall = datetime.combine(today + timedelta(days=days), calendar.hours.start)
        moment = wall.replace(tzinfo=here).astimezone(UTC)
        if calendar.is_working_day(moment, person):
            return moment
    return at
