"""A world in which the app is installed: made once per test process, and copied for each story.

To install it in two workspaces takes a fifth of the time of a usual story.
"""

import asyncio
import json
import shutil
import sqlite3
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from bot.worker.upkeep import PeriodicTask
from flows.checks.run import CheckPolicy
from tests.support.template import sqlite_url
from tests.support.world import PATIENT, World, world


@dataclass(frozen=True)
class _Template:
    folder: "TemporaryDirectory[str]"
    database: Path
    offset_seconds: float  # of the clock
    slack: str  # JSON
    keys: str


@cache
def _template() -> _Template:
    """Made on a thread of its own, because callers have a running loop."""
    folder = TemporaryDirectory(prefix="installed-")
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, _install(folder)).result()


async def _install(folder: "TemporaryDirectory[str]") -> _Template:
    """Nothing is under way in it, so that each story begins with a quiet bot."""
    async with world(sqlite_url(Path(folder.name))) as made:
        await made.start_bot()
        await made.install()
        await made.work_off()
        await made.stop_bot()
        made.slack.breach_free()
        whole = Path(folder.name) / "installed.db"  # without a log beside it
        with (
            closing(sqlite3.connect(made.database_file)) as source,
            closing(sqlite3.connect(whole)) as copy,
        ):
            source.backup(copy)
        clock, slack = made.playground.clock.snapshot(), json.dumps(made.slack.snapshot())
        return _Template(folder, whole, clock, slack, made.settings["encryption_keys"])


@asynccontextmanager
async def installed_world(
    folder: Path, check_policy: CheckPolicy = PATIENT, **options: Any
) -> AsyncIterator[World]:
    """`options` of `world`. Those that change what an installation leaves behind come too late.

    Segment is new: an installation changes nothing there. At the end, no breach of
    Slack's rules may have been noted.
    """
    template = _template()
    path = shutil.copy(template.database, folder / "bot.db")
    async with world(f"sqlite:///{path}", encryption_keys=template.keys, **options) as made:
        made.check_policy = check_policy
        made.playground.clock.restore(template.offset_seconds)
        made.slack.restore(json.loads(template.slack))
        with patch.object(PeriodicTask, "repeat", _repeat):
            await made.start_bot()
        yield made
        made.slack.breach_free()


async def _repeat(task: PeriodicTask) -> None:
    """What is done again and again is a quarter of a bot's start, and the template's bot has just
    done it. A bot that the story itself starts again does it at once, as always.
    """
    await asyncio.sleep(task.every)
    await _REPEAT(task)


_REPEAT = PeriodicTask.repeat
