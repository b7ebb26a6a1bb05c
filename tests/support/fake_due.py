"""What is due in the in-memory storage, for the worker of pure tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flows.outbox.messages import MessageState, StoredMessage
from tests.support.fakes import FakeStorage


@dataclass(frozen=True, slots=True)
class Due:
    tenant_id: str
    subject: str
    at: datetime


class DueThings:
    """Finds what is due over all tenants, from the rows that are the truth."""

    def __init__(self, storage: FakeStorage, farthest_poll: timedelta) -> None:
        self._storage = storage
        self._farthest_poll = farthest_poll

    def polls(self, now: datetime, limit: int) -> Sequence[Due]:
        due = [
            Due(tenant_id, overview.integration_id, overview.next_poll_at)
            for (tenant_id, _), overview in self._storage.tables.overviews.items()
            if overview.next_poll_at is not None
            and not now < overview.next_poll_at <= now + self._farthest_poll
        ]
        return _earliest(due, limit)

    def reminders(self, now: datetime, limit: int) -> Sequence[Due]:
        tables = self._storage.tables
        due = [
            Due(tenant_id, overview.integration_id, overview.next_reminder_at)
            for (tenant_id, _), overview in tables.overviews.items()
            if overview.next_reminder_at is not None
            and overview.next_reminder_at <= now
            and (installed := tables.installations.get(tenant_id))
            and installed[0].revoked_at is None
        ]
        return _earliest(due, limit)

    def conversations(self, now: datetime, limit: int) -> Sequence[Due]:
        oldest: dict[tuple[str, str], StoredMessage] = {}
        for message in self._storage.messages:
            if message.state is MessageState.PENDING:
                oldest.setdefault((message.tenant_id, message.message.conversation), message)
        due = [Due(*key, first.due_at) for key, first in oldest.items() if first.due_at <= now]
        return _earliest(due, limit)


def _earliest(due: list[Due], limit: int) -> Sequence[Due]:
    return sorted(due, key=lambda item: item.at)[:limit]
