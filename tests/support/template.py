"""A migrated SQLite file, made once per test process and copied for each test."""

import asyncio
import shutil
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.cli.database import migrate

NAME = "template.db"


@cache
def _folder() -> "TemporaryDirectory[str]":
    """Filled on a thread of its own, because callers have a running loop."""
    folder = TemporaryDirectory(prefix="template-")
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, migrate(f"sqlite:///{Path(folder.name) / NAME}")).result()
    return folder


def sqlite_url(folder: Path) -> str:
    """Puts a migrated database into this folder and returns its address."""
    path = folder / "bot.db"
    if not path.exists():
        shutil.copy(Path(_folder().name) / NAME, path)
    return f"sqlite:///{path}"
