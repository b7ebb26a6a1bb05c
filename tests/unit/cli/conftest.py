"""A migrated database for the operator's commands, which each file fills in its own way."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.clock import SystemClock
from flows.ports import UnitOfWork
from storage.cipher import Cipher, generate_key
from storage.engine import close_engine, make_engine
from storage.unit_of_work import SqlUnitOfWorkFactory
from tests.support.empty_place import work_in
from tests.support.installed import install
from tests.support.template import sqlite_url

Fill = Callable[[UnitOfWork], Awaitable[None]]


async def nothing(_work: UnitOfWork) -> None:
    return


@pytest.fixture
def in_an_empty_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No setting is left over, and nothing is written to the log."""
    work_in(tmp_path, monkeypatch)
    monkeypatch.setattr("bot.__main__.configure_logging", lambda *_: None)
    return tmp_path


@pytest.fixture
def filled(in_an_empty_place: Path) -> Callable[..., str]:
    """Fills a new database for the tenant T1 and returns its address."""
    address = sqlite_url(in_an_empty_place)

    def fill(do: Fill = nothing) -> str:
        asyncio.run(_fill(address, do))
        return address

    return fill


async def _fill(address: str, do: Fill) -> None:
    engine = make_engine(address)
    await install(engine, "T1")
    work = SqlUnitOfWorkFactory(engine, Cipher([generate_key()]), SystemClock())
    async with work("T1") as unit:
        await do(unit)
        await unit.commit()
    await close_engine(engine)
