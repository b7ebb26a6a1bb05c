"""What was given up, over all tenants, and what waits."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from flows.outbox.jobs import JobKind
from flows.outbox.messages import Attempt, MessageState, sendable
from storage import tables
from storage.cipher import Cipher
from storage.connections import Engine
from storage.given_up import SqlDeadLetters
from storage.unit_of_work import SqlUnitOfWorkFactory
from tests.contract import samples
from tests.contract.due_things import due_things
from tests.contract.samples import NOON, A, B
from tests.support.fake_tables import FakeClock


async def test_dead_letters_are_listed_counted_and_revived(engine: Engine, cipher: Cipher) -> None:
    clock = FakeClock()
    work = SqlUnitOfWorkFactory(engine, cipher, clock)
    attempt = Attempt(NOON, NOON + timedelta(seconds=10))
    for tenant in (A, B):
        async with work(tenant) as unit:
            for key in ("dead", "waiting"):
                await unit.outbox.add(samples.message(key))
            first, _ = sendable(await unit.outbox.waiting("user:UANNA", 10), clock.now())
            claimed = await unit.outbox.claim(first, attempt, clock.now())
            assert claimed
            await unit.outbox.give_up(claimed, "user_disabled")
            await unit.commit()
    dead = SqlDeadLetters(engine)
    newest, oldest = await dead.letters(10)
    assert [newest] == list(await dead.letters(1))
    assert (newest.tenant_id, oldest.tenant_id) == (B, A)
    assert (newest.attempt_at, newest.error) == (NOON, "user_disabled")
    assert await dead.find(oldest.sequence) == oldest
    kind = oldest.kind
    expected = {(kind, MessageState.DEAD): 2, (kind, MessageState.PENDING): 2}
    assert await dead.counts() == expected

    async with engine.begin() as connection:  # all have been tried
        await connection.execute(sa.delete(tables.due))
    assert await dead.revive(oldest.sequence)
    assert list(await due_things(engine)) == [(A, JobKind.DELIVER, "user:UANNA")]
    assert not await dead.revive(oldest.sequence)
    assert await dead.find(oldest.sequence) is None
    assert await dead.counts() == {**expected, (kind, MessageState.DEAD): 1} | {
        (kind, MessageState.PENDING): 3
    }
    async with work(A, write=False) as unit:
        again, _ = sendable(await unit.outbox.waiting("user:UANNA", 10), datetime.now(UTC))
    assert (again.sequence, again.message.key) == (oldest.sequence, oldest.key)
    assert again.attempt == attempt  # what is in doubt stays so
