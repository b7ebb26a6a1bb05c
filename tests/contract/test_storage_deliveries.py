"""Deliveries: stored once, tried by one worker at a time, withdrawn with their secret."""

from dataclasses import replace
from datetime import timedelta

import pytest

from flows.outbox.jobs import JobKind
from flows.toplyne.model import SECRETS, Delivery, DeliveryKind, DeliveryState, StoredDelivery
from tests.contract.conftest import Storage
from tests.contract.samples import NOON, A, B

MINUTE = timedelta(minutes=1)


def delivery(number: int = 1, kind: DeliveryKind = DeliveryKind.REPLAY) -> Delivery:
    data = "" if kind in SECRETS else '{"name": "✓"}'
    at = NOON + MINUTE * number
    return Delivery(f"msg_{kind}_{number}", kind, "one", str(number), at, data)


async def add(storage: Storage, *deliveries: Delivery) -> None:
    async with storage.work(A) as work:
        for each in deliveries:
            await work.deliveries.add(each)
        await work.commit()


async def find(storage: Storage, wanted: Delivery) -> StoredDelivery:
    async with storage.work(A, write=False) as work:
        stored = await work.deliveries.get(wanted.id)
    assert stored
    return stored


async def test_it_comes_back_as_it_was_with_its_job(stored: Storage) -> None:
    await add(stored, delivery())
    now = stored.clock.now()
    found = await find(stored, delivery())
    assert found == StoredDelivery(A, delivery(), DeliveryState.PENDING, 0, now, now)
    assert list(await stored.jobs()) == [(A, JobKind.SEND_TO_TOPLYNE, "msg_replay_1")]
    async with stored.work(A, write=False) as work:
        assert await work.deliveries.get("msg_unknown") is None


async def test_a_newer_one_takes_the_place_of_one_that_waits(stored: Storage) -> None:
    key = delivery(1, DeliveryKind.WRITE_KEY)
    await add(stored, delivery(1), key, delivery(2))
    assert (await find(stored, delivery(1))).state is DeliveryState.SUPERSEDED
    assert (await find(stored, delivery(2))).state is DeliveryState.PENDING
    assert (await find(stored, key)).state is DeliveryState.PENDING
    again = replace(delivery(1), id="msg_again")
    await add(stored, again)
    assert (await find(stored, again)).state is DeliveryState.PENDING
    assert (await find(stored, delivery(2))).state is DeliveryState.PENDING


async def test_one_try_at_a_time_and_nothing_after_the_end(stored: Storage) -> None:
    await add(stored, delivery())
    seen, until = await find(stored, delivery()), NOON + MINUTE
    async with stored.work(A) as work:
        claimed = await work.deliveries.claim(seen, until)
        assert claimed == replace(seen, attempts=1, due_at=until)
        assert await work.deliveries.claim(seen, until) is None
        later = replace(claimed, error="500", due_at=until + MINUTE, attempts=7)
        assert not await work.deliveries.put_off(seen, later)
        assert await work.deliveries.put_off(claimed, later)
        await work.commit()
    put_off = await find(stored, delivery())
    assert put_off == later
    async with stored.work(A) as work:
        assert await work.deliveries.mark_delivered(put_off, NOON)
        assert not await work.deliveries.mark_delivered(put_off, NOON)
        assert not await work.deliveries.end(put_off, DeliveryState.DEAD, "410")
        await work.commit()
    done = await find(stored, delivery())
    assert (done.state, done.delivered_at, done.error) == (DeliveryState.DELIVERED, NOON, "")


@pytest.mark.parametrize("tried", [False, True])
async def test_what_may_have_been_given_is_told_once(stored: Storage, tried: bool) -> None:
    secret, request = delivery(1, DeliveryKind.CREDENTIALS), delivery(1)
    await add(stored, secret, request)
    if tried:
        async with stored.work(A) as work:
            claimed = await work.deliveries.claim(await find(stored, secret), NOON)
            assert claimed
            await work.deliveries.mark_delivered(claimed, NOON)
            await work.commit()
    async with stored.work(A) as work:
        given = await work.deliveries.withdraw("one", SECRETS)
        assert given == ({DeliveryKind.CREDENTIALS} if tried else frozenset())
        assert await work.deliveries.withdraw("one", SECRETS) == frozenset()
        await work.commit()
    assert (await find(stored, secret)).state is DeliveryState.WITHDRAWN
    assert (await find(stored, request)).state is DeliveryState.PENDING


async def test_a_withdrawal_waits_for_a_try_that_is_on_its_way(stored: Storage) -> None:
    withdrawal = delivery(1, DeliveryKind.WITHDRAWN)
    await add(stored, withdrawal)
    waits = (await find(stored, withdrawal)).due_at - stored.clock.now()
    assert waits >= timedelta(seconds=15)


async def test_nobody_elses_in_a_tenant(stored: Storage) -> None:
    await add(stored, delivery(1))
    async with stored.work(B) as work:
        assert await work.deliveries.get(delivery(1).id) is None
        assert await work.deliveries.withdraw("one", list(DeliveryKind)) == frozenset()
        assert list(await work.deliveries.latest("one", 10)) == []


async def test_the_newest_first(stored: Storage) -> None:
    await add(stored, delivery(1))
    stored.clock.advance(MINUTE)
    await add(stored, delivery(2))
    async with stored.work(A, write=False) as work:
        assert [s.delivery for s in await work.deliveries.latest("one", 5)] == [
            delivery(2),
            delivery(1),
        ]
        assert len(await work.deliveries.latest("one", 1)) == 1
