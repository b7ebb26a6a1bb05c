"""After a tenant's end only tombstones stay, and nothing brings the rest back."""

import asyncio
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from bot.clock import SystemClock
from flows.csm.facts import ChannelBinding
from flows.errors import NotInstalled
from flows.ports import Unguarded
from flows.vocabulary import ReceivedEvent, Stamp
from storage import tables
from storage.cipher import Cipher
from storage.connections import Engine
from storage.tenants import ERASED, SHARED_TABLES, TOMBSTONES, SqlTenants
from storage.unit_of_work import SqlUnitOfWorkFactory
from tests.contract import samples
from tests.contract.conftest import Storage
from tests.contract.samples import NOON, STAMP, A, B
from tests.support.fake_tables import FakeClock

OTHER_TEAM = "TOTHEROFORG"


@pytest.fixture
def work(engine: Engine, cipher: Cipher) -> SqlUnitOfWorkFactory:
    return SqlUnitOfWorkFactory(engine, cipher, FakeClock())


def of_tenants() -> list[sa.Table]:
    """Every table with a tenant column, including future ones."""
    return [table for table in tables.metadata.sorted_tables if "tenant_id" in table.c]


def _value(column: sa.Column[Any], tenant_id: str, team_id: str) -> object:
    match column.name:
        case "tenant_id":
            return tenant_id
        case "team_id" | "key" | "event_id" | "user_id":
            return team_id
        case "integration_id" | "id" | "subject":
            return f"int_{team_id}"
    return NOON if isinstance(column.type, tables.Instant) else column.type.python_type()


async def fill(engine: Engine, tenant_id: str, team_id: str) -> None:
    """One row in each table. An organisation's shared rows come with its first workspace."""
    there = {tables.installations, tables.teams, *(SHARED_TABLES if tenant_id != team_id else ())}
    async with engine.begin() as connection:
        for table in of_tenants():
            if table not in there:
                needed = [c for c in table.c if not c.nullable and c.name != "sequence"]
                row = {column.name: _value(column, tenant_id, team_id) for column in needed}
                await connection.execute(sa.insert(table).values(row))


async def left_of(engine: Engine, tenant_id: str) -> set[str]:
    async with engine.connect() as connection:
        return {
            table.name
            for table in of_tenants()
            if (
                await connection.execute(sa.select(table).where(table.c.tenant_id == tenant_id))
            ).first()
        }


async def uninstall(work: SqlUnitOfWorkFactory, tenant_id: str) -> None:
    async with work(tenant_id, unguarded=Unguarded.LEAVING) as unit:
        await unit.installations.revoke(NOON)
        await unit.commit()


async def install(work: SqlUnitOfWorkFactory, tenant_id: str, at: datetime) -> None:
    installation = replace(
        samples.installation(tenant_id), installed=Stamp("U1", at), is_enterprise_install=False
    )
    async with work(tenant_id, unguarded=Unguarded.INSTALLING) as unit:
        await unit.installations.put(installation, SecretStr("of the bot"))
        await unit.commit()


def test_every_table_of_tenants_is_erased_or_a_tombstone() -> None:
    covered = {*ERASED, TOMBSTONES, tables.installations}
    assert covered == set(of_tenants())
    for table in set(ERASED) - set(SHARED_TABLES):
        assert {"team_id", "integration_id"} & set(table.c.keys()) or table is tables.due, (
            table.name
        )


async def test_nothing_stays_but_the_tombstone_and_the_other_tenant(
    engine: Engine, work: SqlUnitOfWorkFactory
) -> None:
    for tenant_id in (A, B):
        await fill(engine, tenant_id, tenant_id)
    everything = {table.name for table in of_tenants()}
    assert await left_of(engine, A) == everything
    tenants = SqlTenants(engine, SystemClock())
    assert await tenants.erase(A, NOON)  # erases nothing, because the app is still installed
    assert await left_of(engine, A) == everything
    await uninstall(work, A)
    for _ in range(2):  # twice is once
        assert await tenants.erase(A, NOON)
        assert await left_of(engine, A) == {"teams"}
    assert await left_of(engine, B) == everything
    async with engine.connect() as connection:
        query = sa.select(tables.teams).where(tables.teams.c.tenant_id == A)
        (stone,) = await connection.execute(query)
    assert (stone.tenant_id, stone.name, stone.left_at, stone.erased_at) == (A, "", NOON, NOON)


async def test_of_an_organisation_only_the_workspace_that_left(
    engine: Engine, work: SqlUnitOfWorkFactory
) -> None:
    async with work(A) as unit:
        await unit.teams.grant(OTHER_TEAM, "Other", NOON)
        await unit.commit()
    for team_id in (A, OTHER_TEAM):
        await fill(engine, A, team_id)
    async with work(A) as unit:
        await unit.teams.leave(OTHER_TEAM, NOON)
        await unit.commit()
    assert await SqlTenants(engine, SystemClock()).erase(A, NOON)
    async with engine.connect() as connection:
        for table in of_tenants():
            rows = (await connection.execute(sa.select(table))).mappings().all()
            mine = [row for row in rows if row["tenant_id"] == A]
            assert mine, f"{table.name} of the workspace that stays"
            if table is not tables.teams:
                assert not any(OTHER_TEAM in map(str, row.values()) for row in mine), table.name


