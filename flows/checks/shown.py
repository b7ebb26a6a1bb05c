"""Draws a check's progress while it continues behind its modal. Nothing of this is stored."""

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
        """Draws the progress if that modal is still open. Bounded in time; raises nothing."""
        ...


class ShownCheck:
    """One running check, with what it has found so far.

    `pause` is the time in seconds before each drawing, including the first: the
    acknowledgement goes ahead.
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
        """Takes a finding, which the next drawing shows."""
        self._found.append(found)
        self._news.set()

    def progress(self, check_id: str, *, retrying: bool = False) -> ShowProgress:
        """What has been found so far. Only later findings count as news."""
        self._news.clear()
        found = tuple(self._found)
        return ShowProgress(self.question.kind, check_id, self.situation, retrying, found)

    @asynccontextmanager
    async def drawn(self, check_id: str) -> AsyncIterator[None]:
        """Draws findings while the block runs, and never after it."""
        task = asyncio.create_task(self._draw_on(check_id))
        try:
            yield
        finally:
            async with self._drawing:  # a drawing that has begun must not arrive after the result
                task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def show_retrying(self, check_id: str) -> None:
        """Says that Segment did not answer and that the check is tried again."""
        await self._show(self.progress(check_id, retrying=True))

    async def _draw_on(self, check_id: str) -> None:
        while True:
            await asyncio.sleep(self._pause)
            await self._news.wait()
            async with self._drawing:
                await self._show(self.progress(check_id))

    async def _show(self, progress: ShowProgress) -> None:
        await self._modal.show(self.question.actor.tenant_id, progress)
