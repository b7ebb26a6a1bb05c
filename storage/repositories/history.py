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
_ENTRIES = sa.select(_t).where(
    _t.c.tenant_id == sa.bindparam("tenant"), _t.c.integration_id == sa.bindparam("integration")
)


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
        statement = _ENTRIES.where(_t.c.sequence == sequence)
        row = (await self._transaction.execute(statement, self._of(integration_id))).one_or_none()
        if row is None:
            raise NotFound(str(sequence))
        return _stored(row)

    async def latest(self, integration_id: str, limit: int) -> Sequence[StoredEvent]:
        statement = _ENTRIES.order_by(_t.c.sequence.desc()).limit(limit)
        rows = await self._transaction.execute(statement, self._of(integration_id))
        return [_stored(row) for row in rows]


def _stored(row: sa.Row[Any]) -> StoredEvent:
    return StoredEvent(row.sequence, read_event(row.kind, row.at, row.by, row.params))
