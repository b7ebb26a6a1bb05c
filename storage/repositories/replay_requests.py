"""Every version of a Replay request."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from flows.replay.facts import ReplayRequest
from storage import documents, tables
from storage.clauses import of_integration
from storage.transaction import Repository
from storage.unreadable import Reading, readable

_t = tables.replay_requests
_own = of_integration(_t)
_OF = sa.select(_t).where(_own).order_by(_t.c.number.desc()).limit(sa.bindparam("limit"))
_DELETE = sa.delete(_t).where(_own)


class SqlReplayRequests(Repository):
    """Implements `flows.repositories.ReplayRequests`."""

    async def add(self, integration_id: str, request: ReplayRequest) -> None:
        values = {
            **self._ids(integration_id),
            "number": request.number,
            "document": documents.to_text(documents.REPLAY_REQUEST, request),
            "requested_at": request.requested.at,
        }
        await self._transaction.upsert(_t, values)

    async def of(self, integration_id: str, limit: int) -> Sequence[ReplayRequest]:
        parameters = {**self._of(integration_id), "limit": limit}
        return readable(await self._transaction.execute(_OF, parameters), _request)

    async def delete_of(self, integration_id: str) -> None:
        await self._transaction.execute(_DELETE, self._of(integration_id))


def _request(row: sa.Row[Any]) -> ReplayRequest:
    its = {"tenant_id": row.tenant_id, "integration_id": row.integration_id}
    with Reading(_t, **its, sequence=row.number):
        return documents.REPLAY_REQUEST.validate_json(row.document)
