"""`python -m bot handoffs`: deliveries can be listed, and sent again unchanged."""

import asyncio
from collections.abc import Callable

import pytest
from typer.testing import CliRunner, Result

from bot.__main__ import cli
from bot.clock import SystemClock
from flows.model import Integration
from flows.ports import UnitOfWork
from flows.toplyne.model import Delivery, DeliveryKind, StoredDelivery
from flows.vocabulary import Stamp
from storage.cipher import Cipher, generate_key
from storage.engine import close_engine, make_engine
from storage.unit_of_work import SqlUnitOfWorkFactory
from tests.unit.cli.conftest import Fill

NOW = SystemClock().now()
CONTENT = '{"name": "Acme"}'
REQUEST = Delivery("msg_1", DeliveryKind.REPLAY, "int_1", "1", NOW, CONTENT)


@pytest.fixture
def database(filled: Callable[[Fill], str]) -> str:
    """A database with one waiting delivery."""

    async def fill(work: UnitOfWork) -> None:
        await work.integrations.add(Integration("int_1", "T1", "T1", Stamp("U1", NOW)))
        await work.deliveries.add(REQUEST)

    return filled(fill)


@pytest.fixture
def run(database: str, monkeypatch: pytest.MonkeyPatch):
    def run_command(*arguments: str) -> Result:
        monkeypatch.setenv("DATABASE_URL", database)  # the command removes it once read
        return CliRunner().invoke(cli, ["handoffs", *arguments])

    return run_command


async def _stored(address: str) -> list[StoredDelivery]:
    engine = make_engine(address)
    work = SqlUnitOfWorkFactory(engine, Cipher([generate_key()]), SystemClock())
    async with work("T1", write=False) as unit:
        found = await unit.deliveries.latest("int_1", 10)
    await close_engine(engine)
    return list(found)


def test_the_list_and_one_of_it_without_their_content(run) -> None:
    listed, shown = run("list").stdout, run("show", "msg_1").stdout
    assert "msg_1" in listed
    assert "pending" in listed
    for line in ("kind          replay", "tenant        T1", "tries         0"):
        assert line in shown
    assert "Acme" not in listed + shown


def test_sent_again_with_the_same_content_and_an_id_of_its_own(run, database: str) -> None:
    result = run("resend", "msg_1")
    assert result.exit_code == 0
    again, first = asyncio.run(_stored(database))
    assert again.delivery.id in result.stdout
    assert again.delivery.id != first.delivery.id
    assert (again.delivery.data, again.delivery.subject) == (CONTENT, "1")
    assert first.state == "superseded"


def test_what_is_not_there_is_said(run) -> None:
    for command in ("show", "resend"):
        result = run(command, "msg_9")
        assert result.exit_code == 1
        assert result.stderr == "There is no delivery msg_9.\n"
    assert "msg_1" in run("list").stdout
