"""What only a database can show: the file's content, what it refuses, how it fails."""

import asyncio
import secrets
import sqlite3
import stat
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from flows.checks.question import Typed
from flows.errors import SecretLost, StorageUnavailable, Trouble
from flows.setup.events import Started
from flows.vocabulary import Stamp
from storage import sqlite, tables
from storage.cipher import LOST, Cipher, generate_key
from storage.connections import Engine
from storage.engine import SharedClock, close_engine, make_engine
from storage.oauth_states import STATE_LIFETIME, SqlOAuthStates
from storage.sqlite import COMMITS_IN_LOG
from storage.unit_of_work import SqlUnitOfWorkFactory
from tests.contract import samples
from tests.contract.samples import NOON, A, B
from tests.support.fake_tables import FakeClock
from tests.support.installed import install
from tests.support.statements import heard
from tests.support.template import sqlite_url


def _work(engine: Engine, cipher: Cipher) -> SqlUnitOfWorkFactory:
    return SqlUnitOfWorkFactory(engine, cipher, FakeClock())


@pytest.fixture
def work(engine: Engine, cipher: Cipher) -> SqlUnitOfWorkFactory:
    return _work(engine, cipher)


async def _store_secrets(work: SqlUnitOfWorkFactory, tenant_id: str, secret: SecretStr) -> None:
    async with work(tenant_id) as unit:
        await unit.integrations.add(samples.bare_integration("one", tenant_id))
        await unit.vault.put("one", secret)
        await unit.checks.add(samples.check(), secret)
        await unit.installations.put(samples.installation(tenant_id), secret)
        await unit.commit()


def _bytes_of(folder: Path) -> bytes:
    """The database file and its log. Empty on PostgreSQL, whose files we cannot read."""
    return b"".join(path.read_bytes() for path in folder.glob("test.db*"))


async def _everything_stored(engine: Engine) -> str:
    async with engine.connect() as connection:
        rows = [
            str(tuple(row))
            for table in tables.metadata.sorted_tables
            for row in await connection.execute(sa.select(table))
        ]
    return "\n".join(rows)


# --- secrets ------------------------------------------------------------------------------------


async def test_secrets_are_never_stored_plain(
    engine: Engine, work: SqlUnitOfWorkFactory, tmp_path: Path
) -> None:
    states = SqlOAuthStates(engine, Cipher([generate_key()]), SharedClock())
    secret, state = SecretStr(secrets.token_hex(20)), states.issue()
    await _store_secrets(work, A, secret)
    assert await states.consume(state) is not None
    stored = await _everything_stored(engine)
    assert "gEAA" in stored  # how sealed texts begin: the search looks at the right place
    files = _bytes_of(tmp_path)
    for plain in (secret.get_secret_value(), state):
        assert plain not in stored
        assert plain.encode() not in files


@pytest.mark.parametrize("table", [tables.vault, tables.pending_checks, tables.installations])
async def test_a_sealed_text_in_another_row_is_refused(
    engine: Engine, work: SqlUnitOfWorkFactory, table: sa.Table
) -> None:
    for tenant_id in (A, B):
        await _store_secrets(work, tenant_id, SecretStr(secrets.token_hex(20)))
    column = next(column for column in table.c if column.name.startswith("sealed"))
    async with engine.begin() as connection:
        stolen = (
            await connection.execute(sa.select(column).where(table.c.tenant_id == B))
        ).scalar()
        await connection.execute(
            sa.update(table).where(table.c.tenant_id == A).values({column: stolen})
        )
    async with work(A, write=False) as unit:
        if table is tables.vault:
            with pytest.raises(SecretLost):
                await unit.vault.get("one")
            return
        read: dict[str, tuple[Callable[[], Awaitable[object]], object]] = {
            "pending_checks": (lambda: unit.checks.get("check"), (samples.check(), LOST)),
            "installations": (unit.installations.token, LOST),
        }
        ask, expected = read[table.name]
        assert await ask() == expected


async def test_states_of_installs_expire(engine: Engine) -> None:
    clock, cipher = FakeClock(NOON), Cipher([generate_key()])
    states = SqlOAuthStates(engine, cipher, clock)
    in_time, too_late = states.issue(), states.issue()
    clock.advance(STATE_LIFETIME - timedelta(seconds=1))
    later = states.issue()
    assert await _rows(engine, tables.oauth_states) == 0
    assert await states.consume(in_time) is not None
    assert await states.consume(in_time) is None
    clock.advance(timedelta(seconds=1))
    assert await states.consume(too_late) is None
    others = SqlOAuthStates(engine, Cipher([generate_key()]), clock)
    assert await others.consume(later) is None
    assert await states.consume(later) is not None
    assert await _rows(engine, tables.oauth_states) == 1


async def _rows(engine: Engine, table: sa.Table) -> int:
    async with engine.connect() as connection:
        count = sa.select(sa.func.count()).select_from(table)
        return int((await connection.execute(count)).scalar_one())


# --- what the database refuses ------------------------------------------------------------------


async def test_history_can_be_erased_but_not_changed(
    engine: Engine, work: SqlUnitOfWorkFactory
) -> None:
    async with work(A) as unit:
        await unit.history.append("one", Started(Stamp("", NOON)))
        await unit.commit()
    async with engine.connect() as connection:
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            await connection.execute(sa.update(tables.history).values(by="UMALLORY"))
    async with engine.begin() as connection:
        deleted = await connection.execute(sa.delete(tables.history))
        assert deleted.rowcount == 1


