"""Stored messages and received events: once each, in order, claimed before sending."""

import asyncio
import secrets
from dataclasses import replace
from datetime import date, timedelta

import pytest

from flows.csm.facts import ChannelBinding
from flows.errors import NotFound, NotInstalled
from flows.outbox.bodies import DrawCard, MessageBody, ThreadLine
from flows.outbox.intents import draws_message
from flows.outbox.jobs import JobKind
from flows.outbox.messages import CSM_CONVERSATIONS, Attempt, Message, MessageState, sendable
from flows.outbox.toplyne_bodies import DigestPicture, MorningDigest
from flows.vocabulary import ReceivedEvent, Stamp
from storage.cipher import Cipher, generate_key
from storage.connections import Engine
from storage.engine import SharedClock
from storage.leases import Leases
from storage.listening import listen
from storage.unit_of_work import SqlUnitOfWorkFactory
from tests.contract import samples
from tests.contract.conftest import Storage
from tests.contract.samples import NOON, A, B

SECOND = timedelta(seconds=1)


async def test_a_message_is_kept_once_for_its_key_with_one_job(stored: Storage) -> None:
    async with stored.work(A) as work:
        for key in ("first", "second", "first"):
            await work.outbox.add(samples.message(key))
        await work.commit()
    async with stored.work(A) as work:
        await work.outbox.add(samples.message("second"))
        await work.commit()
        kept = sendable(await work.outbox.waiting("user:UANNA", 10), stored.clock.now())
    assert [one.message for one in kept] == [samples.message("first"), samples.message("second")]
    assert {(one.state, one.attempts, one.error) for one in kept} == {(MessageState.PENDING, 0, "")}
    assert {(one.due_at, one.created_at) for one in kept} == {(stored.clock.now(),) * 2}
    assert list(await stored.jobs()) == [(A, JobKind.DELIVER, "user:UANNA")]


async def test_what_is_drawn_anew_goes_behind_all_that_is_said(stored: Storage) -> None:
    """However much of it there is: only so many are read at once."""
    async with stored.work(A) as work:
        for number in range(3):
            await work.outbox.add(draws_message(samples.message("said"), f"edit {number}"))
        for key in ("first", "second"):
            await work.outbox.add(samples.message(key))
        await work.commit()
        waiting = await work.outbox.waiting("user:UANNA", 3)
    assert [one.message.key for one in waiting] == ["first", "second", "edit 0:said"]


async def test_what_went_nowhere_is_not_among_what_people_were_told(stored: Storage) -> None:
    """So it takes no place from what stands there."""
    told = {"there": ("D1", "1.1"), "nowhere": ("", ""), "on its way": None, "given up": None}
    async with stored.work(A) as work:
        for key, place in told.items():
            await work.outbox.add(samples.message(key))
            *_, row = await work.outbox.waiting("user:UANNA", 10)
            if place:
                await work.outbox.mark_sent(row.sequence, *place)
            if key == "given up":
                await work.outbox.give_up(row, "refused")
        await work.commit()
        found = await work.outbox.told("one", 10)
    assert [each.message.key for each in found] == ["on its way", "there"]


async def test_a_failed_message_holds_back_those_behind_it(stored: Storage) -> None:
    now = stored.clock.now()
    async with stored.work(A) as work:
        for key, conversation in (("1", "user:U1"), ("2", "user:U1"), ("3", "user:U2")):
            await work.outbox.add(samples.message(key, conversation))
        first, second = sendable(await work.outbox.waiting("user:U1", 10), now)
        await work.outbox.put_off(first, "timeout", now + SECOND)
        assert sendable(await work.outbox.waiting("user:U1", 10), now) == []
        (other,) = sendable(await work.outbox.waiting("user:U2", 10), now)
        assert other.message.key == "3"
        again = sendable(await work.outbox.waiting("user:U1", 10), now + SECOND)
        failed = replace(first, error="timeout", due_at=now + SECOND)
        assert list(again) == [failed, second]
        assert list(sendable(await work.outbox.waiting("user:U1", 1), now + SECOND)) == [failed]


