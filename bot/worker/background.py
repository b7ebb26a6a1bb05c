"""A process's background work: its worker, the listener that wakes it, and its periodic tasks."""

import asyncio

from bot.worker.loop import Worker
from bot.worker.upkeep import Upkeep
from storage.connections import Engine
from storage.listening import listen


class Background:
    """Starts with the process and stops in two steps as the process ends."""

    def __init__(self, worker: Worker, upkeep: Upkeep, engine: Engine, news: asyncio.Event) -> None:
        self._worker = worker
        self._upkeep = upkeep
        self._engine = engine
        self._news = news
        self._listening: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._worker.start()
        self._upkeep.start()
        listening = listen(self._engine, self._news)
        self._listening = asyncio.create_task(listening, name="listening")

    async def rest(self) -> None:
        """Starts nothing new and waits a little for running work."""
        await self._upkeep.stop()
        await self._worker.rest()

    async def stop(self) -> None:
        """Call after `rest`. Hands unfinished work back for other workers to begin again."""
        await self._upkeep.stop()
        await self._worker.stop()
        if self._listening:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
