"""The append-only history. The database itself refuses changes to an entry."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from flows.errors import NotFound
from flows.history import Event, StoredEvent
from storage import tables
from storage.documents import event_fields, read_event
from storage.transaction import Repository

_t = tables.history


class SqlHistory(Repository):
    async def append(self, integration_id: str, event: Event) -> int:
        statement = (
            sa.insert(_t)
            .values(
                tenant_id=self._transaction.tenant_id,
                integration_id=integration_id,
                kind=event.kind,
                at=event.stamp.at,
                by=event.stamp.by,
                params=event_fields(event),
            )
            .returning(_t.c.sequence)
        )
        sequence: int = (await self._transaction.execute(statement)).scalar_one()
        return sequence

    async def get(self, integration_id: str, sequence: int) -> StoredEvent:
        statement = self._entries(integration_id).where(_t.c.sequence == sequence)
        row = (await self._transaction.execute(statement)).one_or_none()
        if row is None:
            raise NotFound(str(sequence))
        return _stored(row)

    async def latest(self, integration_id: str, limit: int) -> Sequence[StoredEvent]:
        statement = self._entries(integration_id).order_by(_t.c.sequence.desc()).limit(limit)
        return [_stored(row) for row in await self._transaction.execute(statement)]

    def _entries(self, integration_id: str) -> sa.Select[Any]:
        return sa.select(_t).where(
            _t.c.tenant_id == self._transaction.tenant_id, _t.c.integration_id == integration_id
        )


def _stored(row: sa.Row[Any]) -> StoredEvent:
    return StoredEvent(row.sequence, read_event(row.kind, row.at, row.by, row.params))
