"""Asks Segment several things at once, but not too many: its limits are per address."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

CALLS_AT_ONCE = 5  # calls per check

S = TypeVar("S")
T = TypeVar("T")


async def ask_each(subjects: Iterable[S], ask: Callable[[S], Awaitable[T]]) -> list[T]:
    """The answers in the subjects' order. The first error cancels the rest and is raised."""
    gate = asyncio.Semaphore(CALLS_AT_ONCE)

    async def in_turn(subject: S) -> T:
        async with gate:
            return await ask(subject)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(in_turn(subject)) for subject in subjects]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]
