"""All that is stored about one Slack workspace, for people who ask what we know about them."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage import tables
from storage.cipher import Cipher
from storage.connections import Engine
from storage.engine import read_rows, reading, translated
from storage.rotation import SEALED
from storage.tenants import SHARED_TABLES, of_teams

UNREADABLE = "sealed with a key that is not at hand"
MOST_AUDITED = 10_000

ExportedRow = dict[str, Any]


class AuditLine(NamedTuple):
    """A line of the audit as it is stored, so that none is missing."""

    at: datetime
    by: str
    of_toplyne: bool
    what: str
    secret: str
    integration_id: str


_SEALED = frozenset(SEALED)  # in a tuple, a column is looked for by an SQL expression for each


class SqlExport:
    """Reads across the tables of a tenant. Everything raises `StorageUnavailable`."""

    def __init__(self, engine: Engine, cipher: Cipher) -> None:
        self._engine = engine
        self._cipher = cipher

    async def everything(self, tenant_id: str, team_id: str) -> dict[str, list[ExportedRow]]:
        """The rows of each table, without secrets: in their place stand fingerprints."""
        found: dict[str, list[ExportedRow]] = {}
        with translated(self._engine):
            async with reading(self._engine).connect() as connection:
                for table in tables.metadata.sorted_tables:
                    if "tenant_id" in table.c:
                        statement = sa.select(table).where(_of_team(table, tenant_id, team_id))
                        rows = (await connection.execute(statement)).all()
                        found[table.name] = [self._readable(table, row) for row in rows]
        return found

    async def audit(self, team_id: str) -> Sequence[AuditLine]:
        """Oldest first, of a workspace or of a whole organisation."""
        t = tables.audit
        statement = (
            sa.select(*(t.c[name] for name in AuditLine._fields))
            .where(sa.or_(t.c.team_id == team_id, t.c.tenant_id == team_id))
            .order_by(t.c.sequence.desc())
            .limit(MOST_AUDITED)
        )
        rows = await read_rows(self._engine, statement)
        return [AuditLine(*row) for row in reversed(rows)]

    def _readable(self, table: sa.Table, row: sa.Row[Any]) -> ExportedRow:
        values: ExportedRow = {}
        for column, value in zip(table.c, row, strict=True):
            if column in _SEALED:
                values[f"{column.name}_fingerprint"] = self._fingerprint(value)
            else:
                values[column.name] = _plain(value)
        return values

    def _fingerprint(self, sealed: str | None) -> str | None:
        return None if sealed is None else self._cipher.fingerprint(sealed) or UNREADABLE


def _of_team(table: sa.Table, tenant_id: str, team_id: str) -> sa.ColumnElement[bool]:
    """The rows of one Slack workspace. Rows that a whole organisation shares belong to none."""
    if tenant_id == team_id or table is tables.installations:
        return table.c.tenant_id == tenant_id
    return sa.false() if table in SHARED_TABLES else of_teams(table, tenant_id, [team_id])


def _plain(value: Any) -> Any:
    """Documents are stored as JSON in text columns, and are easier to read unfolded."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
