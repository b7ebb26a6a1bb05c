"""Events that could not be processed, over all tenants."""

import sqlalchemy as sa

from flows.outbox.jobs import JobKind
from flows.vocabulary import ReceivedEvent
from storage import tables
from storage.cipher import Cipher
from storage.connections import Engine
from storage.given_up import SqlFailedEvents
from storage.unit_of_work import SqlUnitOfWorkFactory
from tests.contract.due_things import due_things
from tests.contract.samples import A, B
from tests.support.fake_tables import FakeClock


async def test_failed_events_are_listed_counted_and_tried_again(
    engine: Engine, cipher: Cipher
) -> None:
    work = SqlUnitOfWorkFactory(engine, cipher, FakeClock())
    for tenant in (A, B):
        async with work(tenant) as unit:
            for event_id in ("Ev1", "Ev2"):  # the same ids in both, as in any test of tenants
                await unit.inbox.accept(ReceivedEvent(event_id, "message", user_id="U1"))
            await unit.inbox.close("Ev1", "RuntimeError")
            await unit.commit()
    failed = SqlFailedEvents(engine)
    assert {(each.tenant_id, each.event_id) for each in await failed.events(10)} == {
        (A, "Ev1"),
        (B, "Ev1"),
    }
    assert len(await failed.events(1)) == 1
    assert await failed.counts() == {"message": 2}

    async with engine.begin() as connection:  # all have been tried
        await connection.execute(sa.delete(tables.due))
    assert await failed.retry(A, "Ev1")
    assert not await failed.retry(A, "Ev1")
    assert not await failed.retry(A, "Ev2")
    assert list(await due_things(engine)) == [(A, JobKind.EVENT, "Ev1")]
    (left,) = await failed.events(10)
    assert (left.tenant_id, left.kind, left.error) == (B, "message", "RuntimeError")
