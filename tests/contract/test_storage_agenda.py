"""What is due, over all tenants."""

from datetime import timedelta

from pydantic import SecretStr

from flows.outbox.jobs import Due
from tests.contract import samples
from tests.contract.conftest import FARTHEST_POLL, Storage
from tests.contract.samples import NOON, A, B

MINUTE = timedelta(minutes=1)


async def _fill(storage: Storage, tenant_id: str, at: int) -> None:
    """An integration whose poll is due and whose check expires `at` minutes after noon."""
    async with storage.work(tenant_id) as work:
        await work.integrations.add(samples.bare_integration("one", tenant_id))
        await work.integrations.add(samples.bare_integration("idle", tenant_id))
        await work.overviews.put(samples.overview("one", NOON + MINUTE * at))
        await work.overviews.put(samples.overview("idle", None))
        await work.checks.add(samples.check("check", NOON + MINUTE * at), None)
        await work.commit()


async def test_polls_and_checks_that_are_due_earliest_first(storage: Storage) -> None:
    await _fill(storage, A, at=2)
    await _fill(storage, B, at=1)
    early, late = NOON + MINUTE, NOON + MINUTE * 2
    for read, subject in ((storage.agenda.polls, "one"), (storage.agenda.checks, "check")):
        assert list(await read(NOON, 10)) == []
        assert list(await read(early, 10)) == [Due(B, subject, early)]
        assert list(await read(late, 10)) == [Due(B, subject, early), Due(A, subject, late)]
        assert list(await read(late, 1)) == [Due(B, subject, early)]


async def test_a_poll_that_a_clock_planned_which_was_put_back_since_is_due(
    storage: Storage,
) -> None:
    await _fill(storage, A, at=0)
    await _fill(storage, B, at=1)
    put_back = NOON - FARTHEST_POLL
    assert list(await storage.agenda.polls(put_back, 10)) == [Due(B, "one", NOON + MINUTE)]
    assert list(await storage.agenda.polls(put_back + MINUTE, 10)) == []


async def test_reminders_are_due_where_the_app_is_installed(storage: Storage) -> None:
    for tenant_id in (A, B):
        await _fill(storage, tenant_id, at=1)
    async with storage.work(A) as work:
        await work.installations.put(samples.installation(), SecretStr("x"))
        await work.commit()
    due = [Due(A, "one", NOON + MINUTE)]
    assert list(await storage.agenda.reminders(NOON, 10)) == []
    assert list(await storage.agenda.reminders(NOON + MINUTE, 10)) == due
    async with storage.work(A) as work:
        await work.installations.revoke(NOON)
        await work.commit()
    assert list(await storage.agenda.reminders(NOON + MINUTE, 10)) == []


async def test_a_conversation_is_due_once_with_its_oldest_pending_message(
    storage: Storage,
) -> None:
    start = storage.clock.now()
    async with storage.work(A) as work:
        for key in "123":
            await work.outbox.add(samples.message(key))
        await work.commit()
    storage.clock.advance(MINUTE)
    async with storage.work(B) as work:
        await work.outbox.add(samples.message("1"))
        await work.commit()
    later = storage.clock.now()
    assert list(await storage.agenda.conversations(start - MINUTE, 10)) == []
    assert list(await storage.agenda.conversations(later, 10)) == [
        Due(A, "user:UANNA", start),
        Due(B, "user:UANNA", later),
    ]
    assert list(await storage.agenda.conversations(later, 1)) == [Due(A, "user:UANNA", start)]


async def test_a_conversation_waits_for_its_oldest_message(storage: Storage) -> None:
    now = storage.clock.now()
    async with storage.work(A) as work:
        for key in "12":
            await work.outbox.add(samples.message(key))
        first, second = await work.outbox.due("user:UANNA", now, 10)
        await work.outbox.put_off(first, "timeout", now + MINUTE)
        await work.commit()
    assert list(await storage.agenda.conversations(now, 10)) == []
    retried = await storage.agenda.conversations(now + MINUTE, 10)
    assert list(retried) == [Due(A, "user:UANNA", now + MINUTE)]
    async with storage.work(A) as work:
        await work.outbox.give_up(first, "gone")
        await work.outbox.mark_sent(second.sequence, "D1", "1.1")
        await work.commit()
    assert list(await storage.agenda.conversations(now + MINUTE, 10)) == []


async def test_conversations_of_the_csm_channel_can_be_left_out(storage: Storage) -> None:
    now = storage.clock.now()
    async with storage.work(A) as work:
        await work.outbox.add(samples.message("1", "csm:one"))
        await work.outbox.add(samples.message("2", "user:UANNA"))
        await work.commit()
    both = [due.subject for due in await storage.agenda.conversations(now, 10)]
    assert both == ["csm:one", "user:UANNA"]
    others = await storage.agenda.conversations(now, 1, csm=False)
    assert list(others) == [Due(A, "user:UANNA", now)]
