"""Gates that all processes share: who passes when, and who must come again."""

import asyncio

import pytest
import sqlalchemy as sa

from flows.ports import RateCost
from storage import tables
from storage.connections import Engine
from storage.engine import SharedClock, close_engine, make_engine
from storage.rate_gates import SqlRateGates
from tests.contract.samples import A, B

HOUR = 3600.0
PATIENT = 1e6
SOON = 120.0  # seconds; the test itself may take this long


@pytest.fixture
def gates(engine: Engine) -> SqlRateGates:
    return SqlRateGates(engine, SharedClock())


async def test_turns_are_an_interval_apart(gates: SqlRateGates) -> None:
    cost = {"post": RateCost(HOUR)}
    waits = [await gates.take(A, cost, PATIENT) for _ in range(3)]
    assert waits == pytest.approx([0.0, HOUR, 2 * HOUR], abs=SOON)


async def test_what_no_limit_is_known_for_goes_at_once(gates: SqlRateGates) -> None:
    assert await gates.take(A, {}, 0.0) == 0.0


async def test_a_burst_comes_ahead_of_its_time(gates: SqlRateGates) -> None:
    cost = {"post": RateCost(HOUR, burst=2 * HOUR)}
    waits = [await gates.take(A, cost, PATIENT) for _ in range(4)]
    assert waits == pytest.approx([0.0, 0.0, 0.0, HOUR], abs=SOON)


async def test_a_turn_beyond_the_patience_is_left_to_others(gates: SqlRateGates) -> None:
    cost = {"post": RateCost(HOUR)}
    assert await gates.take(A, cost, 0.0) == 0.0
    for _ in range(2):
        assert await gates.take(A, cost, 1.0) == pytest.approx(HOUR, abs=SOON)


async def test_the_slowest_gate_counts_and_the_others_are_not_taken_in_vain(
    gates: SqlRateGates,
) -> None:
    await gates.take(A, {"channel": RateCost(HOUR)}, 0.0)
    both = {"channel": RateCost(HOUR), "post": RateCost(HOUR)}
    assert await gates.take(A, both, 1.0) == pytest.approx(HOUR, abs=SOON)
    assert await gates.take(A, {"post": RateCost(HOUR)}, 1.0) == 0.0


async def test_each_tenant_and_each_subject_has_gates_of_its_own(gates: SqlRateGates) -> None:
    cost = RateCost(HOUR)
    for tenant, subject in ((A, "post"), (A, "update"), (B, "post")):
        assert await gates.take(tenant, {subject: cost}, 0.0) == 0.0


async def test_a_closed_gate_stays_closed_for_the_longest_time_asked(gates: SqlRateGates) -> None:
    await gates.close(A, "post", 60.0)
    await gates.close(A, "post", HOUR)
    await gates.close(A, "post", 1.0)
    assert await gates.take(A, {"post": RateCost(0.0)}, 1.0) == pytest.approx(HOUR, abs=SOON)


async def test_processes_that_come_at_once_get_different_turns(database_address: str) -> None:
    engines = [make_engine(database_address) for _ in range(4)]
    cost = {"post at once": RateCost(HOUR), "channel at once": RateCost(HOUR)}

    async def come(engine: Engine) -> float:
        while True:
            wait = await SqlRateGates(engine, SharedClock()).take(A, cost, PATIENT)
            if wait <= PATIENT:
                return wait

    waits = await asyncio.gather(*(come(engine) for engine in engines * 2))
    assert sorted(waits) == pytest.approx([HOUR * turn for turn in range(8)], abs=SOON)
    t = tables.rate_gates
    async with engines[0].begin() as connection:
        assert await connection.scalar(sa.select(sa.func.count()).select_from(t)) >= 2
        await connection.execute(sa.delete(t))
    for engine in engines:
        await close_engine(engine)


async def test_nobody_loses_a_turn_to_others_who_come_at_once(
    gates: SqlRateGates, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Takers wait for each other. If they only tried again, the last of many would give up."""
    cost = {"post": RateCost(HOUR), "channel": RateCost(HOUR)}
    await gates.take(A, cost, PATIENT)
    monkeypatch.setattr("storage.rate_gates.MAX_TRIES", 1)
    waits = await asyncio.gather(*(gates.take(A, cost, PATIENT) for _ in range(10)))
    assert sorted(waits) == pytest.approx([HOUR * turn for turn in range(1, 11)], abs=SOON)


async def test_who_passes_no_gate_waits_for_none(gates: SqlRateGates) -> None:
    """A call that falls under none of Segment's limits."""
    assert await gates.take(A, {}, SOON) == 0.0
