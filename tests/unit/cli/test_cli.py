"""The command line: help, exit codes, one line per problem, never a traceback."""

import os
import socket
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from cryptography.fernet import Fernet
from typer.testing import CliRunner, Result

from bot.__main__ import cli
from bot.cli import check

ROOT = Path(__file__).parents[3]
COMMANDS = [
    "audit",
    "erase",
    "export",
    "serve",
    "worker",
    "migrate",
    "check",
    "demo",
    "generate-key",
    "rotate-keys",
    "manifest",
    "jobs",
    "handoffs",
]
UNREACHABLE = "postgresql://somebody:hidden@127.0.0.1:1/app"


pytestmark = pytest.mark.usefixtures("in_an_empty_place")


@pytest.fixture
def configured(in_an_empty_place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-x")
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "signs" * 8)
    monkeypatch.setenv("ENCRYPTION_KEYS", Fernet.generate_key().decode())


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def assert_one_line(result: Result, *parts: str) -> None:
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert all(part in result.stderr for part in parts)
    assert "hidden" not in result.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert "--help" in result.stdout


@pytest.mark.parametrize("group", [(), ("jobs",), ("handoffs",)])
def test_no_line_of_the_help_is_cut(group: tuple[str, ...]) -> None:
    _usage, *lines = run(*group, "--help").stdout.splitlines()
    assert [line for line in lines if line.endswith("...")] == []


def test_these_are_all_commands() -> None:
    plain = [each.name or each.callback.__name__ for each in cli.registered_commands]
    groups = [each.name for each in cli.registered_groups]
    assert sorted(plain + groups) == sorted(COMMANDS)


