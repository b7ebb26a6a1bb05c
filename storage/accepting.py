"""Stores an event before it is acknowledged, by the raw driver, which is the shortest safe way.

It does what `SqlInbox.accept` does, in one transaction: if the app is installed, the event is
stored once and made due. On PostgreSQL that is one statement, so one round trip. On SQLite it runs
in the event loop's own thread, if nobody else is writing.
"""

import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from flows.errors import NotInstalled, StorageUnavailable
from flows.outbox.jobs import JobKind
from flows.vocabulary import ReceivedEvent
from storage import tables
from storage.clauses import INSTALLED, TELL, WISH, in_text, merged, wish
from storage.connections import Engine
from storage.documents import stored_fields
from storage.prepared import prepared
from storage.raw import raw_write
from storage.raw_sqlite import SqliteWriter
from storage.transaction import WISHED_ON_SQLITE, insert, insert_into

_inbox = tables.inbox
_EVENT = ("tenant_id", "event_id", "team_id", "kind", "params", "received_at", "open")
_STORE = insert("sqlite", _inbox, returning=(_inbox.c.event_id,))

# Whether the event is new. None: somebody else is writing, so nothing has been done. Raises
# `NotInstalled`, `StorageUnavailable`.
Accept = Callable[[str, ReceivedEvent, datetime], Awaitable[bool | None]]


def accepting(engine: Engine) -> Accept:
    """How events are accepted on this database."""
    if engine.dialect.name == "sqlite":
        return _BySqlite(engine).accept
    return _ByPostgres(engine).accept


def _values(tenant_id: str, received: ReceivedEvent, now: datetime) -> dict[str, Any]:
    return {
        "tenant": tenant_id,
        "tenant_id": tenant_id,
        "event_id": received.event_id,
        "team_id": received.team_id,
        "kind": received.kind,
        "params": stored_fields(received, "event_id", "kind"),
        "received_at": now,
        "open": True,
    }


class _ByPostgres:
    """Asks again where the server has closed a connection. It stores nothing twice."""

    def __init__(self, engine: Engine) -> None:
        self._statement = raw_write(engine, _in_one_statement())

    async def accept(self, tenant_id: str, received: ReceivedEvent, now: datetime) -> bool:
        ((living, new, _),) = await self._statement.rows(_values(tenant_id, received, now))
        if not living:
            raise NotInstalled(tenant_id)
        return bool(new)


@cache
def _in_one_statement() -> sa.Select[Any]:
    living = INSTALLED.cte("living")
    rest = (sa.bindparam(name, type_=_inbox.c[name].type) for name in _EVENT[1:])
    stored = (
        insert_into("postgresql", _inbox)
        .from_select(_EVENT, sa.select(living.c.tenant_id, *rest))
        .on_conflict_do_nothing()
        .returning(_inbox.c.tenant_id, _inbox.c.event_id, _inbox.c.received_at)
        .cte("stored")
    )
    its = stored.c
    event = sa.select(*wish(its.tenant_id, in_text(JobKind.EVENT), its.event_id, its.received_at))
    wished = (
        merged(insert_into("postgresql", tables.due).from_select(WISH, event))
        .returning(TELL.label("told"))
        .cte("wished")
    )
    counted = (sa.select(sa.func.count()).select_from(each) for each in (living, stored))
    told = sa.select(sa.func.count(wished.c.told))
    return sa.select(*(each.scalar_subquery() for each in (*counted, told)))


class _BySqlite:
    def __init__(self, engine: Engine) -> None:
        self._writer = SqliteWriter(engine)

    async def accept(self, tenant_id: str, received: ReceivedEvent, now: datetime) -> bool | None:
        try:
            async with self._writer.transaction(0.0) as connection:
                return self._store_all(connection, _values(tenant_id, received, now))
        except StorageUnavailable:
            return None

    def _store_all(self, connection: sqlite3.Connection, values: Mapping[str, Any]) -> bool:
        if not prepared(INSTALLED).run(connection, values):
            raise NotInstalled(values["tenant_id"])
        if not prepared(_STORE, _EVENT).run(connection, values):
            return False
        at = values["received_at"]
        due = {"kind": JobKind.EVENT.value, "subject": values["event_id"], "due_at": at}
        due |= {"planned_at": at, "version": 1, "attempts": 0}
        prepared(WISHED_ON_SQLITE, WISH).run(connection, {**values, **due})
        return True
