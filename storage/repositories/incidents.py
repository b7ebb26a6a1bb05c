"""Incidents: what broke, one row each, open until it is closed."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from flows.model import Incident
from storage import tables
from storage.transaction import Transaction

_t = tables.incidents


class SqlIncidents:
    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def of(self, integration_id: str) -> Sequence[Incident]:
        statement = (
            sa.select(_t.c.kind, _t.c.subject, _t.c.opened_at)
            .where(*self._open(integration_id))
            .order_by(_t.c.opened_at, _t.c.kind, _t.c.subject)
        )
        rows = await self._transaction.execute(statement)
        return [Incident(row.kind, row.subject, row.opened_at) for row in rows]

    async def open(self, integration_id: str, incident: Incident) -> bool:
        values = {
            "tenant_id": self._transaction.tenant_id,
            "integration_id": integration_id,
            "kind": incident.kind,
            "subject": incident.subject,
            "opened_at": incident.opened_at,
        }
        return await self._transaction.insert_new(_t, values, _t.c.kind) is not None

    async def close(self, integration_id: str, incident: Incident, at: datetime) -> bool:
        same = (_t.c.kind == incident.kind, _t.c.subject == incident.subject)
        statement = sa.update(_t).where(*self._open(integration_id), *same).values(closed_at=at)
        return (await self._transaction.execute(statement)).rowcount == 1

    def _open(self, integration_id: str) -> tuple[sa.ColumnElement[bool], ...]:
        return (
            _t.c.tenant_id == self._transaction.tenant_id,
            _t.c.integration_id == integration_id,
            _t.c.closed_at.is_(None),
        )
