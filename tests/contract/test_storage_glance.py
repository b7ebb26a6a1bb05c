"""One read of a set-up: the same as from its repositories, fresh, and in one statement."""

from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from flows.drawn import OpenedWindows
from flows.errors import NotFound, StorageUnavailable
from flows.model import Observed
from flows.vocabulary import Plan
from storage.cipher import Cipher, generate_key
from storage.connections import Engine
from storage.engine import close_engine, make_engine
from storage.raw_sqlite import SqliteRead
from storage.repositories.integrations import SqlSituations
from storage.unit_of_work import SqlUnitOfWorkFactory
from tests.contract import samples
from tests.contract.conftest import Storage
from tests.contract.samples import NOON, A, B
from tests.support.fake_tables import FakeClock


async def test_nothing_is_there_before_the_first_set_up(storage: Storage) -> None:
    assert await storage.work.glance(A, A) is None


async def test_it_says_what_the_repositories_say(storage: Storage) -> None:
    integration = samples.full_integration()
    async with storage.work(A) as work:
        await work.integrations.add(integration)
        await work.observations.put_catalogue(integration.id, samples.catalogue())
        await work.observations.put_looked(integration.id, NOON, 2)
        await work.commit()
        facts = await work.integrations.get(integration.id)
        observed = await work.observations.of(integration.id)
    assert await storage.work.glance(A, A) == (facts, observed)
    assert await storage.work.glance(A, B) is None
    assert await storage.work.glance(B, A) is None


async def test_where_the_app_is_not_installed_there_is_no_set_up_to_look_at(
    storage: Storage,
) -> None:
    integration = samples.full_integration()
    async with storage.work(A) as work:
        await work.integrations.add(integration)
        await work.commit()
    facts, _ = await storage.work.look(A, integration.id)
    assert facts.id == integration.id
    with pytest.raises(NotFound):
        await storage.work.look(B, integration.id)
    async with storage.work(A) as work:
        await work.installations.revoke(NOON)
        await work.commit()
    with pytest.raises(NotFound):
        await storage.work.look(A, integration.id)


async def test_what_somebody_else_commits_is_seen_at_once(storage: Storage) -> None:
    async with storage.work(A) as work:
        await work.integrations.add(samples.bare_integration())
        await work.commit()
    before = await storage.work.glance(A, A)
    async with storage.work(A) as work:
        changed = await work.integrations.save(
            replace(samples.bare_integration(), plan=Plan.BUSINESS)
        )
        assert await storage.work.glance(A, A) == before  # not before it is committed
        await work.commit()
    assert await storage.work.glance(A, A) == (changed, Observed())
    async with storage.work(A) as work:
        await work.observations.put_waited("one", NOON)
        await work.commit()
    seen = await storage.work.glance(A, A)
    assert seen == (changed, Observed())
    assert seen[1].waited_at == NOON


async def test_the_same_rows_are_parsed_once(storage: Storage) -> None:
    async with storage.work(A) as work:
        await work.integrations.add(samples.bare_integration())
        await work.commit()
    first, second = await storage.work.glance(A, A), await storage.work.glance(A, A)
    assert first == second
    if not isinstance(storage.clock, FakeClock):
        assert first is second


async def test_a_window_is_seen_only_by_who_may_change_what_it_shows(storage: Storage) -> None:
    """Each opening of live sync adds one, and must not have the set-up parsed again."""
    async with storage.work(A) as work:
        await work.integrations.add(samples.bare_integration())
        await work.observations.put_waited("one", NOON)
        await work.commit()
    first, looked = await storage.work.glance(A, A), await storage.work.look(A, "one")
    await storage.work.looked([OpenedWindows(A, "one", ["live_1"])], NOON)
    async with storage.work(A, write=False) as work:
        _, seen = await work.integrations.observed("one")
        assert seen.windows == {"live_1": NOON}
    for before, after in (
        (first, await storage.work.glance(A, A)),
        (looked, await storage.work.look(A, "one")),
        (first, (await storage.work.home(A, A, "U1"))[0]),
    ):
        assert after
        assert after[1].windows == {}
        assert before == after
        if not isinstance(storage.clock, FakeClock):
            assert before is after


async def test_a_connection_that_the_server_has_closed_is_replaced(engine: Engine) -> None:
    situations = SqlSituations(engine)
    assert await situations.of_team(A, A) is None
    if engine.dialect.name == "postgresql":
        _end_all_other_sessions(engine)
    assert await situations.of_team(A, A) is None


@pytest.mark.parametrize("address", ["sqlite:///{}/gone.db", "postgresql://bot@127.0.0.1:1/gone"])
async def test_a_database_that_is_away_is_said_to_be(address: str, tmp_path: Path) -> None:
    engine = make_engine(address.format(tmp_path))
    (tmp_path / "gone.db").unlink(missing_ok=True)
    with pytest.raises(StorageUnavailable):
        await SqlSituations(engine).of_team(A, A)
    await close_engine(engine)


def _end_all_other_sessions(engine: Engine) -> None:
    address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


async def test_a_check_that_runs_is_seen_until_it_ends(storage: Storage) -> None:
    async with storage.work(A) as work:
        await work.integrations.add(samples.bare_integration())
        await work.checks.add(samples.check(), None)
        await work.commit()
    check = samples.check()
    seen = await storage.work.glance(A, A)
    assert seen
    assert seen[1].checks == {check.user_id: f"{check.id} {check.kind}"}
    async with storage.work(A) as work:
        await work.checks.delete(check.id)
        await work.commit()
    seen = await storage.work.glance(A, A)
    assert seen
    assert seen[1].checks == {}


async def test_what_is_committed_is_read_anew_and_nothing_else_is(engine: Engine) -> None:
    """SQLite tells whether anybody has committed, so the same rows come back. PostgreSQL does not.

    A new connection counts commits anew, so it must forget what an older one has read.
    """
    work = SqlUnitOfWorkFactory(engine, Cipher([generate_key()]), FakeClock())
    reader, asked = SqlSituations(engine)._glance, {"tenant": A, "team": A}
    assert await reader.rows(asked) == []
    async with work(A) as unit:
        await unit.integrations.add(samples.bare_integration())
        await unit.commit()
    for at in (NOON, NOON.replace(year=2027)):
        before = await reader.rows(asked)
        if isinstance(reader, SqliteRead):
            assert await reader.rows(asked) is before
        async with work(A) as unit:
            await unit.observations.put_waited("one", at)
            await unit.commit()
        if isinstance(reader, SqliteRead) and at > NOON:
            reader.close()
        assert await reader.rows(asked) != before
