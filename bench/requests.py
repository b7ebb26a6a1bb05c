"""CPU for one request, row by row, in interleaved rounds."""

import asyncio
import gc
import itertools
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field

from bench.contenders import Contender, bare_of
from bench.load import ask
from bench.rows import Row
from bench.slack import Slack

WARM_UP = 100
CALLED_WITHIN = 15.0  # seconds; a bound for a busy machine
BEHIND = 1.5  # seconds after the answers until what waits behind them has begun


@dataclass
class Figures:
    """CPU milliseconds a request, one a round, by contender; `failed` says why there is none."""

    row: str
    rounds: dict[str, list[float]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


async def measure(
    contenders: Sequence[Contender], rows: Sequence[Row], slack: Slack, rounds: int, count: int
) -> AsyncIterator[Figures]:
    numbers = itertools.count(int(time.time() * 1000))  # ids of events that never came before
    for row in rows:
        figures = Figures(row.name)
        asked = [each for each in contenders if not each.name.startswith(row.not_by)]
        able = [each for each in asked if await _warm(each, row, slack, numbers, figures)]
        for _ in range(rounds):
            for each in able:
                cpu = await _round(each, row, slack, count, numbers)
                figures.rounds.setdefault(each.name, []).append(cpu)
        yield figures


async def _warm(
    contender: Contender, row: Row, slack: Slack, numbers: Iterator[int], figures: Figures
) -> bool:
    """Whether it does this work at all."""
    try:
        await _round(contender, row, slack, WARM_UP, numbers)
    except* RuntimeError as errors:
        figures.failed[contender.name] = str(errors.exceptions[0])[:300]
    return contender.name not in figures.failed


async def _round(
    contender: Contender, row: Row, slack: Slack, count: int, numbers: Iterator[int]
) -> float:
    gc.collect()
    process = contender.process
    await process.until_idle()
    slack.take_counts()
    before = process.cpu
    await ask(contender.port, row, count, numbers)
    await _until_called(row, slack, count)
    await asyncio.sleep(BEHIND)
    await process.until_idle()
    return (process.cpu - before) / count * 1000


async def _until_called(row: Row, slack: Slack, count: int) -> None:
    """Behind an answer a call to Slack may still be on its way. Raises `RuntimeError`."""
    counts: Counter[str] = Counter()
    deadline = time.monotonic() + CALLED_WITHIN
    while row.call and counts[row.call] < count and time.monotonic() < deadline:
        await asyncio.sleep(0.02)
        counts += slack.take_counts()
    if row.call and (counts[row.call] != count or counts["bytes"] < count * row.least):
        raise RuntimeError(f"{row.name}: Slack was asked {dict(counts)} for {count} requests")


def ratio(figures: Figures, name: str) -> list[float]:
    """Times bare ASGI, round by round, so that what disturbs both does not count."""
    bare = figures.rounds.get(bare_of(name), ())
    return sorted(ours / theirs for ours, theirs in zip(figures.rounds[name], bare, strict=False))
