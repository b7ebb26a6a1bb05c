"""One transaction on one connection, with what it wants done in the background."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import CursorResult

from flows.errors import NotInstalled
from flows.outbox.jobs import PLANNED, JobKind
from flows.ports import Clock
from storage import tables
from storage.cipher import Cipher
from storage.column_types import Instant
from storage.connections import Connection, Engine
from storage.dialects import postgres, sqlite
from storage.failures import translated
from storage.prepared import run

if TYPE_CHECKING:
    from storage.dialects import Insert

T = TypeVar("T")

_TURN = sa.select(
    sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(sa.bindparam("its", type_=sa.Text), 0))
)

CHANNEL = "due"  # of NOTIFY
SOON = timedelta(seconds=2)  # workers look this often by themselves

_i = tables.installations
# SQLite has one writer at a time, so its dialect leaves the lock out.
_LIVING = (
    sa.select(_i.c.tenant_id)
    .where(_i.c.tenant_id == sa.bindparam("tenant"), _i.c.revoked_at.is_(None))
    .with_for_update(read=True)
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
        with translated():
            self._connection = await self._engine.connect().start()
        try:
            if self._guarded:
                living = await self.execute(_LIVING, {"tenant": self.tenant_id})
                if living.one_or_none() is None:
                    raise NotInstalled(self.tenant_id)
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
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
            with translated():
                await connection.__aexit__(kind, error, trace)

    async def commit(self) -> None:
        if not self._write:
            raise RuntimeError("this transaction promised only to read")
        asked = bool(self.wishes.wanted)
        with translated():
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
        with translated():
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


@cache
def insert(
    dialect: str,
    table: sa.Table,
    *,
    replacing: Sequence[str] | None = None,
    returning: Sequence[sa.ColumnElement[Any]] = (),
) -> Any:
    """The INSERT of this database's dialect, made once: that takes longer than to run it.

    `replacing` names the columns that replace those of an existing row with the same primary key;
    none: a row stays whose keys are taken.
    """
    statement = sqlite.insert(table) if dialect == "sqlite" else postgres().insert(table)
    key = [column.name for column in table.primary_key]
    if replacing is not None:
        set_ = {name: statement.excluded[name] for name in replacing if name not in key}
        return statement.on_conflict_do_update(index_elements=key, set_=set_).returning(*returning)
    return statement.on_conflict_do_nothing().returning(*returning)


def merged(statement: "Insert") -> "Insert":
    """The insert, merged with existing rows. A new plan replaces the old one. An equal plan writes
    nothing, since the row may have been put off after failures. Anything else is due at the
    earlier of the two moments.
    """
    t = tables.due
    new = statement.excluded
    is_planned = sa.or_(*(t.c.kind == kind.value for kind in sorted(PLANNED)))
    keeps = sa.and_(~is_planned, t.c.due_at < new.due_at)
    return statement.on_conflict_do_update(
        index_elements=[t.c.tenant_id, t.c.kind, t.c.subject],
        set_={
            "due_at": sa.case((keeps, t.c.due_at), else_=new.due_at),
            "planned_at": new.planned_at,
            "version": t.c.version + 1,
            "attempts": sa.case((is_planned, 0), else_=t.c.attempts),
        },
        where=sa.or_(~is_planned, t.c.planned_at.is_distinct_from(new.planned_at)),
    )


def literal(state: str) -> sa.BindParameter[str]:
    """In the statement's text, where the condition of an index has to be recognised."""
    return sa.bindparam(None, str(state), sa.Text(), literal_execute=True)


# Made once: SQLAlchemy makes the text of an INSERT with several rows anew each time.
WISH = ("tenant_id", "kind", "subject", "due_at", "planned_at", "version", "attempts")
WISHED_ON_SQLITE = merged(sqlite.insert(tables.due))


@cache
def _all_wishes() -> sa.Executable:
    """For all wishes of a transaction, with the notification: PostgreSQL folds equal ones."""
    t = tables.due
    columns = ("kinds", sa.Text), ("subjects", sa.Text), ("moments", Instant)
    kind, subject, at = (
        sa.func.unnest(sa.bindparam(name, type_=sa.ARRAY(of))).label(name) for name, of in columns
    )
    wish = sa.select(kind, subject, at).subquery("wish").c
    row = sa.select(
        sa.bindparam("tenant", type_=sa.Text), wish.kinds, wish.subjects, wish.moments,
        wish.moments, sa.literal_column("1"), sa.literal_column("0"),
    )  # fmt: skip
    is_soon = t.c.due_at <= sa.bindparam("soon", type_=Instant)
    tell = sa.case((is_soon, sa.func.pg_notify(CHANNEL, "").cast(sa.Text)))
    return merged(postgres().insert(t).from_select(WISH, row)).returning(tell)
