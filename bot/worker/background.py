"""All background work of a process: its worker, what wakes it, and what is done now and then."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.worker.loop import Worker
from bot.worker.upkeep import Upkeep
from storage.listening import listen


class Background:
    """Started with the process, stopped in two steps as it ends."""

    def __init__(
        self, worker: Worker, upkeep: Upkeep, engine: AsyncEngine, news: asyncio.Event
    ) -> None:
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
        """Begins nothing any more and waits a little for what runs."""
        await self._upkeep.stop()
        await self._worker.rest()

    async def stop(self) -> None:
        """After `rest`: what needed longer is given back, for others to begin."""
        await self._upkeep.stop()
        await self._worker.stop()
        if self._listening:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
