"""A file that is no database is like one that is away, for everything that reads and writes it."""

import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from flows.errors import StorageUnavailable, Trouble
from flows.ports import RateCost
from flows.vocabulary import ReceivedEvent
from storage import schema, tables
from storage.cipher import Cipher, generate_key
from storage.connections import Engine
from storage.engine import SharedClock, as_ours, close_engine, make_engine, translated
from storage.given_up import GivenUp
from storage.rate_gates import SqlRateGates
from storage.raw import raw_read
from storage.raw_sqlite import SqliteRead, SqliteWrite, SqliteWriter
from storage.unit_of_work import SqlUnitOfWorkFactory
from tests.contract.samples import NOON, A
from tests.support.fake_tables import FakeClock
from tests.support.installed import install
from tests.support.template import sqlite_url

Ask = Callable[[Engine], Awaitable[object]]
GATES = tables.rate_gates
COUNT = sa.select(sa.func.count()).select_from(GATES)
REMOVE = sa.delete(GATES).returning(GATES.c.tenant_id)


class File:
    """A database in which the app is installed, all of it in one file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._whole = path.read_bytes()

    def replace(self) -> None:
        self.path.write_bytes(b"no database" * 1000)

    def damage(self) -> None:
        """Beyond the head, by which SQLite knows a database."""
        self.path.write_bytes(self._whole[:100] + b"\xff" * (len(self._whole) - 100))

    def mend(self) -> None:
        self.path.write_bytes(self._whole)


@pytest.fixture
async def file(tmp_path: Path) -> File:
    engine = make_engine(sqlite_url(tmp_path))
    await install(engine, A)
    path = Path(str(engine.url.database))
    await close_engine(engine)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return File(path)


def work(engine: Engine) -> SqlUnitOfWorkFactory:
    return SqlUnitOfWorkFactory(engine, Cipher([generate_key()]), FakeClock())


async def change(engine: Engine) -> None:
    async with work(engine)(A) as unit:
        await unit.commit()


async def raw_write(engine: Engine) -> None:
    async with SqliteWriter(engine).transaction(60.0) as connection:
        connection.execute("SELECT count(*) FROM rate_gates").fetchall()


EVENT = ReceivedEvent("Ev1", "app_home_opened", A, "U1", NOON)
ASKS: dict[str, Ask] = {
    "a unit of work": change,
    "a look": lambda engine: work(engine).glance(A, A),
    "an event": lambda engine: work(engine).accept(A, EVENT),
    "a request": lambda engine: work(engine).first(A, "hash"),
    "readiness": schema.is_current,
    "migrating": schema.upgrade,
    "figures": lambda engine: GivenUp(engine).messages.counts(),
    "the time": lambda engine: SharedClock().ask(engine),
    "a turn": lambda engine: SqlRateGates(engine, FakeClock()).take(A, {"x": RateCost(1.0)}, 1.0),
    "a raw read": lambda engine: SqliteRead(engine, COUNT).rows({}),
    "a raw write": raw_write,
}


@pytest.mark.parametrize("ask", ASKS)
async def test_a_file_that_is_no_database_any_more(file: File, ask: str) -> None:
    """Put back, it is used again."""
    file.replace()
    engine = make_engine(f"sqlite:///{file.path}")
    try:
        with pytest.raises(StorageUnavailable) as found:
            await ASKS[ask](engine)
        assert found.value.trouble is Trouble.DAMAGED
        file.mend()
        await ASKS[ask](engine)
    finally:
        await close_engine(engine)


@pytest.mark.parametrize("ask", ["a unit of work", "a look", "readiness", "a raw read"])
async def test_pages_that_are_damaged(file: File, ask: str) -> None:
    file.damage()
    engine = make_engine(f"sqlite:///{file.path}")
    try:
        with pytest.raises(StorageUnavailable) as found:
            await ASKS[ask](engine)
        assert found.value.trouble is Trouble.DAMAGED
    finally:
        await close_engine(engine)


async def test_what_writes_only_if_nobody_else_does_writes_nothing_then(file: File) -> None:
    file.replace()
    engine = make_engine(f"sqlite:///{file.path}")
    once = SqliteWrite(engine, REMOVE)
    assert await once.rows({}) == []
    file.mend()
    assert await once.rows({}) == []
    await close_engine(engine)


async def test_what_comes_after_the_end_opens_nothing(file: File) -> None:
    """A task that still runs while the process stops would leave its connection open."""
    file.mend()
    engine = make_engine(f"sqlite:///{file.path}")
    writer, count = SqliteWriter(engine), raw_read(engine, COUNT)
    assert await count.rows({})
    await close_engine(engine)
    with pytest.raises(StorageUnavailable):
        await count.rows({})
    with pytest.raises(StorageUnavailable):
        async with writer.transaction(0.0):
            pass
    again = make_engine(f"sqlite:///{file.path}")
    assert await raw_read(again, COUNT).rows({})
    await close_engine(again)


MISTAKES = [sqlite3.IntegrityError("UNIQUE"), sqlite3.ProgrammingError("closed")]


@pytest.mark.parametrize("error", MISTAKES)
def test_our_own_mistakes_stay_mistakes(error: sqlite3.DatabaseError, tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'bot.db'}")
    wrapped = sa.exc.DBAPIError.instance("", {}, error, sqlite3.Error)
    for one in (wrapped, error):
        with pytest.raises(type(one)), translated(engine):
            raise one
        with pytest.raises(type(one)):
            raise as_ours(engine, one)
