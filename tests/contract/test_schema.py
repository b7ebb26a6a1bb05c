"""One path from nothing to the newest schema, and back, on both databases."""

import asyncio
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from flows.csm.board import CustomerQuery
from flows.projection import PROJECTION
from storage import schema, sqlite, tables
from storage.connections import Engine
from storage.customers import SqlCustomers
from storage.engine import close_engine, make_engine
from storage.metadata import ONLY
from storage.tables import metadata
from tests.contract import fleet_of_customers as fleet

NOW = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)


async def _tables(engine: Engine) -> set[str]:
    async with engine.connect() as connection:
        return await connection.run_sync(lambda c: set(sa.inspect(c).get_table_names()))


def _differences(connection: sa.Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


async def test_up_to_the_newest_and_down_to_nothing(bare_engine: Engine) -> None:
    current, head = await schema.current_and_head(bare_engine)
    assert current is None
    assert not await schema.is_current(bare_engine)

    await schema.upgrade(bare_engine)
    assert await schema.current_and_head(bare_engine) == (head, head)
    assert await schema.is_current(bare_engine)
    assert await _tables(bare_engine) == {*metadata.tables, "alembic_version"}

    await schema.downgrade(bare_engine)
    assert (await schema.current_and_head(bare_engine))[0] is None
    assert await _tables(bare_engine) == {"alembic_version"}

    await schema.upgrade(bare_engine)
    assert await schema.is_current(bare_engine)


def test_the_newest_is_known_by_its_file_as_alembic_knows_it() -> None:
    scripts = ScriptDirectory(str(schema.MIGRATIONS))
    assert [schema._head()] == scripts.get_heads()
    assert schema._known() == {script.revision for script in scripts.walk_revisions()}


async def test_the_migrations_make_the_tables_that_the_code_knows(
    bare_engine: Engine,
) -> None:
    await schema.upgrade(bare_engine)
    async with bare_engine.connect() as connection:
        assert await connection.run_sync(_differences) == []


async def test_an_index_of_some_rows_holds_those_that_the_code_names(
    bare_engine: Engine,
) -> None:
    await schema.upgrade(bare_engine)
    async with bare_engine.connect() as connection:
        found = await connection.run_sync(_conditions)
    indexes = [index for table in metadata.tables.values() for index in table.indexes]
    named = {str(index.name): str(index.info.get(ONLY, "")) for index in indexes}
    assert sum(map(bool, named.values())) > 15
    if bare_engine.dialect.name == "sqlite":
        assert found == named
    else:  # it writes conditions in its own way
        assert {name: bool(only) for name, only in found.items()} == {
            name: bool(only) for name, only in named.items()
        }


def _conditions(connection: sa.Connection) -> dict[str, str]:
    """The rows that each index holds, as the database tells it; empty: all."""
    look = sa.inspect(connection)
    where = f"{connection.dialect.name}_where"
    return {
        str(index["name"]): str(index.get("dialect_options", {}).get(where, ""))
        for table in metadata.tables
        for index in look.get_indexes(table)
        if not index.get("duplicates_constraint")
    }


async def test_a_difference_would_be_noticed(bare_engine: Engine) -> None:
    await schema.upgrade(bare_engine)
    async with bare_engine.begin() as connection:
        await connection.execute(sa.text("DROP TABLE cards"))
        await connection.execute(sa.text("ALTER TABLE vault ADD COLUMN extra INTEGER"))
        assert len(await connection.run_sync(_differences)) == 2


async def test_processes_that_start_together_migrate_one_by_one(
    bare_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "LOCK_TIMEOUT", 60)  # as long as two migrations may take
    engines = [make_engine(bare_address) for _ in range(3)]
    await asyncio.gather(*(schema.upgrade(engine) for engine in engines))
    assert [await schema.is_current(engine) for engine in engines] == [True] * 3
    for engine in engines:
        await close_engine(engine)


async def test_what_0013_adds_is_filled_in_and_the_version_before_works_on(
    bare_engine: Engine,
) -> None:
    await schema.upgrade(bare_engine, "0012")
    await _store_as_0012(bare_engine, range(40))
    await schema.upgrade(bare_engine)
    customers = SqlCustomers(bare_engine)
    assert await customers.outdated(PROJECTION, 100) == []
    assert (await customers.figures(NOW, NOW)).customers == 39  # one of the samples has left
    found = (await customers.page(CustomerQuery(text="cedar 2"), NOW, 50)).customers
    assert {each.name.split()[0] for each in found} == {"Cedar"}

    await _store_as_0012(bare_engine, range(40, 60))  # which does not know the new column
    assert len(await customers.outdated(PROJECTION, 100)) == 20
    assert sum((await customers.funnel()).values()) == (await customers.figures(NOW, NOW)).customers
    assert (await customers.figures(NOW, NOW)).customers == 58


async def _store_as_0012(engine: Engine, numbers: range) -> None:
    async with engine.begin() as connection:
        for table, rows in fleet.rows_of(numbers, NOW).items():
            if table is not tables.words:
                old = [{k: v for k, v in row.items() if k != "found_by"} for row in rows]
                await connection.execute(sa.insert(table), old)
