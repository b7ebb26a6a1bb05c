"""What a working day is for CSMs: one notion, that of the person who looks after their channel."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flows.ports import Directory, UnitOfWorkFactory
from flows.reminders.hours import LOOKAHEAD, Calendar, Hours, Person, zone

IN_UTC = Person("UTC", "en-US", is_active=True)
USUAL_HOURS = Hours(time(10), time(16))  # where the calendar has none


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """In one person's time zone and week, without the calendar's quiet dates."""

    person: Person = IN_UTC
    calendar: Calendar = field(default_factory=Calendar)

    @property
    def here(self) -> ZoneInfo:
        return zone(self.person.time_zone)

    def include(self, at: datetime) -> bool:
        return self.calendar.is_working_day(at, self.person)

    def next_at(self, wall: time, after: datetime) -> datetime:
        """The first working day after the one of `after`, at this time of day; UTC."""
        today = after.astimezone(self.here).date()
        for days in range(1, LOOKAHEAD):
            local = datetime.combine(today + timedelta(days=days), wall, tzinfo=self.here)
            if self.include(local):
                return local.astimezone(UTC)
        return after + timedelta(days=1)  # nobody ever works: better than never

    def over_after(self, at: datetime) -> datetime:
        """One working day later. What began on a day off began in the next working morning."""
        opening = (self.calendar.hours or USUAL_HOURS).start
        begun = at if self.include(at) else self.next_at(opening, at)
        return self.next_at(begun.astimezone(self.here).time(), begun)


class ChannelOwner:
    """Who bound the channel of CSMs, else who installed the app there, while they are there.

    `is_set`: the settings name the channel, so that nobody bound it.
    """

    def __init__(
        self,
        uow: UnitOfWorkFactory,
        directory: Directory,
        calendar: Calendar | None = None,
        *,
        is_set: bool = False,
    ) -> None:
        self._uow = uow
        self._directory = directory
        self._calendar = calendar or Calendar()
        self._is_set = is_set

    async def working_days(self, tenant_id: str) -> WorkingDays:
        """In Toplyne's own workspace; UTC's where nobody is left. Raises `DirectoryUnavailable`."""
        for user_id in await self._asked(tenant_id) if tenant_id else ():
            person = await self._directory.person(tenant_id, user_id)
            if person and person.is_active:
                return WorkingDays(person, self._calendar)
        return WorkingDays(calendar=self._calendar)

    async def _asked(self, tenant_id: str) -> list[str]:
        async with self._uow(tenant_id, write=False) as work:
            binding = await work.csm_channel.get()
            installation = await work.installations.get()
        if installation and installation.revoked_at:
            return []
        bound = [binding.bound.by] if binding and not self._is_set else []
        installed = [installation.installed.by] if installation else []
        return [each for each in (*bound, *installed) if each]
