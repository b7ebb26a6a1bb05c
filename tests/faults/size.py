"""How long runs are: short with a fixed seed in `make test`, all of it in `make faults`."""

import os
import random

import pytest

LONG = "FAULTS_SEED" in os.environ  # set by `make faults`
SEED = int(os.environ.get("FAULTS_SEED", "20"))


def chance(number: int) -> random.Random:
    """The chance of one test; `number` keeps the tests of a run apart."""
    return random.Random(SEED + number)  # noqa: S311 - repeatable, not secret


def sized(long: int, short: int) -> int:
    return long if LONG else short


def told_on(database: str) -> pytest.MarkDecorator:
    """On both databases in `make faults`, on this one in `make test`: processes are expensive.

    Every kind of fault is met on each of them in `make test`, too, though not in every story.
    """
    told = ("sqlite", "postgres") if LONG else (database,)
    return pytest.mark.parametrize("database_url", told, indirect=True)
