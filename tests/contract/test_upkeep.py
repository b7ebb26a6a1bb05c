"""What is done now and then: dead workers' jobs are taken over, old rows go."""

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from dbos import DBOSClient
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.worker.upkeep import (
    KEEP_DEAD,
    KEEP_EVENTS,
    KEEP_GATES,
    KEEP_INCIDENTS,
    KEEP_MESSAGES,
    Chore,
    Housekeeping,
    Reaper,
)
from flows.model import Incident
from flows.outbox.jobs import Job, JobKind
from storage import schema, tables
from storage.cipher import Cipher
from storage.dbos_jobs import DbosJobWriter
from storage.housekeeping import BATCH, SqlHousekeeping
from storage.life_locks import LifeLocks
from storage.rate_gates import SqlRateGates
from storage.unit_of_work import SqlUnitOfWorkFactory
from tests.contract import samples
from tests.contract.recorded_jobs import RecordingJobWriter
from tests.contract.samples import A, B
from tests.support.fake_tables import FakeClock
from tests.support.lost_locks import take_locks_away

ROOT = Path(__file__).parent.parent.parent
LONG_AGO = datetime.now(UTC) - timedelta(days=31)
CHILD = """
import asyncio, sys
from storage.engine import make_engine
from storage.life_locks import LifeLocks

async def hold():
    async with LifeLocks(make_engine(sys.argv[1])).taken(sys.argv[2]) as taken:
        print("taken" if taken else "refused", flush=True)
        await asyncio.sleep(60)

asyncio.run(hold())
"""


class ImpatientLocks(LifeLocks):
    """For tests in which nobody loses a lock without missing it."""

    patience = 0.0


async def test_a_life_lock_is_had_by_one_and_given_back(bare_engine: AsyncEngine) -> None:
    first, second = LifeLocks(bare_engine), LifeLocks(bare_engine)
    async with first.taken("one") as taken, second.taken("other") as other:
        assert taken
        assert other
        async with second.taken("one") as again:
            assert not again
    async with second.taken("one") as afterwards:
        assert afterwards


async def test_a_killed_process_lets_go_of_its_life_lock(
    bare_engine: AsyncEngine, bare_address: str
) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CHILD, bare_address, "worker",
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert child.stdout is not None
    async with asyncio.timeout(30):
        assert await child.stdout.readline() == b"taken\n"
        locks = LifeLocks(bare_engine)
        async with locks.taken("worker") as taken:
            assert not taken
        child.send_signal(signal.SIGKILL)
        await child.wait()
        while True:
            async with locks.taken("worker") as taken:
                if taken:
                    return
            await asyncio.sleep(0.05)


async def _enqueue(client: DBOSClient, engine: AsyncEngine, cipher: Cipher, *keys: str) -> None:
    work = SqlUnitOfWorkFactory(engine, cipher, DbosJobWriter(client), FakeClock())
    async with work(A) as unit:
        for key in keys:
            await unit.enqueue(Job(JobKind.DELIVER, A, "csm:one", key=key))
        await unit.commit()


async def _engine_says(engine: AsyncEngine, client: DBOSClient, key: str, **values: object) -> None:
    """Writes into the job engine's own row what a worker would have left there."""
    schema_name = None if engine.dialect.name == "sqlite" else "dbos"
    columns: list[sa.ColumnClause[Any]] = [
        sa.column("workflow_uuid"),
        *[sa.column(name) for name in values],
    ]
    row = sa.table("workflow_status", *columns, schema=schema_name)
    async with engine.begin() as connection:
        await connection.execute(sa.update(row).where(row.c.workflow_uuid == key).values(**values))


async def test_jobs_of_a_dead_worker_are_taken_over_those_of_a_living_one_are_not(
    client: DBOSClient, bare_engine: AsyncEngine, cipher: Cipher
) -> None:
    await schema.upgrade(bare_engine)
    await _enqueue(client, bare_engine, cipher, "dead", "alive", "own", "waiting")
    for executor in ("dead", "alive", "own"):
        await _engine_says(bare_engine, client, executor, status="PENDING", executor_id=executor)
    locks = LifeLocks(bare_engine)
    async with locks.taken("alive"), locks.taken("own"):
        await Reaper(client, ImpatientLocks(bare_engine)).reap()
    found = {job.workflow_id: job for job in await client.list_workflows_async()}
    assert found["dead"].status == "ENQUEUED"
    assert found["dead"].queue_name == "delivers"
    assert found["dead"].queue_partition_key == found["waiting"].queue_partition_key
    assert found["alive"].status == found["own"].status == "PENDING"


