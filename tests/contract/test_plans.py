"""No statement of ours reads a table through: both databases explain each of them."""

import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.selectable import CompoundSelect, Select

from bench import crowd
from flows.errors import FlowError
from flows.outbox.bodies import CsmMessage
from flows.says import SAYS
from storage import looking, rate_gates, tables
from storage.connections import Engine
from storage.customers import SqlCustomers
from storage.engine import close_engine, make_engine
from storage.housekeeping import SqlHousekeeping
from storage.metadata import ONLY
from storage.placed import TOLD
from storage.repositories import integrations
from storage.repositories.messages import first_request
from tests.contract import statements
from tests.support.statements import heard as reached
from tests.support.template import sqlite_url

NOW = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
CUSTOMERS = 120
# Rows for one thing in use, which nobody makes many of.
SMALL = {
    "alembic_version", "csm_channel", "csm_trouble", "digests", "oauth_states", "invitations",
    "pending_checks",  # checks under way
    "seen_requests", "credential_tries", "entry_links",  # of minutes, and of a day
    "standing_counts", "owner_counts",  # added up every hour
}  # fmt: skip
# Read from one end, in their own order: what waits or failed, and lists of the newest.
FROM_ONE_END = {
    "ix_outbox_pending", "ix_outbox_dead", "ix_deliveries_pending", "ix_deliveries_dead",
    "ix_deliveries_created_at_id", "ix_inbox_received_at", "ix_inbox_failed",
    "ix_installations_revoked", "ix_installations_refused", "ix_teams_to_erase",
    "ix_overview_not_found_yet",
}  # fmt: skip
# Which set-ups have much is counted in an index, once an hour and without holding up a write.
COUNTS_THROUGH = {"SqlHousekeeping.remove_history", "SqlHousekeeping.remove_places"}
BIG = {table.name for table in tables.metadata.sorted_tables} - SMALL

Statement = tuple[str, Any]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def crowded_address(request: pytest.FixtureRequest, tmp_path_factory: Any) -> str:
    """A database with some customers, for all tests of this file."""
    if request.param == "sqlite":
        folder: Path = tmp_path_factory.mktemp("crowd")
        address = sqlite_url(folder)
    else:
        address = request.getfixturevalue("another_postgres_address")
    crowd.fill(address, CUSTOMERS, NOW)
    return address


@pytest.fixture
async def crowded(crowded_address: str) -> AsyncIterator[Engine]:
    engine = make_engine(crowded_address)
    yield engine
    await close_engine(engine)


async def test_every_call_is_here(crowded: Engine) -> None:
    work = statements.unit_of_work(crowded)
    called = {*statements.OverAll(crowded, NOW).calls(), *statements.of_one(work, NOW)}
    assert called == statements.expected()


async def test_no_statement_over_all_customers_reads_a_table_through(crowded: Engine) -> None:
    found: list[str] = []
    for name, call in statements.OverAll(crowded, NOW).calls().items():
        with heard(crowded) as told:
            await call()
        assert told, name
        if name not in COUNTS_THROUGH:
            found += [f"{name}: {each}" for each in await scans(crowded, told)]
    assert found == []


async def test_no_statement_about_customers_is_made_twice(crowded: Engine) -> None:
    """From parts, which takes longer than to read a page, nor as a text."""
    made: list[str] = []

    def counted(make: Callable[..., None]) -> Callable[..., None]:
        def count(own: object, *given: Any, **named: Any) -> None:
            made.append(type(own).__name__)
            make(own, *given, **named)

        return count

    calls = {**statements.OverAll(crowded, NOW).calls()}
    del calls["SqlCustomers.page"]  # which asks for more than are kept
    for query in statements.queries(NOW):
        calls[f"SqlCustomers.page {query}"] = partial(SqlCustomers(crowded).page, query, NOW, 5)
    for name in (each for each in calls if each.startswith("SqlCustomers")):
        await calls[name]()
        with pytest.MonkeyPatch.context() as patch:
            for kind in (Select, CompoundSelect, SQLCompiler):
                patch.setattr(kind, "__init__", counted(kind.__init__))
            await calls[name]()
        assert made == [], name


