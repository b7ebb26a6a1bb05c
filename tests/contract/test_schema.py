"""One path from nothing to the newest schema, and back, on both databases."""

import asyncio

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import AsyncEngine

from storage import schema
from storage.engine import make_engine
from storage.tables import metadata


async def _tables(engine: AsyncEngine) -> set[str]:
    async with engine.connect() as connection:
        return await connection.run_sync(lambda c: set(sa.inspect(c).get_table_names()))


def _differences(connection: sa.Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


async def test_up_to_the_newest_and_down_to_nothing(bare_engine: AsyncEngine) -> None:
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
    bare_engine: AsyncEngine,
) -> None:
    await schema.upgrade(bare_engine)
    async with bare_engine.connect() as connection:
        assert await connection.run_sync(_differences) == []


async def test_a_difference_would_be_noticed(bare_engine: AsyncEngine) -> None:
    await schema.upgrade(bare_engine)
    async with bare_engine.begin() as connection:
        await connection.execute(sa.text("DROP TABLE cards"))
        await connection.execute(sa.text("ALTER TABLE vault ADD COLUMN extra INTEGER"))
        assert len(await connection.run_sync(_differences)) == 2


async def test_processes_that_start_together_migrate_one_by_one(bare_address: str) -> None:
    engines = [make_engine(bare_address) for _ in range(3)]
    await asyncio.gather(*(schema.upgrade(engine) for engine in engines))
    assert [await schema.is_current(engine) for engine in engines] == [True] * 3
    for engine in engines:
        await engine.dispose()
