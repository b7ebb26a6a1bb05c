"""Rows that this version cannot read: of a later version, or damaged. One of each table that holds
kinds, states or documents, in each way in which it can be.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from storage import tables
from storage.connections import Engine
from tests.contract.samples import A

LATER, BROKEN, LACKING = "of_tomorrow", "{broken", "{}"
# What is derived or seen anew replaces what was there, whether or not it can be read.
MADE_ANEW = (tables.overview, tables.observations)


@dataclass(frozen=True)
class Damage:
    """A column of tenant A's row, or of those of one kind, gets this value."""

    table: sa.Table
    column: str
    value: str | int
    of_kind: str = ""

    @property
    def name(self) -> str:
        return f"{self.of_kind or self.table.name}.{self.column}={self.value}"[:60]

    async def do(self, engine: Engine) -> None:
        """Copies an entry of a table that is only appended to; changes a row of any other."""
        t = self.table
        its = [t.c.tenant_id == A]
        if self.of_kind:
            its.append(t.c.kind == self.of_kind)
        async with engine.begin() as connection:
            if t in (tables.history, tables.audit):
                rows = await connection.execute(sa.select(t).where(*its).limit(1))
                copied: dict[str, Any] = dict(rows.one()._mapping)
                del copied["sequence"]
                await connection.execute(sa.insert(t).values({**copied, self.column: self.value}))
            else:
                changed = sa.update(t).where(*its).values({self.column: self.value})
                assert (await connection.execute(changed)).rowcount


async def rows_of(engine: Engine, table: sa.Table, tenant_id: str) -> list[tuple[Any, ...]]:
    """In the order of their keys."""
    asked = sa.select(table).where(table.c.tenant_id == tenant_id).order_by(*table.primary_key)
    async with engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(asked)]


def _in_each_way(table: sa.Table, column: str, **of: str) -> list[Damage]:
    return [Damage(table, column, value, **of) for value in (BROKEN, LACKING, "null", "[]")]


_t = tables
DAMAGES = (
    *_in_each_way(_t.integrations, "facts"),
    Damage(_t.integrations, "facts", '{"id":"one","plan":"platinum"}'),
    *(Damage(_t.overview, name, LATER) for name in ("step", "blocker", "waiting_on", "need")),
    *(Damage(_t.overview, name, 9) for name in ("standing", "milestone")),
    *_in_each_way(_t.observations, "document", of_kind="status"),
    Damage(_t.observations, "document", BROKEN),
    Damage(_t.observations, "kind", LATER, of_kind="status"),
    Damage(_t.incidents, "kind", LATER),
    Damage(_t.history, "kind", LATER),
    *_in_each_way(_t.history, "params"),
    Damage(_t.outbox, "kind", LATER, of_kind="thread"),
    *_in_each_way(_t.outbox, "params", of_kind="thread"),
    Damage(_t.deliveries, "kind", LATER, of_kind="replay"),
    Damage(_t.deliveries, "state", LATER, of_kind="replay"),
    *_in_each_way(_t.replay_requests, "document"),
    Damage(_t.pending_checks, "kind", LATER),
    *_in_each_way(_t.pending_checks, "answers"),
    Damage(_t.inbox, "kind", LATER),
    *_in_each_way(_t.inbox, "params"),
    Damage(_t.audit, "what", LATER),
    Damage(_t.audit, "secret", LATER),
    *_in_each_way(_t.installations, "scopes"),
    Damage(_t.entry_links, "screen", LATER),
    Damage(_t.due, "kind", LATER, of_kind="poll"),
)
