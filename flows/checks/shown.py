"""A check that is drawn while it goes on behind its modal; only for the eye, nothing is kept."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from flows.checks.question import Found, Question
from flows.model import Situation
from flows.setup.results import ShowProgress


class WaitingModal(Protocol):
    """The modal that waits for a check."""

    async def show(self, tenant_id: str, progress: ShowProgress) -> None:
        """Draws it if that modal is still open. Bounded in time; raises nothing."""
        ...


class ShownCheck:
    """One check while it runs, with what it has found so far.

    `pause` is in seconds, between two drawings and before the first: the acknowledgement goes
    ahead.
    """

    def __init__(
        self, modal: WaitingModal, question: Question, situation: Situation, pause: float
    ) -> None:
        self.question = question
        self.situation = situation
        self._modal = modal
        self._pause = pause
        self._found: list[Found] = []
        self._news = asyncio.Event()
        self._drawing = asyncio.Lock()

    def report(self, found: Found) -> None:
        self._found.append(found)
        self._news.set()

    def progress(self, check_id: str, *, retrying: bool = False) -> ShowProgress:
        """What has been found until now; only what comes later is news."""
        self._news.clear()
        found = tuple(self._found)
        return ShowProgress(self.question.kind, check_id, self.situation, retrying, found)

    @asynccontextmanager
    async def drawn(self, check_id: str) -> AsyncIterator[None]:
        """Draws what is found while the block runs, and never after it."""
        task = asyncio.create_task(self._draw_on(check_id))
        try:
            yield
        finally:
            async with self._drawing:  # one that has begun must not arrive after the result
                task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def show_retrying(self, check_id: str) -> None:
        """Says that Segment did not answer and that it is tried again."""
        await self._show(self.progress(check_id, retrying=True))

    async def _draw_on(self, check_id: str) -> None:
        while True:
            await asyncio.sleep(self._pause)
            await self._news.wait()
            async with self._drawing:
                await self._show(self.progress(check_id))

    async def _show(self, progress: ShowProgress) -> None:
        await self._modal.show(self.question.actor.tenant_id, progress)
