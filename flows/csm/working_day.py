"""What a working day is for CSMs: that of the person who looks after their channel."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, tzinfo

from flows.ports import Directory, UnitOfWorkFactory
from flows.reminders.hours import LOOKAHEAD, Calendar, Hours
from flows.vocabulary import Person
from flows.zones import zone

IN_UTC = Person("UTC", "en-US", is_active=True)
PERSON_AGE = 600.0  # seconds of real time: nobody's days change often, and each card asks for them
USUAL_HOURS = Hours(time(10), time(16))  # used if the calendar has none


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """One person's working days: in their time zone and week, minus the calendar's quiet dates."""

    person: Person = IN_UTC
    calendar: Calendar = field(default_factory=Calendar)

    @property
    def here(self) -> tzinfo:
        return zone(self.person.time_zone)

    def include(self, at: datetime) -> bool:
        return self.calendar.is_working_day(at, self.person)

    def next_at(self, wall: time, after: datetime) -> datetime:
        """This time of day on the first working day after that of `after`, in UTC."""
        today = after.astimezone(self.here).date()
        for days in range(1, LOOKAHEAD):
            local = datetime.combine(today + timedelta(days=days), wall, tzinfo=self.here)
            if self.include(local):
                return local.astimezone(UTC)
        return after + timedelta(days=1)  # nobody ever works: better than never

    def over_after(self, at: datetime) -> datetime:
        """One working day later. What began on a day off counts from the next working morning."""
        opening = (self.calendar.hours or USUAL_HOURS).start
        begun = at if self.include(at) else self.next_at(opening, at)
        return self.next_at(begun.astimezone(self.here).time(), begun)

    def in_hours(self, at: datetime, seed: str) -> datetime:
        """`at` itself if this person may be disturbed then, else a moment in their next hours."""
        return self.calendar.next_allowed(at, self.person, seed)


class ChannelOwner:
    """The person who bound the CSM channel, else the one who installed the app, if still there.

    `is_set`: the settings name the channel, so nobody bound it.
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
        """In Toplyne's own workspace; UTC if nobody is left. Raises `DirectoryUnavailable`."""
        for user_id in await self._asked(tenant_id) if tenant_id else ():
            person = await self._directory.person(tenant_id, user_id, max_age=PERSON_AGE)
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
