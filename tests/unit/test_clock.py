"""Clocks and ids."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from bot import clock as clock_module
from bot.clock import OffsetClock, SystemClock, new_id
from flows.ports import Clock
from tests.support.fake_tables import FakeClock

DAY = timedelta(days=1)
Answer = Callable[[httpx.Request], httpx.Response | Awaitable[httpx.Response]]


def offset_of(clock: Clock) -> timedelta:
    return clock.now() - datetime.now(UTC)


def about(offset: timedelta) -> object:
    """Equals an offset that was read moments apart."""
    return pytest.approx(offset, abs=timedelta(minutes=5))


def clock_with(answer: Answer) -> OffsetClock:
    http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return OffsetClock("http://127.0.0.1/clock", http, SystemClock())


def test_the_system_clock_is_utc() -> None:
    clock: Clock = SystemClock()
    assert clock.now().tzinfo is UTC
    assert offset_of(clock) == about(timedelta())


async def test_the_offset_is_added() -> None:
    clock = clock_with(lambda _: httpx.Response(200, json={"offset_seconds": 86400}))
    assert offset_of(clock) == about(timedelta())
    await clock.ask()
    assert offset_of(clock) == about(DAY)


async def test_the_offset_is_added_to_the_time_that_all_machines_share() -> None:
    handed = httpx.MockTransport(lambda _: httpx.Response(200, json={"offset_seconds": 86400}))
    shared = FakeClock()
    clock = OffsetClock("http://127.0.0.1/clock", httpx.AsyncClient(transport=handed), shared)
    await clock.ask()
    assert clock.now() == shared.now() + DAY


UNUSABLE = [
    {"offset_seconds": -5},
    {"offset_seconds": "86400"},
    {"offset_seconds": True},
    {"offset_seconds": 1e12},
    {"offset_seconds": None},
    {},
    [],
]


@pytest.mark.parametrize("body", UNUSABLE)
async def test_an_unusable_answer_changes_nothing(body: object) -> None:
    bodies: list[object] = [{"offset_seconds": 86400}, body]
    clock = clock_with(lambda _: httpx.Response(200, json=bodies.pop(0)))
    await clock.ask()
    await clock.ask()
    assert not bodies
    assert offset_of(clock) == about(DAY)


async def test_the_last_offset_stays_while_nobody_answers_and_follows_afterwards() -> None:
    answers: list[httpx.Response | None] = [
        httpx.Response(200, json={"offset_seconds": 86400}),
        None,
        httpx.Response(500),
        httpx.Response(200, text="<html>"),
    ]

    def answer(request: httpx.Request) -> httpx.Response:
        given = answers.pop(0)
        if given is None:
            raise httpx.ConnectError("refused", request=request)
        return given

    clock = clock_with(answer)
    while answers:
        await clock.ask()
        assert offset_of(clock) == about(DAY)
    answers.append(httpx.Response(200, json={"offset_seconds": 0}))
    await clock.ask()
    assert offset_of(clock) == about(timedelta())


async def test_it_keeps_asking_until_it_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_module, "_ASK_EVERY", 0)
    asked: list[int] = []
    often = asyncio.Event()

    def answer(_: httpx.Request) -> httpx.Response:
        asked.append(1)
        if len(asked) == 3:
            often.set()
        return httpx.Response(200, json={"offset_seconds": 60 * len(asked)})

    clock = clock_with(answer)
    await clock.start()
    assert len(asked) == 1
    await often.wait()
    await clock.stop()
    seen = len(asked)
    await asyncio.sleep(0.01)
    assert len(asked) == seen
    await clock.stop()


def test_ids_are_safe_in_urls_and_sort_by_time(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = []
    for milliseconds in (1, 1_700_000_000_000, 1_700_000_000_001, 2**47):
        monkeypatch.setattr(clock_module.time, "time_ns", lambda ms=milliseconds: ms * 1_000_000)
        ids.append(new_id("int"))
    assert ids == sorted(ids)
    assert all(re.fullmatch(r"int_[0-9a-z]{26}", each) for each in ids)


def test_ids_of_one_moment_differ() -> None:
    assert len({new_id("x") for _ in range(1000)}) == 1000


async def test_an_earlier_answer_that_comes_late_does_not_put_the_clock_back() -> None:
    late = asyncio.Event()
    offsets = [0, 86400]

    async def answer(_: httpx.Request) -> httpx.Response:
        read = offsets.pop(0)
        if not read:
            await late.wait()
        return httpx.Response(200, json={"offset_seconds": read})

    clock = clock_with(answer)
    asking = [asyncio.create_task(clock.ask()) for _ in range(2)]
    await asyncio.sleep(0.01)
    late.set()
    await asyncio.gather(*asking)
    assert offset_of(clock) == about(DAY)
