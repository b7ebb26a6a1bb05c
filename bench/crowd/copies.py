"""Thousands of customers from the samples: each a copy with ids, names and an owner of its own."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bench.crowd.customer import OWNER, PERSON, SETUP, TENANT, WORD, Template, template
from bench.crowd.names import csm, own_word, setup, tenant
from bot.demo.customers import SAMPLES, sample_situation
from flows.outbox.messages import MessageState
from flows.toplyne.model import DeliveryState
from flows.words import words_of
from storage import tables

SHIFTS = 50  # how many times each sample is taken, each time begun at another moment
APART = timedelta(minutes=173)  # between these moments


def templates(now: datetime, most: int) -> Sequence[Template]:
    """Every sample customer at some moments of the last days; no more than are needed."""
    return [
        template(number, sample_situation(
            number, TENANT, PERSON, (OWNER,), now - shift * APART
        ))
        for shift in range(min(SHIFTS, 1 + most // SAMPLES))
        for number in range(SAMPLES)
    ]  # fmt: skip


def copies(
    pool: Sequence[Template], number: int, count: int
) -> Iterator[tuple[sa.Table, dict[str, Any]]]:
    own = {TENANT: tenant(number), PERSON: f"U{number:08}", SETUP: setup(number)}
    word = own_word(number)
    own |= {OWNER: csm(number, count), "(sample)": word, WORD: next(iter(words_of(word)))}
    for row in pool[number % len(pool)]:
        if _is_wanted(row.table, row.values, number):
            values = dict(row.values)
            for name, placeholders in row.holes:
                for each in placeholders:
                    values[name] = values[name].replace(each, own[each])
            yield row.table, values


def _is_wanted(table: sa.Table, row: dict[str, Any], number: int) -> bool:
    """What waits, failed or was given up is rare."""
    if table is tables.outbox:
        return row["state"] == MessageState.SENT or number % 200 == 0
    if table is tables.deliveries:
        return number % (10 if row["state"] == DeliveryState.DELIVERED else 1_000) == 0
    if table is tables.inbox:
        return row["error"] is None or number % 1_000 == 0
    return True