async def test_only_the_due_ones_before_the_first_that_is_not(stored: Storage) -> None:
    now = stored.clock.now()
    async with stored.work(A) as work:
        for key in "123":
            await work.outbox.add(samples.message(key))
        first, second, _ = sendable(await work.outbox.waiting("user:UANNA", 10), now)
        await work.outbox.put_off(second, "timeout", now + SECOND)
        assert list(sendable(await work.outbox.waiting("user:UANNA", 10), now)) == [first]


async def test_sent_and_dead_messages_let_the_next_one_through(stored: Storage) -> None:
    now = stored.clock.now()
    async with stored.work(A) as work:
        for key in "123":
            await work.outbox.add(samples.message(key))
        first, second, third = sendable(await work.outbox.waiting("user:UANNA", 10), now)
        await work.outbox.mark_sent(first.sequence, "D1", "1.1")
        await work.outbox.give_up(second, "channel_not_found")
        assert list(sendable(await work.outbox.waiting("user:UANNA", 10), now)) == [third]


async def test_an_attempt_is_claimed_once_and_nobody_else_comes_before_its_end(
    stored: Storage,
) -> None:
    now = stored.clock.now()
    attempt = Attempt(NOON, now + SECOND * 10, "page two")
    async with stored.work(A) as work:
        await work.outbox.add(samples.message("1"))
        (seen,) = sendable(await work.outbox.waiting("user:UANNA", 10), now)
        claimed = await work.outbox.claim(seen, attempt, now + SECOND * 15)
        assert claimed == replace(seen, attempts=1, attempt=attempt, due_at=now + SECOND * 15)
        assert await work.outbox.claim(seen, attempt, now) is None
        assert list(sendable(await work.outbox.waiting("user:UANNA", 10), now + SECOND * 14)) == []
        (kept,) = sendable(await work.outbox.waiting("user:UANNA", 10), now + SECOND * 15)
        assert kept == claimed


async def test_who_lost_the_claim_changes_nothing_but_may_say_that_it_was_sent(
    stored: Storage,
) -> None:
    now = stored.clock.now()
    attempt = Attempt(NOON, now + SECOND)
    async with stored.work(A) as work:
        await work.outbox.add(samples.message("1"))
        (seen,) = sendable(await work.outbox.waiting("user:UANNA", 10), now)
        claimed = await work.outbox.claim(seen, attempt, now)
        assert claimed
        await work.outbox.put_off(seen, "late", now + SECOND * 60)
        await work.outbox.give_up(seen, "late")
        assert list(sendable(await work.outbox.waiting("user:UANNA", 10), now)) == [claimed]
        await work.outbox.mark_sent(seen.sequence, "D1", "1.1")
        assert await work.outbox.claim(claimed, attempt, now) is None
        assert list(sendable(await work.outbox.waiting("user:UANNA", 10), now + SECOND * 99)) == []


async def test_doubt_stays_or_goes_as_it_was_seen(stored: Storage) -> None:
    now = stored.clock.now()
    attempt = Attempt(NOON, now + SECOND)
    async with stored.work(A) as work:
        await work.outbox.add(samples.message("1"))
        (seen,) = sendable(await work.outbox.waiting("user:UANNA", 10), now)
        claimed = await work.outbox.claim(seen, attempt, now)
        assert claimed
        await work.outbox.put_off(claimed, "timeout", now)
        (doubtful,) = sendable(await work.outbox.waiting("user:UANNA", 10), now)
        assert doubtful == replace(claimed, error="timeout")
        await work.outbox.put_off(replace(claimed, attempt=None), "refused", now)
        (settled,) = sendable(await work.outbox.waiting("user:UANNA", 10), now)
        assert settled == replace(claimed, error="refused", attempt=None)


async def test_an_event_is_accepted_once_with_one_job(storage: Storage) -> None:
    event = ReceivedEvent("Ev1", "app_home_opened", A, "UANNA", NOON)
    async with storage.work(A) as work:
        assert await work.inbox.accept(event)
        assert not await work.inbox.accept(event)
        await work.commit()
    async with storage.work(A) as work:
        assert not await work.inbox.accept(replace(event, kind="message"))
        await work.commit()
        assert await work.inbox.get("Ev1") == event
        with pytest.raises(NotFound):
            await work.inbox.get("Ev2")
    assert list(await storage.jobs()) == [(A, JobKind.EVENT, "Ev1")]


