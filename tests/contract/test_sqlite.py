"""SQLite's connections: who waits, for what, and for how long."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from flows.errors import StorageUnavailable
from storage import sqlite, tables
from storage.connections import POOL_SIZE, Engine
from storage.engine import close_engine, make_engine, reading
from storage.sqlite import BEGIN_WRITING, COMMITS_IN_LOG
from tests.support.template import sqlite_url

GATES = tables.rate_gates
A_MOMENT = 0.05  # seconds


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    engine = make_engine(sqlite_url(tmp_path))
    yield engine
    await close_engine(engine)


async def write(engine: Engine) -> None:
    async with engine.begin() as connection:
        await connection.execute(sa.delete(GATES))


async def test_beyond_the_number_of_connections_the_next_one_waits(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(POOL_SIZE):
            await stack.enter_async_context(reading(engine).connect())
        monkeypatch.setattr(sqlite, "LOCK_TIMEOUT", A_MOMENT)
        with pytest.raises(StorageUnavailable):
            await reading(engine).connect().start()
        monkeypatch.setattr(sqlite, "LOCK_TIMEOUT", 60)
        waiting = asyncio.create_task(write(engine))
        await asyncio.sleep(A_MOMENT)
        assert not waiting.done()
    await waiting


async def test_who_writes_waits_for_another_process_and_holds_up_nobody(engine: Engine) -> None:
    with closing(sqlite3.connect(str(engine.url.database), isolation_level=None)) as another:
        another.execute(BEGIN_WRITING)
        waiting = asyncio.create_task(write(engine))
        async with reading(engine).connect() as connection:
            for _ in range(5):
                await connection.execute(sa.select(GATES))
                await asyncio.sleep(sqlite.LOCK_AGAIN)
        assert not waiting.done()
        another.execute("ROLLBACK")
    await waiting


async def test_what_is_wrong_is_told_at_once(engine: Engine) -> None:
    async with asyncio.timeout(sqlite.LOCK_TIMEOUT / 2), engine.connect() as connection:
        with pytest.raises(sa.exc.OperationalError, match="no such table"):
            await connection.execute(sa.text("SELECT * FROM nowhere"))
    await write(engine)


async def test_a_log_that_cannot_be_moved_now_keeps_nobody_from_writing(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = 0
    move = sqlite._Shared._move_log

    def try_to_move(shared: sqlite._Shared) -> None:
        nonlocal tried
        tried += 1
        move(shared)

    monkeypatch.setattr(sqlite, "MOVE_LOG", "PRAGMA nonsense(")
    monkeypatch.setattr(sqlite._Shared, "_move_log", try_to_move)
    for _ in range(2 * COMMITS_IN_LOG + 1):
        await write(engine)
    assert tried == 2


async def test_a_connection_that_is_not_open_says_so(engine: Engine) -> None:
    connection = engine.connect()
    for ask in (connection.commit, lambda: connection.execute(sa.select(GATES))):
        with pytest.raises(RuntimeError, match="not open"):
            await ask()


PARENTS = sa.Table("parents", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True))
CHILDREN = sa.Table(
    "children",
    PARENTS.metadata,
    sa.Column("parent", sa.ForeignKey(PARENTS.c.id, deferrable=True, initially="DEFERRED")),
)
BEAR, ADOPT = sa.insert(CHILDREN), sa.insert(PARENTS)
WAYS = ("run", "execute")  # by the driver, by SQLAlchemy


@pytest.fixture
async def family(engine: Engine) -> Engine:
    async with engine.begin() as connection:
        await connection.run_sync(PARENTS.metadata.create_all)
    return engine


@pytest.mark.parametrize("way", WAYS)
async def test_what_could_not_be_committed_is_never_stored(family: Engine, way: str) -> None:
    """Not even by who uses the connection next, and the turn is given back."""
    async with family.connect() as connection:
        await getattr(connection, way)(BEAR, {"parent": 1})
        with pytest.raises((sqlite3.IntegrityError, sa.exc.IntegrityError)):
            await connection.commit()
    async with family.begin() as connection:
        await getattr(connection, way)(ADOPT, {"id": 1})
    async with reading(family).connect() as connection:
        assert (await connection.execute(sa.select(CHILDREN))).all() == []
        assert (await connection.execute(sa.select(PARENTS))).all() == [(1,)]


@pytest.mark.parametrize("way", WAYS)
async def test_nothing_is_stored_without_what_came_before_it(family: Engine, way: str) -> None:
    """SQLite rolls back by itself when a disk is full. PostgreSQL takes nothing more then."""
    async with family.connect() as connection:
        await getattr(connection, way)(ADOPT, {"id": 1})
        connection._driver.rollback()
        for more in (lambda: getattr(connection, way)(ADOPT, {"id": 2}), connection.commit):
            with pytest.raises(StorageUnavailable):
                await more()
    async with family.begin() as connection:
        assert (await connection.execute(sa.select(PARENTS))).all() == []
        await getattr(connection, way)(ADOPT, {"id": 3})


async def test_a_transaction_follows_another_on_one_connection(family: Engine) -> None:
    async with family.connect() as connection:
        for number, way in enumerate((*WAYS, *WAYS)):
            await getattr(connection, way)(ADOPT, {"id": number})
            await connection.commit()
        await connection.execute(ADOPT, {"id": 9})
    async with reading(family).connect() as connection:
        assert len((await connection.execute(sa.select(PARENTS))).all()) == 4


async def test_a_disk_that_takes_its_time_keeps_nobody_from_writing(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Units of work wait a moment for the log to be moved, then go on, and nobody moves it again
    meanwhile.
    """
    moves, slow = [], threading.Event()
    monkeypatch.setattr(sqlite, "MOVED_WITHIN", A_MOMENT)
    monkeypatch.setattr(sqlite, "COMMITS_IN_LOG", 2)
    monkeypatch.setattr(sqlite._Shared, "_move_log", lambda _: moves.append(slow.wait(60)))
    try:
        for _ in range(7):
            await write(engine)
    finally:
        slow.set()
    await close_engine(engine)
    assert moves == [True]


def test_without_wal_it_does_not_begin(tmp_path: Path) -> None:
    """As on network file systems; this one has no shared memory."""
    path = (tmp_path / "bot.db").as_uri()
    connection = sqlite3.connect(f"{path}?vfs=unix-none", uri=True)
    with closing(connection), pytest.raises(StorageUnavailable, match="WAL"):
        sqlite._set_up(connection, None)