async def test_what_is_being_sent_and_what_toplyne_must_be_told_is_waited_for(
    engine: Engine, work: SqlUnitOfWorkFactory
) -> None:
    await fill(engine, A, A)
    await uninstall(work, A)
    later = datetime.now(NOON.tzinfo) + timedelta(minutes=1)
    tenants, message = SqlTenants(engine, SystemClock()), tables.outbox
    delivery = tables.deliveries
    async with engine.begin() as connection:
        await connection.execute(sa.update(message).values(attempt_until=later))
        await connection.execute(sa.update(delivery).values(kind="withdrawn", state="pending"))
    assert await tenants.is_sending(A)
    async with engine.begin() as connection:
        await connection.execute(sa.update(message).values(attempt_until=NOON))
    assert not await tenants.is_sending(A)
    assert not await tenants.erase(A, NOON)
    assert await left_of(engine, A) == {"deliveries", "installations", "teams"}
    async with engine.begin() as connection:
        await connection.execute(sa.update(delivery).values(state="delivered"))
    assert await tenants.erase(A, NOON)
    assert await left_of(engine, A) == {"teams"}


async def test_whose_a_workspace_is(engine: Engine, work: SqlUnitOfWorkFactory) -> None:
    tenants = SqlTenants(engine, SystemClock())
    assert await tenants.of_team(A) == A
    assert await tenants.of_team(OTHER_TEAM) is None
    later = datetime.now(NOON.tzinfo) + timedelta(days=999)
    for team_id in (OTHER_TEAM, B):
        async with work(A) as unit:
            await unit.teams.grant(team_id, "Of an organisation", later)
            await unit.commit()
    assert await tenants.of_team(OTHER_TEAM) == A
    assert await tenants.of_team(B) == B  # its own installation came first
    assert [await tenants.answering(named, B) for named in (A, B, OTHER_TEAM)] == [B, B, None]
    await install(work, B, later + timedelta(days=1))  # once more
    assert await tenants.of_team(B) == B
    await uninstall(work, B)
    assert [await tenants.answering(named, B) for named in (A, B)] == [A, None]
    await install(work, B, later + timedelta(days=1))
    assert [await tenants.answering(named, B) for named in (A, B)] == [A, A]


# --- late work ----------------------------------------------------------------------------------


@pytest.mark.parametrize("tenant_id", [A, "TNEVER"])
async def test_nothing_is_written_where_the_app_is_not(storage: Storage, tenant_id: str) -> None:
    token = SecretStr(secrets.token_hex(20))
    async with storage.work(A) as work:
        await work.integrations.add(samples.bare_integration())
        await work.commit()
    async with storage.work(A, unguarded=Unguarded.LEAVING) as work:
        await work.installations.revoke(NOON)
        await work.commit()
    for write in ("a token", "a write key", "an event"):
        with pytest.raises(NotInstalled):
            async with storage.work(tenant_id) as work:
                pytest.fail(f"{write} could be stored")
    async with storage.work(A, unguarded=Unguarded.INSTALLING) as work:
        await work.installations.put(samples.installation(), token)
        await work.commit()
    async with storage.work(A) as work:
        await work.vault.put("one", token)
        assert await work.inbox.accept(ReceivedEvent("Ev1", "message", A))
        await work.commit()


async def test_an_uninstall_waits_for_who_is_writing(storage: Storage) -> None:
    token = SecretStr(secrets.token_hex(20))
    async with storage.work(A) as work:
        await work.integrations.add(samples.bare_integration())
        await work.commit()
    leaving: asyncio.Task[None]
    async with storage.work(A) as work:
        leaving = asyncio.create_task(_leave(storage))
        await work.vault.put("one", token)
        await work.commit()
    await leaving
    async with storage.work(A, write=False) as work:
        assert await work.vault.get("one") is None


async def _leave(storage: Storage) -> None:
    async with storage.work(A, unguarded=Unguarded.LEAVING) as work:
        await work.installations.hold()
        await work.installations.revoke(NOON)
        await work.vault.delete("one")
        await work.commit()


async def test_whoever_holds_something_in_a_workspace_answers_before_the_first(
    engine: Engine, work: SqlUnitOfWorkFactory
) -> None:
    tenants = SqlTenants(engine, SystemClock())
    for team_id in (B, OTHER_TEAM):
        async with work(A) as unit:  # an organisation that came before all others
            await unit.teams.grant(team_id, "Of an organisation", NOON - timedelta(days=999))
            await unit.commit()
    assert await tenants.of_team(B) == A
    async with work(B) as unit:
        await unit.csm_channel.bind(ChannelBinding("C1", STAMP))
        await unit.commit()
    assert await tenants.of_team(B) == B
    async with work(A) as unit:
        await unit.integrations.add(replace(samples.bare_integration(), team_id=B))
        await unit.commit()
    assert [await tenants.answering(named, B) for named in (A, B)] == [A, A]
    assert await tenants.of_team(OTHER_TEAM) == A