async def test_an_integration_takes_what_hangs_on_it_along(
    engine: Engine, work: SqlUnitOfWorkFactory
) -> None:
    await _store_secrets(work, A, SecretStr(secrets.token_hex(20)))
    async with engine.begin() as connection:
        await connection.execute(sa.delete(tables.integrations))
    async with work(A, write=False) as unit:
        assert await unit.vault.get("one") is None
        assert await unit.checks.get("check") is None


async def test_a_moment_without_zone_is_refused(work: SqlUnitOfWorkFactory) -> None:
    async with work(A) as unit:
        with pytest.raises((sa.exc.StatementError, ValueError), match="time zone"):
            await unit.home_viewers.seen("UANNA", A, datetime(2026, 3, 2))  # noqa: DTZ001


async def test_the_situation_of_a_team_is_two_statements(
    engine: Engine, work: SqlUnitOfWorkFactory
) -> None:
    await _store_secrets(work, A, SecretStr("x"))
    statements: list[str] = []
    with heard(engine, lambda text, _: statements.append(text)):
        async with work(A, write=False) as unit:
            assert await unit.integrations.of_team(A) is not None
            await unit.observations.of("one")
    selects = [statement for statement in statements if statement.startswith("SELECT")]
    assert len(selects) == 2
    assert all("tenant_id =" in select for select in selects)


# --- how it fails -------------------------------------------------------------------------------


async def test_a_locked_file_is_unavailable(
    tmp_path: Path, cipher: Cipher, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = make_engine(sqlite_url(tmp_path))
    monkeypatch.setattr(sqlite, "LOCK_TIMEOUT", 0.01)
    work = _work(engine, cipher)
    await install(engine, A)
    async with work(A) as holder:
        await holder.integrations.add(samples.bare_integration())
        with pytest.raises(StorageUnavailable) as found:
            async with work(A):
                pytest.fail("two write at once")
        assert found.value.trouble is Trouble.LOCKED
        await holder.commit()
    async with work(A) as after:
        assert await after.integrations.of_team(A) == samples.bare_integration()
    await close_engine(engine)


async def test_a_server_that_is_away_is_unavailable(cipher: Cipher) -> None:
    engine = make_engine("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(StorageUnavailable):
        await _work(engine, cipher)(A).__aenter__()
    await close_engine(engine)


@pytest.mark.parametrize("database_address", ["postgres"], indirect=True)
async def test_a_lost_connection_is_unavailable_and_the_next_one_works(
    postgres_address: str, work: SqlUnitOfWorkFactory
) -> None:
    async with work(A) as unit:
        await unit.integrations.of_team(A)
        _disconnect_everybody(postgres_address)
        with pytest.raises(StorageUnavailable):
            await unit.integrations.of_team(A)
    async with work(A) as unit:
        assert await unit.integrations.of_team("TNOBODY") is None


def _disconnect_everybody(address: str) -> None:
    with psycopg.connect(address, autocommit=True, connect_timeout=10) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


async def test_an_error_does_not_tell_what_was_stored(work: SqlUnitOfWorkFactory) -> None:
    private = replace(samples.check(), typed=Typed("typed-by-somebody"))
    async with work(A) as unit:
        await unit.integrations.add(samples.bare_integration())
        await unit.checks.add(private, None)
        with pytest.raises((sa.exc.IntegrityError, sqlite3.IntegrityError)) as told:
            await unit.checks.add(private, None)
    assert "pending_checks" in str(told.value)
    assert "typed-by-somebody" not in str(told.value)


async def test_a_reader_cannot_write_on_postgres(postgres_address: str, cipher: Cipher) -> None:
    engine = make_engine(postgres_address)
    async with _work(engine, cipher)(A, write=False) as unit:
        with pytest.raises(StorageUnavailable) as found:
            await unit.home_viewers.seen("UANNA", A, NOON)
        assert found.value.trouble is Trouble.READ_ONLY
    await close_engine(engine)


async def test_the_file_and_those_beside_it_are_ours_alone(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'deep' / 'down' / 'bot.db'}")
    async with engine.begin() as connection:
        await connection.execute(sa.text("CREATE TABLE t (a INTEGER)"))
        modes = {
            path.name: stat.S_IMODE(path.stat().st_mode)
            for path in (tmp_path / "deep" / "down").iterdir()
        }
    await close_engine(engine)
    assert modes == dict.fromkeys(("bot.db", "bot.db-wal", "bot.db-shm"), 0o600)


async def test_the_log_is_moved_into_the_database_again_and_again(tmp_path: Path) -> None:
    engine = make_engine(sqlite_url(tmp_path))
    log = Path(f"{engine.url.database}-wal")
    sizes = []
    async with engine.begin() as connection:
        await connection.execute(sa.text("CREATE TABLE filled (what TEXT)"))
    for _ in range(4 * COMMITS_IN_LOG):
        async with engine.begin() as connection:
            await connection.execute(sa.text("INSERT INTO filled VALUES (zeroblob(9000))"))
        sizes.append(await asyncio.to_thread(lambda: log.stat().st_size))
    await close_engine(engine)
    assert sizes[-1] < 2 * sizes[COMMITS_IN_LOG]


async def test_the_settings_of_a_connection(engine: Engine) -> None:
    names, expected = {
        "sqlite": (
            ("PRAGMA journal_mode", "PRAGMA foreign_keys", "PRAGMA busy_timeout"),
            ["wal", 1, 0],
        ),
        "postgresql": (
            ("SHOW timezone", "SHOW statement_timeout", "SHOW lock_timeout"),
            ["UTC", "15s", "5s"],
        ),
    }[engine.dialect.name]
    async with engine.connect() as connection:
        answers = [(await connection.execute(sa.text(name))).scalar_one() for name in names]
    assert answers == expected
