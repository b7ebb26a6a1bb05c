"""`python -m bot audit`, `export` and `erase`: what is stored about a workspace."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from typer.testing import CliRunner, Result

from bot.__main__ import cli
from bot.clock import SystemClock
from flows.audit import Audited, AuditEntry, Secret
from flows.model import Integration
from flows.vocabulary import Stamp
from storage import tables
from storage.cipher import Cipher, generate_key
from storage.engine import close_engine, make_engine
from storage.tenants import ERASED
from storage.unit_of_work import SqlUnitOfWorkFactory
from tests.support.fake_segment import made_up_token
from tests.support.installed import install
from tests.support.template import sqlite_url

TOKEN = made_up_token("ada")
Run = Callable[..., Result]


@pytest.fixture
def address(in_an_empty_place: Path) -> str:
    return sqlite_url(in_an_empty_place)


@pytest.fixture
def run(address: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Two workspaces, each with a token."""
    key = generate_key()
    asyncio.run(_fill(address, key))

    def command(*arguments: str, typed: str = "") -> Result:
        monkeypatch.setenv("DATABASE_URL", address)
        monkeypatch.setenv("ENCRYPTION_KEYS", key.get_secret_value())
        return CliRunner().invoke(cli, list(arguments), input=typed)

    return command


async def _fill(address: str, key: SecretStr) -> None:
    engine, clock = make_engine(address), SystemClock()
    await install(engine, "T1", "T2")
    work = SqlUnitOfWorkFactory(engine, Cipher([key]), clock)
    for team_id in ("T1", "T2"):
        who = Stamp("UADA", clock.now())
        async with work(team_id) as unit:
            await unit.integrations.add(Integration(f"int_{team_id}", team_id, team_id, who))
            await unit.vault.put(f"int_{team_id}", SecretStr(TOKEN))
            entered = AuditEntry(Audited.ENTERED, Secret.TOKEN, who, team_id, f"int_{team_id}")
            await unit.audit.add(entered)
            await unit.commit()
    await close_engine(engine)


def left_of(address: str, team_id: str) -> dict[str, int]:
    async def count() -> dict[str, int]:
        engine = make_engine(address)
        async with engine.connect() as connection:
            found = {
                table.name: await connection.scalar(
                    sa.select(sa.func.count())
                    .select_from(table)
                    .where(table.c.tenant_id == team_id)
                )
                for table in (*ERASED, tables.installations)
            }
        await close_engine(engine)
        return {name: rows or 0 for name, rows in found.items() if rows}

    return asyncio.run(count())


def test_who_did_what_is_told_oldest_first(run: Run) -> None:
    told = run("audit", "T1")
    assert told.exit_code == 0, told.stderr
    heading, line = told.stdout.splitlines()
    assert heading.split()[:2] == ["WHEN", "(UTC)"]
    assert line.split()[2:] == ["UADA", "entered", "access_token", "int_T1"]
    assert "Nothing was written down" in run("audit", "T9").stdout


def test_all_that_is_stored_is_exported_with_fingerprints_in_place_of_secrets(run: Run) -> None:
    first, again = (run("export", "T1") for _ in range(2))
    assert first.exit_code == 0, first.stderr
    found: dict[str, list[Any]] = json.loads(first.stdout)
    stored = {table.name for table in tables.metadata.sorted_tables if "tenant_id" in table.c}
    assert set(found) == stored, "every table of a tenant"
    assert TOKEN not in first.stdout
    (secret,) = found["vault"]
    assert len(secret["sealed_token_fingerprint"]) == 12
    assert "sealed_token" not in secret
    assert json.loads(again.stdout)["vault"] == found["vault"]
    assert found["integrations"][0]["facts"]["id"] == "int_T1", "unfolded"
    assert {row["tenant_id"] for rows in found.values() for row in rows} == {"T1"}
    exported = [line.split()[2:5] for line in run("audit", "T1").stdout.splitlines()[2:]]
    assert [each[1:] for each in exported] == [["exported", "all"]] * 2
    assert all(each[0].startswith("operator:") for each in exported)


def test_erasing_asks_first_and_leaves_only_that_it_was_erased(run: Run, address: str) -> None:
    before = left_of(address, "T1")
    assert run("erase", "T1", typed="n\n").exit_code == 1
    assert left_of(address, "T1") == before
    erased = run("erase", "T1", typed="y\n")
    assert erased.exit_code == 0, erased.stderr
    assert "Everything about T1 is erased." in erased.stdout
    assert "A backup from before brings it back" in erased.stdout
    assert "SLACK_BOT_TOKEN" not in erased.stdout
    left = left_of(address, "T1")
    assert left.pop("audit") == 1
    assert set(left) <= {"due"}, "the job that checks whether anything is left"
    assert left_of(address, "T2")["vault"] == 1
    ((_, _, who, did, what, *_),) = [
        line.split() for line in run("audit", "T1").stdout.splitlines()[1:]
    ]
    assert (did, what) == ("erased", "all")
    assert who.startswith("operator:")


def test_with_one_workspace_it_says_that_a_start_installs_the_app_anew(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-x")
    assert "Every start of `serve` or `worker` installs the app anew" in (
        run("erase", "T1", "--yes").stdout
    )


def test_both_installations_of_a_workspace_are_exported_and_erased(run: Run, address: str) -> None:
    """As if T2 were an organisation's that reaches T1, too, and had begun a set-up there."""

    async def reach() -> None:
        engine = make_engine(address)
        work = SqlUnitOfWorkFactory(engine, Cipher([generate_key()]), SystemClock())
        async with work("T2") as unit:
            await unit.teams.grant("T1", "One", SystemClock().now())
            who = Stamp("UADA", SystemClock().now())
            await unit.integrations.add(Integration("int_T1", "T2", "T1", who))
            await unit.commit()
        await close_engine(engine)

    asyncio.run(reach())
    exported = json.loads(run("export", "T1").stdout)
    assert [row["tenant_id"] for row in exported["integrations"]] == ["T1", "T2"]
    assert "Everything about T1 is erased." in run("erase", "T1", "--yes").stdout
    assert set(left_of(address, "T1")) <= {"audit", "due"}
    assert left_of(address, "T2")["integrations"] == 1, "of T2 itself"


def test_what_is_not_stored_is_neither_exported_nor_erased(run: Run) -> None:
    for command in (("export", "T9"), ("erase", "T9", "--yes")):
        refused = run(*command)
        assert refused.exit_code == 1
        assert refused.stderr == "Nothing is stored about T9.\n"