async def test_the_short_way_accepts_an_event_as_the_long_one_does(storage: Storage) -> None:
    event = ReceivedEvent("Ev1", "app_home_opened", A, "UANNA", NOON)
    assert await storage.work.accept(A, event)
    assert not await storage.work.accept(A, event)
    assert await storage.work.accept(A, replace(event, event_id="Ev2"))
    async with storage.work(A) as work:
        assert not await work.inbox.accept(event)
        assert await work.inbox.accept(replace(event, event_id="Ev3"))
        await work.commit()
        assert await work.inbox.get("Ev1") == event
    assert {subject for _, _, subject in await storage.jobs()} == {"Ev1", "Ev2", "Ev3"}
    with pytest.raises(NotInstalled):
        await storage.work.accept("TNOBODY", event)


async def test_workers_elsewhere_hear_of_an_event_that_was_accepted(engine: Engine) -> None:
    heard, own = asyncio.Event(), asyncio.Event()
    listening = asyncio.create_task(listen(engine, heard))
    work = SqlUnitOfWorkFactory(engine, Cipher([generate_key()]), SharedClock(), own)
    async with asyncio.timeout(120):
        await heard.wait()  # once, for what was missed before
        heard.clear()
        assert await work.accept(A, ReceivedEvent("Ev1", "message", A, "U1"))
        await heard.wait()
    assert own.is_set()
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)


# --- before CSMs have a channel -------------------------------------------------------------------


def _for_csms(key: str, body: MessageBody) -> Message:
    return Message(body, f"{CSM_CONVERSATIONS}one", key, "one")


@pytest.mark.parametrize("has_channel", [False, True], ids=["nobody bound one", "settings name it"])
async def test_what_is_for_csms_waits_unclaimed_until_there_is_a_channel(
    engine: Engine, *, has_channel: bool
) -> None:
    clock = SharedClock()
    cipher = Cipher([generate_key()])
    work_of = SqlUnitOfWorkFactory(engine, cipher, clock, has_channel=has_channel)
    leases = Leases(engine, clock, [JobKind.DELIVER])

    async def claims() -> int:
        asked = {JobKind.DELIVER: (clock.now() + timedelta(minutes=1), 10)}
        return len(await leases.turn([], asked, secrets.token_hex(4), 0.0))

    async def change(key: str) -> None:
        async with work_of(A) as work:
            await work.outbox.add(_for_csms(f"card:{key}", DrawCard()))
            await work.outbox.add(_for_csms(f"line:{key}", ThreadLine(1)))
            await work.commit()

    async with work_of(A) as work:
        await work.integrations.add(samples.bare_integration())
        await work.commit()
    for key in "123":
        await change(key)
        assert await claims() == has_channel
    if has_channel:
        return
    async with work_of(samples.B) as work:
        await work.csm_channel.bind(ChannelBinding("C1", Stamp("U1", NOON)))
        await work.commit()
    async with work_of(A) as work:
        await work.outbox.hurry(f"{CSM_CONVERSATIONS}one")
        await work.commit()
        kept = await work.outbox.waiting(f"{CSM_CONVERSATIONS}one", 10)
    assert await claims() == 1
    assert len(sendable(kept, clock.now())) == len(kept) == 6
    await change("4")
    assert await claims() == 1


async def test_the_newest_of_a_kind_is_the_last_that_was_sent(stored: Storage) -> None:
    async with stored.work(A) as work:
        for number, kind in enumerate((MorningDigest, MorningDigest, DigestPicture, MorningDigest)):
            body = kind(date(2026, 3, 2 + number))
            await work.outbox.add(Message(body, "csm:digest", str(number)))
        assert await work.outbox.newest("csm:digest", "digest") is None
        for said in (await work.outbox.waiting("csm:digest", 10))[:3]:  # the last one still waits
            await work.outbox.mark_sent(said.sequence, "C1", "1.1")
        found = await work.outbox.newest("csm:digest", "digest")
        assert found
        assert (found.message.key, found.ts) == ("1", "1.1")
        assert await work.outbox.newest("csm:other", "digest") is None
    async with stored.work(B) as work:
        assert await work.outbox.newest("csm:digest", "digest") is None
