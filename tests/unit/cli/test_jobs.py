"""`python -m bot jobs`: work that was given up can be listed, understood and sent again."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.__main__ import cli
from bot.clock import SystemClock
from bot.settings import Settings
from flows.outbox.bodies import Rejected
from flows.outbox.messages import Message, sendable
from storage import schema
from storage.cipher import Cipher, generate_key
from storage.engine import make_engine
from storage.unit_of_work import SqlUnitOfWorkFactory
from tests.support.installed import install

REASON = "Not ours, ask Grace"
KEYS = ("rejected:int_1:4", "rejected:int_1:9")


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Two messages that were given up and one that was not."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setattr("bot.__main__.configure_logging", lambda *_: None)
    address = f"sqlite:///{tmp_path / 'bot.db'}"
    asyncio.run(_fill(address))
    monkeypatch.setenv("DATABASE_URL", address)
    return address


async def _fill(address: str) -> None:
    engine = make_engine(address)
    await schema.upgrade(engine)
    cipher = Cipher([generate_key()])
    work = SqlUnitOfWorkFactory(engine, cipher, SystemClock())
    await install(engine, "T1")
    async with work("T1") as unit:
        for key in (*KEYS, "rejected:int_1:11"):
            message = Message(Rejected(REASON), "user:U1", key, "int_1")
            await unit.outbox.add(message)
        for stored in sendable(await unit.outbox.waiting("user:U1", 2), SystemClock().now()):
            await unit.outbox.give_up(stored, "user_disabled")
        await unit.commit()
    await engine.dispose()


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
