"""Everything due can be rebuilt from the rows that are the truth."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from flows.outbox.jobs import PLANNED, Job, JobKind
from flows.outbox.messages import sendable
from flows.ports import Unguarded
from flows.toplyne.model import Delivery, DeliveryKind
from flows.vocabulary import ReceivedEvent
from storage import schema, tables
from storage.cipher import Cipher
from storage.connections import Engine
from storage.engine import SharedClock
from storage.leases import Leases
from storage.leftovers import take_over_events
from storage.replanning import Replanning
from storage.unit_of_work import SqlUnitOfWork, SqlUnitOfWorkFactory
from tests.contract import samples
from tests.contract.due_things import due_things
from tests.contract.samples import NOON, A, B
from tests.support.fake_tables import FakeClock

MINUTE = timedelta(minutes=1)
OLD_ENGINE = "CREATE TABLE {} (workflow_uuid TEXT, name TEXT, status TEXT, created_at BIGINT)"


async def fill(unit: SqlUnitOfWork) -> None:
    """One of each kind that has a table of its own."""
    await unit.integrations.add(samples.bare_integration("one", unit.tenant_id))
    await unit.overviews.put(samples.overview("one", NOON))
    await unit.outbox.add(samples.message("1"))
    await unit.outbox.add(samples.message("2", "csm:one"))
    data = Delivery("msg_1", DeliveryKind.REPLAY, "one", "1", NOON, "{}")
    await unit.deliveries.add(data)
    await unit.inbox.accept(ReceivedEvent("Ev1", "message"))
    await unit.csm_channel.plan_digest(NOON)
    await unit.checks.add(samples.check("chk", NOON), None)
    await unit.enqueue(Job(JobKind.CHECK, unit.tenant_id, "chk:0"))
    await unit.installations.refused(NOON)
    await unit.enqueue(Job(JobKind.CONFIRM_TOKEN, unit.tenant_id, ""))
    await unit.commit()


async def test_everything_that_is_due(engine: Engine, cipher: Cipher) -> None:
    clock = FakeClock(NOON)
    work = SqlUnitOfWorkFactory(engine, cipher, clock)
    for tenant in (A, B):
        async with work(tenant) as unit:
            await fill(unit)
    before = await due_things(engine)
    without_a_row = {JobKind.REDRAW, JobKind.ERASE, JobKind.REACH}
    assert {kind for _, kind, _ in before} == {*JobKind} - without_a_row
    replanning = Replanning(engine)
    assert await replanning.replan(NOON) == 0
    async with engine.begin() as connection:
        await connection.execute(sa.delete(tables.due))
    assert await replanning.replan(NOON) == len(before)
    assert await due_things(engine) == before


async def test_what_is_done_does_not_come_again(engine: Engine, cipher: Cipher) -> None:
    work = SqlUnitOfWorkFactory(engine, cipher, FakeClock(NOON))
    async with work(A) as unit:
        await fill(unit)
    async with work(A) as unit:
        for message in ("user:UANNA", "csm:one"):
            (stored,) = sendable(await unit.outbox.waiting(message, 10), NOON)
            await unit.outbox.mark_sent(stored.sequence, "C1", "1.1")
        await unit.inbox.close("Ev1")
        await unit.checks.delete("chk")
        await unit.deliveries.withdraw("one", [DeliveryKind.REPLAY])
        await unit.installations.refused(None)
        await unit.commit()
    async with engine.begin() as connection:
        await connection.execute(sa.delete(tables.due))
    await Replanning(engine).replan(NOON)
    assert {kind for _, kind, _ in await due_things(engine)} == PLANNED


async def test_what_the_version_before_plans_is_brought_over(
    engine: Engine, cipher: Cipher
) -> None:
    """That version writes only the overview."""
    work = SqlUnitOfWorkFactory(engine, cipher, FakeClock(NOON))
    async with work(A) as unit:
        await fill(unit)
    later = {"next_poll_at": NOON + MINUTE, "next_reminder_at": None}
    async with engine.begin() as connection:
        await connection.execute(sa.update(tables.overview).values(**later))
    assert await Replanning(engine).replan(NOON) == 2
    due = await due_things(engine)
    assert due[A, JobKind.POLL, "one"] == NOON + MINUTE
    assert (A, JobKind.REMIND, "one") not in due


async def test_a_poll_that_a_clock_planned_which_was_put_back_since_is_due(
    engine: Engine, cipher: Cipher
) -> None:
    work = SqlUnitOfWorkFactory(engine, cipher, FakeClock(NOON))
    async with work(A) as unit:
        await fill(unit)
    put_back, replanning = NOON - timedelta(days=2), Replanning(engine)
    assert await replanning.hasten_polls(put_back, put_back + timedelta(days=3)) == 0
    assert await replanning.hasten_polls(put_back, put_back + timedelta(days=1)) == 1
    due = await due_things(engine)
    assert due[A, JobKind.POLL, "one"] == put_back
    assert due[A, JobKind.REMIND, "one"] == NOON


async def test_what_has_left_is_to_be_erased(engine: Engine, cipher: Cipher) -> None:
    work = SqlUnitOfWorkFactory(engine, cipher, FakeClock(NOON))
    async with work(A, unguarded=Unguarded.LEAVING) as unit:
        await unit.installations.revoke(NOON)
        await unit.commit()
    async with work(B) as unit:  # an organisation
        for team_id in ("T1", "T2", "T3"):
            await unit.teams.grant(team_id, team_id, NOON)
        for team_id in ("T1", "T2"):
            await unit.teams.leave(team_id, NOON)
        await unit.commit()
    await Replanning(engine).replan(NOON)
    assert await due_things(engine) == {
        (tenant_id, JobKind.ERASE, ""): NOON for tenant_id in (A, B)
    }


async def test_events_that_the_version_before_left_lying_are_taken_over(
    bare_engine: Engine, cipher: Cipher
) -> None:
    await schema.upgrade(bare_engine)
    assert await take_over_events(
        bare_engine, datetime.now(UTC)
    )  # that engine is not here and never will be
    name = "workflow_status"
    async with bare_engine.begin() as connection:
        if bare_engine.dialect.name == "postgresql":
            await connection.execute(sa.text("CREATE SCHEMA dbos"))
            name = "dbos.workflow_status"
        await connection.execute(sa.text(OLD_ENGINE.format(name)))
        fresh = int(datetime.now(UTC).timestamp() * 1000)
        for key, status, at in (
            ("Ev1", "ENQUEUED", 0),
            ("Ev2", "SUCCESS", 0),
            ("Ev3", "ENQUEUED", fresh),
            ("Ev4", "PENDING", 0),  # which our tables do not know
        ):
            row = f"INSERT INTO {name} VALUES ('event:{A}:{key}', 'event', '{status}', {at})"
            await connection.execute(sa.text(row))
        for key in ("Ev1", "Ev2", "Ev3"):
            row = {"tenant_id": A, "event_id": key, "kind": "message", "params": "{}"}
            await connection.execute(sa.insert(tables.inbox).values(**row, received_at=NOON))
    for _ in range(2):
        assert not await take_over_events(bare_engine, datetime.now(UTC))
        assert list(await due_things(bare_engine)) == [(A, JobKind.EVENT, "Ev1")]
    look = await Leases(bare_engine, SharedClock(), JobKind).look()
    assert list(look) == [JobKind.EVENT]
