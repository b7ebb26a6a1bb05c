"""Jobs as the engine sees them: in our transaction, once for a key, with ids alone."""

import pytest
from dbos import DBOSClient, WorkflowStatus
from sqlalchemy.ext.asyncio import AsyncEngine

from flows.model import ReceivedEvent
from flows.outbox.jobs import Job, JobKind
from storage import schema
from storage.cipher import Cipher
from storage.dbos_jobs import DbosJobWriter
from storage.unit_of_work import SqlUnitOfWorkFactory
from tests.contract import samples
from tests.contract.samples import A
from tests.support.fake_tables import FakeClock


@pytest.fixture
async def work(
    client: DBOSClient, bare_engine: AsyncEngine, cipher: Cipher
) -> SqlUnitOfWorkFactory:
    await schema.upgrade(bare_engine)
    return SqlUnitOfWorkFactory(bare_engine, cipher, DbosJobWriter(client), FakeClock())


async def _workflows(client: DBOSClient) -> dict[str, WorkflowStatus]:
    return {found.workflow_id: found for found in await client.list_workflows_async()}


async def test_jobs_live_and_die_with_the_transaction(
    client: DBOSClient, work: SqlUnitOfWorkFactory
) -> None:
    async with work(A) as unit:
        await unit.enqueue(Job(JobKind.POLL, A, "one", key="poll:one"))
    assert await _workflows(client) == {}
    async with work(A) as unit:
        await unit.enqueue(Job(JobKind.POLL, A, "one", key="poll:one"))
        await unit.enqueue(Job(JobKind.CHECK, A, "check", delay=60))
        await unit.commit()
    found = {one.name: one for one in (await _workflows(client)).values()}
    assert {name: (one.queue_name, one.status) for name, one in found.items()} == {
        "poll": ("polls", "ENQUEUED"),
        "check": ("checks", "DELAYED"),
    }
    assert found["poll"].input is not None
    assert tuple(found["poll"].input["args"]) == (A, "one")


async def test_a_key_that_is_known_changes_nothing(
    client: DBOSClient, work: SqlUnitOfWorkFactory
) -> None:
    for subject in ("first", "second"):
        async with work(A) as unit:
            await unit.enqueue(Job(JobKind.POLL, A, subject, key="poll:one"))
            await unit.outbox.add(samples.message(subject))
            await unit.commit()
    found = await _workflows(client)
    assert found["poll:one"].input is not None
    assert tuple(found["poll:one"].input["args"]) == (A, "first")
    assert sorted(found) == [
        f"deliver:{A}:user:UANNA:1",
        f"deliver:{A}:user:UANNA:2",
        "poll:one",
    ]


async def test_messages_and_events_bring_their_jobs(
    client: DBOSClient, work: SqlUnitOfWorkFactory
) -> None:
    async with work(A) as unit:
        await unit.outbox.add(samples.message("key"))
        await unit.inbox.accept(ReceivedEvent("Ev1", "message"))
        await unit.commit()
    found = await _workflows(client)
    delivery, event = found[f"deliver:{A}:user:UANNA:1"], found[f"event:{A}:Ev1"]
    assert (delivery.name, delivery.queue_name) == ("deliver", "delivers")
    assert delivery.queue_partition_key == f"{A}:user:UANNA"
    assert (event.name, event.queue_name) == ("event", "events")
