"""`python -m bot jobs`: work that was given up can be listed, understood and sent again."""

from collections.abc import Callable

import pytest
from typer.testing import CliRunner, Result

from bot.__main__ import cli
from bot.clock import SystemClock
from flows.outbox.bodies import Rejected
from flows.outbox.messages import Message, sendable
from flows.ports import UnitOfWork
from tests.unit.cli.conftest import Fill

REASON = "Not ours, ask Grace"
KEYS = ("rejected:int_1:4", "rejected:int_1:9")


@pytest.fixture
def database(filled: Callable[[Fill], str], monkeypatch: pytest.MonkeyPatch) -> str:
    """Two messages that were given up and one that was not."""

    async def fill(work: UnitOfWork) -> None:
        for key in (*KEYS, "rejected:int_1:11"):
            message = Message(Rejected(REASON), "user:U1", key, "int_1")
            await work.outbox.add(message)
        for stored in sendable(await work.outbox.waiting("user:U1", 2), SystemClock().now()):
            await work.outbox.give_up(stored, "user_disabled")

    address = filled(fill)
    monkeypatch.setenv("DATABASE_URL", address)
    return address


@pytest.fixture
def run(database: str, monkeypatch: pytest.MonkeyPatch) -> "Run":
    return Run(database, monkeypatch)


class Run:
    """Runs a sub-command. Settings are removed from the environment once they are read."""

    def __init__(self, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self._address = address
        self._monkeypatch = monkeypatch

    def __call__(self, *arguments: str) -> Result:
        self._monkeypatch.setenv("DATABASE_URL", self._address)
        return CliRunner().invoke(cli, ["jobs", *arguments])


def test_the_list_names_who_what_and_why_newest_first(run: Run) -> None:
    result = run("list")
    assert result.exit_code == 0, result.stderr
    heading, *rows = result.stdout.splitlines()
    assert heading.split() == ["ID", "KIND", "TENANT", "CONVERSATION", "TRIES", "ERROR", "STORED"]
    assert [row.split()[:6] for row in rows] == [
        [number, "rejected", "T1", "user:U1", "0", "user_disabled"] for number in "21"
    ]
    assert len(run("list", "--limit", "1").stdout.splitlines()) == 2


def test_what_people_typed_is_not_shown(run: Run) -> None:
    shown = run("show", "2")
    assert shown.exit_code == 0
    assert KEYS[1] in shown.stdout
    assert "user_disabled" in shown.stdout
    assert REASON not in shown.stdout + run("list").stdout


def test_a_message_that_is_retried_is_due_again_and_no_dead_letter(run: Run) -> None:
    assert run("retry", "2", "1").stdout == "2 is due again.\n1 is due again.\n"
    assert run("list").stdout == "No message was given up.\n"


@pytest.mark.parametrize("command", ["show", "retry"])
@pytest.mark.parametrize("sequence", ["3", "99"])
def test_only_what_was_given_up_can_be_asked_for(run: Run, command: str, sequence: str) -> None:
    result = run(command, sequence)
    assert result.exit_code == 1
    assert result.stderr == f"{sequence} is none of the messages that were given up.\n"


def test_each_of_several_is_tried_and_told(run: Run) -> None:
    result = run("retry", "2", "99", "1", "2")
    assert result.exit_code == 1
    assert result.stdout == "2 is due again.\n1 is due again.\n"
    assert result.stderr == "99 is none of the messages that were given up.\n"
    assert run("list").stdout == "No message was given up.\n"
