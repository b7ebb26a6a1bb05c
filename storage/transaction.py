"""One transaction on one connection, with what it wants done in the background."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from types import TracebackType
from typing import Any, Self, TypeVar

import sqlalchemy as sa
import structlog
from pydantic import SecretStr
from sqlalchemy.engine import CursorResult

from flows.errors import NotInstalled, SecretLost
from flows.outbox.jobs import JobKind
from flows.ports import Clock
from storage import tables
from storage.cipher import LABEL, LOST, Cipher, SealBroken, key_id
from storage.clauses import INSTALLED, SOON, TELL_IF_SOON, WISH, merged, wish
from storage.column_types import Instant
from storage.connections import Connection, Engine
from storage.dialects import postgres, sqlite
from storage.engine import translated
from storage.prepared import run

T = TypeVar("T")

_log = structlog.get_logger(__name__)

_TURN = sa.select(
    sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(sa.bindparam("its", type_=sa.Text), 0))
)


@dataclass
class Wishes:
    """What one unit of work wants to be due, and when, written with everything else it changes.

    All is written in one statement, in the order of its keys. So two units of work with the same
    wishes never wait for each other in a circle.
    """

    tenant_id: str
    wanted: dict[tuple[str, str], datetime | None] = field(default_factory=dict)

    def plan(self, kind: JobKind, subject: str, at: datetime | None) -> None:
        """Due at this moment of the injected time from now on; None: never. For `PLANNED` kinds."""
        self.wanted[kind.value, subject] = at

    def nudge(self, kind: JobKind, subject: str, at: datetime) -> None:
        """Due no later than this moment of the real time. For all other kinds."""
        key = (kind.value, subject)
        before = self.wanted.get(key)
        self.wanted[key] = min(at, before) if before else at

    async def write(self, connection: Connection, now: datetime) -> None:
        """When the transaction commits, workers elsewhere are told of what is due soon."""
        wanted = sorted(self.wanted.items())
        self.wanted = {}
        if connection.dialect.name == "sqlite":
            own = {"tenant_id": self.tenant_id, "version": 1, "attempts": 0}
            rows = [
                {**own, "kind": kind, "subject": subject, "due_at": at, "planned_at": at}
                for (kind, subject), at in wanted
            ]
            await run(connection, WISHED_ON_SQLITE, rows)
            return
        asked = {
            "kinds": [kind for (kind, _), _ in wanted],
            "subjects": [subject for (_, subject), _ in wanted],
            "moments": [at for _, at in wanted],
        }
        about = {"tenant": self.tenant_id, "soon": now + SOON, **asked}
        await connection.execute(_all_wishes(), about)


class Transaction:
    """What the repositories of one unit of work share: a connection, the tenant, the wishes.

    `clock` is the real time. `news` is set once something due was committed. A `guarded` one
    only writes where the app is installed. `has_channel` says that the settings name the CSMs'
    channel, so nobody has to bind one.
    """

    def __init__(
        self,
        engine: Engine,
        tenant_id: str,
        clock: Clock,
        news: asyncio.Event,
        cipher: Cipher,
        *,
        write: bool = True,
        guarded: bool = False,
        has_channel: bool = True,
    ) -> None:
        self.tenant_id = tenant_id
        self.clock = clock
        self.cipher = cipher
        self.wishes = Wishes(tenant_id)
        self.has_channel = has_channel
        self._engine = engine
        self._news = news
        self._write = write
        self._guarded = guarded
        self._connection: Connection | None = None

    async def __aenter__(self) -> Self:
        """Takes a connection. The transaction itself begins with the first statement.

        A guarded one begins here: it locks the installation against an uninstall until it ends.
        """
        with translated(self._engine):
            self._connection = await self._engine.connect().start()
        if self._guarded:
            async with AsyncExitStack() as unless_installed:
                unless_installed.push_async_exit(self)
                living = await self.execute(INSTALLED, {"tenant": self.tenant_id})
                if living.one_or_none() is None:
                    raise NotInstalled(self.tenant_id)
                unless_installed.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Rolls back what was not committed and gives the connection back, even if cancelled."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with translated(self._engine):
                await connection.__aexit__(kind, error, trace)

    async def commit(self) -> None:
        if not self._write:
            raise RuntimeError("this transaction promised only to read")
        asked = bool(self.wishes.wanted)
        with translated(self._engine):
            if asked:
                await self.wishes.write(self.connection, self.clock.now())
            await self.connection.commit()
        if asked:
            self._news.set()

    async def execute(
        self,
        statement: sa.Executable,
        parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
    ) -> CursorResult[Any]:
        with translated(self._engine):
            return await run(self.connection, statement, parameters)

    async def upsert(
        self,
        table: sa.Table,
        values: Mapping[str, Any],
        returning: Sequence[sa.ColumnElement[Any]] = (),
        about: Mapping[str, Any] | None = None,
    ) -> CursorResult[Any]:
        """Writes a row. Replaces a row with the same primary key.

        `returning` is made once, and names in `about` what differs from call to call.
        """
        name = self._engine.dialect.name
        statement = insert(name, table, replacing=tuple(values), returning=tuple(returning))
        return await self.execute(statement, {**values, **(about or {})})

    async def take_turns(self, subject: str) -> None:
        """Waits until no other transaction of the tenant is at this; SQLite has one writer."""
        if self._engine.dialect.name != "sqlite":
            await self.execute(_TURN, {"its": f"{self.tenant_id}:{subject}"})

    async def insert_new(
        self, table: sa.Table, values: Mapping[str, Any], returning: sa.Column[T]
    ) -> T | None:
        """Writes a row and returns one of its columns. None if one of its keys is taken."""
        statement = insert(self._engine.dialect.name, table, returning=(returning,))
        written: T | None = (await self.execute(statement, values)).scalar_one_or_none()
        return written

    @property
    def connection(self) -> Connection:
        if self._connection is None:
            raise RuntimeError("a unit of work is used inside `async with`")
        return self._connection


class Repository:
    """Rows of one tenant, on the transaction of its unit of work."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        # The parameters of a statement about all that is the tenant's.
        self._tenant = {"tenant": transaction.tenant_id}

    def _of(self, integration_id: str) -> dict[str, str]:
        """The parameters of a statement about one integration."""
        return {**self._tenant, "integration": integration_id}

    def _ids(self, integration_id: str) -> dict[str, str]:
        """The columns that say whose a row is: one integration's."""
        return {"tenant_id": self._transaction.tenant_id, "integration_id": integration_id}

    def _unsealed(self, kind: str, owner: str, sealed: str) -> SecretStr:
        """Raises `SecretLost`. The log then has the id of the key, if the text names one."""
        try:
            return self._transaction.cipher.open(owner, sealed)
        except SealBroken:
            about = {"tenant_id": self._transaction.tenant_id, "kind": kind}
            _log.error("secret_lost", **about, key_ids=key_id(sealed[:LABEL]))
            raise SecretLost(kind) from None

    def _unsealed_or_lost(self, kind: str, owner: str, sealed: str) -> SecretStr:
        """`LOST` if no key opens it, for who can do something without it."""
        try:
            return self._unsealed(kind, owner, sealed)
        except SecretLost:
            return LOST