async def test_no_statement_of_one_tenant_reads_a_table_through(crowded: Engine) -> None:
    found: list[str] = []
    names = list(statements.of_one(statements.unit_of_work(crowded), NOW))
    for name in names:
        with heard(crowded) as told:
            async with statements.unit_of_work(crowded) as work:
                with suppress(FlowError):  # such a row is not there
                    await statements.of_one(work, NOW)[name]()
        assert told, name
        found += [f"{name}: {each}" for each in await scans(crowded, told)]
    assert found == []


async def test_what_may_be_drawn_again_is_found_among_all_that_a_tenant_was_told(
    crowded: Engine,
) -> None:
    """After every change, however much was said in a month."""
    kinds = {each.kind for each in (*SAYS, CsmMessage)}
    assert kinds == set(re.findall(r"'(\w+)'", TOLD))
    with heard(crowded) as told:
        async with statements.unit_of_work(crowded) as work:
            await work.outbox.told(statements.SETUP, 10)
    ((statement, parameters),) = [each for each in told if "'go_on'" in each[0]]
    async with crowded.connect() as connection:
        plan = await connection.run_sync(_plan, statement, parameters)
    assert "ix_outbox_told" in plan
    assert "TEMP B-TREE" not in plan


async def test_what_is_kept_for_long_is_not_read_to_remove_the_rest(crowded: Engine) -> None:
    with heard(crowded) as told:
        await SqlHousekeeping(crowded).remove_sent(NOW)
    ((statement, parameters),) = told
    async with crowded.connect() as connection:
        plan = await connection.run_sync(_plan, statement, parameters)
    assert "ix_outbox_passing" in str(plan)


async def test_what_waits_is_asked_once_and_not_of_each_line_of_a_history(crowded: Engine) -> None:
    """A tenant's messages are kept as long as its set-ups."""
    with heard(crowded) as told:
        await SqlHousekeeping(crowded).remove_history(NOW)
    ((statement, parameters),) = told
    async with crowded.connect() as connection:
        plan = await connection.run_sync(_plan, statement, parameters)
    assert not re.search("CORRELATED|SubPlan|Anti Join", plan), "asked of each line"
    assert "outbox" in plan


async def test_the_quick_look_reads_no_table_through(crowded: Engine) -> None:
    with heard(crowded) as told:
        async with crowded.connect() as connection:
            parameters = {"tenant": statements.TENANT, "team": statements.TENANT}
            await connection.execute(integrations._GLANCE, parameters)
    assert await scans(crowded, told) == []


async def test_what_is_written_by_the_raw_driver_is_written_without_reading_a_table_through(
    crowded: Engine,
) -> None:
    parameters = {
        "tenant": statements.TENANT, "team": statements.TENANT, "integration": statements.SETUP,
        "said": "", "windows": "[]", "since": "", "room": 9, "poll_at": NOW, "soon": NOW,
        "user": "U1", "fingerprint": "", "at": NOW, "digest": "", "seen_at": NOW,
        "tenant_id": statements.TENANT, "subject": "post", "free_at": NOW, "now": NOW,
        "subjects": ["post"], "steps": [1.0], "bursts": [1.0], "most": 1.0,
    }  # fmt: skip
    changes = [*looking.kinds(crowded.dialect.name).values(), [first_request(crowded.dialect.name)]]
    changes.append(rate_gates.statements(crowded.dialect.name))
    with heard(crowded) as told:
        async with crowded.connect() as connection:
            for change in changes:
                for statement in change:
                    await connection.execute(statement, parameters)
    assert len(told) == sum(map(len, changes))
    assert await scans(crowded, told) == []


@pytest.mark.parametrize(
    "bad",
    [
        sa.select(tables.overview.c.step).where(tables.overview.c.subject == "Web app"),
        sa.select(sa.func.count()).select_from(tables.history),
        sa.delete(tables.outbox).where(tables.outbox.c.integration_id == "int_1"),
    ],
)
async def test_a_statement_that_does_would_be_noticed(crowded: Engine, bad: sa.Executable) -> None:
    with heard(crowded) as told:
        async with crowded.connect() as connection:
            await connection.execute(bad)
    assert await scans(crowded, told) != []


