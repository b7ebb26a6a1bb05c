"""A worker whose loop never wakes by itself."""

import pytest

from bot.worker import loop
from tests.unit.worker.queue_in_memory import Bench


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    """The loop never wakes by itself, and does not wait long for work that hangs."""
    monkeypatch.setattr(loop, "LOOK_EVERY", 3600.0)
    monkeypatch.setattr(loop, "GRACE", 0.05)
    return Bench()
