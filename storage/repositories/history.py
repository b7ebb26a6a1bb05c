"""The append-only history and audit. The database itself refuses changes to an entry."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from flows.audit import Audited, AuditEntry, Secret
from flows.errors import NotFound
from flows.history import Event, StoredEvent
from flows.vocabulary import Stamp
from storage import tables
from storage.clauses import of_integration, of_tenant
from storage.documents import event_fields, read_event
from storage.transaction import Repository
from storage.unreadable import Reading, readable

_t = tables.history
_ENTRIES = sa.select(_t).where(of_integration(_t))
_ENTRY = _ENTRIES.where(_t.c.sequence == sa.bindparam("number"))
_LATEST = _ENTRIES.order_by(_t.c.sequence.desc()).limit(sa.bindparam("most"))
_APPEND = sa.insert(_t).returning(_t.c.sequence)
_a = tables.audit
_AUDITED = (
    sa.select(_a)
    .where(of_tenant(_a), _a.c.team_id == sa.bindparam("team"))
    .order_by(_a.c.sequence.desc())
    .limit(sa.bindparam("most"))
)


class SqlHistory(Repository):
    async def append(self, integration_id: str, event: Event) -> int:
        values = {
            **self._ids(integration_id),
            "kind": event.kind,
            "at": event.stamp.at,
            "by": event.stamp.by,
            "params": event_fields(event),
        }
        sequence: int = (await self._transaction.execute(_APPEND, values)).scalar_one()
        return sequence

    async def get(self, integration_id: str, sequence: int) -> StoredEvent:
        its = {**self._of(integration_id), "number": sequence}
        row = (await self._transaction.execute(_ENTRY, its)).one_or_none()
        if row is None:
            raise NotFound(str(sequence))
        return _stored(row)

    async def latest(self, integration_id: str, limit: int) -> Sequence[StoredEvent]:
        asked = {**self._of(integration_id), "most": limit}
        return readable(await self._transaction.execute(_LATEST, asked), _stored)


class SqlAudit(Repository):
    async def add(self, entry: AuditEntry) -> None:
        values = {
            **self._ids(entry.integration_id),
            "team_id": entry.team_id,
            "what": entry.what,
            "secret": entry.secret,
            "by": entry.who.by,
            "of_toplyne": entry.who.of_toplyne,
            "at": entry.who.at,
            "once": entry.once or None,
        }
        await self._transaction.insert_new(_a, values, _a.c.sequence)

    async def latest(self, team_id: str, limit: int) -> Sequence[AuditEntry]:
        asked = {**self._tenant, "team": team_id, "most": limit}
        return readable(await self._transaction.execute(_AUDITED, asked), _audit_entry)


def _audit_entry(row: sa.Row[Any]) -> AuditEntry:
    with Reading(_a, tenant_id=row.tenant_id, sequence=row.sequence):
        return AuditEntry(
            Audited(row.what),
            Secret(row.secret),
            Stamp(row.by, row.at, of_toplyne=row.of_toplyne),
            row.team_id,
            row.integration_id,
            row.once or "",
        )


def _stored(row: sa.Row[Any]) -> StoredEvent:
    its = {"tenant_id": row.tenant_id, "integration_id": row.integration_id}
    with Reading(_t, **its, sequence=row.sequence, kind=row.kind):
        return StoredEvent(row.sequence, read_event(row.kind, row.at, row.by, row.params))
