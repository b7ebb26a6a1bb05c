"""Whatever keeps a command from the database: one line says what it is and what to do."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from unittest.mock import Mock

import psycopg
import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from psycopg import errors
from typer.testing import CliRunner, Result

from bot.__main__ import cli
from bot.cli.database import TROUBLES
from flows.errors import Trouble
from storage.connections import Engine
from storage.engine import as_ours
from storage.trouble import trouble_of, trouble_of_file

MAKERS = (["serve"], ["serve", "--no-worker"], ["worker"], ["migrate"])
OTHERS = (
    ["check"], ["rotate-keys"], ["audit", "T1"], ["export", "T1"], ["erase", "T1", "--yes"],
    ["jobs", "list"], ["jobs", "show", "1"], ["jobs", "retry", "1"], ["jobs", "events"],
    ["jobs", "retry-event", "T1", "Ev1"],
    ["handoffs", "list"], ["handoffs", "show", "msg_1"], ["handoffs", "resend", "msg_1"],
)  # fmt: skip
COMMANDS = [*MAKERS, *OTHERS]


def of_sqlite(code: int = 0, text: str = "", name: str = "") -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(text)
    error.sqlite_errorcode, error.sqlite_errorname = code, name
    return error


def of_postgres(error: type[psycopg.Error], text: str = "secret") -> Exception:
    return sa.exc.DBAPIError.instance("", {}, error(text), psycopg.Error)


CAUSES = [
    (Trouble.AWAY, of_sqlite()),
    (Trouble.AWAY, of_postgres(psycopg.OperationalError)),
    (Trouble.AWAY, of_postgres(errors.AdminShutdown)),
    (Trouble.BUSY, sa.exc.TimeoutError("QueuePool limit of size 15")),
    (Trouble.BUSY, of_postgres(errors.TooManyConnections)),
    (Trouble.BUSY, of_postgres(psycopg.OperationalError, "too many connections for role")),
    (Trouble.BUSY, of_postgres(psycopg.OperationalError, "sorry, too many clients already")),
    (Trouble.LOCKED, of_sqlite(sqlite3.SQLITE_BUSY, name="SQLITE_BUSY")),
    (Trouble.LOCKED, of_sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT)),
    (Trouble.LOCKED, of_postgres(errors.LockNotAvailable)),
    (Trouble.REFUSED, of_sqlite(sqlite3.SQLITE_CANTOPEN)),
    (Trouble.REFUSED, of_postgres(errors.InsufficientPrivilege)),
    (Trouble.REFUSED, of_postgres(errors.InvalidSchemaName)),
    (Trouble.FULL, of_sqlite(sqlite3.SQLITE_FULL, name="SQLITE_FULL")),
    (Trouble.FULL, of_postgres(errors.DiskFull)),
    (Trouble.READ_ONLY, of_sqlite(sqlite3.SQLITE_READONLY)),
    (Trouble.READ_ONLY, of_postgres(errors.ReadOnlySqlTransaction)),
    (Trouble.INCOMPLETE, of_sqlite(sqlite3.SQLITE_ERROR, "no such table: outbox")),
    (Trouble.INCOMPLETE, of_sqlite(sqlite3.SQLITE_ERROR, "table outbox already exists")),
    (Trouble.INCOMPLETE, of_postgres(errors.UndefinedTable)),
    (Trouble.DAMAGED, sqlite3.DatabaseError("file is not a database")),
]


@pytest.mark.parametrize(("trouble", "error"), CAUSES)
def test_what_a_driver_says_is_one_of_our_troubles(trouble: Trouble, error: Exception) -> None:
    assert trouble_of(error) is trouble
    ours = as_ours(Mock(spec=Engine), error)
    assert getattr(ours, "trouble", None) is trouble
    assert "secret" not in str(ours)


@pytest.mark.parametrize(
    "error", [errors.UndefinedColumn, errors.UniqueViolation, errors.SyntaxError, errors.DataError]
)
def test_what_is_our_mistake_is_none_of_them(error: type[psycopg.Error]) -> None:
    assert trouble_of(of_postgres(error)) is None


def test_files_that_cannot_be_made() -> None:
    kinds = {13: Trouble.REFUSED, 28: Trouble.FULL, 30: Trouble.READ_ONLY, 20: Trouble.AWAY}
    assert {number: trouble_of_file(OSError(number, "")) for number in kinds} == kinds


@pytest.fixture
def run(filled: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    address = filled()
    started: list[object] = []
    monkeypatch.setattr("bot.inbound.serving.run_until_stopped", lambda *how: started.append(how))

    def invoke(arguments: list[str], **changed: str) -> Result:
        values = {
            "DATABASE_URL": address,
            "SLACK_BOT_TOKEN": "xoxb-x",
            "SLACK_SIGNING_SECRET": "signs" * 8,
            "SLACK_API_URL": "http://127.0.0.1:1/api/",
            "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        }
        values |= {f"SEGMENT_{each}_URL": "http://127.0.0.1:1" for each in ("API", "EU_API")}
        values |= {f"SEGMENT_{each}_URL": "http://127.0.0.1:1" for each in ("CONFIG_API", "CDN")}
        for name, value in {**values, **changed}.items():
            monkeypatch.setenv(name, value)
        return CliRunner().invoke(cli, arguments)

    return invoke


def assert_said(result: Result, trouble: Trouble) -> None:
    """One line, and no traceback: an unexpected exception would be in its place."""
    assert isinstance(result.exception, SystemExit)
    assert result.exit_code == 1
    state, remedy = TROUBLES[trouble]
    lines = result.stderr.splitlines()
    lines = lines or [each for each in result.stdout.splitlines() if "FAIL  database: " in each]
    (line,) = lines
    assert f"database {state}" in line
    assert remedy in line


# By what no driver says, so that other tests make them.
MADE_OTHERWISE = Trouble.MISSING, Trouble.ENCODING


@pytest.mark.parametrize("trouble", [each for each in Trouble if each not in MADE_OTHERWISE])
def test_every_command_says_every_trouble(
    run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, trouble: Trouble
) -> None:
    (error, *_) = [error for kind, error in CAUSES if kind is trouble]

    def ask(_connection: object) -> None:
        raise error

    for command in COMMANDS:
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr("storage.schema._current", ask)
            assert_said(run(command), trouble)
        assert "The database " not in run(command).stderr, command


def test_a_file_that_is_not_there_is_made_by_none_of_these(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    """Whoever asks about an address with a slip in it would read that nothing is stored."""
    address = f"sqlite:///{tmp_path / 'bto.db'}"
    for command in OTHERS:
        result = run(command, DATABASE_URL=address)
        assert not (tmp_path / "bto.db").exists(), command
        if command == ["check"]:  # before the first start
            assert f"ok    database: sqlite, serve will make {tmp_path / 'bto.db'}" in result.stdout
        else:
            assert_said(result, Trouble.MISSING)
            assert str(tmp_path / "bto.db") in result.stderr
    assert run(["migrate"], DATABASE_URL=address).exit_code == 0
    for command in OTHERS:
        assert "The database " not in run(command, DATABASE_URL=address).stderr, command


@pytest.mark.parametrize("place", ["/dev/null", "."])
def test_what_is_no_file_is_no_database(run: Callable[..., Result], place: str) -> None:
    for command in (*MAKERS, ["jobs", "list"]):
        assert_said(run(command, DATABASE_URL=f"sqlite:///{place}"), Trouble.DAMAGED)