def test_as_a_program_a_bad_setting_is_one_line_and_no_traceback(tmp_path: Path) -> None:
    tmp_path.joinpath(".env").write_text("SLACK_BOT_TOKEN=xoxb-x\nPOLL_INTERVAL=often\n")
    done = subprocess.run(
        [sys.executable, "-m", "bot", "serve"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        "POLL_INTERVAL is not a duration like 90s, 15m, 2h or 1d: use a duration like 15m.\n"
    )


@pytest.mark.parametrize("command", [["serve"], ["serve", "--socket-mode"], ["worker"]])
def test_a_missing_setting_stops_at_once(command: list[str]) -> None:
    assert_one_line(run(*command), "SLACK_BOT_TOKEN is not set")


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["serve", "--port", "many"],
        ["serve", "--port", "70000"],
        ["manifest"],
        ["manifest", "--url", "bot.example.org"],
    ],
)
def test_wrong_usage_is_told_apart(arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Error" in result.stderr


def test_a_new_key_is_one() -> None:
    first, second = (run("generate-key").stdout.strip() for _ in range(2))
    assert first != second
    assert Fernet(first)


def test_the_manifest_is_printed_with_the_address() -> None:
    rendered = yaml.safe_load(run("manifest", "--url", "https://bot.example.org/").stdout)
    assert rendered["oauth_config"]["redirect_urls"] == [
        "https://bot.example.org/slack/oauth_redirect"
    ]
    over_a_socket = run("manifest", "--url", "https://bot.example.org", "--socket-mode").stdout
    assert yaml.safe_load(over_a_socket)["settings"]["socket_mode_enabled"] is True


def test_migrating_makes_the_tables_in_a_file_of_our_own(in_an_empty_place: Path) -> None:
    for _ in range(2):
        assert run("migrate").exit_code == 0
    file = in_an_empty_place / "var" / "bot.db"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    connection = sqlite3.connect(file)
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    connection.close()
    assert "alembic_version" in tables


def test_rotating_needs_keys_and_says_how_many_secrets_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert_one_line(run("rotate-keys"), "ENCRYPTION_KEYS is not set")
    key = Fernet.generate_key().decode()
    monkeypatch.setenv("ENCRYPTION_KEYS", key)
    assert_one_line(run("rotate-keys"), "The database is not there (var/bot.db): ")
    assert run("migrate").exit_code == 0
    monkeypatch.setenv("ENCRYPTION_KEYS", key)
    result = run("rotate-keys")
    assert result.exit_code == 0
    assert result.stdout.startswith("0 secrets were sealed anew, all with the first key now.")


@pytest.mark.parametrize("command", ["migrate", "worker", "serve"])
def test_a_database_that_cannot_be_reached(
    configured: None, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", UNREACHABLE)
    assert_one_line(run(command), "DATABASE_URL")


NO_DATABASE = "database is no SQLite file, or it is damaged"


@pytest.mark.parametrize(
    "command",
    [
        ["migrate"], ["serve"], ["worker"], ["rotate-keys"], ["jobs", "list"], ["handoffs", "list"],
        ["audit", "T1"], ["export", "T1"], ["erase", "T1", "--yes"],
    ],
)  # fmt: skip
def test_a_file_that_is_no_database_is_one_line(
    configured: None, in_an_empty_place: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    """Once it is moved away, the same command gets on."""
    file = in_an_empty_place / "bot.db"
    file.write_bytes(b"no database" * 1000)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{file}")
    assert_one_line(run(*command), "DATABASE_URL", NO_DATABASE)
    file.unlink()
    assert NO_DATABASE not in run("migrate").stderr
    if command[0] not in ("serve", "worker"):
        assert NO_DATABASE not in run(*command).stderr


def test_checking_names_a_file_that_is_no_database(
    configured: None, in_an_empty_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = in_an_empty_place / "bot.db"
    file.write_bytes(b"no database" * 1000)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{file}")
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:1/api/")
    assert f"FAIL  database: the {NO_DATABASE}" in run("check").stdout


def test_checking_names_what_is_wrong_with_the_configuration() -> None:
    result = run("check")
    assert result.exit_code == 1
    assert result.stdout.startswith("FAIL  configuration: SLACK_BOT_TOKEN is not set")
    assert result.stdout.count("\n") == 1


def test_checking_goes_on_after_a_failure(
    configured: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = "http://127.0.0.1:1"
    monkeypatch.setattr(check, "QUESTION_TIMEOUT", 1)
    monkeypatch.setenv("DATABASE_URL", UNREACHABLE)
    monkeypatch.setenv("SLACK_API_URL", f"{nobody}/api/")
    for name in ("SEGMENT_API_URL", "SEGMENT_EU_API_URL"):
        monkeypatch.setenv(name, nobody)
    for name in ("SEGMENT_CONFIG_API_URL", "SEGMENT_CDN_URL"):
        monkeypatch.setenv(name, nobody)
    result = run("check")
    assert result.exit_code == 1
    words = [line.split(":")[0] for line in result.stdout.splitlines()]
    assert words == [
        "ok    configuration",
        "FAIL  database",
        "FAIL  slack",
        "FAIL  segment, SEGMENT_API_URL",
        "FAIL  segment, SEGMENT_EU_API_URL",
        "FAIL  segment, SEGMENT_CONFIG_API_URL",
        "FAIL  segment, SEGMENT_CDN_URL",
    ]
    assert "hidden" not in result.stdout


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize("command", [["serve", "--no-worker"], ["worker"]])
def test_where_metrics_cannot_be_served_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setattr("bot.__main__.forget_environment", lambda: None)  # it is read again
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        monkeypatch.setenv("METRICS_PORT", port)
        assert_one_line(run(*command), "METRICS_PORT is taken by another process: use ")
    for host in ("no.such.host.invalid", "192.0.2.1", "x" * 300, "::1"):
        monkeypatch.setenv("METRICS_HOST", host)
        assert_one_line(run(*command), "METRICS_HOST is no IPv4 address of this machine: use ")
    monkeypatch.delenv("METRICS_HOST")
    started: list[object] = []
    monkeypatch.setattr("bot.inbound.serving.run_until_stopped", lambda *how: started.append(how))
    assert run(*command).exit_code == 0
    assert started


LISTENING = [
    (["serve", "--no-worker"], "--host", "--port"),
    (["serve", "--socket-mode"], "--health-host", "--health-port"),
    (["worker"], "--health-host", "--health-port"),
]


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize(("command", "host_name", "port_name"), LISTENING)
def test_where_a_process_cannot_listen_is_told_before_it_starts(
    monkeypatch: pytest.MonkeyPatch, command: list[str], host_name: str, port_name: str
) -> None:
    monkeypatch.setattr("bot.__main__.forget_environment", lambda: None)  # it is read again
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1")
    started: list[object] = []
    monkeypatch.setattr("bot.inbound.serving.run_until_stopped", lambda *how: started.append(how))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert_one_line(run(*command, port_name, port), f"{port_name} is taken by another process")
    assert_one_line(
        run(*command, port_name, port, host_name, "192.0.2.1"),
        f"{host_name} is no address of this machine: use ",
    )
    monkeypatch.setenv("METRICS_PORT", port)
    for host in ("127.0.0.1", "0.0.0.0"):
        both = run(*command, port_name, port, host_name, host)
        assert_one_line(both, f"METRICS_PORT is that of {port_name}, too: use ")
    monkeypatch.delenv("METRICS_PORT")
    assert not started
    for host in ("127.0.0.1", "localhost", "0.0.0.0"):
        assert run(*command, port_name, port, host_name, host).exit_code == 0
        assert started.pop()[2] == (host, int(port))


@pytest.mark.parametrize("command", [["worker"], ["serve", "--socket-mode"]])
def test_a_host_for_probes_needs_their_port(command: list[str]) -> None:
    result = run(*command, "--health-host", "0.0.0.0")
    assert result.exit_code == 2
    assert "--health-host: it needs --health-port, too" in result.stderr
