"""Database URLs, options of jobs, and documents of other versions."""

import asyncio
import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from flows.errors import StorageUnavailable
from storage import documents
from storage.engine import close_engine, make_engine
from tests.contract.samples import bare_integration, full_integration


@pytest.mark.parametrize(
    ("address", "driver"),
    [
        ("sqlite:///{folder}/a.db", "pysqlite"),
        ("sqlite+aiosqlite:///{folder}/b.db", "pysqlite"),
        ("postgresql://user@host/name", "psycopg"),
        ("postgres://user@host/name", "psycopg"),
        ("postgresql+psycopg://user@host/name?connect_timeout=1", "psycopg"),
    ],
)
def test_every_address_gets_its_driver(address: str, driver: str, tmp_path: Path) -> None:
    assert make_engine(address.format(folder=tmp_path)).dialect.driver == driver


@pytest.mark.parametrize(
    "address", ["", "nonsense", "sqlite://", "sqlite:///:memory:", "mysql://h/d"]
)
def test_other_addresses_are_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        make_engine(address)


def test_a_file_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageUnavailable, match="cannot create"):
        make_engine(f"sqlite:///{tmp_path / 'file' / 'bot.db'}")


async def test_closing_waits_for_connections_that_are_on_their_way_back(tmp_path: Path) -> None:
    engine, begun = make_engine(f"sqlite:///{tmp_path / 'bot.db'}"), asyncio.Event()
    opened: list[object] = []
    closed: list[object] = []
    sa.event.listen(engine.sync_engine, "connect", lambda each, _: opened.append(each))
    sa.event.listen(engine.sync_engine, "close", lambda each, _: closed.append(each))

    async def work() -> None:
        async with engine.connect() as connection:
            await connection.execute(sa.select(1))
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await begun.wait()
    closing = asyncio.create_task(close_engine(engine))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await closing
    assert opened == closed != []


def test_a_document_of_a_newer_version_is_read() -> None:
    fields = json.loads(documents.to_text(documents.INTEGRATION, full_integration()))
    fields["invented_later"] = {"anything": 1}
    fields["credentials"]["invented_later"] = True
    read = documents.INTEGRATION.validate_json(json.dumps(fields))
    assert read == full_integration()


def test_a_document_of_an_older_version_is_read() -> None:
    fields = json.loads(documents.to_text(documents.INTEGRATION, bare_integration()))
    needed = {"id", "tenant_id", "team_id", "created"}
    old = {name: value for name, value in fields.items() if name in needed}
    assert documents.INTEGRATION.validate_json(json.dumps(old)) == bare_integration()
