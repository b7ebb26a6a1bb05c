"""Keeps the whole state in one JSON file, so that it survives Ctrl-C."""

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

Json = dict[str, Any]
FORMAT = 1


class UnreadableSnapshot(Exception):
    """The file is damaged or was written by another version."""


def save(path: Path, state: Json) -> None:
    """Replace the file in one step. Only its owner can read it, because it holds tokens."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({"format": FORMAT} | state, file)
    draft.replace(path)


def load(path: Path) -> Json | None:
    """Read the file; None if there is none. Raises `UnreadableSnapshot`."""
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise UnreadableSnapshot(f"{path} is not JSON: {error}") from error
    if not isinstance(state, dict) or state.pop("format", None) != FORMAT:
        raise UnreadableSnapshot(f"{path} was written by another version")
    return state


class Saver:
    """Writes a moment after the last change, so that a burst of changes costs one write."""

    def __init__(self, path: Path, snapshot: Callable[[], Json], pause: float = 0.5) -> None:
        self._path = path
        self._snapshot = snapshot
        self._pause = pause
        self._changed = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    def changed(self) -> None:
        self._changed.set()

    async def start(self) -> None:
        self._running = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Save once more and end."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
            self._running = None
        save(self._path, self._snapshot())

    async def _run(self) -> None:
        while True:
            await self._changed.wait()
            await asyncio.sleep(self._pause)
            self._changed.clear()
            save(self._path, self._snapshot())
