"""Fills a database in seconds with made-up customers in all states, with as many rows as in use.

`customer` makes the rows of one, `copies` makes thousands of it, `loading` stores them.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain

from bench.crowd.copies import copies, templates
from bench.crowd.customer import INTERVAL
from bench.crowd.loading import load
from bench.crowd.names import csm, own_word, setup, tenant

__all__ = ["INTERVAL", "csm", "fill", "own_word", "setup", "tenant"]

BATCH = 2_000  # customers whose rows are in memory at once


def fill(address: str, count: int, now: datetime) -> None:
    """Writes so many customers into an empty database that has the newest schema."""
    pool = templates(now, count)
    load(
        address,
        (
            list(chain.from_iterable(copies(pool, number, count) for number in some))
            for some in _batches(count)
        ),
    )


def _batches(count: int) -> Iterator[range]:
    for first in range(0, count, BATCH):
        yield range(first, min(first + BATCH, count))
