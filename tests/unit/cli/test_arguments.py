"""What is typed behind a command and can be none of what it asks for: one line, no traceback."""

from collections.abc import Callable

import pytest
from cryptography.fernet import Fernet
from typer.testing import CliRunner, Result

from bot.__main__ import cli

NO_TEXT = "T\udcff"  # how Python reads a byte that is no UTF-8
TOO_LARGE = "99999999999999999999"
WRONG = [
    (["jobs", "show", TOO_LARGE], "ID"),
    (["jobs", "show", "0"], "ID"),
    (["jobs", "retry", "1", TOO_LARGE], "ID"),
    (["jobs", "retry-event", NO_TEXT, "Ev1"], "TENANT"),
    (["jobs", "retry-event", "T1", NO_TEXT], "ID"),
    (["handoffs", "show", NO_TEXT], "ID"),
    (["handoffs", "resend", NO_TEXT], "ID"),
    (["audit", NO_TEXT], "TEAM_ID"),
    (["export", NO_TEXT], "TEAM_ID"),
    (["erase", "--yes", NO_TEXT], "TEAM_ID"),
    (["audit", "T1\n"], "TEAM_ID"),
    (["audit", ""], "TEAM_ID"),
    (["export", " "], "TEAM_ID"),
    (["serve", "--host", NO_TEXT], "--host"),
    (["serve", "--host", ""], "--host"),
    (["serve", "--host", "a..b"], "--host"),
    (["worker", "--health-host", NO_TEXT], "--health-host"),
    (["manifest", "--url", "https://a.example.com/x: y"], "--url"),
    (["manifest", "--url", "https://a.example.com/\nx"], "--url"),
    (["manifest", "--url", "https://a.example.com/\udcff"], "--url"),
    (["manifest", "--url", "https://xn--/"], "--url"),
]
RIGHT = [
    (["jobs", "show", str(2**63 - 1)], "is none of the messages that were given up"),
    (["jobs", "retry-event", "T1", "Ev1"], "is none of the events that have failed"),
    (["handoffs", "show", "msg_1"], "There is no delivery msg_1"),
    (["audit", "TÜ"], "Nothing was written down about TÜ"),
    (["manifest", "--url", "https://a.example.com/x:y"], "https://a.example.com/x:y/slack/events"),
]


@pytest.fixture
def run(filled: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("DATABASE_URL", filled())
    monkeypatch.setenv("ENCRYPTION_KEYS", Fernet.generate_key().decode())
    return lambda arguments: CliRunner().invoke(cli, arguments)


@pytest.mark.parametrize(("arguments", "named"), WRONG)
def test_what_cannot_be_is_named(
    run: Callable[..., Result], arguments: list[str], named: str
) -> None:
    result = run(arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    (line,) = [each for each in result.stderr.splitlines() if each.startswith("Error: ")]
    assert named in line


@pytest.mark.parametrize(("arguments", "said"), RIGHT)
def test_what_can_be_is_asked_for(
    run: Callable[..., Result], arguments: list[str], said: str
) -> None:
    assert said in run(arguments).output
