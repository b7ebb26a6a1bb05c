"""Keeps track of Bolt's running listeners, so that the process can wait for them before it ends."""

import asyncio
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.listener.async_listener_start_handler import AsyncListenerStartHandler
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse


class Listeners(AsyncListenerStartHandler):
    """Collects the tasks in which Bolt runs its listeners."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def watch(self, app: AsyncApp) -> None:
        app.listener_runner.listener_start_handler = self

    async def handle(self, request: AsyncBoltRequest, response: BoltResponse | None) -> None:
        task = asyncio.current_task()
        if task is not None:
            self.keep(task)

    def keep(self, task: asyncio.Task[Any]) -> None:
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    @property
    def running(self) -> tuple[asyncio.Task[Any], ...]:
        return tuple(self._running)

    async def ended(self, grace: float) -> None:
        """Gives them `grace` seconds; what runs longer is cut, before the database is closed."""
        if self._running:
            await asyncio.wait(self.running, timeout=grace)
        left = self.running
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
