"""Events that could not be worked on, over all tenants."""

from sqlalchemy.ext.asyncio import AsyncEngine

from flows.model import ReceivedEvent
from storage.cipher import Cipher
from storage.given_up import SqlFailedEvents
from storage.unit_of_work import SqlUnitOfWorkFactory
from tests.contract.recorded_jobs import RecordingJobWriter, recorded_jobs
from tests.contract.samples import A, B
from tests.support.fake_tables import FakeClock


async def test_failed_events_are_listed_counted_and_tried_again(
    engine: AsyncEngine, cipher: Cipher
) -> None:
    jobs = RecordingJobWriter()
    work = SqlUnitOfWorkFactory(engine, cipher, jobs, FakeClock())
    for tenant in (A, B):
        async with work(tenant) as unit:
            for event_id in ("Ev1", "Ev2"):  # the same ids in both, as in any test of tenants
                await unit.inbox.accept(ReceivedEvent(event_id, "message", user_id="U1"))
            await unit.inbox.fail("Ev1", "RuntimeError")
            await unit.commit()
    failed = SqlFailedEvents(engine)
    assert {(each.tenant_id, each.event_id) for each in await failed.events(10)} == {
        (A, "Ev1"),
        (B, "Ev1"),
    }
    assert len(await failed.events(1)) == 1
    assert await failed.counts() == {"message": 2}

    before = await recorded_jobs(engine)
    assert await failed.retry(jobs, A, "Ev1", "once more")
    assert not await failed.retry(jobs, A, "Ev1", "twice more")
    assert not await failed.retry(jobs, A, "Ev2", "never failed")
    (job,) = (await recorded_jobs(engine))[len(before) :]
    assert (job.tenant_id, job.subject, job.key) == (A, "Ev1", "once more")
    (left,) = await failed.events(10)
    assert (left.tenant_id, left.kind, left.error) == (B, "message", "RuntimeError")
