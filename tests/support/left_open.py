"""Names the test that leaves an SQLite database open."""

import threading
from collections.abc import Iterator

import pytest

SQLITE = "_connection_worker_thread"  # as Python names the threads of `aiosqlite`
PATIENCE = 10.0  # seconds, on a busy machine


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Iterator[None]:
    """Such a thread outlives its event loop and ends with a warning, for which any later test would
    answer.
    """
    yield
    left = [each for each in threading.enumerate() if SQLITE in each.name]
    for each in left:
        each.join(PATIENCE)
    assert not any(each.is_alive() for each in left), "it leaves an SQLite database open"