# --- what a tenant's rows are found by ------------------------------------------------------------


@pytest.mark.parametrize("table", tables.metadata.sorted_tables, ids=lambda table: table.name)
def test_the_rows_of_one_tenant_are_found_by_an_index(table: sa.Table) -> None:
    if "tenant_id" not in table.c:
        assert table.name in SMALL
        return
    keys = [list(table.primary_key.columns)]
    keys += [list(index.columns) for index in table.indexes if not _is_partial(index)]
    keys += [
        list(each.columns) for each in table.constraints if isinstance(each, sa.UniqueConstraint)
    ]
    assert any(key and key[0].name == "tenant_id" for key in keys)
    for foreign in table.foreign_key_constraints:  # deleting what it points to looks for it
        wanted = [column.name for column in foreign.columns]
        assert any([c.name for c in key][: len(wanted)] == wanted for key in keys)


def _is_partial(index: sa.Index) -> bool:
    return ONLY in index.info


# --- explaining -----------------------------------------------------------------------------------


@contextmanager
def heard(engine: Engine) -> Iterator[list[Statement]]:
    """The statements that are executed meanwhile, each once."""
    told: dict[str, Any] = {}

    def note(statement: str, values: Any) -> None:
        if re.match(r"\s*(WITH|SELECT|UPDATE|DELETE|INSERT)\b", statement):
            told.setdefault(statement, values[0] if _is_many(values) else values)

    found: list[Statement] = []
    with reached(engine, note):
        yield found
    found += told.items()


def _is_many(values: Any) -> bool:
    return isinstance(values, list) and isinstance(values[0], dict | tuple)


async def scans(engine: Engine, told: list[Statement]) -> list[str]:
    """What reads a table through, in the plans of these statements."""
    explain = _scans_on_sqlite if engine.dialect.name == "sqlite" else _scans_on_postgres
    found: list[str] = []
    async with engine.connect() as connection:
        for statement, parameters in told:
            found += [
                f"{each} in {statement}"
                for each in await connection.run_sync(explain, statement, parameters)
            ]
    return found


def _plan(connection: sa.Connection, statement: str, parameters: Any) -> str:
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    else:
        for setting in ("enable_seqscan", "enable_sort"):
            connection.exec_driver_sql(f"SET LOCAL {setting} = off")
        rows = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
    return "\n".join(row[-1] for row in rows)


def _scans_on_sqlite(connection: sa.Connection, statement: str, parameters: Any) -> list[str]:
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    named = dict(re.findall(r"\b(\w+) AS (\w+)", statement))
    real = {alias: table for table, alias in named.items()}
    found = []
    for *_, detail in rows:
        scan = re.match(r"SCAN (?:TABLE )?(\w+)(?: USING (?:COVERING )?INDEX (\w+))?", detail)
        if scan and real.get(scan[1], scan[1]) in BIG and scan[2] not in FROM_ONE_END:
            found.append(detail)
    return found


def _scans_on_postgres(connection: sa.Connection, statement: str, parameters: Any) -> list[str]:
    """With few rows it would rather read them all. So that is forbidden, and what it does still is
    what no index helps with.
    """
    for setting in ("enable_seqscan", "enable_sort", "enable_hashjoin", "enable_mergejoin"):
        connection.exec_driver_sql(f"SET LOCAL {setting} = off")
    explained = f"EXPLAIN (FORMAT JSON) {statement}"
    (plan,) = connection.exec_driver_sql(explained, parameters).one()
    read = plan if isinstance(plan, list) else json.loads(plan)
    return [
        f"{node['Node Type']} {node.get('Index Name', '')} {node.get('Relation Name', '')}"
        for node in _nodes(read[0]["Plan"])
        if _reads_through(node)
    ]


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)


def _reads_through(node: dict[str, Any]) -> bool:
    if node["Node Type"] == "Seq Scan":
        return node["Relation Name"] in BIG
    if node["Node Type"] in ("Index Scan", "Index Only Scan", "Bitmap Index Scan"):
        on_small = node.get("Relation Name", "") in SMALL
        return "Index Cond" not in node and node["Index Name"] not in FROM_ONE_END and not on_small
    return False
