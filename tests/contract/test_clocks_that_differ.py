"""Machines whose clocks differ lose nothing and send nothing twice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.app import Bot
from bot.periodic import tasks_of_workers
from bot.settings import Settings
from flows.outbox.jobs import JobKind
from flows.outbox.messages import Attempt, sendable
from flows.ports import RateCost, RateGates, UnitOfWorkFactory
from storage import tables
from storage.cipher import Cipher, generate_key
from storage.connections import Engine
from storage.engine import SQLITE_NOW, SharedClock, epoch, read_rows
from storage.given_up import SqlDeadLetters
from storage.leases import LeasedWork, Leases
from storage.rate_gates import SqlRateGates
from storage.unit_of_work import SqlUnitOfWorkFactory
from tests.contract import samples
from tests.contract.samples import A
from tests.support.fake_tables import FakeClock
from tests.support.installed import install
from tests.support.template import sqlite_url

HALF_A_MINUTE = timedelta(seconds=30)
CONVERSATION = "user:UANNA"


@dataclass(frozen=True)
class Machine:
    clock: SharedClock
    uow: UnitOfWorkFactory
    gates: RateGates
    leases: Leases

    async def claim(self) -> list[LeasedWork]:
        due = await self.leases.look()
        now = self.clock.now()
        wanted = {kind: (now, 10) for kind, at in due.items() if at <= now}
        return list(await self.leases.turn([], wanted, f"{id(self)}", -1.0))  # and it dies

    async def begins(self) -> bool:
        """Whether it would send the waiting message."""
        async with self.uow(A) as work:
            due = sendable(await work.outbox.waiting(CONVERSATION, 1), self.clock.now())
            if due:
                attempt = Attempt(self.clock.now(), self.clock.now() + timedelta(seconds=10))
                await work.outbox.claim(due[0], attempt, attempt.until)
                await work.commit()
        return bool(due)


async def machine(engine: Engine, cipher: Cipher, ahead: timedelta) -> Machine:
    clock = SharedClock(lambda: datetime.now(UTC) + ahead)
    await clock.ask(engine)
    uow = SqlUnitOfWorkFactory(engine, cipher, clock)
    return Machine(clock, uow, SqlRateGates(engine, clock), Leases(engine, clock, JobKind))


@pytest.fixture(params=[HALF_A_MINUTE, -HALF_A_MINUTE], ids=["ahead", "behind"])
async def machines(
    request: pytest.FixtureRequest, engine: Engine, cipher: Cipher
) -> tuple[Machine, Machine]:
    right = await machine(engine, cipher, timedelta())
    return await machine(engine, cipher, request.param), right


async def test_what_one_stores_the_other_does_at_once(machines: tuple[Machine, Machine]) -> None:
    for one, other in (machines, machines[::-1]):
        async with one.uow(A) as work:
            await work.outbox.add(samples.message(f"{id(one)}"))
            await work.commit()
        assert [claimed.subject for claimed in await claimed_by(other)] == [CONVERSATION]


async def claimed_by(machine: Machine) -> list[LeasedWork]:
    """What it claims. Clocks agree but for the time that asking the database took, which is far
    less than what they differ by.
    """
    for _ in range(100):
        if found := await machine.claim():
            return found
        await asyncio.sleep(0.02)
    return []


async def test_while_one_may_be_sending_the_other_does_not_begin(
    machines: tuple[Machine, Machine],
) -> None:
    one, other = machines
    async with one.uow(A) as work:
        await work.outbox.add(samples.message("1"))
        await work.commit()
    assert await one.begins()
    assert not await other.begins()
    assert not await one.begins()


async def test_their_turns_at_a_gate_follow_each_other(machines: tuple[Machine, Machine]) -> None:
    one, other = machines
    tolls = {"gate": RateCost(1.0)}
    waits = [await each.gates.take(A, tolls, 60.0) for each in (one, other, one, other)]
    assert waits == pytest.approx([0.0, 1.0, 2.0, 3.0], abs=0.9)


async def test_what_an_operator_revives_elsewhere_is_due_at_once(
    machines: tuple[Machine, Machine], engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    operators, right = machines
    async with right.uow(A) as work:
        await work.outbox.add(samples.message("1"))
        (waiting,) = await work.outbox.waiting(CONVERSATION, 1)
        await work.outbox.give_up(waiting, "user_disabled")
        await work.commit()
    assert [claimed.subject for claimed in await right.claim()] == [CONVERSATION]
    local = operators.clock._local
    monkeypatch.setattr("storage.given_up.SharedClock", lambda: SharedClock(local))
    assert await SqlDeadLetters(engine).revive(waiting.sequence)
    assert [claimed.subject for claimed in await right.claim()] == [CONVERSATION]
    async with right.uow(A, write=False) as work:
        assert sendable(await work.outbox.waiting(CONVERSATION, 1), right.clock.now())


@pytest.fixture
async def years_ahead(
    tmp_path: Path, cipher: Cipher, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Bot]:
    """A worker on a machine whose clock is far ahead of the database's."""
    behind = SQLITE_NOW.replace("2440587.5", "2440587.5 - 1000")
    monkeypatch.setattr("storage.engine.SQLITE_NOW", behind)
    settings = Settings(
        _env_file=None,
        slack_signing_secret="x" * 32,
        slack_client_id="1.2",
        slack_client_secret="x",
        public_url="https://bot.test",
        database_url=sqlite_url(tmp_path),
        encryption_keys=generate_key().get_secret_value(),
    )
    async with AsyncExitStack() as closing:
        bot = Bot(settings, closing)
        await bot.open()
        await install(bot.engine, A)
        yield bot


async def test_a_worker_far_ahead_removes_nothing_and_plans_by_the_databases_time(
    years_ahead: Bot,
) -> None:
    bot = years_ahead
    async with bot.uow(A) as work:
        await work.requests.first("digest")
        await work.integrations.add(samples.bare_integration("one"))
        await work.outbox.add(samples.message("1"))
        (waiting,) = await work.outbox.waiting(CONVERSATION, 1)
        await work.outbox.mark_sent(waiting.sequence, "C1", "1.1")
        await work.commit()
    await bot.gates.close(A, "gate", 60.0)
    (tidy,) = (task for task in tasks_of_workers(bot) if task.name == "tidy")
    await tidy.work()
    for table in (tables.seen_requests, tables.outbox, tables.rate_gates, tables.integrations):
        assert len(await read_rows(bot.engine, sa.select(table))) == 1, table
    ((said,),) = await read_rows(bot.engine, sa.text(f"SELECT {epoch(bot.engine)}"))
    assert bot.clock.now().timestamp() == pytest.approx(said, abs=60)
    ((changed,),) = await read_rows(bot.engine, sa.select(tables.integrations.c.updated_at))
    assert changed.timestamp() == pytest.approx(said, abs=60)


def test_a_slow_answer_puts_no_time_back_but_another_clock_does() -> None:
    local = FakeClock()
    clock, noon = SharedClock(local.now), local.now()
    clock.heard((noon + timedelta(seconds=30)).timestamp())
    clock.heard((noon + timedelta(seconds=29.5)).timestamp())
    assert clock.now() == noon + timedelta(seconds=30)
    clock.heard((noon + timedelta(seconds=30.5)).timestamp())
    assert clock.now() == noon + timedelta(seconds=30.5)
    clock.heard(noon.timestamp(), took=31)
    assert clock.now() == noon + timedelta(seconds=30.5)
    clock.heard(noon.timestamp(), took=8)
    assert clock.now() == noon
