"""A set-up's facts and observations in one round trip, parsed only when they have changed."""

from collections.abc import Sequence
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from flows.model import Integration, Observed
from storage import documents, tables
from storage.reading import Row, make_reader
from storage.repositories.observations import observed_of

KEPT = 1000  # set-ups that stay parsed

_i, _o = tables.integrations, tables.observations
_own = (
    sa.select(_i.c.id, _i.c.facts)
    .where(_i.c.tenant_id == sa.bindparam("tenant"), _i.c.team_id == sa.bindparam("team"))
    .order_by(_i.c.created_at.desc(), _i.c.id.desc())
    .limit(1)
    .cte("own")
)
_FACTS = "facts"
_OF_TEAM = sa.union_all(
    sa.select(sa.literal_column(f"'{_FACTS}'"), sa.literal_column("''"), _own.c.facts),
    sa.select(_o.c.kind, _o.c.subject, _o.c.document).where(
        _o.c.tenant_id == sa.bindparam("tenant"), _o.c.integration_id == _own.c.id
    ),
)


class SqlSituations:
    """Caches parsed situations by the stored text that they come from, so they are never stale,
    even if another process wrote the text.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._reader = make_reader(engine, _OF_TEAM)
        self._parsed = lru_cache(KEPT)(_parsed)

    async def of_team(self, tenant_id: str, team_id: str) -> tuple[Integration, Observed] | None:
        rows = await self._reader.rows({"tenant": tenant_id, "team": team_id})
        return self._parsed(tuple(rows)) if rows else None


def _parsed(rows: Sequence[Row]) -> tuple[Integration, Observed]:
    """Exactly one row has the facts, at any position."""
    facts = next(document for kind, _, document in rows if kind == _FACTS)
    observed = observed_of(row for row in rows if row[0] != _FACTS)
    return documents.from_text(documents.INTEGRATION, facts), observed
