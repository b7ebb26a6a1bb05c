"""What Segment last said: one row for each thing that was looked at."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from flows.model import Catalogue, Coverage, Observed, SourceStatus
from storage import documents, tables
from storage.transaction import Transaction


class Kind(StrEnum):
    CATALOGUE = "catalogue"
    STATUS = "status"  # the subject is the source's id
    COVERAGE = "coverage"
    LOOKED = "looked"


_t = tables.observations
_of_integration = sa.and_(
    _t.c.tenant_id == sa.bindparam("tenant"), _t.c.integration_id == sa.bindparam("integration")
)
_OF = sa.select(_t.c.kind, _t.c.subject, _t.c.document).where(_of_integration)
_CLEAR = sa.delete(_t).where(_of_integration)


class SqlObservations:
    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def of(self, integration_id: str) -> Observed:
        result = await self._transaction.execute(_OF, self._parameters(integration_id))
        return _observed(result)

    async def put_catalogue(self, integration_id: str, catalogue: Catalogue) -> None:
        document = documents.to_text(documents.CATALOGUE, catalogue)
        await self._put(integration_id, Kind.CATALOGUE, document)

    async def put_status(self, integration_id: str, status: SourceStatus) -> None:
        document = documents.to_text(documents.STATUS, status)
        await self._put(integration_id, Kind.STATUS, document, subject=status.source_id)

    async def put_coverage(self, integration_id: str, coverage: Coverage) -> None:
        document = documents.to_text(documents.COVERAGE, coverage)
        await self._put(integration_id, Kind.COVERAGE, document)

    async def put_looked(self, integration_id: str, at: datetime) -> None:
        await self._put(integration_id, Kind.LOOKED, documents.to_text(documents.MOMENT, at))

    async def clear(self, integration_id: str) -> None:
        await self._transaction.execute(_CLEAR, self._parameters(integration_id))

    async def _put(
        self, integration_id: str, kind: Kind, document: str, *, subject: str = ""
    ) -> None:
        values = {
            "tenant_id": self._transaction.tenant_id,
            "integration_id": integration_id,
            "kind": kind,
            "subject": subject,
            "document": document,
        }
        await self._transaction.upsert(_t, values)

    def _parameters(self, integration_id: str) -> dict[str, str]:
        return {"tenant": self._transaction.tenant_id, "integration": integration_id}


def _observed(rows: Iterable[Any]) -> Observed:
    """Kinds of a newer version are passed over."""
    catalogue: Catalogue | None = None
    coverage: Coverage | None = None
    looked_at: datetime | None = None
    statuses: dict[str, SourceStatus] = {}
    for kind, subject, document in rows:
        match kind:
            case Kind.CATALOGUE:
                catalogue = documents.from_text(documents.CATALOGUE, document)
            case Kind.STATUS:
                statuses[subject] = documents.from_text(documents.STATUS, document)
            case Kind.COVERAGE:
                coverage = documents.from_text(documents.COVERAGE, document)
            case Kind.LOOKED:
                looked_at = documents.from_text(documents.MOMENT, document)
    return Observed(catalogue, statuses, coverage, looked_at)