async def test_a_lock_that_is_free_once_may_have_been_lost_by_somebody_who_is_alive(
    client: DBOSClient, bare_engine: AsyncEngine, cipher: Cipher
) -> None:
    class PatientLocks(LifeLocks):
        patience = 0.2

    await schema.upgrade(bare_engine)
    await _enqueue(client, bare_engine, cipher, "doubtful")
    await _engine_says(bare_engine, client, "doubtful", status="PENDING", executor_id="somebody")
    reaper, locks = Reaper(client, PatientLocks(bare_engine)), LifeLocks(bare_engine)

    async def status() -> str:
        (job,) = await client.list_workflows_async()
        return job.status

    await reaper.reap()
    assert await status() == "PENDING"
    async with locks.taken("somebody"):  # alive after all
        await asyncio.sleep(PatientLocks.patience)
        await reaper.reap()
    await reaper.reap()
    assert await status() == "PENDING"
    await asyncio.sleep(PatientLocks.patience)
    await reaper.reap()
    assert await status() == "ENQUEUED"


async def test_an_owner_knows_whether_its_lock_lasts(bare_engine: AsyncEngine) -> None:
    locks = LifeLocks(bare_engine)
    async with locks.taken("owner") as hold:
        assert hold
        assert await hold.lasts()
        await take_locks_away(bare_engine)
        assert not await hold.lasts()
        async with locks.taken("owner") as again:
            assert again
    async with locks.taken("owner") as afterwards:
        assert afterwards


async def test_jobs_that_ended_long_ago_go(
    client: DBOSClient, bare_engine: AsyncEngine, cipher: Cipher
) -> None:
    await schema.upgrade(bare_engine)
    keys = ("old", "failed", "fresh", "running", "waiting")
    await _enqueue(client, bare_engine, cipher, *keys)
    long_ago, now = (int(at.timestamp() * 1000) for at in (LONG_AGO, datetime.now(UTC)))
    ended = {"old": ("SUCCESS", long_ago), "failed": ("ERROR", long_ago), "fresh": ("SUCCESS", now)}
    for key, (status, at) in ended.items():
        await _engine_says(bare_engine, client, key, status=status, completed_at=at)
    await _engine_says(bare_engine, client, "running", status="PENDING")
    await Housekeeping(SqlHousekeeping(bare_engine), client).tidy()
    left = {job.workflow_id for job in await client.list_workflows_async()}
    assert left == {"fresh", "running", "waiting"}


async def _keys(engine: AsyncEngine, column: sa.Column[str]) -> list[str]:
    async with engine.connect() as connection:
        return sorted((await connection.execute(sa.select(column))).scalars())


async def test_old_messages_go_unless_they_still_have_to_leave(
    engine: AsyncEngine, cipher: Cipher
) -> None:
    for clock, age in ((FakeClock(LONG_AGO), "old"), (FakeClock(datetime.now(UTC)), "fresh")):
        work = SqlUnitOfWorkFactory(engine, cipher, RecordingJobWriter(), clock)
        for tenant in (A, B):
            async with work(tenant) as unit:
                for number, fate in enumerate(("sent", "dead", "waiting")):
                    await unit.outbox.add(samples.message(f"{age} {fate}", f"user:{number}"))
                for number, fate in enumerate(("sent", "dead")):
                    (stored, *_) = [
                        message
                        for message in await unit.outbox.due(f"user:{number}", clock.now(), 10)
                        if message.message.key == f"{age} {fate}"
                    ]
                    if fate == "sent":
                        await unit.outbox.mark_sent(stored.sequence, "C1", "1.2")
                    else:
                        await unit.outbox.give_up(stored, "refused")
                await unit.commit()
    rows = SqlHousekeeping(engine)
    before = datetime.now(UTC) - KEEP_MESSAGES
    assert [await rows.remove_sent(before) for _ in range(2)] == [2, 0]
    assert [await rows.remove_dead(before) for _ in range(2)] == [2, 0]
    left = {"fresh dead", "fresh sent", "fresh waiting", "old waiting"}
    assert set(await _keys(engine, tables.outbox.c.key)) == left


