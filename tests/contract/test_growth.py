"""`make growth` among few customers, and what must not grow with them."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from bench import crowd, growth, questions, report
from flows.projection import PROJECTION, Rebuilding
from flows.reactions import usual_reactions
from flows.recording import Recorder
from storage import backlog, board_search, customers, given_up, tables
from storage.cipher import Cipher
from storage.connections import Engine
from storage.customers import SqlCustomers
from storage.engine import close_engine, make_engine
from storage.unit_of_work import SqlUnitOfWorkFactory
from tests.support.fake_tables import FakeClock
from tests.support.template import sqlite_url

NOW = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
FEW = 70  # more than there are samples
CAP = 30  # where counts and searches end, instead of thousands


def test_the_command_measures_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(report, "JSON_FILE", tmp_path / "bench.json")
    monkeypatch.setattr(growth, "REPEATS", 2)
    growth.main([str(FEW), "--databases", "sqlite"])
    said = capsys.readouterr().out
    for name in ("board, page 25", "figures", "funnel", "worker: claim", "erase one tenant"):
        assert f"| {name} | " in said
    assert '"growth"' in (tmp_path / "bench.json").read_text()


async def test_the_crowd_is_stored_as_the_product_stores_it(engine: Engine, cipher: Cipher) -> None:
    address = engine.url.render_as_string(hide_password=False)
    await asyncio.to_thread(
        crowd.fill, address.replace("+aiosqlite", "").replace("+psycopg", ""), FEW, NOW
    )
    before = await _projected(engine)
    assert len(before["overview"]) == FEW
    clock = FakeClock(NOW)
    recorder = Recorder(
        SqlUnitOfWorkFactory(engine, cipher, clock), clock, usual_reactions(crowd.INTERVAL)
    )
    async with engine.begin() as connection:
        await connection.execute(sa.update(tables.overview).values(projection=0, found_by=None))
    rebuilding = Rebuilding(recorder, SqlCustomers(engine))
    assert await rebuilding.rebuild(PROJECTION, FEW) == FEW
    assert await _projected(engine) == before


async def _projected(engine: Engine) -> Mapping[str, Any]:
    """All but the moments of polls, which are spread by the set-ups' ids."""
    found: dict[str, Any] = {"funnel": await SqlCustomers(engine).funnel()}
    async with engine.connect() as connection:
        for table in (tables.overview, tables.words):
            columns = [column for column in table.c if column.name != "next_poll_at"]
            rows = await connection.execute(sa.select(*columns).order_by(*table.primary_key))
            found[table.name] = rows.all()
    return found


# --- what must not grow ---------------------------------------------------------------------------


async def test_no_question_costs_sqlite_more_steps_among_more_customers(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Steps of its virtual machine. What is bounded in thousands is bounded in tens here."""
    for module in (customers, given_up, backlog):
        monkeypatch.setattr(module, "MOST_COUNTED", CAP)
    monkeypatch.setattr(board_search, "CANDIDATES", CAP)
    monkeypatch.setattr(backlog, "MOST_SEEN", CAP)
    few, many = [await _steps(tmp_path_factory.mktemp("crowd"), n) for n in (600, 2_400)]
    grown = {name: (few[name], many[name]) for name in few if many[name] > few[name] * 1.5 + 500}
    assert grown == {}, few


async def _steps(folder: Path, count: int) -> Mapping[str, int]:
    address = sqlite_url(folder)
    await asyncio.to_thread(crowd.fill, address, count, NOW)
    engine, steps = make_engine(address), [0]

    def step() -> int:
        steps[0] += 1
        return 0

    def count_steps(connection: Any, _record: object) -> None:
        connection.set_progress_handler(step, 1)

    event.listen(engine.sync_engine, "connect", count_steps)
    found = {}
    deep = await questions.deep_turn(SqlCustomers(engine), NOW, 3)
    for name, ask in questions.questions(engine, count, NOW, deep).items():
        steps[0] = 0
        await ask()
        found[name] = steps[0]
    await close_engine(engine)
    return found
