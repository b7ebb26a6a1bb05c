"""Statements that SQLite's own driver runs do what SQLAlchemy would have them do."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa

from storage import tables
from storage.column_types import Instant
from storage.connections import Connection, Engine
from storage.engine import close_engine, make_engine
from storage.prepared import run
from storage.sqlite import BEGIN_WRITING
from tests.support.template import sqlite_url

_t = tables.installations
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ROW = {
    "tenant_id": "TACME",
    "team_id": "TACME",
    "enterprise_id": "",
    "is_enterprise_install": False,
    "team_name": "Acme",
    "app_id": "A1",
    "bot_id": "B1",
    "bot_user_id": "U1",
    "scopes": "[]",
    "installed_by": "UADA",
    "installed_at": NOON,
}
ADD = sa.insert(_t)
TEAM = sa.bindparam("team")
GET = sa.select(_t).where(_t.c.team_id == TEAM)
NAMED = sa.select(
    _t.c.team_name, sa.func.max(_t.c.installed_at, type_=Instant).label("last")
).where(_t.c.team_id.in_(sa.bindparam("teams", expanding=True)))
RENAME = sa.update(_t).where(_t.c.team_id == TEAM).returning(_t.c.installed_at)


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    engine = make_engine(sqlite_url(tmp_path))
    async with engine.begin() as connection:
        await run(connection, ADD, ROW)
    yield engine
    await close_engine(engine)


@pytest.fixture
async def connection(engine: Engine) -> AsyncIterator[Connection]:
    async with engine.connect() as made:
        yield made


async def test_a_row_reads_the_same_both_ways(connection: Connection) -> None:
    """Moments, flags and what is not there, by name and by place."""
    prepared = (await run(connection, GET, {"team": "TACME"})).one()
    executed = (await connection.execute(GET, {"team": "TACME"})).one()
    assert tuple(prepared) == tuple(executed)
    assert prepared._fields == executed._fields
    assert prepared.installed_at == NOON
    assert prepared.is_enterprise_install is False
    assert prepared.revoked_at is None


async def test_a_moment_is_the_same_whatever_its_zone(connection: Connection) -> None:
    there = NOON.astimezone(timezone(timedelta(hours=9)))
    renamed = await run(connection, RENAME, {"team": "TACME", "installed_at": there})
    assert renamed.scalar_one() == NOON


async def test_what_changes_is_counted(connection: Connection) -> None:
    many = [{**ROW, "tenant_id": f"T{number}", "team_id": "TMANY"} for number in range(3)]
    assert (await run(connection, ADD, many)).rowcount == 3
    leave = sa.delete(_t).where(_t.c.team_id == TEAM)
    assert (await run(connection, leave, {"team": "TMANY"})).rowcount == 3
    assert (await run(connection, leave, {"team": "TMANY"})).rowcount == 0


@pytest.mark.parametrize("teams", [[], ["TACME"], ["TACME", "TOTHER"]])
async def test_a_list_of_values_takes_sqlalchemys_way(
    connection: Connection, teams: list[str]
) -> None:
    found = (await run(connection, NAMED, {"teams": teams})).one()
    assert tuple(found) == (("Acme", NOON) if teams else (None, None))


async def test_a_value_that_is_missing_is_not_taken_for_none(connection: Connection) -> None:
    with pytest.raises(TypeError, match="team"):
        await run(connection, GET, {})
    assert (await run(connection, GET, {"team": "TACME"})).one_or_none()


async def test_who_is_kept_from_writing_waits(engine: Engine) -> None:
    leave = sa.delete(_t).where(_t.c.team_id == TEAM)
    with closing(sqlite3.connect(str(engine.url.database), isolation_level=None)) as another:
        another.execute(BEGIN_WRITING)
        async with engine.connect() as connection:
            waiting = asyncio.create_task(run(connection, leave, {"team": "TACME"}))
            await asyncio.sleep(0.05)
            assert not waiting.done()
            another.execute("ROLLBACK")
            assert (await waiting).rowcount == 1