async def test_dead_letters_stay_longer_and_gates_go_once_they_are_open(
    client: DBOSClient, bare_engine: AsyncEngine, cipher: Cipher
) -> None:
    await schema.upgrade(bare_engine)
    writer = RecordingJobWriter()
    for days in (KEEP_DEAD.days + 1, KEEP_MESSAGES.days + 1):
        clock = FakeClock(datetime.now(UTC) - timedelta(days=days))
        async with SqlUnitOfWorkFactory(bare_engine, cipher, writer, clock)(A) as unit:
            await unit.outbox.add(samples.message(f"{days} days", f"user:{days}"))
            (stored,) = await unit.outbox.due(f"user:{days}", clock.now(), 10)
            await unit.outbox.give_up(stored, "refused")
            await unit.commit()
    gates = SqlRateGates(bare_engine)
    await gates.close(A, "closed", 60.0)
    await gates.close(A, "open", -KEEP_GATES.total_seconds() - 60.0)
    await Housekeeping(SqlHousekeeping(bare_engine), client).tidy()
    assert await _keys(bare_engine, tables.outbox.c.key) == [f"{KEEP_MESSAGES.days + 1} days"]
    assert await _keys(bare_engine, tables.rate_gates.c.subject) == ["closed"]


async def test_events_of_long_ago_go_in_batches(engine: AsyncEngine, cipher: Cipher) -> None:
    row = {"kind": "message", "params": "{}"}
    many = [
        {**row, "tenant_id": A, "event_id": f"Ev{number}", "received_at": LONG_AGO}
        for number in range(BATCH + 1)
    ]
    fresh = {**row, "tenant_id": B, "event_id": "Ev1", "received_at": datetime.now(UTC)}
    async with engine.begin() as connection:
        await connection.execute(sa.insert(tables.inbox), [*many, fresh])
    rows = SqlHousekeeping(engine)
    before = datetime.now(UTC) - KEEP_EVENTS
    assert [await rows.remove_events(before) for _ in range(3)] == [BATCH, 1, 0]
    assert await _keys(engine, tables.inbox.c.tenant_id) == [B]


async def test_incidents_that_ended_long_ago_go_and_open_ones_stay(
    engine: AsyncEngine, cipher: Cipher
) -> None:
    writer, clock = RecordingJobWriter(), FakeClock(LONG_AGO)
    async with SqlUnitOfWorkFactory(engine, cipher, writer, clock)(A) as unit:
        await unit.integrations.add(samples.bare_integration("one"))
        over, recent, still = (Incident(kind, "srcone", LONG_AGO) for kind in ("a", "b", "c"))
        for incident in (over, recent, still):
            await unit.incidents.open("one", incident)
        ended = datetime.now(UTC) - KEEP_INCIDENTS - timedelta(hours=1)
        await unit.incidents.close("one", over, ended)
        await unit.incidents.close("one", recent, datetime.now(UTC))
        await unit.commit()
    rows = SqlHousekeeping(engine)
    before = datetime.now(UTC) - KEEP_INCIDENTS
    assert [await rows.remove_incidents(before) for _ in range(2)] == [1, 0]
    assert sorted(await _keys(engine, tables.incidents.c.kind)) == ["b", "c"]


async def test_a_chore_is_done_at_once_and_then_only_when_its_time_has_come() -> None:
    done: list[str] = []

    async def often() -> None:
        done.append("often")

    async def rarely() -> None:
        done.append("rarely")

    chores = (Chore(0, often), Chore(3600, rarely))
    for _ in range(3):
        for chore in chores:
            await chore.when_due()
    assert done == ["often", "rarely", "often", "often"]
