"""Periodic tasks: old rows are removed, and one task holds up no other."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.clock import SystemClock
from bot.settings.types import parse_kept
from bot.worker.upkeep import (
    KEEP_DEAD,
    KEEP_EVENTS,
    KEEP_FINISHED,
    KEEP_GATES,
    KEEP_INCIDENTS,
    KEEP_LINES,
    KEEP_MESSAGES,
    Housekeeping,
    PeriodicTask,
    Upkeep,
)
from flows.checks.facts import Incident
from flows.errors import StorageUnavailable
from flows.outbox.bodies import CsmMessage
from flows.outbox.messages import sendable
from flows.overview import Standing
from storage import schema, tables
from storage.cipher import Cipher
from storage.connections import Engine
from storage.engine import SharedClock
from storage.housekeeping import BATCH, SqlHousekeeping
from storage.rate_gates import SqlRateGates
from storage.unit_of_work import SqlUnitOfWorkFactory
from tests.contract import samples
from tests.contract.samples import A, B
from tests.support.fake_tables import FakeClock
from tests.support.installed import install

LONG_AGO = datetime.now(UTC) - timedelta(days=31)


async def _keys(engine: Engine, column: sa.Column[str]) -> list[str]:
    async with engine.connect() as connection:
        return sorted((await connection.execute(sa.select(column))).scalars())


async def test_old_messages_go_unless_they_still_have_to_leave(
    engine: Engine, cipher: Cipher
) -> None:
    for clock, age in ((FakeClock(LONG_AGO), "old"), (FakeClock(datetime.now(UTC)), "fresh")):
        work = SqlUnitOfWorkFactory(engine, cipher, clock)
        for tenant in (A, B):
            async with work(tenant) as unit:
                for number, fate in enumerate(("sent", "dead", "waiting")):
                    said = samples.message(f"{age} {fate}", f"user:{number}")
                    await unit.outbox.add(replace(said, body=CsmMessage("Mira", "Hello")))
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
    bare_engine: Engine, cipher: Cipher
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
    await Housekeeping(SqlHousekeeping(bare_engine), SystemClock()).tidy()
    assert await _keys(bare_engine, tables.outbox.c.key) == [f"{KEEP_MESSAGES.days + 1} days"]
    assert await _keys(bare_engine, tables.rate_gates.c.subject) == ["closed"]


async def test_what_is_kept_for_as_long_as_possible_is_kept(engine: Engine) -> None:
    await _add_ended(engine, "finished", **OVER)
    rows = SqlHousekeeping(engine)
    await Housekeeping(rows, SystemClock(), parse_kept("36500d")).tidy()
    assert await _keys(engine, tables.integrations.c.id) == ["finished"]
    await Housekeeping(rows, SystemClock(), parse_kept("100d")).tidy()
    assert await _keys(engine, tables.integrations.c.id) == []


async def test_events_of_long_ago_go_in_batches(engine: Engine, cipher: Cipher) -> None:
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
    engine: Engine, cipher: Cipher
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


async def test_a_long_history_keeps_its_newest_lines_and_the_audit_all(
    engine: Engine, cipher: Cipher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.housekeeping.KEPT_LINES", 5)
    monkeypatch.setattr("storage.housekeeping.BATCH", 4)
    monkeypatch.setattr("bot.worker.upkeep.BATCH", 4)

    def line(tenant_id: str, set_up: str, at: datetime) -> dict[str, Any]:
        own = {"tenant_id": tenant_id, "integration_id": set_up}
        return {**own, "kind": "reopened", "at": at, "by": "U1", "params": "{}"}

    now = datetime.now(UTC)
    ages = [now - KEEP_LINES - timedelta(hours=20 - number) for number in range(12)]
    lines = [line(A, "long", at) for at in ages]
    lines += [line(A, "fresh", now) for _ in range(12)]
    lines += [line(A, "short", ages[0]) for _ in range(5)]
    lines += [line(B, "long", ages[0]) for _ in range(5)]
    lines += [line(A, "waits", at) for at in ages]
    about = {"tenant_id": A, "team_id": A, "integration_id": "long", "secret": "token"}
    tried = {**about, "what": "entered", "by": "U1", "of_toplyne": False, "at": ages[0]}
    async with engine.begin() as connection:
        await connection.execute(sa.insert(tables.history), lines)
        await connection.execute(sa.insert(tables.audit), [tried] * 12)
    async with SqlUnitOfWorkFactory(engine, cipher, FakeClock(now))(A) as unit:
        before = await unit.history.latest("long", 5)
        await unit.outbox.add(samples.message("waits", "csm", integration_id="waits"))
        await unit.commit()
    rows = SqlHousekeeping(engine)
    assert [await rows.remove_history(now - KEEP_LINES) for _ in range(3)] == [4, 3, 0]
    await Housekeeping(rows, SystemClock()).tidy()
    async with SqlUnitOfWorkFactory(engine, cipher, FakeClock(now))(A) as unit:
        assert await unit.history.latest("long", 50) == before
        left = {name: len(await unit.history.latest(name, 50)) for name in ("fresh", "waits")}
        assert left == {"fresh": 12, "waits": 12}
        assert len(await unit.history.latest("short", 50)) == 5
    assert await _keys(engine, tables.history.c.tenant_id) == [A] * 34 + [B] * 5
    assert len(await _keys(engine, tables.audit.c.integration_id)) == 12


OVER = {"standing": Standing.FINISHED, "next_poll_at": None, "need_at": None}
AGES_AGO = datetime.now(UTC) - KEEP_FINISHED - timedelta(hours=1)
# What each set-up is, and whether it is erased.
SET_UPS: dict[str, tuple[dict[str, Any], bool]] = {
    "finished": (OVER, True),
    "disconnected": ({**OVER, "standing": Standing.LEFT}, True),
    "recently": ({**OVER, "last_active_at": datetime.now(UTC)}, False),
    "in progress": ({**OVER, "standing": Standing.IN_PROGRESS}, False),
    "not started": ({**OVER, "standing": Standing.NOT_STARTED}, False),
    "watched": ({**OVER, "next_poll_at": AGES_AGO}, False),
    "a CSM's": ({**OVER, "need_at": AGES_AGO}, False),
    "vault": (OVER, False),
    "write_keys": (OVER, False),
    "pending_checks": (OVER, False),
    "deliveries": (OVER, False),
    "outbox": (OVER, False),
}
# These keep a set-up: it has its secret, or something has yet to reach somebody.
KEEPING = ("vault", "write_keys", "pending_checks", "deliveries", "outbox")


def _row(table: sa.Table, set_up: str, **more: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {"tenant_id": A, "integration_id": set_up, "state": "pending"}
    usual |= {"id": set_up, "key": set_up, "subject": set_up, "team_id": A}
    needed = [c for c in table.c if not c.nullable and c.name != "sequence"]
    made = {
        c.name: AGES_AGO if isinstance(c.type, tables.Instant) else c.type.python_type()
        for c in needed
    }
    known = {name: value for name, value in usual.items() if name in made}
    return made | known | {name: value for name, value in more.items() if name in table.c}


def _of_set_ups() -> list[sa.Table]:
    """In the order in which rows can be added."""
    return [table for table in tables.metadata.sorted_tables if "integration_id" in table.c]


async def _add_ended(engine: Engine, set_up: str, **changes: Any) -> None:
    """With a row in each table that knows set-ups, but for those that keep one."""
    async with engine.begin() as connection:
        for table in (tables.integrations, tables.due, *_of_set_ups()):
            if table.name not in KEEPING or table.name == set_up:
                row = _row(table, set_up, **changes)
                await connection.execute(sa.insert(table).values(row))


async def test_set_ups_that_ended_long_ago_go_with_all_that_is_theirs(
    engine: Engine,
) -> None:
    for name, (changes, _) in SET_UPS.items():
        await _add_ended(engine, name, **changes)
    rows = SqlHousekeeping(engine)
    before = datetime.now(UTC) - KEEP_FINISHED
    assert [await rows.remove_ended(before) for _ in range(2)] == [2, 0]
    stay = sorted(name for name, (_, goes) in SET_UPS.items() if not goes)
    assert await _keys(engine, tables.integrations.c.id) == stay
    assert await _keys(engine, tables.due.c.subject) == stay
    for table in _of_set_ups():
        kept = [table.name] if table.name in KEEPING else stay
        assert await _keys(engine, table.c.integration_id) == kept, table.name


async def test_set_ups_that_ended_are_erased_in_batches_as_the_setting_says(
    engine: Engine,
) -> None:
    names = [f"int{number:04}" for number in range(BATCH + 1)]
    async with engine.begin() as connection:
        for table in (tables.integrations, tables.overview):
            await connection.execute(
                sa.insert(table), [_row(table, each, **OVER) for each in names]
            )
    rows, before = SqlHousekeeping(engine), datetime.now(UTC) - KEEP_FINISHED
    assert await rows.remove_ended(before) == BATCH
    await Housekeeping(rows, SystemClock(), KEEP_FINISHED + timedelta(days=1)).tidy()
    assert len(await _keys(engine, tables.integrations.c.id)) == 1
    await Housekeeping(rows, SystemClock(), KEEP_FINISHED).tidy()
    assert await _keys(engine, tables.integrations.c.id) == []


async def test_who_begins_again_at_that_moment_keeps_the_set_up(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("one writer at a time: there is no such moment")
    await _add_ended(engine, "finished", **OVER)
    rows, before = SqlHousekeeping(engine), datetime.now(UTC) - KEEP_FINISHED
    async with engine.begin() as connection:
        await connection.execute(sa.update(tables.integrations).values(revision=2))
        await connection.execute(sa.update(tables.overview).values(standing=Standing.IN_PROGRESS))
        assert await rows.remove_ended(before) == 0
    assert await rows.remove_ended(before) == 0
    assert await _keys(engine, tables.integrations.c.id) == ["finished"]


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
    async with asyncio.timeout(120):
        await done.wait()
    await upkeep.stop()
