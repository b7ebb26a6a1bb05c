"""The budget of calls to Segment, which all processes share. People come first."""

import asyncio

import httpx
import pytest
from pydantic import SecretStr

from bot.worker.segment_budget import BURST, POLLS_SHARE, SHARE, SegmentBudget
from flows.clients.gate import Limit
from flows.clients.segment import SegmentClient, SegmentUrls
from flows.errors import SegmentUnavailable, StorageUnavailable
from flows.ports import ASKED_FOR
from flows.vocabulary import Region
from storage.connections import Engine
from storage.engine import SharedClock
from storage.rate_gates import SqlRateGates

PUBLIC = (Limit.PUBLIC,)
SMALL = 40  # calls a minute; a quarter of them may come at once


async def admitted(
    budget: SegmentBudget, most: int = 60, limits: tuple[Limit, ...] = PUBLIC
) -> int:
    """How many calls pass without waiting."""
    now = asyncio.get_running_loop().time()
    for count in range(most):
        try:
            await budget.enter("sources", limits, now)
        except SegmentUnavailable:
            return count
    return most


@pytest.fixture
def gates(engine: Engine) -> SqlRateGates:
    return SqlRateGates(engine, SharedClock())


async def test_processes_share_one_budget(gates: SqlRateGates, engine: Engine) -> None:
    alone = await admitted(SegmentBudget(gates, SMALL))
    assert SMALL / 4 <= alone <= SMALL / 4 + 2
    assert await admitted(SegmentBudget(SqlRateGates(engine, SharedClock()), SMALL)) <= 1


async def test_polls_leave_room_for_people(gates: SqlRateGates) -> None:
    polled = await admitted(SegmentBudget(gates, SMALL, polls=True))
    assert SMALL / 4 * POLLS_SHARE - 1 <= polled <= SMALL / 4 * POLLS_SHARE + 1
    assert await admitted(SegmentBudget(gates, SMALL)) >= SMALL / 4 - polled


async def test_who_comes_too_early_is_told_for_how_long(gates: SqlRateGates) -> None:
    budget = SegmentBudget(gates, SMALL)
    await admitted(budget)
    with pytest.raises(SegmentUnavailable) as refused:
        await budget.enter("sources", PUBLIC, asyncio.get_running_loop().time())
    assert refused.value.retry_after is not None
    assert 0 < refused.value.retry_after <= (60 + BURST) / (SMALL - 1)


async def test_volumes_have_a_limit_of_their_own(gates: SqlRateGates) -> None:
    budget = SegmentBudget(gates, 10_000)
    assert 15 <= await admitted(budget, limits=(Limit.PUBLIC, Limit.VOLUMES)) <= 17
    assert await admitted(budget) == 60


class Limiting:
    """A Segment that answers 429, with or without the header."""

    def __init__(self, headers: dict[str, str]) -> None:
        self.headers = headers
        self.asked = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        body = {"errors": [{"type": "x", "message": "x", "data": {"msBeforeNext": 57_000}}]}
        return httpx.Response(429, json=body, headers=self.headers)


@pytest.mark.parametrize(("headers", "asked"), [({}, 1), ({"Retry-After": "57"}, 2)])
async def test_a_limit_of_our_address_holds_everybody_back_one_of_a_token_nobody_else(
    gates: SqlRateGates, headers: dict[str, str], asked: int
) -> None:
    segment = Limiting(headers)
    async with httpx.AsyncClient(transport=httpx.MockTransport(segment)) as http:
        urls = SegmentUrls(*["http://segment.test"] * 4)
        client = SegmentClient(lambda: http, urls, gate=SegmentBudget(gates, 600))
        waits = []
        for _ in range(2):
            with pytest.raises(SegmentUnavailable) as refused:
                await client.access(SecretStr("x"), Region.US).workspace()
            waits.append(refused.value.retry_after)
    assert segment.asked == asked
    assert waits == pytest.approx([57.0, 57.0], abs=5)


class NoGates:
    """A database that is away."""

    def __init__(self) -> None:
        self.asked = 0

    async def take(self, tenant_id: str, costs: object, longest: float) -> float:
        self.asked += 1
        raise StorageUnavailable("away")

    async def close(self, tenant_id: str, subject: str, seconds: float) -> None:
        raise StorageUnavailable("away")


async def test_without_a_database_segment_itself_has_to_limit() -> None:
    gates = NoGates()
    budget = SegmentBudget(gates, 10)
    assert await admitted(budget) == 60
    assert gates.asked == 1  # the database is not asked again for a while
    await budget.close(PUBLIC, 5.0)


async def test_a_tenants_flood_leaves_others_their_turns(gates: SqlRateGates) -> None:
    """Whoever floods waits among their own; another's call comes at once."""
    budget = SegmentBudget(gates, SMALL)

    async def asks(tenant_id: str) -> int:
        ASKED_FOR.set(tenant_id)
        return await admitted(budget)

    flood = await asyncio.create_task(asks("TFLOOD"))
    assert SMALL / 4 * SHARE - 1 <= flood <= SMALL / 4 * SHARE + 2
    loop = asyncio.get_running_loop()
    waiting = [asyncio.create_task(_one(budget, "TFLOOD", loop.time() + 20)) for _ in range(10)]
    await asyncio.sleep(0.1)
    assert await asyncio.create_task(asks("TOTHER")) >= SMALL / 4 * SHARE - 2
    for each in waiting:
        each.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def _one(budget: SegmentBudget, tenant_id: str, until: float) -> None:
    ASKED_FOR.set(tenant_id)
    await budget.enter("sources", PUBLIC, until)
