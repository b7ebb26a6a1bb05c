"""Periodic tasks: old rows are removed, and one task holds up no other."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.worker.upkeep import (
    KEEP_DEAD,
    KEEP_EVENTS,
    KEEP_GATES,
    KEEP_INCIDENTS,
    KEEP_MESSAGES,
    Housekeeping,
    PeriodicTask,
    Upkeep,
)
from flows.errors import StorageUnavailable
from flows.model import Incident
from flows.outbox.messages import sendable
from storage import schema, tables
from storage.cipher import Cipher
from storage.engine import SharedClock
from storage.housekeeping import BATCH, SqlHousekeeping
from storage.rate_gates import SqlRateGates
from storage.unit_of_work import SqlUnitOfWorkFactory
from tests.contract import samples
from tests.contract.samples import A, B
from tests.support.fake_tables import FakeClock
from tests.support.installed import install

LONG_AGO = datetime.now(UTC) - timedelta(days=31)


async def _keys(engine: AsyncEngine, column: sa.Column[str]) -> list[str]:
    async with engine.connect() as connection:
        return sorted((await connection.execute(sa.select(column))).scalars())


async def test_old_messages_go_unless_they_still_have_to_leave(
    engine: AsyncEngine, cipher: Cipher
) -> None:
    for clock, age in ((FakeClock(LONG_AGO), "old"), (FakeClock(datetime.now(UTC)), "fresh")):
        work = SqlUnitOfWorkFactory(engine, cipher, clock)
        for tenant in (A, B):
            async with work(tenant) as unit:
                for number, fate in enumerate(("sent", "dead", "waiting")):
                    await unit.outbox.add(samples.message(f"{age} {fate}", f"user:{number}"))
                for number, fate in enumerate(("sent", "dead")):
                    (stored, *_) = [
                        message
                        for message in sendable(
                            await unit.outbox.waiting(f"user:{number}", 10), clock.now()
                        )
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
    bare_engine: AsyncEngine, cipher: Cipher
) -> None:
    await schema.upgrade(bare_engine)
    await install(bare_engine, A)
    for days in (KEEP_DEAD.days + 1, KEEP_MESSAGES.days + 1):
        clock = FakeClock(datetime.now(UTC) - timedelta(days=days))
        async with SqlUnitOfWorkFactory(bare_engine, cipher, clock)(A) as unit:
            await unit.outbox.add(samples.message(f"{days} days", f"user:{days}"))
            (stored,) = sendable(await unit.outbox.waiting(f"user:{days}", 10), clock.now())
            await unit.outbox.give_up(stored, "refused")
            await unit.commit()
    gates = SqlRateGates(bare_engine, SharedClock())
    await gates.close(A, "closed", 60.0)
    await gates.close(A, "open", -KEEP_GATES.total_seconds() - 60.0)
    await Housekeeping(SqlHousekeeping(bare_engine)).tidy()
    assert await _keys(bare_engine, tables.outbox.c.key) == [f"{KEEP_MESSAGES.days + 1} days"]
    assert await _keys(bare_engine, tables.rate_gates.c.subject) == ["closed"]


async def test_events_of_long_ago_go_in_batches(engine: AsyncEngine, cipher: Cipher) -> None:
    row = {"kind": "message", "params": "{}", "team_id": A}
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
    clock = FakeClock(LONG_AGO)
    async with SqlUnitOfWorkFactory(engine, cipher, clock)(A) as unit:
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


async def test_a_task_that_fails_is_tried_again_until_it_is_done_for_good(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    outcomes: list[object] = [StorageUnavailable("away"), ZeroDivisionError(), False, True]
    slept: list[float] = []

    async def work() -> bool:
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return bool(outcome)

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("bot.worker.upkeep.asyncio.sleep", sleep)
    await PeriodicTask("task", 7.0, work).repeat()
    assert (outcomes, slept) == ([], [7.0] * 3)


async def test_a_task_that_hangs_holds_up_no_other() -> None:
    done = asyncio.Event()

    async def hang() -> bool:
        await asyncio.Event().wait()
        return True

    async def work() -> bool:
        done.set()
        return True

    upkeep = Upkeep([PeriodicTask("hangs", 1.0, hang), PeriodicTask("works", 1.0, work)])
    upkeep.start()
    async with asyncio.timeout(10):
        await done.wait()
    await upkeep.stop()
