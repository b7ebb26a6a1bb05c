"""The use case of reminding on a storage in memory."""

from datetime import UTC, datetime, timedelta

from flows.csm.facts import Matter
from flows.history import Event
from flows.outbox.bodies import MessageBody, Reminder
from flows.reminders.facts import Reminded, Reminders
from flows.reminders.service import Reminding
from flows.reminders.steps import ran_out, take_back, undelivered
from tests.support.flow_services import INTEGRATION, TEAM, Services

DAY = timedelta(days=1)


class Bot(Services):
    def __post_init__(self) -> None:
        super().__post_init__()
        self.reminding = Reminding(self.recorder, self.directory, self.members)

    async def remind(self) -> None:
        await self.reminding.remind(TEAM, INTEGRATION, self.poller.poll)

    async def arrives(self) -> None:
        """The newest reminder has reached its reader."""
        key = self.facts().sent[-1].key(INTEGRATION)
        await self.recorder.change(TEAM, INTEGRATION, lambda now: ran_out(now, key))

    async def takes_back(self, reminder: Reminded) -> None:
        """It was not wanted any more when it could be sent."""
        key = reminder.key(INTEGRATION)
        await self.recorder.change(TEAM, INTEGRATION, lambda now: take_back(now, key))

    async def is_refused(self) -> None:
        """Slack refuses the newest reminder for its reader."""
        newest = self.facts().sent[-1]
        await self.recorder.change(
            TEAM, INTEGRATION, lambda now: undelivered(now, newest.key(INTEGRATION), newest.to)
        )

    def sent(self, of: type[MessageBody] = Reminder) -> list[str]:
        rows = self.storage.tables.outbox.values()
        return [row.message.conversation for row in rows if isinstance(row.message.body, of)]

    def events(self, kind: type[Event]) -> int:
        return sum(type(entry.event) is kind for *_, entry in self.storage.tables.history)

    def facts(self) -> Reminders:
        integration = self.integration()
        assert integration is not None
        return integration.reminders

    def matters(self) -> tuple[Matter, ...]:
        integration = self.integration()
        assert integration is not None
        return integration.csm.open_matters

    def next_at(self) -> datetime | None:
        return self.storage.tables.overviews[(TEAM, INTEGRATION)].next_reminder_at

    def reach(self, moment: datetime) -> None:
        self.storage.clock.advance(moment - self.storage.clock.now())


MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return MONDAY + timedelta(days=day, hours=hour - 9, minutes=minute)
