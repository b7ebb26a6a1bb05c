"""Nobody waits for a process that ended by itself: it is named, with what it said last."""

import os
import signal
from pathlib import Path

import pytest

from tests.faults.served import Served
from tests.faults.workers import Ended
from tests.support.template import sqlite_url
from tests.walk import processes as module
from tests.walk.house import EndlessWork
from tests.walk.processes import processes


async def test_one_that_refuses_to_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refusing(nursery: object, command: str, limit: float) -> Served:
        return Served(nursery, f"{command} --frobnicate", limit)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "Served", refusing)
    with pytest.raises(Ended, match=r"`serve --no-worker --frobnicate .*ended by itself with 2"):
        async with processes(tmp_path, sqlite_url(tmp_path)):
            pytest.fail("it has started")


async def test_one_that_ends_meanwhile(tmp_path: Path) -> None:
    async with processes(tmp_path, sqlite_url(tmp_path)) as found:
        assert found.workers is not None
        os.kill(found.workers.pids[1], signal.SIGKILL)
        with pytest.raises(EndlessWork, match="`worker` ended by itself with -9"):
            await found.time_passes(600)
