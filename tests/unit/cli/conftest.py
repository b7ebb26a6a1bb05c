"""A migrated database for the operator's commands, which each file fills in its own way."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.settings import Settings
from flows.ports import UnitOfWork
from storage import schema
from storage.cipher import Cipher, generate_key
from storage.engine import close_engine, make_engine
from storage.unit_of_work import SqlUnitOfWorkFactory
from tests.support.installed import install

Fill = Callable[[UnitOfWork], Awaitable[None]]


@pytest.fixture
def filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Fill], str]:
    """Fills a new database for the tenant T1 and returns its address. No setting is left over."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setattr("bot.__main__.configure_logging", lambda *_: None)
    address = f"sqlite:///{tmp_path / 'bot.db'}"

    def fill(do: Fill) -> str:
        asyncio.run(_fill(address, do))
        return address

    return fill


async def _fill(address: str, do: Fill) -> None:
    engine = make_engine(address)
    await schema.upgrade(engine)
    await install(engine, "T1")
    work = SqlUnitOfWorkFactory(engine, Cipher([generate_key()]), SystemClock())
    async with work("T1") as unit:
        await do(unit)
        await unit.commit()
    await close_engine(engine)