def insert_into(dialect: str, table: sa.Table) -> Any:
    """An INSERT of this dialect, which can say what happens to existing rows."""
    return (sqlite if dialect == "sqlite" else postgres()).insert(table)


@cache
def insert(
    dialect: str,
    table: sa.Table,
    *,
    replacing: Sequence[str] | None = None,
    returning: Sequence[sa.ColumnElement[Any]] = (),
) -> Any:
    """The INSERT of this database's dialect, made once: making it takes longer than running it.

    `replacing` names the columns that replace those of an existing row with the same primary key.
    Without any, an existing row stays.
    """
    statement = insert_into(dialect, table)
    key = [column.name for column in table.primary_key]
    if replacing is not None:
        set_ = {name: statement.excluded[name] for name in replacing if name not in key}
        return statement.on_conflict_do_update(index_elements=key, set_=set_).returning(*returning)
    return statement.on_conflict_do_nothing().returning(*returning)


# Made once: SQLAlchemy makes the text of an INSERT with several rows anew each time.
WISHED_ON_SQLITE = merged(insert_into("sqlite", tables.due))


@cache
def _all_wishes() -> sa.Executable:
    """For all wishes of a transaction, with the notification."""
    columns = ("kinds", sa.Text), ("subjects", sa.Text), ("moments", Instant)
    kind, subject, at = (
        sa.func.unnest(sa.bindparam(name, type_=sa.ARRAY(of))).label(name) for name, of in columns
    )
    each = sa.select(kind, subject, at).subquery("wish").c
    rows = sa.select(
        *wish(sa.bindparam("tenant", type_=sa.Text), each.kinds, each.subjects, each.moments)
    )
    wished = insert_into("postgresql", tables.due).from_select(WISH, rows)
    return merged(wished).returning(TELL_IF_SOON)
