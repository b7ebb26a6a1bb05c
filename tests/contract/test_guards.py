"""Tries to enter credentials, requests seen before and the audit trail, on both databases."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from flows.audit import Audited, AuditEntry, Secret
from flows.checks.limits import TooSoon, TryLimits
from flows.errors import ErrorCode, NotInstalled, Repeated
from flows.ports import UnitOfWorkFactory
from flows.vocabulary import Actor, Stamp
from storage import tables
from storage.cipher import Cipher
from storage.connections import Engine
from storage.engine import SharedClock, close_engine, make_engine
from storage.housekeeping import SqlHousekeeping
from storage.raw import raw_write
from storage.repositories.messages import first_request
from storage.unit_of_work import SqlUnitOfWorkFactory
from tests.contract import samples

A, B = samples.A, samples.B
LIMITS = TryLimits(per_minute=5, per_day=30)
ADA, BOB = Actor(A, A, "UADA"), Actor(A, A, "UBOB")
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def uow(engine: Engine, cipher: Cipher) -> UnitOfWorkFactory:
    return SqlUnitOfWorkFactory(engine, cipher, SharedClock())


@pytest.fixture
async def other_uow(
    engine: Engine, database_address: str, cipher: Cipher
) -> AsyncIterator[UnitOfWorkFactory]:
    """As in another process, on the same database."""
    other = make_engine(database_address)
    yield SqlUnitOfWorkFactory(other, cipher, SharedClock())
    await close_engine(other)


async def begin(
    uow: UnitOfWorkFactory, who: Actor, integration_id: str = "int1", lease: float = 0.0
) -> TooSoon | None:
    async with uow(who.tenant_id) as work:
        found = await work.tries.begin(who, integration_id, LIMITS, lease)
        await work.commit()
    return found


async def test_five_a_minute_for_one_person_across_processes(
    uow: UnitOfWorkFactory, other_uow: UnitOfWorkFactory
) -> None:
    """All at once, in two processes: no more than five are asked about."""
    tries = await asyncio.gather(*(begin(each, ADA) for each in (uow, other_uow) * 5))
    refused = [each for each in tries if each]
    assert len(refused) == 5
    assert {each.code for each in refused} == {ErrorCode.TOO_MANY_TRIES}
    assert all(50 < each.wait <= 60 for each in refused)


async def test_the_workspace_and_the_set_up_have_the_same_limits(uow: UnitOfWorkFactory) -> None:
    people = [Actor(A, A, f"U{number}") for number in range(6)]
    assert [bool(await begin(uow, each)) for each in people] == [False] * 5 + [True]
    assert await begin(uow, Actor(A, "T9", "U9"), "int9") is None, "of another workspace"
    assert await begin(uow, Actor(A, "T9", "U9"), "int1") is not None, "of the same set-up"


async def test_one_check_of_a_set_up_at_a_time(uow: UnitOfWorkFactory) -> None:
    assert await begin(uow, ADA, lease=27.0) is None
    running = await begin(uow, BOB)
    assert running is not None
    assert running.code is ErrorCode.CHECK_RUNNING
    assert 20 < running.wait <= 27
    assert await begin(uow, BOB, "int2") is None
    async with uow(A) as work:
        await work.tries.end("int1")
        await work.commit()
    assert await begin(uow, BOB) is None


async def test_another_tenant_has_limits_of_its_own(uow: UnitOfWorkFactory) -> None:
    for _ in range(6):
        await begin(uow, ADA)
    assert await begin(uow, Actor(B, B, "UADA")) is None


async def test_a_signed_request_is_the_first_once(
    uow: UnitOfWorkFactory, other_uow: UnitOfWorkFactory
) -> None:
    """By the short way, and by the long one that a use case takes within its own change."""

    async def by_itself(where: UnitOfWorkFactory) -> None:
        await where.first(A, "digest")

    async def within(where: UnitOfWorkFactory) -> None:
        async with where(A) as work:
            await work.requests.first("digest")
            await work.commit()

    ways = (way(each) for each in (uow, other_uow) * 3 for way in (by_itself, within))
    found = await asyncio.gather(*ways, return_exceptions=True)
    assert Counter(map(type, found)) == {type(None): 1, Repeated: 11}


async def test_a_request_is_remembered_only_where_the_app_is(uow: UnitOfWorkFactory) -> None:
    with pytest.raises(NotInstalled):
        await uow.first("TNOBODY", "digest")
    await uow.first(A, "digest")
    with pytest.raises(Repeated):
        await uow.first(A, "digest")


async def test_a_request_that_is_stored_again_because_a_connection_broke_is_still_the_first(
    engine: Engine,
) -> None:
    stores, now = raw_write(engine, first_request(engine.dialect.name)), datetime.now(UTC)
    asked = {"tenant": A, "digest": "digest", "seen_at": now}
    assert [len(await stores.rows(asked)) for _ in range(2)] == [1, 1]
    assert not await stores.rows({**asked, "seen_at": now + timedelta(seconds=1)})
    assert not await stores.rows({**asked, "tenant": "TNOBODY", "digest": "another"})


async def test_a_request_waits_for_whoever_is_writing(uow: UnitOfWorkFactory) -> None:
    async with uow(A) as work:
        await work.requests.first("another")
        waiting = asyncio.create_task(uow.first(A, "digest"))
        await asyncio.sleep(0)
        await work.commit()
    await waiting
    with pytest.raises(Repeated):
        await uow.first(A, "digest")


async def test_what_no_longer_counts_is_removed(uow: UnitOfWorkFactory, engine: Engine) -> None:
    await begin(uow, ADA)
    async with uow(A) as work:
        await work.requests.first("digest")
        await work.commit()
    rows = SqlHousekeeping(engine)
    long_ago, soon = (datetime.now(UTC) + timedelta(minutes=each) for each in (-5, 5))
    assert await rows.remove_tries(long_ago) == await rows.remove_requests(long_ago) == 0
    assert await rows.remove_tries(soon) == await rows.remove_requests(soon) == 1


def entry(what: Audited, once: str = "", team_id: str = A) -> AuditEntry:
    return AuditEntry(what, Secret.TOKEN, Stamp("UADA", NOW), team_id, "int1", once)


async def test_the_audit_keeps_each_entry_and_of_a_look_the_first(uow: UnitOfWorkFactory) -> None:
    entries = [entry(Audited.SAW, "saw:1"), entry(Audited.ENTERED), entry(Audited.SAW, "saw:1")]
    async with uow(A) as work:
        for each in (*entries, entry(Audited.SAW, "saw:2", "T9")):
            await work.audit.add(each)
        await work.commit()
    async with uow(A, write=False) as work:
        assert await work.audit.latest(A, 10) == [entries[1], entries[0]]
    async with uow(B, write=False) as work:
        assert await work.audit.latest(A, 10) == []


async def test_nobody_can_change_an_entry(uow: UnitOfWorkFactory, engine: Engine) -> None:
    async with uow(A) as work:
        await work.audit.add(entry(Audited.DELETED))
        await work.commit()
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        async with engine.begin() as connection:
            await connection.execute(sa.update(tables.audit).values(by="UBOB"))
