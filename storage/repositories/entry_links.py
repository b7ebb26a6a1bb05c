"""Repository of links to one-time pages, and the search for the link of an address."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from flows.entry_links import EntryLink
from flows.errors import Repeated
from flows.model import Screen
from storage import tables
from storage.clauses import of_tenant
from storage.connections import Engine
from storage.engine import read_rows
from storage.transaction import Repository
from storage.unreadable import Reading, readable

_links = tables.entry_links
_columns = {column.name: column for column in _links.c}
_USE = (
    sa.update(_links)
    .where(
        of_tenant(_links),
        _links.c.id == sa.bindparam("link"),
        _links.c.used_at.is_(None),
    )
    .returning(_links.c.id)
)
_FIND = sa.select(_links).where(_links.c.digest == sa.bindparam("hashed"))


class SqlEntryLinks(Repository):
    async def put(self, link: EntryLink) -> None:
        values = {name: getattr(link, name) for name in _columns}
        await self._transaction.upsert(_links, values)

    async def use(self, link_id: str, at: datetime) -> None:
        its = {**self._tenant, "link": link_id, "used_at": at}
        if (await self._transaction.execute(_USE, its)).scalar_one_or_none() is None:
            raise Repeated


class SqlFoundLinks:
    """Implements `flows.entry_links.FoundLinks`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def find(self, digest: str) -> EntryLink | None:
        rows = await read_rows(self._engine, _FIND, {"hashed": digest})
        return next(iter(readable(rows, _link)), None)


def _link(row: sa.Row[Any]) -> EntryLink:
    found = {name: getattr(row, name) for name in _columns}
    with Reading(_links, tenant_id=row.tenant_id, record_id=row.id, screen=row.screen):
        return EntryLink(**{**found, "screen": Screen(row.screen)})
